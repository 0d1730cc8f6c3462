"""Faults of the machine and of our own code: loops that fail, clocks that jump, memory, room on the disk."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot import quotas
from bot.app import utc_now
from bot.errors import DownloadError, IntakeStopped, KeepsFailing
from bot.media.download import KEPT_FREE
from bot.messages import words_for
from bot.models import Status
from bot.running import _unless
from bot.tracker import loop, supervision
from tests.bot.media.files import picture
from tests.bot.test_app import listening
from tests.bot.tracker.conftest import world

__all__ = ["world"]
PICTURE = picture("png")


@pytest.fixture
def at_once(monkeypatch):
    """Let a loop that failed be begun again without a wait."""

    async def no_wait(_seconds):
        await asyncio.sleep(0)

    monkeypatch.setattr("bot.running.supervised", partial(supervision.supervised, sleep=no_wait))


async def test_a_round_that_fails_is_no_end_of_the_rounds(tmp_path, monkeypatch, at_once):
    """Four rounds fail as nobody expected, are logged, and the fifth does its work (S-12)."""
    async with listening(tmp_path) as (app, _):
        worked, fails = asyncio.Event(), iter(range(4))
        real = app.tracker.tick

        async def tick():
            if next(fails, None) is not None:
                raise ZeroDivisionError
            worked.set()
            return await real()

        monkeypatch.setattr(app.tracker, "tick", tick)
        with capture_logs() as lines:
            async with app.tracking():
                await asyncio.wait_for(worked.wait(), 10)
    told = [(line["loop"], line["failures"]) for line in lines if line["event"] == "a loop failed"]
    assert [("tracker", 1), ("tracker", 2), ("tracker", 3), ("tracker", 4)] == told


@pytest.mark.parametrize("name", ["tracker", "sweep"])
async def test_a_loop_that_keeps_failing_ends_the_bot(tmp_path, monkeypatch, at_once, name):
    """Whatever Discord does meanwhile, the bot comes down in order, with the line that says why (S-12)."""
    async with listening(tmp_path) as (app, _):

        async def fails(*_):
            raise ZeroDivisionError

        async def connected():
            await asyncio.Event().wait()

        where = (app.tracker, "tick") if name == "tracker" else (type(app.house.ordering), "sweep")
        monkeypatch.setattr(*where, fails)
        async with app.tracking() as loops:
            with pytest.raises(KeepsFailing, match=f"^The {name} failed 5 times within 5 minutes"):
                await asyncio.wait_for(_unless(asyncio.Event(), connected(), loops), 10)
    assert not app.tracker.running


async def test_a_folder_that_can_not_be_swept_is_no_fault_of_ours(tmp_path, monkeypatch):
    """A disk that fails under the sweep is a warning; orders are swept all the same (S-12)."""
    async with listening(tmp_path) as (app, _):
        swept = asyncio.Event()

        def broken(_self, _now):
            raise OSError(5, "Input/output error")

        async def orders(*_):
            swept.set()

        monkeypatch.setattr(type(app.hosting), "sweep", broken)
        monkeypatch.setattr(type(app.house.ordering), "sweep", orders)
        with capture_logs() as lines:
            async with app.tracking():
                await asyncio.wait_for(swept.wait(), 10)
    assert "old files not deleted" in [line["event"] for line in lines]


async def test_a_heartbeat_that_fails_beats_again(world, monkeypatch):
    """Leases are lengthened at the next beat, whatever went wrong at the one before (S-12)."""
    monkeypatch.setattr(loop, "LEASE", loop.LEASE / 10_000)
    beats, twice = iter([ZeroDivisionError(), None]), asyncio.Event()

    async def extend(_now):
        fault = next(beats, None)
        if fault is not None:
            raise fault
        twice.set()

    monkeypatch.setattr(world.tracker, "_extend", extend)
    running = asyncio.create_task(world.tracker.run())
    await asyncio.wait_for(twice.wait(), 10)
    assert world.tracker.running
    await world.tracker.stop(loop.LEASE)
    await running


async def test_a_connection_that_fails_takes_no_other_along(tmp_path, monkeypatch):
    """Our own fault in reading one connection cuts that one; the listener serves the next (S-12)."""
    async with listening(tmp_path) as (app, client):
        faults = iter([ZeroDivisionError()])
        real = type(app.public._room).hear

        def hear(room, guest):
            if fault := next(faults, None):
                raise fault
            real(room, guest)

        monkeypatch.setattr(type(app.public._room), "hear", hear)
        said = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context["message"]))
        with pytest.raises(aiohttp.ClientError):
            await client.post(f"http://{app.callback_address}/nothing")
        async with client.get(f"http://{app.callback_address}/nothing") as answer:
            assert 404 == answer.status
    assert 1 == len(said)


async def test_rounds_that_stand_still_are_no_health(world, monkeypatch):
    """A round that never ends is told to whoever watches the process, and one that is slow isn't (S-07)."""
    now = [1000.0]
    monkeypatch.setattr(loop, "monotonic", lambda: now[0])
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def hangs():
        inside.set()
        await go_on.wait()
        return 0

    monkeypatch.setattr(world.tracker, "tick", hangs)
    told = [world.tracker.stands_still]
    running = asyncio.create_task(world.tracker.run())
    await inside.wait()
    for seconds in (299, 2):
        now[0] += seconds
        told.append(world.tracker.stands_still)
    go_on.set()
    await world.tracker.stop(loop.LEASE)
    await running
    told.append(world.tracker.stands_still)

    assert [False, False, True, False] == told


async def test_healthz_and_readyz_ask_the_tracker(tmp_path, monkeypatch):
    """When the rounds stand still, both are 503: a container looks at `/readyz` alone (S-07)."""
    async with listening(tmp_path) as (app, client):
        app.client.admitted = app.tracker.running = True
        said = []
        for still in (False, True):
            monkeypatch.setattr(type(app.tracker), "stands_still", still)
            for page in ("healthz", "readyz"):
                async with client.get(f"http://{app.admin.address}/{page}") as answer:
                    said.append(answer.status)

    assert [200, 200, 503, 503] == said


async def test_a_film_waits_for_room_on_the_disk(world):
    """While the disk is full nothing of it is fetched or lost; the film comes when there is room (S-02)."""
    generation = await world.ask()
    world.downloader.faults.extend([DownloadError("disk: no room for 5000000 bytes")] * 30)
    waiting = await world.until(generation, Status.DELIVERED, hours=6)
    shown = str(world.delivery.drafts[-1].embed.to_dict())
    held = await world.used()
    arrived = await world.until(generation, Status.DELIVERED, hours=30)

    assert (Status.RENDERED, Status.DELIVERED) == (waiting.status, arrived.status)
    assert "The film is made and is being downloaded." in shown
    assert 1 == held.videos
    assert 1 == len(world.providers["maxapi"].sent)


async def test_a_file_for_which_there_is_no_room_is_not_taken(tmp_path, monkeypatch):
    """Members' files never fill the disk of the database: nothing is begun, and it is said (S-02)."""
    async with listening(tmp_path) as (app, _):
        monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=KEPT_FREE + len(PICTURE) - 1))
        with pytest.raises(IntakeStopped, match="cannot_store") as refused:
            await app.generations.keep("cat.png", "https://cdn.example/cat.png", PICTURE)
        assert [] == list(app.hosting.media_dir.iterdir())
        monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=KEPT_FREE + len(PICTURE)))
        kept = await app.generations.keep("cat.png", "https://cdn.example/cat.png", PICTURE)

    said = "I can't store anything new just now, so I did not start this. Try again later."
    assert words_for(refused.value).startswith(said)
    assert ".png" == kept.extension


HOURS = (1, -1, 24, -24, 31 * 24)


async def _films_of(world, generation, hours):
    """Let so many hours pass for everybody; return how many films there are, and what it counts."""
    for _ in range(int(hours * 60)):
        await world.rest()
        world.clock.forward(minutes=1)
    return len(world.delivery.films(generation.id)), (await world.now(generation)).status


@pytest.mark.parametrize("hours", HOURS)
async def test_a_clock_that_jumps_while_it_is_made_delays_no_film(world, hours):
    """Set by an hour, a day or a month, forward or back: the film comes within minutes, once (S-06)."""
    generation = await world.ask()
    await world.rest()
    world.clock.forward(hours=hours)

    assert (1, Status.DELIVERED) == await _films_of(world, generation, 0.2)
    assert 1 == len(world.providers["maxapi"].sent)


@pytest.mark.parametrize("hours", [-1, -24])
async def test_a_clock_that_was_wrong_for_a_while_delays_no_film(world, hours):
    """Ahead when the film was asked for, and set right later, by this process or the next (S-06)."""
    world.downloader.faults.extend([DownloadError("cut")] * 3)
    generation = await world.ask()
    await world.rest()
    world.clock.forward(minutes=2)
    await world.rest()
    assert Status.RENDERED is (await world.now(generation)).status
    world.clock.forward(hours=hours)
    world.new_tracker()

    assert (1, Status.DELIVERED) == await _films_of(world, generation, 0.2)


@pytest.mark.parametrize("seconds", [1, -1, 60, -60])
async def test_a_second_more_or_less_is_nothing(world, seconds):
    """A leap second, and what NTP mends every day, are waited for like any other moment (S-06)."""
    generation = await world.ask()
    await world.rest()
    world.clock.forward(seconds=seconds)
    with capture_logs() as lines:
        assert (1, Status.DELIVERED) == await _films_of(world, generation, 0.2)

    assert "the clock was set back" not in [line["event"] for line in lines]


def test_no_time_of_ours_has_a_summer():
    """Every moment is UTC: the day on which clocks are set has 24 hours here, and no hour twice (S-06)."""
    assert UTC is utc_now().tzinfo
    spring, autumn = (datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 29), (10, 25)))
    for day in (spring, autumn):
        hours = {quotas.day_of(day + timedelta(hours=hour)) for hour in range(24)}
        assert {day.date().isoformat()} == hours
        assert day + timedelta(days=1) == quotas.next_day(day)
