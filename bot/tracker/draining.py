"""Draining: nothing new is taken, and once everything is finished the log says so."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.store.overview import Overview
from bot.tracker.context import log

if TYPE_CHECKING:
    from bot.tracker.context import Context

LOOK = timedelta(seconds=5)
"""How often a process looks whether another one has turned something on again."""


class Drain:
    """Tells when the last one is done, once for each drain."""

    def __init__(self) -> None:
        self._told = False

    async def look(self, context: Context, *, idle: bool) -> timedelta | None:
        """Say so in the log if nothing is left; return when to look again, if anything is turned off.

        `idle`: no step is in progress in this process, so that it's worth counting.
        """
        switched = await context.switches.now()
        if not switched.draining:
            self._told = False
        elif idle and not self._told and not await Overview(context.store.engine).left():
            log.info("drained")
            self._told = True
        return LOOK if switched.names else None
