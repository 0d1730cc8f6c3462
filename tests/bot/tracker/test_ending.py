"""Laws of `bot.tracker.ending`: last cards and notices."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delivery import Rung
from bot.errors import ChannelClosed, DiscordUnavailable, InputRejected, ProviderUnavailable
from bot.models import Cost, Notice, ProviderTask, Status, TaskStatus
from bot.tracker.ending import TRIES
from tests.fakes import CINEMA, DM, RUNNING, SUCCESS


async def test_a_notice_that_may_stand_is_looked_for_first(world):
    """The answer to the notice was lost: no second one."""
    delivery, post_notice = world.delivery, world.delivery.post_notice

    async def lost(*what):
        delivery.post_notice = post_notice
        delivery.lose_answers = 1
        return await post_notice(*what)

    delivery.remembers, delivery.post_notice = timedelta(0), lost
    world.providers["maxapi"].submits.append(InputRejected("maxapi"))
    generation = await world.ask()

    ended = await world.until(generation, Status.REFUSED)

    assert (Notice.TOLD, 0) == (ended.notice, delivery.lose_answers)
    assert 1 == len(delivery.notices(generation.id))


async def test_a_last_card_that_discord_never_takes_rests_in_the_end(world):
    """It is tried a few times more, and the notice has told the same."""

    async def not_taken(*_):
        raise DiscordUnavailable("503")

    world.delivery.put_card = not_taken
    world.providers["maxapi"].submits.append(InputRejected("maxapi"))
    generation = await world.ask()

    ended = await world.until(generation, Status.REFUSED)

    assert (Notice.TOLD, None, TRIES) == (ended.notice, ended.card_id, ended.misses)


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


async def test_a_notice_that_nobody_can_look_for_is_not_told_twice(world):
    """It may stand in the channel, its nonce is forgotten and the history hidden: the card tells it too."""
    world.providers["maxapi"].submits.append(InputRejected("maxapi"))
    generation = await world.ask()
    world.delivery.faults.append(None)
    world.delivery.lose_answers = 2
    await world.rest()
    world.delivery.hidden = {Rung.CHANNEL}
    world.clock.forward(minutes=10)

    ended = await world.until(generation, Status.REFUSED)

    assert Notice.TOLD is ended.notice
    assert [CINEMA.channel_id] == [each.channel_id for each in world.delivery.notices(generation.id)]


async def test_a_notice_that_may_stand_unseen_is_said_again_there_alone(world):
    """Its history is hidden, its nonce still known: in person it would be a second one."""
    world.delivery.closed = {Rung.DM}
    generation = await refused(world, place=replace(CINEMA, deliver="dm"))
    world.delivery.lose_answers = 2
    await world.rest()
    world.delivery.closed, world.delivery.hidden = set(), {Rung.CHANNEL}

    await world.until(generation, Status.REFUSED)

    assert [CINEMA.channel_id] == [each.channel_id for each in world.delivery.notices(generation.id)]


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


def looks(world, *answers):
    """Let the next looks for a notice end so; later ones see what there is."""
    left, look = deque(answers), world.delivery.find_notice

    async def find_notice(*told):
        if left and (error := left.popleft()) is not None:
            raise error
        return await look(*told)

    world.delivery.find_notice = find_notice


async def refused(world, *faults, **said):
    """Return a generation that is refused; telling so meets faults."""
    world.providers["maxapi"].submits.append(InputRejected("maxapi"))
    world.delivery.faults.extend([None, *faults])
    return await world.ask(**said)


async def test_where_nobody_can_be_told_the_books_are_right_all_the_same(world):
    """Neither the channel nor the direct messages take it: there is nobody to tell (D-05, D-06)."""
    world.delivery.closed = {Rung.CHANNEL, Rung.DM}
    generation = await refused(world)
    ended = await world.until(generation, Status.REFUSED)

    assert (Notice.TOLD, []) == (ended.notice, world.delivery.notices(generation.id))
    assert Cost() == await world.used()


@pytest.mark.parametrize(
    "look", [DiscordUnavailable("503"), ChannelClosed("10003", gone=True), ChannelClosed("50001")]
)
async def test_a_notice_is_told_once_whatever_the_look_meets(world, look):
    """Discord is out of order, the channel gone, or its history hidden for a moment (D-18)."""
    generation = await refused(world)
    world.delivery.lose_answers = 2
    looks(world, look)
    await world.rest()
    world.clock.forward(seconds=40)
    await world.until(generation, Status.REFUSED)

    assert 1 == len(world.delivery.notices(generation.id))


async def test_telling_is_given_up_after_hours(world):
    """Nothing goes on for ever for the sake of a notice; the card tells it too."""
    generation = await refused(world, *[DiscordUnavailable("503")] * 200)
    ended = await world.until(generation, Status.REFUSED, hours=48)

    assert (Notice.TOLD, None, []) == (ended.notice, ended.due_at, world.delivery.notices(generation.id))


async def test_a_task_that_was_let_go_is_watched_to_its_end(world):
    """Its place is free when its provider is done; an ask that fails in between says nothing (P-16)."""
    provider = world.providers["maxapi"]
    provider.last_fetch = RUNNING
    generation = await world.ask()
    await world.rest()
    await world.store.wish_cancel(generation.id, world.clock())
    await world.rest()
    taken = await world.slots()
    provider.fetches.extend([ProviderUnavailable("maxapi"), RUNNING, RUNNING])
    provider.last_fetch = SUCCESS
    world.clock.forward(minutes=2)
    await world.rest()
    still = await world.slots()
    ended = await world.until(generation, Status.CANCELLED)

    assert (1, 1, 0) == (taken, still, await world.slots())
    assert ended.counts_in_full
