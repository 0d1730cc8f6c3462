"""Watches the event loop from a thread of its own: who blocks it is named, and a loop that is dead ends."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import traceback
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from bot.tracker.context import log

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

EVERY: Final = 5.0
"""Seconds between two beats, and between two looks: a good part of what an idle process does."""
BLOCKED: Final = 2
"""Looks without a beat after which it is told. One may fall between two beats."""
DEAD: Final = 24
"""Looks without a beat after which the process ends: whatever was under way goes on in the next one."""
SOFTWARE: Final = 70
"""What it ends with: a fault of ours (sysexits.h)."""


class Watchdog(threading.Thread):
    """Counts its own looks, not time: a process that was stopped, or a machine that slept, isn't dead."""

    def __init__(
        self, thread_id: int, *, every: float = EVERY, end: Callable[[int], object] = os._exit
    ) -> None:
        super().__init__(name="matinee-watchdog", daemon=True)
        self._watched = thread_id
        self._every = every
        self._end = end
        self._done = threading.Event()
        self._beats = self._seen = 0
        self._missed = 0

    def beat(self) -> None:
        """Say that the loop goes round."""
        self._beats += 1

    def run(self) -> None:
        """Look again and again until `stop`."""
        while not self._done.wait(self._every):
            self.look()

    def look(self) -> None:
        """See whether there was a beat since the last look."""
        if self._beats != self._seen:
            if self._missed >= BLOCKED:
                log.warning("the event loop goes round again", looks=self._missed)
            self._seen, self._missed = self._beats, 0
            return
        self._missed += 1
        if self._missed == BLOCKED:
            log.error("the event loop is blocked", looks=self._missed, where=self._where())
        elif self._missed == DEAD:
            log.critical("the event loop is dead", looks=self._missed, where=self._where())
            self._end(SOFTWARE)

    def stop(self) -> None:
        """Look no more."""
        self._done.set()
        self.join()

    def _where(self) -> list[str]:
        """Return the lines of code in which the loop's thread is, the innermost last; no values."""
        frame = sys._current_frames().get(self._watched)  # noqa: SLF001 - the only way to see another thread
        calls = [] if frame is None else traceback.extract_stack(frame)[-8:]
        return [f"{call.filename}:{call.lineno} {call.name}" for call in calls]


@asynccontextmanager
async def watched(every: float = EVERY) -> AsyncIterator[Watchdog]:
    """Watch the running loop meanwhile."""
    watchdog = Watchdog(threading.get_ident(), every=every)

    async def beating() -> None:
        while True:
            watchdog.beat()
            await asyncio.sleep(every)

    beats = asyncio.create_task(beating(), name="heartbeat of the event loop")
    watchdog.start()
    try:
        yield watchdog
    finally:
        beats.cancel()
        await asyncio.to_thread(watchdog.stop)
