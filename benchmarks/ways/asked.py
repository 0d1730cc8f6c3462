"""The real tracker, on SQLite under virtual time, asks for films that take as long as they are told to."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import structlog

from benchmarks.ways.asking import taught
from bot.models import ProviderTask, Status, TaskStatus
from bot.providers.interface import Pace
from bot.quotas import UNLIMITED, Limits
from bot.tracker.context import move
from tests.bot.tracker.conftest import World, a_world
from tests.fakes import FakeProvider

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta
    from pathlib import Path

    from bot.models import Generation
    from bot.store.past import Took


async def through_the_tracker(
    folder: Path, past: Sequence[Took], lengths: Sequence[timedelta], *, callbacks: bool
) -> Mapping[str, float]:
    """Return the asks of one film, and them beside what the timetable asks by itself."""
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    provider = FakeProvider()
    provider.pace = Pace(first=taught(past).bounds.shortest, growth=1.0, slowest=taught(past).bounds.longest)
    async with a_world(folder, provider) as world:
        world.limits = Limits(user_day=UNLIMITED, at_once=None)
        world.hosting = replace(world.hosting, public_url="https://bot.example" if callbacks else None)
        world.new_tracker()
        for took in reversed(past):
            await _written(world, took)
        asked = [await _filmed(world, provider, length, callbacks=callbacks) for length in lengths]
    timetable = taught(past, callbacks=callbacks)
    random, alone = Random(0), 0
    for length in lengths:
        age = 0 * length
        while age < length:
            age += (timetable.long_wait if callbacks else timetable.wait)(age, random)
            alone += 1
    return {"polls": sum(asked) / len(asked), "ratio": sum(asked) / alone}


async def _written(world: World, took: Took) -> None:
    """Write a past film down as the tracker would have."""
    generation = await world.ask()
    now = world.clock()
    await move(
        world.store, generation, now, due_at=None, status=Status.DELIVERED,
        submitted_at=now - took.by, asked_at=now - took.by + took.since,
        ask_at=now + took.by if took.called else now, rendered_at=now,
    )  # fmt: skip


async def _filmed(world: World, provider: FakeProvider, length: timedelta, *, callbacks: bool) -> int:
    """Let one film be made; return how often its provider was asked."""
    provider.last_fetch = ProviderTask("t", TaskStatus.RUNNING)
    generation = await world.ask()
    await world.rest()
    generation = await _now(world, generation)
    assert generation.submitted_at is not None
    end, before = generation.submitted_at + length, len(provider.asked)
    while generation.status is Status.RUNNING:
        assert generation.due_at is not None
        called = callbacks and generation.due_at >= end
        world.clock.now = end if called else generation.due_at
        if world.clock() >= end:
            provider.last_fetch = ProviderTask(
                "t", TaskStatus.SUCCEEDED, urls=("https://films.example/t.mp4",)
            )
        if called:
            await world.store.wake(generation.id, world.clock())
        await world.rest()
        generation = await _now(world, generation)
    return len(provider.asked) - before


async def _now(world: World, generation: Generation) -> Generation:
    found = await world.store.get(generation.id)
    assert found is not None
    return found
