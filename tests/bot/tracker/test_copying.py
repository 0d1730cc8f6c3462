"""Laws of `bot.tracker.copying`: a member who wants both gets the film once here and once in person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delivery import Rung
from bot.errors import DiscordUnavailable, TooLarge
from bot.models import Notice, Status
from bot.tracker import Tracker
from tests.fakes import CINEMA, DM

BOTH = replace(CINEMA, deliver="both")


async def test_the_film_comes_twice_once_here_and_once_in_person(world):
    """The copy follows the film; then its file has gone wherever it had to go."""
    generation = await world.ask(place=BOTH)

    ended = await world.until(generation, Status.DELIVERED)

    assert (Notice.TOLD, CINEMA.channel_id) == (ended.copy, ended.message_channel_id)
    assert [DM] == [message.channel_id for message in world.delivery.copies(generation.id)]
    assert 1 == len(world.delivery.films(generation.id))


async def test_a_film_that_came_in_person_anyway_is_not_copied(world):
    """The channel was closed: once is enough."""
    world.delivery.closed = {Rung.CHANNEL}
    generation = await world.ask(place=BOTH)

    ended = await world.until(generation, Status.DELIVERED)

    assert (Notice.NONE, DM) == (ended.copy, ended.message_channel_id)
    assert [] == world.delivery.copies(generation.id)


async def test_closed_direct_messages_keep_nobody_waiting(world):
    """The copy is given up at once, and the film is where it was asked for."""
    world.delivery.closed = {Rung.DM}
    generation = await world.ask(place=BOTH)

    ended = await world.until(generation, Status.DELIVERED)

    assert (Notice.TOLD, None) == (ended.copy, ended.due_at)
    assert ([], 1) == (world.delivery.copies(generation.id), len(world.delivery.films(generation.id)))


@pytest.mark.parametrize("remembers", [timedelta(0), timedelta(minutes=3)])
async def test_an_answer_lost_by_discord_makes_no_second_copy(world, remembers):
    """It was sent and the answer lost: looked for first, whether or not the nonce still counts."""
    world.delivery.remembers = remembers
    generation = await world.ask(place=BOTH)
    await world.rest()
    post_copy = world.delivery.post_copy

    async def lost(*told):
        world.delivery.lose_answers = 1
        world.delivery.post_copy = post_copy
        return await post_copy(*told)

    world.delivery.post_copy = lost
    ended = await world.until(generation, Status.DELIVERED)

    assert Notice.TOLD is ended.copy
    assert 1 == len(world.delivery.copies(generation.id))


async def test_a_copy_that_nobody_can_look_for_is_not_sent_again(world):
    """Its nonce is forgotten: given up, since it may be there."""
    generation = await world.ask(place=BOTH)
    await world.rest()
    post_copy = world.delivery.post_copy

    async def lost(*told):
        world.delivery.lose_answers = 1
        world.delivery.hidden = {Rung.DM}
        world.delivery.remembers = timedelta(0)
        try:
            return await post_copy(*told)
        finally:
            world.clock.forward(minutes=5)

    world.delivery.post_copy = lost
    ended = await world.until(generation, Status.DELIVERED)

    assert Notice.TOLD is ended.copy
    assert 1 == len(world.delivery.copies(generation.id))


async def test_a_copy_survives_an_hour_without_discord(world):
    """Tried again and again, a few hours long."""
    generation = await world.ask(place=BOTH)
    await world.rest()
    world.clock.forward(seconds=70)
    world.delivery.faults.extend([None, *[DiscordUnavailable("503")] * 10])

    await world.until(generation, Status.DELIVERED)

    assert 1 == len(world.delivery.copies(generation.id))


async def test_a_copy_is_given_up_after_hours_and_the_card_says_its_last_word(world):
    """It is a courtesy: nothing goes on for ever for its sake."""
    generation = await world.ask(place=BOTH)
    await world.rest()
    world.clock.forward(seconds=70)
    world.delivery.faults.extend([None, *[DiscordUnavailable("503")] * 50])

    ended = await world.until(generation, Status.DELIVERED, hours=48)

    assert (Notice.TOLD, None) == (ended.copy, ended.due_at)
    assert Status.DELIVERED == world.delivery.edits[-1]


async def test_a_copy_that_is_too_large_is_made_smaller(world):
    """A direct message may take less than the server."""
    generation = await world.ask(place=BOTH)
    await world.rest()
    world.clock.forward(seconds=70)
    world.delivery.faults.extend([None, TooLarge("40005")])

    await world.until(generation, Status.DELIVERED)

    [copy] = world.delivery.copies(generation.id)
    assert 2500 == copy.parcel.path.size


async def test_a_copy_whose_file_is_gone_is_given_up(world):
    """Somebody cleared the folder: the film itself is at Discord."""
    generation = await world.ask(place=BOTH)
    await world.rest()
    world.clock.forward(seconds=70)
    world.delivery.faults.extend([None, DiscordUnavailable("503")])
    await world.rest()
    world.hosting.film_target(generation).unlink()

    ended = await world.until(generation, Status.DELIVERED)

    assert (Notice.TOLD, []) == (ended.copy, world.delivery.copies(generation.id))


async def test_the_file_stays_until_the_copy_is_sent(world, monkeypatch):
    """What the channel has got is not deleted here before the copy has gone out."""
    order = []
    post_copy = world.delivery.post_copy

    async def discarded(*_):
        order.append("discarded")

    async def noted(*told):
        order.append("copied")
        return await post_copy(*told)

    monkeypatch.setattr(world.delivery, "discard", discarded)
    monkeypatch.setattr(world.delivery, "post_copy", noted)
    generation = await world.ask(place=BOTH)
    await world.until(generation, Status.DELIVERED)

    assert ["copied", "discarded"] == order


async def test_whoever_loses_the_lease_while_packing_sends_no_copy(world):
    """Another process has sent it meanwhile, longer ago than Discord knows its nonce."""
    generation = await world.ask(place=BOTH)
    await world.rest()
    world.clock.forward(seconds=70)
    world.delivery.remembers = timedelta(0)
    pack, packed = world.delivery.pack, []

    async def slow(generation, rung, now):
        if rung is Rung.DM and not packed:
            packed.append(rung)
            world.clock.forward(minutes=5)
            await Tracker(replace(world.context, leases={})).settle()
        return await pack(generation, rung, now)

    world.delivery.pack = slow
    ended = await world.until(generation, Status.DELIVERED)

    assert (Notice.TOLD, [Rung.DM]) == (ended.copy, packed)
    assert 1 == len(world.delivery.copies(generation.id))
