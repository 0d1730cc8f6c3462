"""Laws of `bot.tracker.places`: who is sent at once, and who waits for a place."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.models import Status
from bot.tracker.queueing import LOOK_AGAIN
from tests.bot.tracker.conftest import a_world
from tests.fakes import ANNA, BEN, RUNNING, FakeProvider

pytestmark = pytest.mark.usefixtures("on_both")


async def test_of_those_that_come_together_only_as_many_go_as_there_are_places(tmp_path):
    """One place and two at once: the other waits for its turn, and isn't turned away by the database."""
    provider = FakeProvider("maxapi", concurrency=1)
    provider.last_fetch = RUNNING
    async with a_world(tmp_path, provider) as world:
        first, second = await world.ask(ANNA), await world.ask(BEN)
        await world.rest()
        now = await world.now(second)

        assert [first.id] == [id_ for id_, _ in provider.sent]
        assert (Status.QUEUED, world.clock() + LOOK_AGAIN) == (now.status, now.due_at)


async def test_a_place_that_is_in_sight_is_nobody_else_s(tmp_path):
    """While the one is prepared, a round finds no place for the other."""
    provider = FakeProvider("maxapi", concurrency=1)
    provider.last_fetch = RUNNING
    async with a_world(tmp_path, provider) as world:
        first, second = await world.ask(ANNA), await world.ask(BEN)
        await world.store.claim(world.clock(), lease=timedelta(), most=2)
        await world.store.note(second.id, ready_at=world.clock(), due_at=world.clock() + LOOK_AGAIN)
        world.context.leases[first.id] = await world.now(first)
        world.context.sending[first.id] = "maxapi"
        await world.tracker._claim_ready(world.clock(), taken := [])

        assert [] == taken


async def test_rounds_in_which_nothing_may_be_sent_commit_nothing_for_it(world, monkeypatch):
    """They look first: a film whose turn it is at once is never claimed for its provider."""
    written, write = [], world.store.engine.write

    async def seen(steps):
        written.extend(step.statement.name for step in steps)
        return await write(steps)

    monkeypatch.setattr(world.store.engine, "write", seen)
    await world.until(await world.ask(), Status.DELIVERED)

    assert "claim" in written
    assert "claim ready" not in written


async def test_nobody_is_sent_whose_card_was_shown_while_the_end_came(world):
    """A submit that the end cuts off may have been accepted: whoever is free sends it."""
    generation = await world.ask()
    put_card, ends = world.delivery.put_card, []

    async def put(*what):
        ends.append(asyncio.create_task(world.tracker.stop(timedelta(seconds=5))))
        await asyncio.sleep(0)
        return await put_card(*what)

    world.delivery.put_card = put
    await world.tracker.tick()
    await asyncio.gather(*world.tracker._steps.values())
    await asyncio.gather(*ends)
    now = await world.now(generation)

    assert ([], Status.QUEUED, True) == (world.providers["maxapi"].sent, now.status, now.card_id is not None)
