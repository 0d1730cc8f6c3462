"""SQLite: one writer thread that commits for many at once, and a few connections that only read."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Self

from bot.errors import Conflict, StoreUnavailable
from bot.store import generations, ledger, storyboards
from bot.store.alarm import Alarm
from bot.store.company import Company
from bot.store.readers import PATIENCE_MS, Readers, reading
from bot.store.seal import Inspection
from bot.store.statements import Outcome
from bot.store.switches import PROBE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from bot.store.seal import Seal
    from bot.store.statements import Primitive, Row, Statement, Step

MOST = 256
"""Transitions in one commit: a full one still takes only some milliseconds."""
WOKEN = 16  # callers that hear of a commit at once; before more do, the event loop turns to others
COMMITS = 64
TRANSITIONS = 1024  # four wakes in one transition count as one
"""After so many the WAL is moved into the file: it stays some megabytes long, and is soon read."""
LONGEST = 2
"""Times as long as that it may become while somebody waits whom nothing may hold up."""
TRIES = 3
"""For such a lock, one patience after another."""

Result = list[Outcome] | BaseException


@dataclass(frozen=True, slots=True, eq=False)
class _Item:
    steps: Sequence[Step]
    answer: asyncio.Future[list[Outcome]] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


def connect(path: Path) -> sqlite3.Connection:
    """Open the file for writing: durable at every commit, with foreign keys."""
    connection = sqlite3.connect(
        path,
        timeout=PATIENCE_MS / 1000,
        isolation_level=None,
        cached_statements=256,
        check_same_thread=False,  # opened by one thread, then used by the writer alone
    )
    pragmas = (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",  # what a member had deleted isn't left in free pages either
        "journal_size_limit = 67108864",
    )
    return _begun(connection, *(f"PRAGMA {pragma}" for pragma in pragmas))


def _begun(connection: sqlite3.Connection, *statements: str) -> sqlite3.Connection:
    """Return the connection after its first statements; it is closed where one of them fails."""
    try:
        for statement in statements:
            connection.execute(statement)
    except BaseException:
        connection.close()
        raise
    return connection


def _without_leases(path: Path) -> sqlite3.Connection:
    """Open the file and clear every lease: there is one process, and it holds none yet."""
    leases = (generations.CLEAR_LEASES, storyboards.CLEAR_LEASES)
    return _begun(connect(path), "PRAGMA wal_autocheckpoint = 0", *(clear.sqlite[0] for clear in leases))


def translated(error: Exception) -> Exception:
    """Return our error for one of SQLite's; a mistake of ours in the SQL stays what it is."""
    if isinstance(error, sqlite3.IntegrityError):
        return Conflict(str(error))
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(error, sqlite3.DatabaseError) and code not in {None, sqlite3.SQLITE_ERROR}:
        return StoreUnavailable(str(error))
    if isinstance(error, sqlite3.ProgrammingError | ValueError) and "closed" in str(error):
        return StoreUnavailable("the database is closed")
    return error


def run(connection: sqlite3.Connection, steps: Sequence[Step]) -> list[Outcome]:
    """Run a transition's steps inside the transaction that is open. Raises `Conflict`, `LimitReached`."""
    outcomes = []
    cursor = connection.cursor()
    for step in steps:
        text, arranged = step.statement.told_sqlite
        cursor.execute(text, arranged(step.parameters))
        if step.statement.returns:
            rows = cursor.fetchall()
            outcome = Outcome(len(rows), rows)
        else:
            outcome = Outcome(cursor.rowcount)
        outcomes.append(outcome)
        if step.rows is None or step.rows == outcome.touched:
            continue
        if step.done_if_none and not outcome.touched:
            break
        if step.hold is None:
            raise Conflict(step.statement.name)
        statement, key = ledger.standing(step.hold)
        text, arranged = statement.told_sqlite
        used = connection.execute(text, arranged(key)).fetchall()
        raise ledger.limit_reached(step.hold, used)
    return outcomes


def _once(_tried: int) -> bool:
    return False


def commit(
    connection: sqlite3.Connection,
    transitions: Sequence[Sequence[Step]],
    *,
    again: Callable[[int], bool] = _once,
) -> list[Result]:
    """Run transitions in one transaction; return what became of each. One that fails takes no other along.

    `again` says, after so many tries, whether to go on waiting for somebody else's lock.
    """
    try:
        _begin(connection, again)
        results = _together(connection, transitions)
        if results is None:
            connection.execute("ROLLBACK")
            _begin(connection, again)
            results = [_one(connection, steps) for steps in transitions]
        connection.execute("COMMIT")
    except Exception as error:  # noqa: BLE001 - whatever it is, every caller of the batch must hear it
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        return [translated(error) for _ in transitions]
    return results


def _begin(connection: sqlite3.Connection, again: Callable[[int], bool]) -> None:
    tried = 0
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            tried += 1
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or not again(tried):
                raise
        else:
            return


def _together(connection: sqlite3.Connection, transitions: Sequence[Sequence[Step]]) -> list[Result] | None:
    """Run transitions without savepoints, which would cost as much as the work; None: one failed half way."""
    results: list[Result] = []
    for steps in transitions:
        before = connection.total_changes
        try:
            results.append(run(connection, steps))
        except Exception as error:
            if not connection.in_transaction:  # SQLite gave up the whole batch: disk full, I/O error
                raise
            if connection.total_changes != before:
                return None
            results.append(translated(error))
    return results


def _one(connection: sqlite3.Connection, steps: Sequence[Step]) -> Result:
    """Run one transition in a savepoint of its own."""
    connection.execute("SAVEPOINT one")
    try:
        result: Result = run(connection, steps)
    except Exception as error:
        if not connection.in_transaction:
            raise
        connection.execute("ROLLBACK TO one")
        result = translated(error)
    connection.execute("RELEASE one")
    return result


class _Writer(threading.Thread):
    """Takes what has gathered meanwhile, commits it together, answers each caller afterwards."""

    def __init__(self, connection: sqlite3.Connection, loop: asyncio.AbstractEventLoop, seal: Seal) -> None:
        super().__init__(name="matinee-writer", daemon=True)
        self._connection = connection
        self._loop = loop
        self._seal = seal
        self._commits = self._written = 0
        self._queue: SimpleQueue[_Item | None] = SimpleQueue()
        self.ending = False
        """Whether there is no time to wait for anybody any more."""
        self.hint: Callable[[], None] = lambda: None
        """Called in the loop when something may be due of which nobody says so: its caller was cancelled."""
        self.waited_for: Callable[[], bool] = lambda: False
        """Whether what can be done later is to be put off just now."""

    def put(self, item: _Item | None) -> None:
        """Hand over a transition, or None to end."""
        self._queue.put(item)

    def run(self) -> None:
        """Commit batch after batch until told to end."""
        going = True
        while going:
            batch, going = self._gather()
            if batch:
                transitions = [item.steps for item in batch]
                self._answer(batch, commit(self._connection, transitions, again=self._waits_after))
                self._commits += 1
                self._written += sum(max(1, len(item.steps) // 4) for item in batch)
                if self._is_long():
                    self._empty_log()
        with self._seal.kept():
            self._connection.close()

    def _is_long(self) -> bool:
        """Return whether the WAL is to be moved now; it takes as long as ten commits."""
        length = max(self._commits / COMMITS, self._written / TRANSITIONS)
        return length >= 1 and (length >= LONGEST or not self.waited_for())

    def _empty_log(self) -> None:
        """Move the WAL into the file, as far as readers allow; after the answers: nobody waits."""
        self._commits = self._written = 0
        with self._seal.kept(), contextlib.suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def _waits_after(self, tried: int) -> bool:
        return tried < TRIES and not self.ending

    def _gather(self) -> tuple[list[_Item], bool]:
        batch: list[_Item] = []
        item = self._queue.get()
        while item is not None:
            batch.append(item)
            if len(batch) == MOST:
                return batch, True
            try:
                item = self._queue.get_nowait()
            except Empty:
                return batch, True
        return batch, False

    def _answer(self, batch: list[_Item], results: list[Result]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is gone, and its callers with it
            self._loop.call_soon_threadsafe(self._tell, batch, results)

    def _tell(self, batch: list[_Item], results: list[Result]) -> None:
        """Answer in turns: all callers of a full commit going on at once would hold up everybody else."""
        for item, result in zip(batch[:WOKEN], results[:WOKEN], strict=True):
            if item.answer.done():  # its caller was cancelled; what it asked for is done all the same
                self.hint()
            elif isinstance(result, BaseException):
                item.answer.set_exception(result)
            else:
                item.answer.set_result(result)
        if len(batch) > WOKEN:
            self._loop.call_soon(self._tell, batch[WOKEN:], results[WOKEN:])


def _empty_wal(path: Path, seal: Seal) -> None:
    """Wait for readers and the writer to be done with the WAL, for so long as anybody waits for a lock."""
    with seal.kept(), contextlib.closing(sqlite3.connect(path, timeout=PATIENCE_MS / 1000)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class Sqlite:
    """The engine in one file, for exactly one process."""

    alone = True

    def __init__(self, path: Path, writer: _Writer, readers: Readers, lock: int, seal: Seal) -> None:
        self._path = path
        self._writer = writer
        self._lock = lock
        self._seal = seal
        self._readers = readers
        self._company = Company(writer.put)
        self._closed = False
        self._broken: str | None = None
        self._inspection: Inspection | None = None
        self.alarm = Alarm()

    @classmethod
    async def open(cls, path: Path, lock: int, seal: Seal, *, inspect: bool = False) -> Self:
        """Start on a file whose tables are there. `lock` is a file that keeps others out until it is closed.

        Leases that a process left behind are cleared. `inspect`: the whole file is looked at from now on,
        beside the work. Raises `StoreUnavailable`.
        """
        try:
            connection = await asyncio.to_thread(_without_leases, path)
            readers = await Readers.open(path)
        except sqlite3.Error as error:
            raise StoreUnavailable(str(error)) from error
        writer = _Writer(connection, asyncio.get_running_loop(), seal)
        writer.start()
        store = cls(path, writer, readers, lock, seal)
        if inspect:
            store._inspection = Inspection(reading(path, thread=False), store._found_broken)
        return store

    def _found_broken(self, broken: str) -> None:
        """Write nothing from now on, and let the next start refuse the file."""
        self._seal.lift()
        self._broken = f"the file is damaged; restore a backup ({' '.join(broken.split())})"
        self.alarm.failed(StoreUnavailable(self._broken))

    def now(self) -> datetime:
        """Return the moment: this machine's clock is the only one."""
        return datetime.now(UTC)

    def listen(self, heard: Callable[[], None]) -> None:
        """Call `heard` when a caller is cancelled, and when what it asked for is committed."""
        self._writer.hint = heard

    def give_way_to(self, waited_for: Callable[[], bool]) -> None:
        """Move the WAL into the file when nobody waits, or once it is twice as long."""
        self._writer.waited_for = waited_for

    async def write(self, steps: Sequence[Step]) -> list[Outcome]:
        """Run a transition and return once it is on the disk."""
        if self._closed:
            raise StoreUnavailable("the database is closed")
        if self._broken is not None:
            raise StoreUnavailable(self._broken)
        item = _Item(steps)
        self._company.take(item, patient=bool(steps) and steps[0].statement.patient)
        try:
            outcomes = await item.answer
        except StoreUnavailable as error:
            self.alarm.failed(error)
            raise
        except asyncio.CancelledError:
            self._writer.hint()  # it may be committed just now; if it isn't, the writer says so once it is
            raise
        self.alarm.worked(outcomes)
        return outcomes

    async def read(self, statement: Statement, parameters: Mapping[str, Primitive]) -> list[Row]:
        """Return what is committed."""
        if self._closed:
            raise StoreUnavailable("the database is closed")
        try:
            return await self._readers.read(statement, parameters)
        except (sqlite3.Error, ValueError) as error:
            raise translated(error) from error

    async def scrub(self) -> None:
        """Move the WAL into the file and empty it: until then it holds what pages said before."""
        if self._closed:
            raise StoreUnavailable("the database is closed")
        try:
            await asyncio.to_thread(_empty_wal, self._path, self._seal)
        except sqlite3.Error as error:
            raise translated(error) from error

    async def ping(self) -> None:
        """Return if the writer gets its lock, and the disk has room."""
        await self.write(PROBE)

    async def close(self) -> None:
        """Commit what was handed over, then close every connection."""
        if self._closed:
            return
        self._closed = True
        if self._inspection is not None:
            await self._inspection.end()
        await self._readers.close()
        self._company.leave()
        self._writer.ending = True
        self._writer.put(None)
        await asyncio.to_thread(self._writer.join)
        os.close(self._lock)
