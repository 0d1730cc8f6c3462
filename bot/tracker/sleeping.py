"""Between two rounds: sleep until something is due, whoever has left it."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.errors import StoreUnavailable
from bot.store.timekeeping import Timekeeping

if TYPE_CHECKING:
    from bot.tracker.context import Context

LOOK_EVERY: Final = timedelta(seconds=1.65)
"""How often a sleeper looks for what other processes have left, should their word be lost.

Most of what an idle process costs on PostgreSQL, so as seldom as two seconds allow, with the round after it.
"""


class Sleep:
    """Ends early when this process has left something, when another says so, and when another is seen to."""

    def __init__(self, context: Context, nudged: asyncio.Event) -> None:
        self._context = context
        self._nudged = nudged

    def listen(self) -> None:
        """Hear from now on what other processes say."""
        self._context.store.engine.listen(self._heard)

    def _heard(self) -> None:
        self._context.switches.forget()  # it may be one of them that was turned
        self._nudged.set()

    async def for_(self, wait: timedelta, *, looking: bool) -> bool:
        """Sleep for so long at most; return whether it was ended before.

        `looking` out for others only makes sense with hands that are free.
        """
        look = wait if self._context.store.engine.alone or not looking else LOOK_EVERY
        while wait > timedelta():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(wait, look).total_seconds()):
                    await self._nudged.wait()
                return True
            wait -= look
            if wait > timedelta() and await self.is_waited_for():
                return True
        return False

    async def is_waited_for(self) -> bool:
        """Return whether anything waits for whoever is free; so it is said, too, when that can't be known."""
        context = self._context
        try:
            return await Timekeeping(context.store.engine).waits(context.clock())
        except StoreUnavailable:
            return True  # the round that follows says so, and waits longer
