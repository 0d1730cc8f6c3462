"""The body of an answer on its way in: straight from its connection into two blocks by turns.

aiohttp makes an object of each read, its parser copies that, and its reader keeps the copies and puts them
together; over TLS asyncio puts decrypted records together before. All that is left out here, where a body's
length is known and what is read can be nothing but its bytes (RFC 9112, section 6.3).
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

import aiohttp

from bot.media.arriving import BLOCK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator


@contextmanager
def flowing(
    response: aiohttp.ClientResponse, came: Callable[[int], None]
) -> Iterator[AsyncIterator[bytes | memoryview]]:
    """Offer the bytes of a body, in their order, for as long as this lasts.

    `came` is told how many there are more, as soon as they are here, from whatever the loop is at. A chunk
    holds what it holds until the second one after it is asked for. A body that ends early raises
    `aiohttp.ClientPayloadError`, after all that came of it.
    """
    length, content, connection = response.content_length, response.content, response.connection
    transport = connection.transport if connection is not None else None
    if length is None or transport is None or "Transfer-Encoding" in response.headers:
        yield _Counted(content, came)
        return
    begun = b"".join(iter(content.read_nowait, b""))
    came(len(begun))
    inflow = Inflow(transport, begun, length - content.total_bytes, came)
    try:
        yield inflow
    finally:
        inflow.leave()


class _Counted:
    """What a reader gives."""

    def __init__(self, content: aiohttp.StreamReader, came: Callable[[int], None]) -> None:
        self._content = content
        self._came = came

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        chunk = await self._content.readany()
        if not chunk:
            raise StopAsyncIteration
        self._came(len(chunk))
        return chunk


class Inflow(asyncio.BufferedProtocol):
    """Blocks of what has `begun` and `left` bytes more, of which one fills while the one before is used.

    It stands in for the connection's own protocol until `leave`. While both blocks are full nothing is read,
    and whoever sends waits.
    """

    def __init__(
        self, transport: asyncio.Transport, begun: bytes, left: int, came: Callable[[int], None]
    ) -> None:
        self._transport = transport
        self._own = transport.get_protocol()
        self._left = left
        self._came = came
        self._size = max(len(begun), min(BLOCK, len(begun) + left))
        self._filling = memoryview(bytearray(self._size))
        self._filling[: len(begun)] = begun
        self._filled = len(begun)
        self._given: deque[memoryview] = deque()
        self._over = left == 0
        self._news = asyncio.Event()
        if self._full:
            transport.pause_reading()
        transport.set_protocol(self)

    def leave(self) -> None:
        """Give the connection back to its own protocol, and end it: nobody else may go on reading there.

        Over TLS a mere `close` would leave the socket open where the other side has closed it meanwhile and
        reading was paused: asyncio then waits for a flush that nobody begins.
        """
        self._transport.set_protocol(self._own)
        self._transport.abort()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> memoryview:
        """Return the next block, full but for the last one."""
        if len(self._given) > 1:
            self._fill(self._given.popleft())
        while not (self._full or self._over):
            self._news.clear()
            await self._news.wait()
        if not self._filled:
            if self._left:
                raise aiohttp.ClientPayloadError(f"{self._left} bytes are missing")
            raise StopAsyncIteration
        block, filled = self._filling, self._filled
        self._given.append(block)
        self._filled = 0
        if len(self._given) == 1:
            self._fill(memoryview(bytearray(min(self._size, self._left))))
        return block[:filled]

    @property
    def _full(self) -> bool:
        return self._filled == len(self._filling)

    def _fill(self, block: memoryview) -> None:
        self._filling = block
        if self._left:
            self._transport.resume_reading()

    def get_buffer(self, _: int) -> memoryview:
        """Return where the next bytes go; there is room for no more than belongs to the body."""
        return self._filling[self._filled : self._filled + self._left]

    def buffer_updated(self, nbytes: int) -> None:
        """Note that so many came."""
        self._came(nbytes)
        self._filled += nbytes
        self._left -= nbytes
        self._over = not self._left
        if self._full or self._over:
            self._transport.pause_reading()
            self._news.set()

    def eof_received(self) -> None:
        """Note that nothing more comes."""
        self._over = True
        self._news.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that nothing more comes, and tell whose connection it is."""
        self.eof_received()
        self._own.connection_lost(exc)
