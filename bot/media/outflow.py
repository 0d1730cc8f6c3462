"""A film on its way out: read for an upload without a thread, while it still lies in memory.

aiohttp hands each read of a file to a thread: for a film that was written a moment ago the turn costs more
than the reading. Linux says at once where it would have to wait for the disk (preadv(2), `RWF_NOWAIT`), and
only then a thread reads. A system without that, and a file system, always has a thread read.
"""

from __future__ import annotations

import asyncio
import io
import os
from typing import TYPE_CHECKING, Any, Final

import aiohttp.payload

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter

NOWAIT: Final[int | None] = getattr(os, "RWF_NOWAIT", None)
IN_MEMORY: Final = 1 << 17
FROM_DISK: Final = 1 << 18
"""Bytes that are read at once: fewer in the loop, which has others waiting, more in a thread."""


class Outgoing(io.FileIO):
    """A file that aiohttp sends as an `Outflow` where it is a form's value."""


@aiohttp.payload.payload_type(Outgoing)
class Outflow(aiohttp.payload.Payload):
    """What a file holds from where it stands, read anew each time that it is written."""

    _value: Outgoing

    def __init__(self, value: Outgoing, **told: Any) -> None:
        super().__init__(value, **told)
        self._start = value.tell()

    @property
    def size(self) -> int:
        """Bytes that will be sent."""
        return os.fstat(self._value.fileno()).st_size - self._start

    def decode(self, *_: Any, **__: Any) -> str:
        """Raise `TypeError`: a film is no text."""
        raise TypeError

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Send all of it. Raises `OSError` where it can't be read."""
        at = self._start
        while piece := self._in_memory(at) or await asyncio.to_thread(self._read, at, FROM_DISK):
            at += len(piece)
            await writer.write(piece)
            await asyncio.sleep(0)  # a peer that takes all at once would hold up everybody else

    def _in_memory(self, at: int) -> memoryview | None:
        """Return what can be had without waiting: nothing at the end, and where only the disk has it."""
        if NOWAIT is None:
            return None
        try:
            return self._read(at, IN_MEMORY, NOWAIT)
        except OSError:
            return None

    def _read(self, at: int, most: int, flags: int = 0) -> memoryview:
        room = bytearray(most)
        return memoryview(room)[: os.preadv(self._value.fileno(), [room], at, flags)]
