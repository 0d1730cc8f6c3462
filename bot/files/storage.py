"""Files in storage that machines share: an S3-compatible bucket, or a folder that all of them mount.

Whatever is worked on is a copy in a scratch folder here, brought when it is needed and swept when it has
rested. A name is given once and what it names never changes, so that a copy is as good as the original.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import time
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import PurePosixPath
from stat import S_ISREG
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

import structlog
from obstore.exceptions import BaseError

from bot.errors import FilesUnavailable
from bot.media.deleting import delete
from bot.media.download import KEPT_FREE, free_space

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Iterator
    from datetime import datetime
    from pathlib import Path

    from obstore.store import LocalStore, S3Store

    from bot.files.kept import Whole

PART: Final = 8 << 20
"""Bytes that go up or come down in one request: each is retried by itself, and bounds the memory."""
AT_ONCE: Final = 4
"""Files that are brought or kept at the same time in this process."""
SLOWEST: Final = 64 * 1024
"""Bytes per second at which a file is brought or kept, or it is given up for now."""
PATIENCE: Final = timedelta(seconds=60)
"""For a question with its retries, and for a file on top of what it takes at the slowest."""
LOOK: Final = timedelta(seconds=3)
"""What the question may take whether the storage answers."""
MOST: Final = 4 << 30
"""Bytes of copies that may rest here."""
RESTING: Final = timedelta(minutes=15)
"""A copy that was asked for within this is in use, and stays."""
QUARTER: Final = 4
"""A file is kept for another while once a quarter of its life has passed: rewriting it costs a transfer."""
PROBE: Final = "probe"
"""A name under which nothing lies."""
REASONS: Final = {
    "NoSuchBucket": "there is no such bucket",
    "403 Forbidden": "access is denied",
    "401 Unauthorized": "access is denied",
}
"""What S3 says, within an error's words, and what we say (API reference, "Error responses")."""
log = structlog.get_logger("matinee.files")


class Storage:
    """Keeps files in shared storage, and copies of them here (see `bot.files.Files`).

    `mounted` is the folder itself, where the storage is one; `space` and `now` can be replaced in tests.
    """

    shared = True

    def __init__(
        self,
        store: S3Store | LocalStore,
        root: Path,
        *,
        mounted: Path | None = None,
        space: Callable[[Path], int] = free_space,
        now: Callable[[], float] = time.time,
        most: int = MOST,
    ) -> None:
        self.root = root
        self._store = store
        self._mounted = mounted
        self._space = space
        self._now = now
        self._most = most
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._misses = 0

    def path(self, name: str) -> Path:
        """Return where a copy lies here; what stands in a folder of its own there lies flat here."""
        folder, *rest = PurePosixPath(name).parts
        return self.root / folder / ".".join(rest)

    async def local(self, name: str, whole: Whole | None = None) -> Path | None:
        """Make sure of a copy here: of two who ask, one brings it."""
        path = self.path(name)
        lock = self._locks.setdefault(name, asyncio.Lock())
        async with lock:
            try:
                os.utime(path)  # it is in use
            except FileNotFoundError:
                return await self._brought(name, path, whole)
        return path

    async def exists(self, name: str) -> bool:
        """Return whether a copy lies here, or it there."""
        return self.path(name).exists() or await self._about(name) is not None

    async def keep(self, name: str) -> None:
        """Send it there, and look whether it has arrived whole; it appears at once or not at all."""
        path = self.path(name)
        try:
            size = path.stat().st_size
            async with self._turn, self._asking(size):
                await self._store.put_async(name, path, chunk_size=PART, max_concurrency=2)
        except FileNotFoundError:
            raise self._unavailable("nothing to send, or no such bucket") from None
        if self._mounted is not None:
            await asyncio.to_thread(_settle, self._mounted / name)
        about = await self._about(name)
        if about is None or about[0] != size:
            raise self._unavailable("it did not arrive whole")

    async def touch(self, name: str, whole: Whole, life: timedelta, now: datetime) -> bool:
        """Keep it for another while; it is sent anew, but not before a quarter of its life has passed."""
        about = await self._about(name)
        if about is None:
            return False
        if now - about[1] >= life / QUARTER:
            if await self.local(name, whole) is None:
                return False
            await self.keep(name)
        return True

    async def forget(self, names: Collection[str], folder: str = "") -> None:
        """Delete files here and there; copies that other machines have brought go when they have rested."""
        doomed = [*names, *[name for name, _ in await self._listed(folder)]] if folder else names
        for name in doomed:
            await delete(self.path(name))
            await self._delete(name)

    async def sweep(self, folder: str, before: datetime) -> int:
        """Delete what was kept before that time, and hasn't been touched since."""
        old = [name for name, since in await self._listed(folder) if since < before]
        for name in old:
            await self._delete(name)
        return len(old)

    async def trouble(self) -> str:
        """Ask for nothing, and say what is wrong if there is no answer."""
        try:
            async with asyncio.timeout(LOOK.total_seconds()):
                await self._listed(PROBE)
        except FilesUnavailable as error:
            return str(error)
        except TimeoutError:
            return "the storage of files doesn't answer"
        return ""

    @asynccontextmanager
    async def _asking(self, size: int = 0) -> AsyncIterator[None]:
        """Ask the storage. Raises `FileNotFoundError` or `FilesUnavailable`.

        Its own words hold addresses, and are told to nobody.
        """
        try:
            async with asyncio.timeout(PATIENCE.total_seconds() + size / SLOWEST):
                yield
        except FileNotFoundError:
            self._misses = 0
            raise
        except (BaseError, OSError) as error:
            raise self._unavailable(_reason(error)) from None
        self._misses = 0

    def _unavailable(self, why: str) -> FilesUnavailable:
        self._misses += 1
        log.warning("files can't be had", why=why, misses=self._misses)
        return FilesUnavailable(f"the storage of files can't be used ({why})", misses=self._misses)

    async def _about(self, name: str) -> tuple[int, datetime] | None:
        """Return how large it is, and since when it is kept; None: it isn't."""
        try:
            async with self._asking():
                found = await self._store.head_async(name)
        except FileNotFoundError:
            return None
        return found["size"], found["last_modified"]

    async def _listed(self, folder: str) -> list[tuple[str, datetime]]:
        found: list[tuple[str, datetime]] = []
        try:
            async with self._asking():
                async for page in self._store.list(folder, chunk_size=1000):
                    found += [(one["path"], one["last_modified"]) for one in page]
        except FileNotFoundError:
            raise self._unavailable("there is no such bucket") from None
        return found

    async def _delete(self, name: str) -> None:
        with suppress(FileNotFoundError):
            async with self._asking():
                await self._store.delete_async(name)

    async def _brought(self, name: str, path: Path, whole: Whole | None) -> Path | None:
        """Bring a copy here, which appears whole or not at all; one that differs is brought once more."""
        about = await self._about(name)
        if about is None:
            return None
        await asyncio.to_thread(self._make_room, about[0])
        half = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        try:
            for _ in range(2):
                digest = await self._fetched(name, half, about[0])
                if whole is None or (whole.size, whole.sha256) == (about[0], digest):
                    half.replace(path)
                    return path
        except FileNotFoundError:  # deleted meanwhile
            return None
        finally:
            half.unlink(missing_ok=True)
        log.error("a kept file isn't what it was", name=name)
        return None

    async def _fetched(self, name: str, half: Path, size: int) -> str:
        """Write it anew and return its SHA-256."""
        digest = hashlib.sha256()
        async with self._turn, self._asking(size):
            half.write_bytes(b"")
            for start in range(0, size, PART):
                block = await self._store.get_range_async(name, start=start, end=min(start + PART, size))
                await asyncio.to_thread(_append, half, memoryview(block), digest)
        return digest.hexdigest()

    def _make_room(self, size: int) -> None:
        """Delete copies that rest, the oldest first, until there is room. Raises `FilesUnavailable`."""
        copies = sorted(_copies(self.root))
        taken = sum(copy_size for _, copy_size, _ in copies)
        for since, copy_size, path in copies:
            fits = taken + size <= self._most and self._space(self.root) >= size + KEPT_FREE
            if fits or since > self._now() - RESTING.total_seconds():
                break
            path.unlink(missing_ok=True)
            taken -= copy_size
        if self._space(self.root) < size + KEPT_FREE:
            raise self._unavailable("no room here for a copy")


def _reason(error: Exception) -> str:
    """Return why there was no answer. The error's own words hold addresses."""
    said = str(error)
    known = (ours for theirs, ours in REASONS.items() if theirs in said)
    return next(known, f"no answer, {type(error).__name__}")


def _copies(root: Path) -> Iterator[tuple[float, int, Path]]:
    for path in root.glob("*/*"):
        with suppress(FileNotFoundError):
            found = path.stat()
            if S_ISREG(found.st_mode):
                yield found.st_mtime, found.st_size, path


def _append(path: Path, block: memoryview, digest: hashlib._Hash) -> None:
    with path.open("ab") as file:
        file.write(block)
    digest.update(block)


def _settle(path: Path) -> None:
    """Bring a file and its name to the disk."""
    for each in (path, path.parent):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
