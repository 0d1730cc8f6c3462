"""Laws of `bot.tracker.pacing`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import StoreUnavailable
from bot.models import Status
from bot.quotas import UNLIMITED, Limits
from bot.tracker.context import move
from bot.tracker.pacing import KEPT, KINDS, Lessons
from tests.bot.tracker.conftest import a_world
from tests.fakes import RUNNING, SUCCESS, FakeProvider


async def a_past(world, *, minutes=10, count=25, called=False):
    """Write down past ones of the kind that `world.ask` asks for, each done after so many minutes."""
    world.limits = Limits(user_day=UNLIMITED, at_once=None)
    for _ in range(count):
        generation = await world.ask()
        now = world.clock()
        by = timedelta(minutes=minutes, seconds=world.number)
        await move(
            world.store,
            generation,
            now,
            due_at=None,
            status=Status.DELIVERED,
            submitted_at=now - by,
            asked_at=now - timedelta(seconds=20),
            ask_at=now + timedelta(hours=1) if called else now,
            rendered_at=now,
        )


async def running(world):
    """Return a generation that its provider has just accepted, and works on."""
    world.providers["maxapi"].last_fetch = RUNNING
    generation = await world.ask()
    await world.rest()
    return await world.now(generation)


async def asks_of(world, generation, minutes):
    """Let it be done after so many minutes; return after how many seconds it was asked for."""
    provider, asked = world.providers["maxapi"], []
    since = generation.submitted_at
    end = since + timedelta(minutes=minutes)
    while (generation := await world.now(generation)).status is Status.RUNNING:
        world.clock.now = generation.due_at
        provider.last_fetch = SUCCESS if world.clock() >= end else RUNNING
        before = len(provider.asked)
        await world.rest()
        asked += [(world.clock() - since).total_seconds()] * (len(provider.asked) - before)
    return asked


@pytest.fixture
async def polled(on_both, tmp_path):
    """Yield a world without callbacks."""
    async with a_world(tmp_path) as world:
        world.hosting = replace(world.hosting, public_url=None)
        world.new_tracker()
        yield world


async def test_it_is_asked_for_when_past_ones_were_done(polled):
    """All took ten minutes: asked now and then before, as the longest wait bids, and often about then."""
    await a_past(polled)
    asks = await asks_of(polled, await running(polled), minutes=10)

    assert 3 <= len(asks) <= 4
    assert asks[-1] - 600 < 70


async def test_without_a_past_it_goes_by_the_providers_pace(polled):
    """A minute, a minute more, then half as long again each time."""
    asks = await asks_of(polled, await running(polled), minutes=10)

    assert [60, 120, 210, 345] == pytest.approx(asks[:4], rel=0.1)


async def test_no_ask_is_nearer_than_the_providers_first(polled):
    """Films of a minute, give or take a second: maxapi is asked no more than once a minute."""
    await a_past(polled, minutes=1)
    asks = await asks_of(polled, await running(polled), minutes=3)

    assert all(later - earlier >= 0.9 * 60 for earlier, later in zip([0, *asks], asks, strict=False))


async def test_where_callbacks_come_it_is_asked_for_once_and_late(world):
    """All the latest were brought by one: until most would be done nobody asks, then now and then."""
    await a_past(world, called=True)
    generation = await running(world)
    looked = generation.due_at
    asks = await asks_of(world, generation, minutes=30)

    assert generation.ask_at - generation.submitted_at > timedelta(minutes=9, seconds=30)
    assert looked < generation.ask_at
    assert 2 <= len(asks) <= 3
    assert asks[-1] < 50 * 60


async def test_a_callback_is_believed_to_tell_the_moment(world):
    """It brought this one before its ask was due: written down so, for the next lesson."""
    await a_past(world, called=True)
    generation = await running(world)
    world.clock.forward(minutes=9)
    world.providers["maxapi"].last_fetch = SUCCESS
    await world.store.wake(generation.id, world.clock())
    await world.rest()
    (latest, *_) = await world.store.durations("maxapi", "seedance-2.0", "720p", 5)

    assert (timedelta(minutes=9), timedelta(minutes=9), True) == (latest.by, latest.since, latest.called)


async def test_an_ask_in_vain_is_what_is_known_of_a_film_that_came_later(polled):
    """Not done at one ask, done at the next: somewhere between the two."""
    generation = await running(polled)
    first, second, *_ = await asks_of(polled, generation, minutes=2)
    (latest,) = await polled.store.durations("maxapi", "seedance-2.0", "720p", 5)

    assert [second, first] == pytest.approx([latest.by.total_seconds(), latest.since.total_seconds()])
    assert not latest.called


@pytest.mark.parametrize("minutes", [200, 600])
async def test_a_task_that_never_ends_is_asked_for_at_its_end(world, minutes):
    """A silence ends where a person is called, not an hour later, however long past ones took."""
    await a_past(world, minutes=minutes, called=True)
    generation = await running(world)
    ended = await world.until(generation, Status.PARKED)

    longest = world.context.capabilities_of(generation).longest + timedelta(minutes=30)
    assert Status.PARKED is ended.status
    assert ended.updated_at - ended.submitted_at < longest + timedelta(minutes=6)


async def test_a_task_that_was_let_go_gives_its_place_back_in_time(world):
    """However long past ones took, and however sure their callbacks: its place is free at its end."""
    await a_past(world, minutes=600, called=True)
    generation = await running(world)
    await world.store.wish_cancel(generation.id, world.clock())
    ended = await world.until(generation, Status.CANCELLED)

    longest = world.context.capabilities_of(generation).longest
    assert (0, None) == (await world.slots(), ended.due_at)
    assert ended.updated_at - ended.submitted_at < longest + timedelta(minutes=6)


async def counted(world, monkeypatch):
    """Count how often the past is read."""
    reads, read = [], world.store.engine.read

    async def noted(statement, parameters):
        reads.append(statement.name)
        return await read(statement, parameters)

    monkeypatch.setattr(world.store.engine, "read", noted)
    return lambda: reads.count("durations")


async def test_the_past_is_read_now_and_then(world, monkeypatch):
    """Once for many asks; again when some minutes have gone, or the clock was set back."""
    await a_past(world)
    generation = await running(world)
    world.new_tracker()
    reads = await counted(world, monkeypatch)
    lessons = [await world.context.lessons.of(world.context, generation) for _ in range(3)]
    once = reads()
    for length in (KEPT, -timedelta(hours=1)):
        world.clock.forward(seconds=length.total_seconds())
        await world.context.lessons.of(world.context, generation)

    assert (1, 3) == (once, reads())
    assert lessons[0].timetable is lessons[2].timetable is not None


async def test_few_kinds_are_remembered(world, monkeypatch):
    """The first of very many is forgotten, and read again; of the others none is."""
    generation = await running(world)
    lessons = Lessons()
    reads = await counted(world, monkeypatch)
    for number in range(KINDS + 1):
        request = replace(generation.request, seconds=number)
        await lessons.of(world.context, replace(generation, request=request))
    before = reads()
    for number in (KINDS, 0):
        request = replace(generation.request, seconds=number)
        await lessons.of(world.context, replace(generation, request=request))

    assert (KINDS + 1, KINDS + 2) == (before, reads())


async def test_a_past_that_cant_be_read_stops_nobody(world, monkeypatch):
    """What was known before stands; it is read again some minutes later."""
    await a_past(world)
    generation = await running(world)
    known = await world.context.lessons.of(world.context, generation)
    world.clock.forward(seconds=KEPT.total_seconds())

    async def gone(statement, parameters):
        raise StoreUnavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr(world.store.engine, "read", gone)
        first = await world.context.lessons.of(world.context, generation)
        second = await world.context.lessons.of(world.context, generation)
    world.clock.forward(seconds=KEPT.total_seconds())

    assert known.timetable is first.timetable is second.timetable
    assert known.timetable is not (await world.context.lessons.of(world.context, generation)).timetable


async def test_a_silence_is_broken_for_the_cards_sake(on_both, tmp_path):
    """Asked late: the card is looked at when it is expected and at its worst, and no ask is made then."""
    provider = FakeProvider()
    async with a_world(tmp_path, provider) as world:
        await a_past(world, called=True)
        generation = await running(world)
        provider.asked.clear()
        world.clock.now = generation.due_at
        await world.rest()
        later = await world.now(generation)

    assert generation.expected_at == generation.due_at
    assert ([], later.worst_at) == (provider.asked, min(later.due_at, later.worst_at))
