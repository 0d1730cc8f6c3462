"""Laws of `bot.tracker.submitting`: the one call that costs money."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.errors import (
    CreditExhausted,
    InputRejected,
    KeyRejected,
    ModerationRejected,
    NotSent,
    OutcomeUnknown,
    ProviderUnavailable,
)
from bot.models import Cost, Notice, Status
from tests.bot.tracker.conftest import a_world
from tests.fakes import Clock, FakeProvider


async def test_an_unclear_submit_is_never_repeated_without_a_key(world):
    """Maxapi takes no idempotency key: one submit, the quota stays held, a person is called in the end."""
    provider = world.providers["maxapi"]
    provider.submits.append(OutcomeUnknown("maxapi", "reset"))
    generation = await world.ask()
    await world.rest()
    assert (await world.now(generation)).status is Status.UNCERTAIN

    ended = await world.until(generation, Status.PARKED, hours=48)

    assert ended.status is Status.PARKED
    assert len(provider.sent) == 1
    assert await world.used() == Cost(videos=1, seconds=5)


async def test_an_unclear_submit_with_a_key_is_repeated_once_to_the_byte(tmp_path):
    """EvoLink: the same key and body once more, then the film."""
    provider = FakeProvider("evolink")
    provider.submits.append(OutcomeUnknown("evolink", "reset"))
    async with a_world(tmp_path, provider) as world:
        generation = await world.ask()

        ended = await world.until(generation, Status.DELIVERED)

        assert ended.status is Status.DELIVERED
        assert len(provider.sent) == 2
        assert provider.sent[0] == provider.sent[1]


async def test_unclear_twice_is_uncertain_even_with_a_key(tmp_path):
    """There is no third try, and a refusal of the second says nothing of the first."""
    for second in (OutcomeUnknown("evolink"), InputRejected("evolink"), NotSent("evolink")):
        provider = FakeProvider("evolink")
        provider.submits.extend([OutcomeUnknown("evolink"), second])
        async with a_world(tmp_path / type(second).__name__, provider) as world:
            generation = await world.ask()
            await world.rest()
            world.clock.forward(seconds=2)
            await world.rest()

            assert (await world.now(generation)).status is Status.UNCERTAIN
            assert len(provider.sent) == 2


@pytest.mark.parametrize(("name", "expected"), [("maxapi", 1), ("evolink", 2)])
async def test_a_crash_during_the_submit_pays_once(tmp_path, name, expected):
    """Cut off between the intent and the answer: uncertain, or the same key once more where there is one."""
    provider, clock, reached = FakeProvider(name), Clock(), asyncio.Event()

    async def never_answer():
        reached.set()
        await asyncio.Event().wait()

    provider.on_submit = never_answer
    async with a_world(tmp_path, provider, clock=clock) as world:
        generation = await world.ask()
        resting = asyncio.create_task(world.rest())
        await reached.wait()
        await world.tracker.stop(timedelta(0))
        await asyncio.gather(resting, return_exceptions=True)

    provider.on_submit = None
    async with a_world(tmp_path, provider, clock=clock) as world:
        await world.rest()
        now = await world.now(generation)

        assert expected == len(provider.sent)
        assert 1 == len(set(provider.sent))
        assert (Status.UNCERTAIN if name == "maxapi" else Status.RUNNING) is now.status


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (ModerationRejected("maxapi"), Status.REFUSED, "moderation"),
        (InputRejected("maxapi"), Status.REFUSED, "input"),
        (KeyRejected("maxapi"), Status.FAILED, "key"),
        (CreditExhausted("maxapi"), Status.FAILED, "credit"),
    ],
)
async def test_a_refusal_costs_nothing_and_is_told_once(world, error, status, reason):
    """The provider says no: everything is given back and the requester reads why."""
    world.providers["maxapi"].submits.append(error)
    generation = await world.ask()

    ended = await world.until(generation, status)

    assert (status, reason, Notice.TOLD) == (ended.status, ended.reason, ended.notice)
    assert len(world.delivery.notices(generation.id)) == 1
    assert await world.used() == Cost()
    assert await world.at_once() == 0
    assert await world.slots() == 0


async def test_busy_is_waited_for(world):
    """429: still queued, and sent again after the time that the provider named, not before."""
    provider = world.providers["maxapi"]
    provider.submits.append(ProviderUnavailable("maxapi", retry_after=timedelta(seconds=40)))
    generation = await world.ask()
    await world.rest()
    world.clock.forward(seconds=39)
    await world.rest()
    assert len(provider.sent) == 1
    assert await world.slots() == 0

    world.clock.forward(seconds=2)
    await world.rest()

    assert len(provider.sent) == 2
    assert (await world.now(generation)).status is Status.RUNNING


async def test_out_of_reach_is_tried_three_times_and_given_back(world):
    """Surely not sent: three tries, then everything is given back."""
    provider = world.providers["maxapi"]
    provider.submits.extend([NotSent("maxapi", "refused")] * 5)
    generation = await world.ask()

    ended = await world.until(generation, Status.FAILED)

    assert ended.reason == "unreachable"
    assert len(provider.sent) == 3
    assert await world.used() == Cost()
