"""How fast a file must come."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Pace:
    """How slow a server may be: `rate` bytes per second, measured over each `window`."""

    rate: int = 32_000
    window: timedelta = timedelta(seconds=30)
    connect: timedelta = timedelta(seconds=10)

    @property
    def portion(self) -> int:
        """Bytes that must arrive within a window."""
        return int(self.rate * self.window.total_seconds())


class Steps:
    """Puts off the moment at which a server is left, a window at a time, with each portion that comes."""

    def __init__(self, pace: Pace, stall: asyncio.Timeout) -> None:
        self._pace = pace
        self._stall = stall
        self._portion = 0

    def came(self, size: int) -> None:
        """Count so many bytes more; too late is too late."""
        self._portion += size
        if self._portion >= self._pace.portion and not self._stall.expired():
            self._portion = 0
            self._stall.reschedule(asyncio.get_running_loop().time() + self._pace.window.total_seconds())
