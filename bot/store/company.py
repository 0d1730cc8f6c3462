"""What is patient waits a moment for others: a commit costs more than what it commits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Item = TypeVar("Item")
ENOUGH: Final = 16
"""So many wait for no more."""
LONGEST: Final = 0.005
"""Seconds that the first of them waits."""


class Company(Generic[Item]):
    """Hands over in the order in which it takes; what isn't patient takes along whatever waits."""

    def __init__(self, hand_over: Callable[[Item], None]) -> None:
        self._hand_over = hand_over
        self._waiting: list[Item] = []
        self._timer: asyncio.TimerHandle | None = None

    def take(self, item: Item, *, patient: bool) -> None:
        """Take one more."""
        self._waiting.append(item)
        if not patient or len(self._waiting) >= ENOUGH:
            self.leave()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LONGEST, self.leave)

    def leave(self) -> None:
        """Hand over all that wait."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for item in self._waiting:
            self._hand_over(item)
        self._waiting.clear()
