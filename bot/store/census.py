"""How many generations there are in each state, counted no more often than it is worth."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.models import Status
    from bot.store.store import Store

WORTH: Final = 1000
"""A count holds for so many times as long as it took: at most a thousandth of the time is spent on it."""
LONGEST: Final = timedelta(minutes=5)
"""How old it may be."""


class Census:
    """The last count. Counting reads every row there ever was: a millisecond among thousands, else more."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        """Take a clock in seconds that never goes back."""
        self._store = store
        self._clock = clock
        self._counts: Mapping[Status, int] = {}
        self._holds_until = float("-inf")

    async def counts(self) -> Mapping[Status, int]:
        """Return how many there are, or were a short while ago. Raises `StoreUnavailable`."""
        begin = self._clock()
        if begin >= self._holds_until:
            self._counts = await self._store.counts()
            end = self._clock()
            self._holds_until = end + min(LONGEST.total_seconds(), WORTH * (end - begin))
        return self._counts
