"""How much may be held in memory at once: whoever wants more waits for its turn."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Portions:
    """`most` bytes, of which everybody takes a portion for a while, in the order in which they came."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = most
        self._turn = asyncio.Lock()
        self._freed = asyncio.Event()

    @asynccontextmanager
    async def take(self, size: int) -> AsyncIterator[None]:
        """Hold so many bytes meanwhile; who wants more than there is holds everything, alone."""
        size = min(size, self._most)
        async with self._turn:
            while self._left < size:
                self._freed.clear()
                await self._freed.wait()
            self._left -= size
        try:
            yield
        finally:
            self._left += size
            self._freed.set()
