"""Laws of `bot.tracker.ending`: last cards and notices."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delivery import Rung
from bot.errors import DiscordUnavailable, InputRejected, ProviderUnavailable
from bot.models import Notice, ProviderTask, Status, TaskStatus
from tests.fakes import BEN, CINEMA, DM


async def test_a_notice_that_may_stand_is_looked_for_first(world):
    """The answer to the notice was lost: no second one."""
    world.delivery.remembers = timedelta(0)
    world.providers["maxapi"].submits.append(InputRejected("maxapi"))
    generation = await world.ask()
    await world.tracker.tick()
    await world.rest()
    world.delivery.messages.clear()
    other = await world.ask(BEN)
    world.providers["maxapi"].submits.append(InputRejected("maxapi"))
    world.delivery.faults.append(None)
    world.delivery.lose_answers = 2

    ended = await world.until(other, Status.REFUSED)

    assert Notice.TOLD is ended.notice
    assert len(world.delivery.notices(other.id)) == 1
    assert generation.id != other.id


async def test_a_notice_is_told_whatever_came_before(world):
    """A provider that was long out of order leaves as many tries to tell as any other."""
    provider = world.providers["maxapi"]
    provider.fetches.extend([ProviderUnavailable("maxapi")] * 25)
    provider.last_fetch = ProviderTask("t1", TaskStatus.FAILED, reason="provider")
    generation = await world.ask()
    await world.rest()
    while not provider.asked or len(provider.asked) < 26:
        world.delivery.faults.clear()
        world.delivery.faults.extend([DiscordUnavailable("503")] * 3)
        world.clock.now = max(await world.store.next_due(world.clock()), world.clock() + timedelta(seconds=1))
        await world.rest()

    ended = await world.until(generation, Status.FAILED)

    assert Notice.TOLD is ended.notice
    assert 1 == len(world.delivery.notices(generation.id))


async def test_a_notice_that_nobody_can_look_for_is_not_told_twice_there(world):
    """It may stand in the channel, its nonce is forgotten and the history hidden: told by DM instead."""
    world.providers["maxapi"].submits.append(InputRejected("maxapi"))
    generation = await world.ask()
    world.delivery.faults.append(None)
    world.delivery.lose_answers = 2
    await world.rest()
    world.delivery.hidden = {Rung.CHANNEL}
    world.clock.forward(minutes=10)

    await world.until(generation, Status.REFUSED)

    places = [message.channel_id for message in world.delivery.notices(generation.id)]
    assert 1 == sum(place == generation.place.channel_id for place in places)


@pytest.mark.parametrize(
    ("wish", "places"),
    [
        ({"film_channel_id": 501}, [CINEMA.channel_id]),
        ({"deliver": "dm"}, [DM]),
        ({"member_only": True}, [DM]),
    ],
)
async def test_who_wants_films_elsewhere_is_told_beside_the_card_or_in_person(world, wish, places):
    """A gallery is for films; somebody who gets them in person hears of a failure in person."""
    world.providers["maxapi"].submits.append(InputRejected("maxapi"))
    generation = await world.ask(place=replace(CINEMA, **wish))

    await world.until(generation, Status.REFUSED)

    assert places == [message.channel_id for message in world.delivery.notices(generation.id)]
