"""Members who wait for an answer go first: what nobody waits for gives way to them in the event loop."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNTS: Final = 3.0
"""Seconds after which a member waits for something else than turns of the loop: a file that is loaded."""
LONGEST: Final = 0.02
"""Seconds that a step gives way at most: however many members there are, steps go on."""
ABOUT: Final = 1.0
"""Seconds after a member's command in which the next one is likely."""
APART: Final = 0.002
"""Seconds between two steps while members are about, so that few are under way when one comes."""


class Precedence:
    """Knows whether members wait in this process, and lets steps begin one after the other.

    A recovery run has thousands of steps. All at once they would fill the loop's turns, of which a command
    needs some twenty until it is answered.
    """

    def __init__(self) -> None:
        self._members: set[object] = set()
        self._nobody = asyncio.Event()
        self._nobody.set()
        self._left = float("-inf")
        self._turn = asyncio.Lock()

    def waited_for(self) -> bool:
        """Return whether members wait for an answer just now; any thread may ask."""
        return bool(self._members)

    @contextlib.contextmanager
    def member(self) -> Iterator[None]:
        """Count somebody who waits for an answer."""
        who = object()
        self._members.add(who)
        self._nobody.clear()
        timer = asyncio.get_running_loop().call_later(COUNTS, self._leave, who)
        try:
            yield
        finally:
            timer.cancel()
            self._leave(who)

    def _leave(self, who: object) -> None:
        self._members.discard(who)
        if not self._members:
            self._left = asyncio.get_running_loop().time()
            self._nobody.set()

    async def give_way(self) -> None:
        """Return when the next step may begin."""
        async with self._turn:
            await asyncio.sleep(0)
            if self._members:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(
                        LONGEST
                    ):  # wait_for of Python 3.11 loses a cancel now and then
                        await self._nobody.wait()
            elif asyncio.get_running_loop().time() - self._left < ABOUT:
                await asyncio.sleep(APART)
