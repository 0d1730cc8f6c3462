"""Many wakes in one transition: what callbacks ask for that come together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.store.generations import WAKE
from bot.store.rows import micros, primitive
from bot.store.statements import Step

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.store.statements import Engine, Parameters


async def wake_all(
    engine: Engine, wakes: Sequence[tuple[str | None, str, str | None]], at: datetime
) -> list[bool]:
    """Do what `Store.wake` does for each (provider, generation, task); return which generations there are.

    All of it is on the disk then, or none. Raises `StoreUnavailable`.
    """
    now = micros(at)
    order = sorted(range(len(wakes)), key=lambda place: wakes[place][1])  # none waits in a ring
    steps = [_step(*wakes[place], now) for place in order]
    outcomes = await engine.write(steps)
    found = {place: outcome.touched > 0 for place, outcome in zip(order, outcomes, strict=True)}
    return [found[place] for place in range(len(wakes))]


def _step(provider: str | None, generation: str, task: str | None, now: int) -> Step:
    named: Parameters = {"its_id": generation, "now": now, "its_provider": provider, "task": primitive(task)}
    return Step(WAKE, named, rows=None)
