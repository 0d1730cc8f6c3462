"""One database that outlives the processes that use it, behind the product's own transitions.

It is SQLite in memory, or a real PostgreSQL: a server answers in its own time, so whoever asks it stands
still until it has, and no simulated time passes.
"""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING, Any, Protocol

from bot.errors import StoreUnavailable
from bot.store import generations, storyboards
from bot.store.sqlite import Result, commit, translated
from tests.databases import EMPTY, TABLES, an_empty_file
from tests.faults.points import commit as named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.store.statements import Outcome, Primitive, Row, Statement, Step
    from tests.databases import Line
    from tests.faults.simulation.outside import Outside


class Database(Protocol):
    """What is committed in it stays, whoever dies."""

    def clear(self) -> None:
        """Make it as new."""
        ...

    def taken_over(self) -> None:
        """Let the only process that there is take over what another one was at."""
        ...

    def select(self, text: str) -> list[Any]:
        """Return what anybody finds."""
        ...

    def commit(self, steps: Sequence[Step]) -> Result:
        """Run a transition; return what became of it."""
        ...

    def read(self, statement: Statement, parameters: Mapping[str, Primitive]) -> list[Row]:
        """Return what a statement of the product's finds. Raises what engines raise."""
        ...

    def texts(self) -> str:
        """Return everything that is written in it."""
        ...

    def is_whole(self) -> bool:
        """Say whether it finds nothing wrong with itself."""
        ...


class InMemory:
    """SQLite, of which one process is the only user."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=512)
        empty = bytearray(an_empty_file())
        empty[18:20] = b"\x01\x01"  # no WAL, which memory can't have (www.sqlite.org/fileformat.html)
        self.connection.deserialize(bytes(empty))
        self.connection.execute("PRAGMA foreign_keys = ON")

    def clear(self) -> None:
        """Delete every row."""
        self.connection.execute("BEGIN")
        for name in TABLES:
            self.connection.execute(f"DELETE FROM {name}")
        self.connection.execute("COMMIT")

    def taken_over(self) -> None:
        """Clear all leases, as the only process does at its start."""
        for clear in (generations.CLEAR_LEASES, storyboards.CLEAR_LEASES):
            self.connection.execute(clear.told_sqlite[0])

    def select(self, text: str) -> list[Any]:
        """Return rows."""
        return self.connection.execute(text).fetchall()

    def commit(self, steps: Sequence[Step]) -> Result:
        """Run a transition as the writer does."""
        (result,) = commit(self.connection, [steps])
        return result

    def read(self, statement: Statement, parameters: Mapping[str, Primitive]) -> list[Row]:
        """Return rows."""
        text, arranged = statement.told_sqlite
        try:
            return self.connection.execute(text, arranged(parameters)).fetchall()
        except sqlite3.Error as error:
            raise translated(error) from error

    def texts(self) -> str:
        """Return all statements that would make it again."""
        return "\n".join(self.connection.iterdump())

    def is_whole(self) -> bool:
        """Return what SQLite says of itself, foreign keys included."""
        check = self.connection.execute("PRAGMA integrity_check").fetchone()
        return check == ("ok",) and not self.connection.execute("PRAGMA foreign_key_check").fetchall()


class OnServer:
    """PostgreSQL, through the product's own engine in a loop of its own."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._engine = line.engine()
        self.clear()

    def clear(self) -> None:
        """Delete every row."""
        self._line.execute(EMPTY)

    def taken_over(self) -> None:
        """Leave every lease: it runs out by itself, and may be another machine's."""

    def select(self, text: str) -> list[Any]:
        """Return rows."""
        return self._line.fetch(text)

    def commit(self, steps: Sequence[Step]) -> Result:
        """Run a transition and wait for it, past those who count what engines write: this one is counted."""
        try:
            return self._line.wait_for(self._engine._write(steps))
        except Exception as error:  # noqa: BLE001 - the caller hears it, as of any engine
            return error

    def read(self, statement: Statement, parameters: Mapping[str, Primitive]) -> list[Row]:
        """Return rows, and wait for them."""
        return self._line.wait_for(self._engine.read(statement, parameters))

    def texts(self) -> str:
        """Return every row."""
        return repr([self.select(f"SELECT {name}::text FROM {name}") for name in TABLES])

    def is_whole(self) -> bool:
        """Say yes: a server that finds its files damaged doesn't answer."""
        return True


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
        result = self._database.commit(steps)
        outside.note(name, type(result).__name__ if isinstance(result, BaseException) else "")
        outside.passing(f"after {name}")
        return result

    async def read(self, statement: Statement, parameters: Mapping[str, Primitive]) -> list[Row]:
        """Return what is committed."""
        await self._outside.lag("read")
        return self._database.read(statement, parameters)

    def listen(self, heard: Callable[[], None]) -> None:
        """Do nothing: there is no other process."""

    def give_way_to(self, waited_for: Callable[[], bool]) -> None:
        """Do nothing: what is committed here lies nowhere else first."""

    async def ping(self) -> None:
        """Return if a write could be taken."""
        await self.write(())

    async def scrub(self) -> None:
        """Leave the file as it is."""

    async def close(self) -> None:
        """Let go; the file stays."""
