"""Laws of `bot.tracker.watching`: when a provider is asked, and what becomes of answers that surprise."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import OutcomeUnknown, ProviderUnavailable, TaskNotFound
from bot.models import Cost, ProviderTask, Status, TaskStatus
from bot.tracker.watching import deadline
from tests.bot.tracker.conftest import a_world
from tests.fakes import BEN, RUNNING, SUCCESS, FakeProvider

pytestmark = pytest.mark.usefixtures("on_both")
CANCELLED = ProviderTask("t1", TaskStatus.CANCELLED)


async def running(world, **said):
    """Return a generation that its provider has just accepted."""
    generation = await world.ask(**said)
    await world.rest()
    return await world.now(generation)


async def uncertain(world):
    """Return a generation of which nobody knows whether its provider accepted it."""
    world.providers["maxapi"].submits.append(OutcomeUnknown("maxapi"))
    return await running(world)


async def test_a_second_name_is_asked_for_a_second_after_the_first(world):
    """However many callbacks there are, a provider is asked about one generation once a second (T-06)."""
    provider = world.providers["maxapi"]
    generation = await uncertain(world)
    provider.last_fetch = TaskNotFound("maxapi")
    await world.store.name_task(generation.id, "t7", provider="maxapi")
    await world.store.wake(generation.id, world.clock())
    await world.rest()
    asked = len(provider.asked)
    world.clock.forward(seconds=0.5)
    await world.store.name_task(generation.id, "t8", provider="maxapi")
    await world.store.wish_cancel(generation.id, world.clock())  # due at once, unlike a callback
    await world.rest()

    assert (["t7"], 1) == (provider.asked, asked)
    assert timedelta(seconds=0.5) == (await world.now(generation)).due_at - world.clock()


async def test_a_busy_provider_is_asked_about_nobody_until_then(world):
    """Neither what runs nor what was named meanwhile, until the moment that it told (P-01)."""
    provider = world.providers["maxapi"]
    first = await running(world, requester=BEN)
    generation = await uncertain(world)
    provider.fetches.append(ProviderUnavailable("maxapi", retry_after=timedelta(minutes=5), busy=True))
    world.clock.forward(seconds=70)
    await world.rest()
    asked = list(provider.asked)
    await world.store.name_task(generation.id, "t2", provider="maxapi")
    await world.store.wake(generation.id, world.clock())
    world.clock.forward(seconds=5)
    await world.store.wake(first.id, world.clock())
    await world.rest()

    assert asked == provider.asked
    world.clock.forward(minutes=6)
    await world.rest()
    assert {"t1", "t2"} <= set(provider.asked[len(asked) :])


class Punctual(FakeProvider):
    """Dates its answers by a clock that nobody sets; a bot on the same machine is `ahead` of it."""

    ahead = timedelta()

    @property
    def clock_off(self):
        """Return what a date has told."""
        return self.ahead


@pytest.mark.parametrize("name", ["maxapi", "seedance2ink"])
@pytest.mark.parametrize(("hours", "waits"), [(1, True), (24, True), (31 * 24, False)])
async def test_a_task_is_given_its_time_by_the_providers_clock(tmp_path, name, hours, waits):
    """Our clock was set a day ahead while it ran: it isn't stopped for that, nor parked, and comes (S-06)."""
    provider = Punctual(name)
    provider.last_fetch = RUNNING
    async with a_world(tmp_path, provider) as world:
        generation = await running(world)
        world.clock.forward(hours=hours)
        provider.ahead = timedelta(hours=hours)
        await world.rest()
        seen = await world.now(generation)
        provider.last_fetch = SUCCESS
        ended = await world.until(generation, Status.DELIVERED)

    assert (Status.RUNNING if waits else Status.PARKED) is seen.status
    assert (Status.DELIVERED if waits else Status.PARKED) is ended.status
    assert waits or name == "maxapi" or ["t1"] == provider.cancelled


async def test_a_task_is_not_waited_for_by_a_clock_that_is_a_little_off(tmp_path):
    """Two minutes are what answers may take: they lengthen nothing, nor does a clock behind (P-16)."""
    provider = Punctual("maxapi")
    provider.last_fetch = RUNNING
    async with a_world(tmp_path, provider) as world:
        generation = await running(world)
        ends = []
        for minutes in (0, 2, -600, 3):
            provider.ahead = timedelta(minutes=minutes)
            ends.append(deadline(world.context, generation) - generation.submitted_at)

    assert [timedelta()] * 3 + [timedelta(minutes=3)] == [end - ends[0] for end in ends]


async def test_a_task_that_was_let_go_keeps_still_with_the_others(world):
    """Its member cancelled it, and it is only watched: it isn't asked for either, and may say so (P-02)."""
    provider = world.providers["maxapi"]
    provider.last_fetch = RUNNING
    generation = await running(world)
    await world.store.wish_cancel(generation.id, world.clock())
    await world.rest()
    assert (await world.now(generation)).watch
    world.health.ask_later("maxapi", world.clock() + timedelta(minutes=14))
    told = ProviderUnavailable("maxapi", retry_after=timedelta(minutes=10), busy=True)
    provider.fetches.append(told)
    asked = []
    for _ in range(28):
        world.clock.forward(minutes=1)
        await world.rest()
        asked.append(len(provider.asked))

    assert [0] * 13 == asked[:13]
    assert {1} == set(asked[15:23])
    assert 1 < asked[-1]


async def test_an_adopted_task_that_its_member_doesnt_want_is_cancelled(tmp_path):
    """The wish was kept until there was something to cancel."""
    provider = FakeProvider("seedance2ink")
    async with a_world(tmp_path, provider) as world:
        provider.submits.append(OutcomeUnknown("seedance2ink"))
        generation = await running(world)
        await world.store.wish_cancel(generation.id, world.clock())
        await world.rest()
        provider.fetches.append(RUNNING)
        provider.last_fetch = CANCELLED
        await world.store.name_task(generation.id, "t1", provider="seedance2ink")
        await world.store.wake(generation.id, world.clock())
        ended = await world.until(generation, Status.CANCELLED)

        assert (Status.CANCELLED, Cost()) == (ended.status, await world.used())


async def test_what_the_provider_says_on_the_way_is_written_down(world):
    """How long it still takes, which model it is, and how far it has come."""
    generation = await running(world)
    world.providers["maxapi"].fetches.append(
        replace(RUNNING, remaining=timedelta(minutes=3), model="seedance-2.0-fast", progress=40)
    )
    world.clock.forward(seconds=70)
    await world.rest()
    now = await world.now(generation)

    assert (timedelta(minutes=3), "seedance-2.0-fast", 40) == (
        now.expected_at - world.clock(),
        now.used_model,
        now.progress,
    )


@pytest.mark.parametrize(
    ("cancel", "then", "status", "reason"),
    [
        (CANCELLED, CANCELLED, Status.FAILED, "timeout"),
        (ProviderUnavailable("seedance2ink"), SUCCESS, Status.DELIVERED, None),
        (CANCELLED, RUNNING, Status.PARKED, "timeout"),
        (CANCELLED, ProviderUnavailable("seedance2ink"), Status.PARKED, "timeout"),
    ],
)
async def test_a_task_past_its_time_is_stopped_where_that_is_confirmed(
    tmp_path, monkeypatch, cancel, then, status, reason
):
    """Stopped, it costs nothing; made after all, it is a film; else a person must look (P-16)."""
    provider = FakeProvider("seedance2ink")
    provider.last_fetch = RUNNING

    async def answer(_):
        provider.last_fetch = then
        if isinstance(cancel, Exception):
            raise cancel
        return cancel

    monkeypatch.setattr(provider, "cancel", answer)
    async with a_world(tmp_path, provider) as world:
        generation = await running(world)
        longest = world.context.capabilities_of(generation).longest
        world.clock.forward(hours=longest.total_seconds() / 3600 + 1)
        ended = await world.until(generation, status)

        assert (status, reason) == (ended.status, ended.reason)


async def test_an_answer_that_comes_after_the_lease_adopts_nothing(world):
    """Somebody else has taken over while the provider thought about it (S-09)."""
    generation = await uncertain(world)
    await world.store.name_task(generation.id, "t7", provider="maxapi")
    await world.store.wake(generation.id, world.clock())
    provider, fetch = world.providers["maxapi"], world.providers["maxapi"].fetch

    async def slowly(task_id):
        world.clock.forward(minutes=5)
        await world.store.claim(world.clock(), lease=timedelta(minutes=1), most=9)
        return await fetch(task_id)

    provider.fetch = slowly
    await world.tracker.tick()
    await asyncio.gather(*world.tracker._steps.values())

    assert (Status.UNCERTAIN, None) == (
        (await world.now(generation)).status,
        (await world.now(generation)).task_id,
    )


async def test_a_provider_silent_past_the_longest_time_is_a_persons_business(world):
    """Nobody knows what became of it: its quota stays held (P-16)."""
    generation = await running(world)
    world.providers["maxapi"].last_fetch = ProviderUnavailable("maxapi")
    ended = await world.until(generation, Status.PARKED, hours=48)

    assert ("timeout", 1) == (ended.reason, (await world.used()).videos)


async def test_a_failure_that_nobody_else_can_mend_is_one(world):
    """It may go elsewhere, and there is no elsewhere: all is given back (P-09)."""
    generation = await running(world)
    failed = ProviderTask("t1", TaskStatus.FAILED, reason="credit", retryable=True)
    world.providers["maxapi"].last_fetch = failed
    ended = await world.until(generation, Status.FAILED)

    assert ("credit", Cost()) == (ended.reason, await world.used())
