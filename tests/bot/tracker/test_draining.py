"""Laws of `bot.tracker.draining`, and of what is paused: what it sends, and what it says."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.models import Cost, Status
from bot.store.switches import ALL, DRAIN
from bot.tracker.context import LEASE
from bot.tracker.draining import LOOK, Drain
from bot.tracker.submitting import submit
from tests.bot.tracker.conftest import a_world
from tests.fakes import BEN, RUNNING, FakeProvider

pytestmark = pytest.mark.usefixtures("on_both")
HELD = "The operator has paused maxapi"


def said(world):
    """Return what the latest card says of the state."""
    return world.delivery.drafts[-1].embed.fields[0].value


async def later(world):
    """Let a minute pass, and look."""
    world.clock.forward(seconds=61)
    await world.rest()


@pytest.mark.parametrize("name", [ALL, "maxapi"])
async def test_a_paused_provider_is_sent_nothing(world, name):
    """What waits for it waits, and its card says so; once it is resumed it is sent, once."""
    await world.switches.turn_off(name, by=7)
    generation = await world.ask(provider="maxapi")
    await later(world)
    assert ([], Status.QUEUED) == (world.providers["maxapi"].sent, (await world.now(generation)).status)
    assert HELD in said(world)

    await world.switches.turn_on()
    ended = await world.until(generation, Status.DELIVERED)
    assert (Status.DELIVERED, 1) == (ended.status, len(world.providers["maxapi"].sent))


async def test_what_a_paused_provider_has_goes_on(world):
    """It is asked for, fetched and delivered."""
    world.providers["maxapi"].last_fetch = RUNNING
    generation = await world.ask()
    await world.rest()
    await world.switches.turn_off(ALL, by=7)
    world.providers["maxapi"].fetches.clear()
    world.providers["maxapi"].last_fetch = type(world.providers["maxapi"])().last_fetch

    assert Status.DELIVERED is (await world.until(generation, Status.DELIVERED)).status


async def test_a_pause_comes_between_the_claim_and_the_submit(world):
    """Whatever was about to be sent isn't, and keeps its place."""
    generation = await world.ask()
    await world.store.claim(world.clock(), lease=LEASE, most=1)
    await world.store.note(generation.id, ready_at=world.clock())
    world.clock.forward(minutes=2)
    (claimed,) = await world.store.claim_ready("maxapi", world.clock(), lease=LEASE, most=1)
    await world.switches.turn_off("maxapi", by=7)
    await submit(world.context, claimed)
    now = await world.now(generation)

    assert ([], Status.QUEUED) == (world.providers["maxapi"].sent, now.status)
    assert now.ready_at is not None


async def test_who_named_no_provider_is_moved_to_another(tmp_path):
    """Where everything is paused, nobody is."""
    async with a_world(tmp_path, FakeProvider("maxapi"), FakeProvider("evolink")) as world:
        await world.switches.turn_off(ALL, by=7)
        anybody = await world.ask()
        named = await world.ask(BEN, provider="maxapi")
        await later(world)
        assert ["maxapi"] * 2 == [(await world.now(one)).request.provider for one in (anybody, named)]

        await world.switches.turn_on()
        await world.switches.turn_off("maxapi", by=7)
        moved = await world.until(anybody, Status.DELIVERED)
        assert ("evolink", Status.DELIVERED) == (moved.request.provider, moved.status)
        assert Status.QUEUED is (await world.now(named)).status


async def test_a_pause_that_never_ends_gives_back_what_waits(world):
    """After `QUEUE_MAX`, as where no place becomes free."""
    await world.switches.turn_off(ALL, by=7)
    ended = await world.until(await world.ask(), Status.EXPIRED, hours=48)

    assert (Status.EXPIRED, Cost()) == (ended.status, await world.used())


async def test_a_drain_finishes_what_waits(world):
    """And says so once, when the last one is done; the next drain says so again."""
    generation = await world.ask()
    await world.switches.turn_off(DRAIN, by=7)
    drain = Drain()
    with capture_logs() as logs:
        assert await drain.look(world.context, idle=True) == LOOK
        assert [] == logs
        await world.until(generation, Status.DELIVERED)
        await drain.look(world.context, idle=False)
        assert "drained" not in [entry["event"] for entry in logs]
        for _ in range(3):
            await drain.look(world.context, idle=True)
        await world.switches.turn_on()
        assert await drain.look(world.context, idle=True) is None
        await world.switches.turn_off(DRAIN, by=7)
        await drain.look(world.context, idle=True)

    assert ["drained"] * 2 == [entry["event"] for entry in logs if entry["event"] == "drained"]


async def test_the_rounds_look_for_it(world):
    """Also where nothing is due."""
    await world.switches.turn_off(DRAIN, by=7)
    with capture_logs() as logs:
        running = asyncio.create_task(world.tracker.run())
        async with asyncio.timeout(10):
            while "drained" not in [entry["event"] for entry in logs]:  # noqa: ASYNC110 -- a log can't be awaited
                await asyncio.sleep(0.01)
        await world.tracker.stop(timedelta(0))
        await running
