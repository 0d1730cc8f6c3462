"""The time of the database's server: the one clock of all machines that use it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from bot.store.rows import moment

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

ASKS: Final = 3
"""Of which the quickest say the most."""
_STEADY: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""It goes on while the machine sleeps, where there is such a clock, and is never set (clock_gettime(2))."""


def steady() -> int:
    """Return microseconds on a clock of this machine that nobody sets."""
    return time.clock_gettime_ns(_STEADY) // 1000


class ServerClock:
    """Shows the server's time, between two measures by a clock that nobody sets.

    What becomes of this machine's own date and time, set by hand or by NTP, changes nothing.
    """

    def __init__(self, steady: Callable[[], int] = steady) -> None:
        self._steady = steady
        self._ahead: int | None = None
        """The server's time, less ours."""

    def now(self) -> datetime:
        """Return the moment, in UTC. Only after the first measure."""
        assert self._ahead is not None
        return moment(self._steady() + self._ahead)

    async def measure(self, ask: Callable[[], Awaitable[int]]) -> None:
        """Ask the server, in microseconds since 1970, and correct the time by no more than is certain.

        An answer was true at some moment between the question and its arrival; the longer that took, the
        less it says. Whatever `ask` raises is raised, and the time goes on as it did.
        """
        spans = []
        for _ in range(ASKS):
            asked = self._steady()
            there = await ask()
            spans.append((there - self._steady(), there - asked))
        least, most = max(span[0] for span in spans), min(span[1] for span in spans)
        if least > most:  # the server's clock was set between two answers
            least, most = spans[-1]
        known = (least + most) // 2 if self._ahead is None else self._ahead
        self._ahead = min(max(known, least), most)
