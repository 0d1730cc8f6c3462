"""What the database's file was like when this program last wrote it: who opens it then knows it for whole.

A look at the whole file takes longer than everything else at a start, and longer the more there is. After a
crash of the process alone it would find nothing new, so it is made beside the work then. It is made before
anything else wherever the file isn't as we left it: written by somebody else, copied, restored, another
machine or another start of this one, whose power may have failed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sqlite3
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BOOT = Path("/proc/sys/kernel/random/boot_id")
"""Another one after each start of the machine (proc(5)); where there is none, no seal ever holds."""
AGAIN = 0.05
"""Seconds until a look that is to end is interrupted once more."""
Look = dict[str, int]


def damage(connection: sqlite3.Connection) -> str | None:
    """Look at the whole file and return what is broken first. Raises `sqlite3.DatabaseError`."""
    (first,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if first != "ok":
        return str(first)
    return None


class Inspection:
    """A look at the whole file beside the work, on a connection of its own, which it closes."""

    def __init__(self, connection: sqlite3.Connection, broken: Callable[[str], None]) -> None:
        self._connection = connection
        self._broken = broken
        self._look = asyncio.create_task(self._run())

    async def _run(self) -> None:
        with contextlib.closing(self._connection):
            try:
                broken = await asyncio.to_thread(damage, self._connection)
            except sqlite3.OperationalError:  # it was ended, or somebody keeps everybody out
                return
            except sqlite3.DatabaseError as error:
                broken = str(error)
        if broken is not None:
            self._broken(broken)

    async def end(self) -> None:
        """Break it off, and return when the connection is closed."""
        while not self._look.done():
            self._connection.interrupt()  # says nothing to a look that its thread hasn't begun yet
            await asyncio.wait([self._look], timeout=AGAIN)
        await self._look


class Seal:
    """The mark on one file, kept in the file that this process holds locked."""

    def __init__(self, path: Path, lock: int) -> None:
        self._path = path
        self._lock = lock
        self._writing = threading.Lock()
        self._marking = threading.Lock()
        self._lifted = False
        try:
            self._boot = BOOT.read_text().strip()
        except OSError:
            self._boot = ""

    def look(self) -> Look:
        """Return what shows that somebody has written the file. Raises `OSError`."""
        found = self._path.stat()
        return {
            "device": found.st_dev,
            "inode": found.st_ino,
            "size": found.st_size,
            "mtime": found.st_mtime_ns,
        }

    def holds(self) -> bool:
        """Return whether the file is what this program left, or found whole, since the machine started."""
        try:
            kept = json.loads(os.pread(self._lock, 4096, 0) or b"null")
            return bool(self._boot) and kept == {"boot": self._boot, "file": self.look()}
        except (OSError, ValueError):
            return False

    def press(self) -> None:
        """Mark the file as it is now.

        Its time of change becomes this very nanosecond. Whoever writes it later, even at once, gives it
        another: the kernel's own stamps are those of its last tick. A file system that keeps no
        nanoseconds gets no seal.
        """
        now = time.time_ns()
        with self._marking, contextlib.suppress(OSError):
            os.utime(self._path, ns=(now, now))
            looked = self.look()
            os.ftruncate(self._lock, 0)
            if looked["mtime"] == now and not self._lifted:
                os.pwrite(self._lock, json.dumps({"boot": self._boot, "file": looked}).encode(), 0)

    def lift(self) -> None:
        """Take the mark off for good, whoever is writing: the next start looks at the whole file."""
        with self._marking, contextlib.suppress(OSError):
            self._lifted = True
            os.ftruncate(self._lock, 0)

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Write the file under the seal: it holds afterwards if it held before. One thread at a time."""
        with self._writing:
            held = self.holds()
            yield
            if held:
                self.press()
