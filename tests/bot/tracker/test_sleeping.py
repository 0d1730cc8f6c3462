"""Laws of `bot.tracker.sleeping`: who sleeps wakes for whatever anybody has left."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import pytest

from bot.errors import StoreUnavailable
from bot.store import open_store
from bot.store.switches import Switches
from bot.store.timekeeping import WAITS
from bot.tracker import loop, sleeping
from bot.tracker.sleeping import LOOK_EVERY, Sleep
from tests.bot.store.examples import NOON, generation
from tests.bot.tracker.conftest import World
from tests.fakes import Clock, FakeProvider

MOMENT = timedelta(milliseconds=1)


class Engine:
    """A database that others use, and what is found at each look."""

    alone = False

    def __init__(self, *found):
        self.found = list(found)
        self.looks = 0

    async def read(self, _statement, _parameters):
        """Look."""
        self.looks += 1
        found = self.found.pop(0) if self.found else 0
        if isinstance(found, Exception):
            raise found
        return [(found,)]


def sleeper(engine, nudged=None):
    """Return one that sleeps over this database."""
    context = SimpleNamespace(store=SimpleNamespace(engine=engine), clock=lambda: NOON)
    return Sleep(context, nudged or asyncio.Event())


@pytest.fixture
def quick(monkeypatch):
    """Look every millisecond."""
    monkeypatch.setattr(sleeping, "LOOK_EVERY", MOMENT)


@pytest.mark.parametrize(
    ("found", "looks"), [([0, 0, 1], 3), ([StoreUnavailable("away")], 1), ([0, 0, 0, 0], 3)]
)
async def test_it_looks_for_what_others_have_left(quick, found, looks):
    """Without a word from anybody; a database that is away is the next round's business."""
    engine = Engine(*found)
    ended = await sleeper(engine).for_(4 * MOMENT, looking=True)
    assert (looks, found[-1] != 0) == (engine.looks, ended)


@pytest.mark.parametrize(("alone", "looking"), [(True, True), (False, False)])
async def test_it_does_not_look_in_vain(quick, alone, looking):
    """Nobody else writes, or there is no hand free for what they leave."""
    engine = Engine(1)
    engine.alone = alone
    await sleeper(engine).for_(4 * MOMENT, looking=looking)
    assert 0 == engine.looks


async def test_a_nudge_ends_it():
    """At once, however long it was to be."""
    nudged = asyncio.Event()
    sleep = asyncio.create_task(sleeper(Engine(), nudged).for_(timedelta(days=1), looking=True))
    await asyncio.sleep(0)
    nudged.set()
    assert await asyncio.wait_for(sleep, 5)


def test_a_lost_word_is_made_up_for_within_two_seconds():
    """With a fraction of one for the round itself."""
    assert timedelta(seconds=1) <= LOOK_EVERY <= timedelta(seconds=1.7)


@pytest.mark.parametrize("word", ["heard", "lost"])
async def test_a_worker_begins_what_another_process_leaves(postgres_url, tmp_path, monkeypatch, word):
    """A command to one process is begun by another: at its word, and where that is lost by a look (S-15)."""
    ours = await open_store(postgres_url, tmp_path)
    worker = World(tmp_path, await open_store(postgres_url, tmp_path), Clock(NOON), (FakeProvider(),))
    monkeypatch.setattr(sleeping, "LOOK_EVERY", 10 * MOMENT if word == "lost" else timedelta(days=1))
    if word == "lost":
        monkeypatch.setattr(ours.engine._wakeups, "say", lambda: None)
    begun, sleeps, for_ = asyncio.Event(), asyncio.Semaphore(0), worker.tracker._sleep.for_

    async def notes(wait, *, looking):
        sleeps.release()
        return await for_(wait, looking=looking)

    async def step(*_):
        begun.set()

    monkeypatch.setattr(worker.tracker._sleep, "for_", notes)
    monkeypatch.setattr(worker.tracker, "_step", step)
    running = asyncio.create_task(worker.tracker.run())
    for _ in "12":  # the first sleep ends when it has begun to listen
        await asyncio.wait_for(sleeps.acquire(), 10)
    await ours.start(generation(1), [])
    await asyncio.wait_for(begun.wait(), 10)
    await worker.tracker.stop(timedelta())
    await running
    for store in (ours, worker.store):
        await store.close()


async def test_what_another_process_turned_on_is_seen_with_its_word(world):
    """However fresh what is known of the switches is."""
    switches = world.context.switches
    others = Switches(world.store.engine, world.clock)
    await others.turn_off("maxapi", by=1)
    assert (await switches.now()).pauses("maxapi")
    await others.turn_on("maxapi")
    assert (await switches.now()).pauses("maxapi")
    world.tracker._sleep._heard()

    assert not (await switches.now()).pauses("maxapi")


async def test_a_round_at_rest_asks_before_it_takes(world, monkeypatch):
    """Nothing is claimed while nothing waits; what was left without a word is found all the same (S-15)."""
    monkeypatch.setattr(loop, "LONGEST_SLEEP", timedelta(milliseconds=1))
    tracker, read, rounds, looks = world.tracker, world.store.engine.read, [], asyncio.Semaphore(0)
    tick, begun = tracker.tick, asyncio.Event()

    async def counted():
        rounds.append(1)
        return await tick()

    async def noted(statement, parameters):
        if statement is WAITS:
            looks.release()
            await asyncio.sleep(0)  # coverage loses sight of what follows an answer that wasn't waited for
        return await read(statement, parameters)

    async def step(generation, _):
        loop._let_go(tracker._context, generation)
        tracker._steps.pop(generation.id)
        begun.set()

    monkeypatch.setattr(world.store.engine, "read", noted)
    tracker.tick, tracker._step = counted, step
    running = asyncio.create_task(tracker.run())
    before = []
    for _ in range(4):  # the first may still follow the word that it listens
        await asyncio.wait_for(looks.acquire(), 10)
        before.append(len(rounds))
    await world.ask()
    await asyncio.wait_for(begun.wait(), 10)
    await tracker.stop(timedelta(0))
    await running

    assert before[1] == before[3]
