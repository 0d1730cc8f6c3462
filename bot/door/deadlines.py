"""One timer for the same deadline of many: who is late is found by looking at the first in the row."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Guest = TypeVar("Guest")


class Deadlines(Generic[Guest]):
    """Calls `late` with whoever is expected for `seconds`, unless forgotten before."""

    def __init__(self, seconds: float, late: Callable[[Guest], None]) -> None:
        self._seconds = seconds
        self._late = late
        self._ends: OrderedDict[Guest, float] = OrderedDict()
        """In the order of their ends, since all have as long."""
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._ends)

    def expect(self, guest: Guest) -> None:
        """Give a guest as long from now on, whatever was left before."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._seconds
        self._ends.pop(guest, None)
        self._ends[guest] = end
        if self._timer is None:
            self._timer = loop.call_at(end, self._look)

    def forget(self, guest: Guest) -> None:
        """Expect nothing of a guest any more."""
        self._ends.pop(guest, None)

    def _look(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        now = loop.time()
        while self._ends:
            guest, end = next(iter(self._ends.items()))
            if end > now:
                self._timer = loop.call_at(end, self._look)
                return
            del self._ends[guest]
            self._late(guest)

    def stop(self) -> None:
        """Forget everybody."""
        self._ends.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
