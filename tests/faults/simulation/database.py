"""One database in memory that outlives the processes that use it, behind the product's own transitions."""

from __future__ import annotations

import asyncio
import functools
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import StoreUnavailable
from bot.store import generations, storyboards
from bot.store.migrating import sqlite as migrated
from bot.store.sqlite import Result, commit, translated
from bot.store.tables import metadata
from tests.faults.points import commit as named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.store.statements import Outcome, Primitive, Row, Statement, Step
    from tests.faults.simulation.outside import Outside


@functools.cache
def template() -> bytes:
    """Return a file with all tables and no row."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        migrated(path, 5.0)
        return path.read_bytes()


class Database:
    """The file: what is committed in it stays, whoever dies."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=512)
        self.connection.deserialize(template())
        self.connection.execute("PRAGMA foreign_keys = ON")

    def clear(self) -> None:
        """Make it as new."""
        self.connection.execute("BEGIN")
        for table in reversed(metadata.sorted_tables):
            self.connection.execute(f"DELETE FROM {table.name}")
        self.connection.execute("COMMIT")

    def taken_over(self) -> None:
        """Clear all leases, as the only process does at its start."""
        for clear in (generations.CLEAR_LEASES, storyboards.CLEAR_LEASES):
            self.connection.execute(clear.told[0])

    def texts(self) -> str:
        """Return everything that is written in it."""
        return "\n".join(self.connection.iterdump())

    def is_whole(self) -> bool:
        """Return what SQLite says of itself, foreign keys included."""
        check = self.connection.execute("PRAGMA integrity_check").fetchone()
        return check == ("ok",) and not self.connection.execute("PRAGMA foreign_key_check").fetchall()


class Engine:
    """One process's way to the database. `outside` knows what goes wrong on the way."""

    alone = True

    def __init__(self, database: Database, outside: Outside) -> None:
        self._database = database
        self._outside = outside

    async def write(self, steps: Sequence[Step]) -> list[Outcome]:
        """Run a transition; a caller that is cancelled leaves it whole."""
        name = named(self, steps) if steps else "commit nothing"
        if self._outside.laziness:
            result = await asyncio.shield(asyncio.ensure_future(self._lazily(name, steps)))
        else:
            result = self._committed(name, steps)
            await asyncio.sleep(0)
        if self._outside.fault("answer of a commit lost", name):
            raise StoreUnavailable("the connection was lost")
        if isinstance(result, BaseException):
            raise result
        return result

    async def _lazily(self, name: str, steps: Sequence[Step]) -> Result:
        await self._outside.lag("commit")
        result = self._committed(name, steps)
        await self._outside.lag("commit")
        return result

    def _committed(self, name: str, steps: Sequence[Step]) -> Result:
        outside = self._outside
        outside.passing(f"before {name}")
        outside.callback_may(name)
        if outside.fault("database away", name):
            return StoreUnavailable("disk I/O error")
        (result,) = commit(self._database.connection, [steps])
        outside.note(name, type(result).__name__ if isinstance(result, BaseException) else "")
        outside.passing(f"after {name}")
        return result

    async def read(self, statement: Statement, parameters: Mapping[str, Primitive]) -> list[Row]:
        """Return what is committed."""
        await self._outside.lag("read")
        text, arranged = statement.told
        try:
            return self._database.connection.execute(text, arranged(parameters)).fetchall()
        except sqlite3.Error as error:
            raise translated(error) from error

    def listen(self, heard: Callable[[], None]) -> None:
        """Do nothing: there is no other process."""

    async def ping(self) -> None:
        """Return if a write could be taken."""
        await self.write(())

    async def scrub(self) -> None:
        """Leave the file as it is."""

    async def close(self) -> None:
        """Let go; the file stays."""
