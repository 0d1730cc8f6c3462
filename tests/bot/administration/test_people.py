"""Laws of `bot.administration.people`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.administration.people import LONGEST, SHORTEST, SHOWN, People
from bot.errors import RequestRefused
from bot.models import Place, Status
from bot.servers import EVERYWHERE, Block
from bot.store.blocks import Blocks
from tests.bot.store.examples import generation
from tests.fakes import Clock

ANNA, ADMIN = 1001, 7
"""Anna is who asked for the examples."""


@pytest.fixture
def people(store):
    """Return the service with nobody blocked."""
    return People(Blocks(store.engine), store, Clock())


async def waiting(people, *guilds):
    """Let Anna wait for a film on each of these servers, and return their ids."""
    found = [replace(generation(number), place=Place(1, guild)) for number, guild in enumerate(guilds, 1)]
    for one in found:
        await people.store.start(one, [])
    return [one.id for one in found]


async def cancelled(people, ids):
    """Return of each whether its end is wished."""
    return [(await people.store.get(each)).cancel_wished for each in ids]


async def test_a_block_cancels_what_waits_on_that_server(people):
    """Only there, and only what no provider has."""
    ids = await waiting(people, 8, 9, None, 8)
    sent = await people.store.get(ids[3])
    await people.store.move(sent, people.clock(), due_at=None, status=Status.RUNNING)
    done = await people.block(ANNA, 8, by=ADMIN, reason=" spam ")

    assert (Block(8, ANNA, None, "spam", ADMIN, people.clock()), 1) == (done.block, done.cancelled)
    assert [True, False, False, False] == await cancelled(people, ids)


async def test_a_block_everywhere_cancels_all_that_waits(people):
    """In direct messages, too."""
    ids = await waiting(people, 8, 9, None)
    done = await people.block(ANNA, EVERYWHERE, by=ADMIN)

    assert 3 == done.cancelled
    assert [True, True, True] == await cancelled(people, ids)


@pytest.mark.parametrize("length", [timedelta(), SHORTEST - timedelta(seconds=1), LONGEST * 2])
async def test_a_block_s_time_has_bounds(people, length):
    """Out of them, nothing is written."""
    with pytest.raises(RequestRefused, match="block_length"):
        await people.block(ANNA, 8, by=ADMIN, length=length)

    assert () == await people.blocked(8)


async def test_a_pardon_lifts_this_server_s_block_alone(people):
    """What the operators decided stands, and is told."""
    await people.block(ANNA, 8, by=ADMIN)
    await people.block(ANNA, EVERYWHERE, by=ADMIN, length=timedelta(hours=1))
    left = await people.unblock(ANNA, 8, by=ADMIN)
    assert EVERYWHERE == left.guild_id
    assert () == await people.blocked(8)
    assert await people.unblock(ANNA, EVERYWHERE, by=ADMIN) is None


async def test_a_list_tells_that_there_are_more(people):
    """By one more than are shown."""
    for user in range(SHOWN + 5):
        await people.block(user + 1, 8, by=ADMIN)

    assert SHOWN + 1 == len(await people.blocked(8))
