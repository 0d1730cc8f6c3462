"""The way of SQLite's log, the WAL, into the file: beside the writer, which does only the last of it.

One connection may move committed pages while another commits (sqlite.org/wal.html, 2.2). But the log begins
anew only where all of it has been moved when a commit begins, and that never is so beside a writer that goes
on and on. So once it is long, and nearly all of it has been moved, the writer moves the rest.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from bot.store.seal import Seal

LONG: Final = 2048
"""Pages in a log that shall begin anew: 8 MB, which a start after a kill reads in some milliseconds."""
PASSES: Final = 3
"""Over a long log, one right after the other: each has only what was committed during the one before."""
FLUSH: Final = getattr(os, "fdatasync", os.fsync)


class Mover(threading.Thread):
    """Moves the log into the file, as far as readers allow, whenever it is asked to."""

    def __init__(self, connection: sqlite3.Connection, path: Path, seal: Seal) -> None:
        super().__init__(name="matinee-mover", daemon=True)
        self._connection = connection
        self._file = os.open(path, os.O_RDONLY)
        self._seal = seal
        self._asked: SimpleQueue[bool] = SimpleQueue()
        self._idle = threading.Event()
        self._idle.set()
        self.nearly = False
        """Whether the log is long, and what isn't in the file yet has been committed a moment ago."""

    def ask(self) -> bool:
        """Have moved what is committed, without waiting; return False if it is still at it from last time."""
        if not self._idle.is_set():
            return False
        self._idle.clear()
        self._asked.put(True)
        return True

    def run(self) -> None:
        """Move as often as asked, until told to end."""
        while self._asked.get():
            self._move()
            self._idle.set()
        self._connection.close()

    def _move(self) -> None:
        for _ in range(PASSES):
            pages, moved = _moved(self._connection, self._seal)
            with contextlib.suppress(OSError):
                FLUSH(self._file)  # else the writer has to wait for all of it after the rest
            if not pages == moved >= LONG:
                return
        self.nearly = True

    def finish(self, connection: sqlite3.Connection) -> None:
        """Move the rest by the writer's own connection, between two commits: the next begins the log anew."""
        self.nearly = False
        _moved(connection, self._seal)

    def end(self) -> None:
        """Return when it is done, and its connection closed."""
        self._asked.put(False)
        self.join()

    def let_go(self) -> None:
        """Close the file after all connections: it ends every lock that this process has on it (fcntl(2))."""
        os.close(self._file)


def _moved(connection: sqlite3.Connection, seal: Seal) -> tuple[int, int]:
    """Move what can be moved; return how many pages the log had then, and how many are in the file."""
    with seal.kept(), contextlib.suppress(sqlite3.Error):
        _, pages, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        return pages, moved
    return 0, 0
