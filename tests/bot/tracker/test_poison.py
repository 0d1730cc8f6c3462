"""Laws of `bot.tracker.poison`: what never comes to its end is set aside, and nothing else is."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from bot.errors import InputRejected, StoreUnavailable
from bot.models import Cost, ProviderTask, Status, TaskStatus
from bot.tracker import poison
from bot.tracker.context import transition
from tests.bot.tracker.conftest import a_world
from tests.fakes import ANNA, BEN, SUCCESS

pytestmark = pytest.mark.usefixtures("on_both")
RUNNING = ProviderTask("t", TaskStatus.RUNNING)


async def test_a_step_that_always_raises_is_parked_after_five(world):
    """Five steps in a row that raise are all it gets; others go on, and its money stays held (S-11)."""
    world.downloader.faults.extend([ZeroDivisionError("bug")] * 20)
    bad = await world.ask()
    ended = await world.until(bad, Status.PARKED)
    tried = 20 - len(world.downloader.faults)
    world.downloader.faults.clear()
    good = await world.ask(BEN)

    assert (Status.PARKED, "unknown", poison.MOST) == (ended.status, ended.reason, tried)
    assert Status.DELIVERED is (await world.until(good, Status.DELIVERED)).status
    assert Cost(videos=1, seconds=5) == await world.used()


async def test_an_end_stays_an_end_whatever_fails_after_it(world, monkeypatch):
    """A notice that can never be posted, for a bug of ours: it rests as refused (S-11)."""

    async def bug(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(world.delivery, "post_notice", bug)
    world.providers["maxapi"].submits.append(InputRejected("maxapi"))
    generation = await world.ask()

    ended = await world.until(generation, Status.REFUSED)

    assert (Status.REFUSED, None) == (ended.status, ended.due_at)
    assert Cost() == await world.used()


async def test_a_step_that_hangs_is_cut_off_and_parked(world, monkeypatch):
    """A download that never ends takes its place for so long and no longer, five times (S-11)."""
    hung = []

    async def for_ever(*_, **__):
        hung.append(1)
        await asyncio.Event().wait()

    monkeypatch.setattr(world.downloader, "download", for_ever)
    generation = await world.ask()
    await world.rest()  # its provider has it; what comes before may take its time on a busy machine
    monkeypatch.setattr(poison, "LONGEST_STEP", timedelta(milliseconds=200))

    async with asyncio.timeout(8):
        ended = await world.until(generation, Status.PARKED)

    assert (Status.PARKED, poison.MOST) == (ended.status, len(hung))


async def begun(world, *, times, many=1):
    """Return generations at their provider, of which so many steps were begun and none came to an end."""
    generations = [await world.ask(prompt=f"cat {number}") for number in range(many)]
    await world.rest()
    for generation in generations:
        now = await world.now(generation)
        await transition(world.context, now, due_at=world.clock(), begun=times)
    return generations


async def test_steps_are_counted_before_their_work(world):
    """Whatever becomes of a process, the next one knows how often a step was begun (S-11)."""
    generation = await world.ask()
    counts = []
    for _ in range(3):
        (claimed,) = await world.store.claim(world.clock(), lease=timedelta(0), most=1)
        counts.append(claimed.begun)

    assert [1, 2, 3] == counts
    await world.rest()
    assert 0 == (await world.now(generation)).begun


async def test_what_took_five_processes_down_is_not_begun_again(world):
    """The sixth process parks it without its step, and nothing is asked or sent (S-11)."""
    (generation,) = await begun(world, times=poison.MOST)
    asked = len(world.providers["maxapi"].asked)

    await world.rest()

    assert (Status.PARKED, asked) == (
        (await world.now(generation)).status,
        len(world.providers["maxapi"].asked),
    )


async def test_of_suspects_one_at_a_time_is_stepped(world, monkeypatch):
    """Two were under way when processes died: the second waits for the first, uncounted, and so is spared."""
    both = await begun(world, times=poison.SUSPECT, many=2)
    inside, most, go_on = set(), [], asyncio.Event()
    real = world.providers["maxapi"].fetch

    async def slow(task_id):
        inside.add(task_id)
        most.append(len(inside))
        await go_on.wait()
        inside.discard(task_id)
        return await real(task_id)

    monkeypatch.setattr(world.providers["maxapi"], "fetch", slow)
    world.clock.forward(seconds=70)
    await world.tracker.tick()
    counted = sorted([(await world.now(one)).begun for one in both])
    go_on.set()
    for one in both:
        await world.until(one, Status.DELIVERED)

    assert [poison.SUSPECT, poison.SUSPECT + 1] == counted
    assert {1} == set(most)


async def test_a_suspect_in_the_queue_waits_there(world):
    """One that is about to be sent is put back into the queue, and sent when its turn has come."""
    world.providers["maxapi"].concurrency = 0
    (queued,) = await begun(world, times=poison.SUSPECT)
    world.tracker._suspicion._suspect = "another"
    world.providers["maxapi"].concurrency = 1
    world.clock.forward(seconds=1)
    await world.rest()
    waiting = await world.now(queued)
    world.tracker._suspicion._suspect = None

    assert (Status.QUEUED, poison.SUSPECT, []) == (
        waiting.status,
        waiting.begun,
        world.providers["maxapi"].sent,
    )
    assert Status.DELIVERED is (await world.until(queued, Status.DELIVERED)).status


async def test_a_database_that_fails_a_step_is_no_poison(world, monkeypatch):
    """However often a step can't be written down, it is the database's fault and not the generation's."""
    generation = await world.ask()
    await world.rest()
    real, refused = world.store.engine.write, []

    async def write(steps):
        if steps[0].statement.name == "move" and len(refused) < 3 * poison.MOST:
            refused.append(1)
            raise StoreUnavailable("disk full")
        return await real(steps)

    monkeypatch.setattr(world.store.engine, "write", write)
    ended = await world.until(generation, Status.DELIVERED)

    assert (Status.DELIVERED, 3 * poison.MOST) == (ended.status, len(refused))


def full(world, monkeypatch, *names):
    """Take none of these statements from now on; return what ends that."""
    real, away = world.store.engine.write, [True]

    async def write(steps):
        if away and steps[0].statement.name in names:
            raise StoreUnavailable("disk full")
        return await real(steps)

    monkeypatch.setattr(world.store.engine, "write", write)
    return away.clear


async def lived_through(world, *, rounds):
    """Run rounds, each after the leases of the one before it have run out."""
    for _ in range(rounds):
        world.clock.forward(seconds=61)
        await world.rest()


async def test_what_a_database_failed_is_not_held_against_it_later(world, monkeypatch):
    """There was room for small changes only, ten times, and then a new process begins: it goes on (S-01)."""
    world.providers["maxapi"].last_fetch = RUNNING
    generation = await world.ask()
    await world.rest()
    there_is_room = full(world, monkeypatch, "move")
    await lived_through(world, rounds=2 * poison.MOST)
    there_is_room()
    world.new_tracker()
    world.providers["maxapi"].last_fetch = SUCCESS
    await lived_through(world, rounds=2)

    assert Status.DELIVERED is (await world.now(generation)).status


async def test_after_a_failing_database_everything_goes_on_at_once(world, monkeypatch):
    """Who couldn't be written down is no suspect: nobody waits for the others' turns (S-01)."""
    world.providers["maxapi"].last_fetch = RUNNING
    both = [await world.ask(ANNA), await world.ask(BEN)]
    await world.rest()
    there_is_room = full(world, monkeypatch, "move", "note")
    await lived_through(world, rounds=poison.SUSPECT)
    there_is_room()
    world.providers["maxapi"].last_fetch = SUCCESS
    await lived_through(world, rounds=1)

    assert [Status.DELIVERED] * 2 == [(await world.now(one)).status for one in both]


async def test_what_an_orderly_end_cuts_off_is_not_counted(world, monkeypatch):
    """Started anew ten times while a film is on its way: it goes on each time, and comes (S-13)."""
    begun, real = asyncio.Event(), world.downloader.download

    async def slow(*_, **__):
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(world.downloader, "download", slow)
    generation = await world.ask()
    await world.rest()
    for _ in range(2 * poison.MOST):
        world.clock.forward(seconds=70)
        begun.clear()
        running = asyncio.create_task(world.tracker.run())
        await asyncio.wait_for(begun.wait(), 10)
        await world.tracker.stop(timedelta(0))
        await running
        world.new_tracker()
    monkeypatch.setattr(world.downloader, "download", real)

    assert 0 == (await world.now(generation)).begun
    world.clock.forward(seconds=70)
    assert Status.DELIVERED is (await world.until(generation, Status.DELIVERED)).status


async def test_what_was_claimed_when_the_end_came_is_not_counted(world, monkeypatch):
    """It hasn't begun: the next process takes it up as if nothing had been (S-13)."""
    generation = await world.ask()
    tracker, claim = world.tracker, world.store.engine.write

    async def end(steps):
        outcomes = await claim(steps)
        if steps[0].statement.name == "claim":
            await tracker.stop(timedelta(0))
        return outcomes

    monkeypatch.setattr(world.store.engine, "write", end)
    assert 0 == await tracker.tick()

    assert (Status.QUEUED, 0) == ((await world.now(generation)).status, (await world.now(generation)).begun)


LIVES = """
import asyncio, os, signal, sys
from pathlib import Path
from bot.models import Status
from tests import databases
from tests.bot.tracker.conftest import a_world
from tests.fakes import ANNA, BEN, Clock

async def live(folder, life):
    clock = Clock()
    clock.forward(hours=life)
    async with a_world(folder, clock=clock) as world:
        if life == 0:
            for requester in (ANNA, BEN, BEN):
                await world.ask(requester)
            await world.rest()
            clock.forward(seconds=100)
        async def download(url, target, *, most, real=world.downloader.download):
            if url.endswith("/t1.mp4"):
                os.kill(os.getpid(), signal.SIGSEGV)
            return await real(url, target, most=most)
        world.downloader.download = download
        world.providers["maxapi"].fetch = fetch
        for _ in range(40):
            await world.rest()
            clock.forward(seconds=20)

async def fetch(task_id):
    from dataclasses import replace
    from tests.fakes import SUCCESS
    return replace(SUCCESS, id=task_id, urls=(f"https://films.example/{task_id}.mp4",))

for life in range(9):
    child = os.fork()
    if not child:
        with databases.chosen(databases.at(sys.argv[2])):
            asyncio.run(live(Path(sys.argv[1]), life))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print("ended", os.waitstatus_to_exitcode(status), flush=True)
"""


async def test_one_that_takes_the_process_down_does_it_five_times(database, tmp_path):
    """SIGSEGV in one film's step: after five deaths it is parked, and every other film has arrived (S-11)."""
    ended = [-signal.SIGSEGV] * poison.MOST + [0] * (9 - poison.MOST)
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", LIVES, str(tmp_path), database.url or ""],
        capture_output=True,
        env=os.environ | {"PYTHONPATH": "."},
        check=True,
    )
    async with a_world(tmp_path) as world:
        counts = await world.store.counts()

    codes = [line.split()[1] for line in done.stdout.decode().splitlines() if line.startswith("ended ")]
    assert ended == list(map(int, codes))
    assert (1, 2) == (counts[Status.PARKED], counts[Status.DELIVERED])
