"""SQLite's connections that only read: some with a thread each, and one of the event loop's own."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from typing import TYPE_CHECKING, Self

import aiosqlite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bot.store.statements import Primitive, Row, Statement

THREADS = 2
AT_ONCE = 8
"""Brief reads that one turn of the event loop answers, in less than a millisecond; more wait for the next."""
PATIENCE_MS = 5_000
"""How long to wait for somebody else's lock: a backup, a shell."""


def reading(path: Path, *, thread: bool = True, patience_ms: int = PATIENCE_MS) -> sqlite3.Connection:
    """Open the file without touching it: a writer moves the WAL into it while closing, damaged or not."""
    timeout = patience_ms / 1000
    return sqlite3.connect(_address(path), uri=True, timeout=timeout, check_same_thread=thread)


def _address(path: Path) -> str:
    return f"{path.absolute().as_uri()}?mode=ro"


class Readers:
    """Answer what is committed."""

    def __init__(self, threads: Sequence[aiosqlite.Connection], own: sqlite3.Connection) -> None:
        self._threads = threads
        self._own = own
        self._answered = 0
        """Brief reads in this turn of the event loop."""
        self._free: asyncio.Queue[aiosqlite.Connection] = asyncio.Queue()
        for reader in threads:
            self._free.put_nowait(reader)

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open all of them. Raises `sqlite3.Error`; then none stays open."""
        threads: list[aiosqlite.Connection] = []
        try:
            for _ in range(THREADS):
                reader = aiosqlite.connect(_address(path), uri=True)
                reader._thread.daemon = True  # noqa: SLF001 - else a start-up that fails later never exits
                await reader
                threads.append(reader)
                await reader.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
            return cls(threads, reading(path, patience_ms=0))
        except sqlite3.Error:
            for reader in threads:
                await reader.close()
            raise

    async def read(self, statement: Statement, parameters: Mapping[str, Primitive]) -> list[Row]:
        """Return what is committed: what is brief at once, else by a thread. Raises as the driver does."""
        text, arranged = statement.told_sqlite
        if self._is_brief(statement, parameters):
            await self._take_turn()
            with contextlib.suppress(sqlite3.Error):  # a lock, or worse: a thread waits for it, or says so
                return self._own.execute(text, arranged(parameters)).fetchall()
        reader = await self._free.get()
        try:
            return list(await reader.execute_fetchall(text, arranged(parameters)))  # type: ignore[arg-type]
        finally:
            self._free.put_nowait(reader)

    async def _take_turn(self) -> None:
        """Let others in between where this turn of the loop has answered enough, whoever asked.

        A command asks some six times, and would wait six turns for nothing.
        """
        if self._answered == AT_ONCE:
            await asyncio.sleep(0)
            return
        if not self._answered:
            asyncio.get_running_loop().call_soon(self._begin_turn)
        self._answered += 1

    def _begin_turn(self) -> None:
        self._answered = 0

    def _is_brief(self, statement: Statement, parameters: Mapping[str, Primitive]) -> bool:
        if statement.few is None:
            return statement.brief
        text, arranged = statement.few.told_sqlite
        with contextlib.suppress(sqlite3.Error):
            return bool(self._own.execute(text, arranged(parameters)).fetchone()[0])
        return False

    async def close(self) -> None:
        """Close all of them."""
        self._own.close()
        for reader in self._threads:
            await reader.close()
