"""A file that is arriving: written in a thread beside the place where it appears once it is whole."""

from __future__ import annotations

import asyncio
import contextlib
import glob
import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self, TypeVar

import aiohttp

from bot.media.deleting import delete

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Iterator

T = TypeVar("T")
BLOCK: Final = 1 << 19
"""Bytes that are written at once, since a thread's turn has its price; as many more come meanwhile.

At least 272 KiB: what asyncio still holds of a TLS connection when its end is seen must fit into one.
"""
PIECE: Final = 1 << 17
"""Bytes that one call writes. For more Linux takes memory in pieces so large that a virtual machine may have
given them back to its host, and to get them again takes three times as long as to write."""
WRITTEN_OUT: Final = 1 << 20
"""Bytes after which the kernel is asked to begin with them: all at the end would hold up every commit."""
STRONG_TAG: Final = re.compile(r'"[\x21\x23-\x7e]{0,200}"')
"""An entity tag of which equal ones mean equal bytes (RFC 9110, section 8.8.3)."""
REST: Final = re.compile(r"bytes ([0-9]{1,19})-([0-9]{1,19})/([0-9]{1,19})")


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that has arrived whole and lies on the disk for good."""

    size: int
    sha256: str


def arrived(target: Path) -> int:
    """Return the bytes that have come of a download to `target` that is under way."""
    return sum(part.stat().st_size for part in _parts(target))


def _parts(target: Path) -> Iterator[Path]:
    return target.parent.glob(f"{glob.escape(target.name)}.*.part")


async def unbroken(work: Coroutine[None, None, T] | asyncio.Task[T]) -> T:
    """Wait for a thread to its end even when cancelled: it must not write to a file that we closed."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


class Part:
    """A file in the making beside its target; whatever is left of earlier tries for it goes first."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self.folder = target.parent

    async def __aenter__(self) -> Self:
        await delete(*_parts(self._target))
        handle, name = tempfile.mkstemp(prefix=f"{self._target.name}.", suffix=".part", dir=self.folder)
        self._file = os.fdopen(handle, "wb", buffering=0)
        self._path = Path(name)
        self._digest = hashlib.sha256()
        self.size = self._written_out = 0
        self.whole: int | None = None
        self._tag = ""
        return self

    async def __aexit__(self, *_: object) -> None:
        self._file.close()
        if self._path.exists():
            await delete(self._path)

    def begin(self, tag: str, whole: int | None) -> None:
        """Throw away what has come, for a body of `whole` bytes from its first one on, with an entity tag."""
        self._file.seek(0)
        self._file.truncate()
        self._digest = hashlib.sha256()
        self.size, self.whole, self._written_out = 0, whole, 0
        self._tag = tag if STRONG_TAG.fullmatch(tag) else ""

    def wanted(self) -> dict[str, str]:
        """Return the headers that ask for the rest alone, if it is of the same still (RFC 9110, 13.1.5)."""
        if not (self._tag and self.size):
            return {}
        return {"Range": f"bytes={self.size}-", "If-Range": self._tag}

    def goes_on(self, response: aiohttp.ClientResponse) -> bool:
        """Return whether an answer is the rest of what has come, to the last byte."""
        rest = REST.fullmatch(response.headers.get("Content-Range", ""))
        if rest is None or response.status != HTTPStatus.PARTIAL_CONTENT:
            return False
        first, last, whole = map(int, rest.groups())
        same = response.headers.get("ETag") == self._tag and self.whole in {None, whole}
        if not same or (first, last) != (self.size, whole - 1):
            return False
        self.whole = whole
        return True

    def write(self, chunks: Iterable[bytes | memoryview]) -> None:
        """Append what came, and make it part of the digest."""
        for chunk in chunks:
            rest = memoryview(chunk)
            while rest:
                rest = rest[self._file.write(rest[:PIECE]) :]
            self._digest.update(chunk)
            self.size += len(chunk)
        if self.size - self._written_out >= WRITTEN_OUT:
            self._write_out()

    def _write_out(self) -> None:
        """Let the kernel begin to write what came (Linux does for pages that aren't needed any more)."""
        if (advise := getattr(os, "posix_fadvise", None)) is not None:
            new = self.size - self._written_out
            with contextlib.suppress(OSError):  # a hint, which not every file system takes
                advise(self._file.fileno(), self._written_out, new, os.POSIX_FADV_DONTNEED)
        self._written_out = self.size

    def finish(self) -> Downloaded:
        """Make the file appear under its name, safe from a loss of power."""
        os.fsync(self._file.fileno())
        self._path.replace(self._target)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return Downloaded(size=self.size, sha256=self._digest.hexdigest())


class Pen:
    """Writes to a part in a thread, a block at a time, while the next one comes and no more than that."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._chunks: list[bytes | memoryview] = []
        self._size = 0
        self._writing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Write the rest too, of a body that was cut as well; in any case no thread is left writing."""
        if kind is None or issubclass(kind, aiohttp.ClientError):
            await self._settle()
            await unbroken(asyncio.to_thread(self._part.write, self._chunks))
        else:
            with contextlib.suppress(OSError):  # what has ended the download is told, not this
                await self._settle()

    async def write(self, chunk: bytes | memoryview) -> bool:
        """Take what came; return whether a block was full, and is being written now.

        A chunk as large as a block may hold something else once the next one has been taken.
        """
        self._chunks.append(chunk)
        self._size += len(chunk)
        if self._size < BLOCK:
            return False
        await self._settle()
        chunks, self._chunks, self._size = self._chunks, [], 0
        self._writing = asyncio.create_task(asyncio.to_thread(self._part.write, chunks))
        return True

    async def _settle(self) -> None:
        """Wait for the block that is being written; raise what went wrong with it."""
        if (writing := self._writing) is not None:
            self._writing = None
            await unbroken(writing)
