"""Says in the log that the database takes no writes, and when it takes them again."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from bot.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.errors import StoreUnavailable
    from bot.store.statements import Engine, Outcome

EVERY = 60.0
"""Seconds between two lines about the same trouble."""
PATIENCE = 2.0
"""Seconds for a look whether it is over."""
log = structlog.get_logger("matinee.store")


class Alarm:
    """Rings from the first write that fails to the next one that changes something."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: float | None = None
        self._said_at = 0.0

    @property
    def rings(self) -> bool:
        """Whether the last write failed."""
        return self._since is not None

    def failed(self, error: StoreUnavailable) -> None:
        """Note a write that the database didn't take."""
        now = self._clock()
        if self._since is None:
            self._since = now
        elif now - self._said_at < EVERY:
            return
        self._said_at = now
        log.error("the database takes no writes", error=str(error), seconds=round(now - self._since))

    def worked(self, outcomes: Sequence[Outcome]) -> None:
        """Note a write; one that changes nothing works on a full disk, too, and proves nothing."""
        if self._since is not None and any(outcome.touched for outcome in outcomes):
            log.warning("the database takes writes again", seconds=round(self._clock() - self._since))
            self._since = None


async def takes_writes(engine: Engine) -> bool:
    """Return whether the last write worked. Where it didn't, try one: an idle bot may not for hours."""
    if engine.alarm.rings:
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await engine.ping()
    return not engine.alarm.rings
