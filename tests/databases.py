"""Where a test's store lies: in a file of its own, or on a real PostgreSQL; both are empty at first.

A test that names the fixture `on_both` runs once on each (`DATABASES=sqlite` leaves the other out), and
whatever it stands on opens its stores by `here()`. Tables are made once for each worker: to make them
takes ten times as long as most tests.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import tempfile
import threading
from asyncio import events
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import asyncpg

from bot.store import migrate, open_store
from bot.store.postgres import Postgres as Engine
from bot.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator, Sequence

    from bot.store import Store

KINDS: Final = tuple(os.environ.get("DATABASES", "sqlite postgres").split())
FILE: Final = "matinee.db"
TABLES: Final = [table.name for table in reversed(metadata.sorted_tables)]
EMPTY: Final = "; ".join(f"DELETE FROM {name}" for name in TABLES)
"""Much cheaper than TRUNCATE, which makes new files."""


class Database(Protocol):
    """Where the stores of one test lie."""

    name: str
    url: str | None

    async def open(self, folder: Path) -> Store:
        """Open the store of a process whose files lie in a folder; the same folder is the same database."""
        ...

    def keeps_leases(self, folder: Path) -> bool:
        """Say whether leases of a process that died there run on when another one opens it."""
        ...

    def look(self, folder: Path, text: str) -> Sequence[Any]:
        """Return the rows that a statement of nobody's finds, as committed."""
        ...

    def written(self, folder: Path) -> bytes:
        """Return everything that is written down of anybody."""
        ...


@cache
def an_empty_file() -> bytes:
    """Return a database of SQLite's with its tables and no row."""
    with tempfile.TemporaryDirectory() as folder:
        thread = threading.Thread(target=lambda: asyncio.run(migrate(None, Path(folder))))
        thread.start()  # there may be a loop in this one
        thread.join()
        return (Path(folder) / FILE).read_bytes()


class Sqlite:
    """A file in each folder."""

    name = "sqlite"
    url = None

    async def open(self, folder: Path) -> Store:
        """Open the file, made if it isn't there."""
        if not (folder / FILE).exists():
            folder.mkdir(parents=True, exist_ok=True)
            (folder / FILE).write_bytes(an_empty_file())
        return await open_store(None, folder)

    def keeps_leases(self, folder: Path) -> bool:
        """Say no: the only process clears them."""
        del folder
        return False

    def look(self, folder: Path, text: str) -> Sequence[Any]:
        """Look into the file."""
        with contextlib.closing(sqlite3.connect(folder / FILE)) as connection:
            return connection.execute(text).fetchall()

    def written(self, folder: Path) -> bytes:
        """Return the file: with what is free again in it, and without a log beside it."""
        while self.look(folder, "PRAGMA wal_checkpoint(TRUNCATE)")[0][0]:
            continue  # the store moves the log at this very moment, and SQLite waits for no such move
        return (folder / FILE).read_bytes()


class Line:
    """A connection to PostgreSQL with a loop of its own: whoever asks stands still until it has answered."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._loop = asyncio.new_event_loop()
        self.wait_for(migrate(url, Path()))
        self._engine: Engine | None = None
        self.connection: asyncpg.Connection = self.wait_for(self._connected())

    def wait_for(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do something, in the middle of another loop's work, too; return what came of it."""
        outer = events._get_running_loop()
        events._set_running_loop(None)
        try:
            return self._loop.run_until_complete(work)
        finally:
            events._set_running_loop(outer)

    def execute(self, text: str) -> None:
        """Run statements."""
        self.wait_for(self._asked("execute", text))

    def fetch(self, text: str) -> list[tuple[Any, ...]]:
        """Return rows."""
        return [tuple(row) for row in self.wait_for(self._asked("fetch", text))]

    async def _connected(self) -> asyncpg.Connection:
        return await asyncpg.connect(self.url.replace("+asyncpg", ""))

    async def _asked(self, how: str, text: str) -> Any:
        """Ask; a test may have had every connection ended."""
        try:
            return await getattr(self.connection, how)(text)
        except (asyncpg.OperatorInterventionError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError):
            self.connection = await self._connected()
            return await getattr(self.connection, how)(text)

    def engine(self) -> Engine:
        """Return the product's engine, to be waited for; it tells no other process anything."""
        if self._engine is None:
            self._engine = self.wait_for(Engine.open(self.url))
            self.wait_for(self._engine._wakeups.close())
        return self._engine

    def close(self) -> None:
        """Let go."""
        if self._engine is not None:
            self.wait_for(self._engine.close())
        self.wait_for(self.connection.close())
        self.wait_for(self._loop.shutdown_default_executor())
        self._loop.close()


class Postgres:
    """A worker's database on the server of all workers, emptied for each test and each folder in it."""

    name = "postgres"

    def __init__(self, url: str, line: Line | None = None) -> None:
        self.url = url
        self._line = line
        """None in a process that a test has begun: there nothing is emptied."""
        self._folders: list[Path] = []
        self._empty()

    def _empty(self) -> None:
        if self._line is not None:
            self._line.execute(EMPTY)

    async def open(self, folder: Path) -> Store:
        """Open it."""
        if [folder] != self._folders[-1:]:
            assert folder not in self._folders, "there is one database, and it was emptied meanwhile"
            if self._folders:
                self._empty()
            self._folders.append(folder)
        return await open_store(self.url, folder)

    def keeps_leases(self, folder: Path) -> bool:
        """Say so of a folder that was opened before: the lease may be another machine's."""
        return folder in self._folders

    def look(self, folder: Path, text: str) -> Sequence[Any]:
        """Look into it."""
        del folder
        assert self._line is not None
        return self._line.fetch(text)

    def written(self, folder: Path) -> bytes:
        """Return every row; what else is in the server's files is the server's own."""
        rows = [self.look(folder, f"SELECT {name}::text FROM {name}") for name in TABLES]
        return repr(rows).encode()


SQLITE: Final = Sqlite()
_chosen: list[Database] = []


@contextlib.contextmanager
def chosen(database: Database) -> Iterator[Database]:
    """Let stores lie there meanwhile."""
    _chosen.append(database)
    try:
        yield database
    finally:
        _chosen.pop()


def here() -> Database:
    """Return where the stores of the running test lie."""
    assert _chosen, "the test says nowhere on which databases it runs: see tests/databases.py"
    return _chosen[-1]


def at(url: str) -> Database:
    """Return a test's database to a process that the test has begun; SQLite without an address."""
    return Postgres(url) if url else SQLITE
