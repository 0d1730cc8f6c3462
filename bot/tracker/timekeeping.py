"""Notices that this machine's clock was set back, and lets nothing wait until it has caught up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.store.timekeeping import Timekeeping
from bot.tracker.context import LEASE, log

if TYPE_CHECKING:
    from datetime import datetime

    from bot.tracker.context import Context

NOTABLE: Final = timedelta(minutes=2)
"""Less is made up for by waiting, and is what the clocks of several machines may differ by."""


class Calendar:
    """Knows the latest moment that was seen, by this process or in the rows that an earlier one has left."""

    def __init__(self) -> None:
        self._latest: datetime | None = None

    async def look(self, context: Context, now: datetime) -> None:
        """Make everything due if the clock was set back since the last look."""
        rows = Timekeeping(context.store.engine)
        latest = self._latest or await rows.latest() or now
        if now < latest - NOTABLE:
            log.error("the clock was set back", seconds=round((latest - now).total_seconds()))
            await rows.set_back(now, leased_until=now + LEASE)
            context.budget.forget()
            latest = now
        self._latest = max(latest, now)
