"""What committing together is worth, and what it costs a single caller."""

from __future__ import annotations

import asyncio
import contextlib
import time
from functools import partial
from typing import TYPE_CHECKING, Final

import aiosqlite

from benchmarks.harness import Figure, Row, Scale, Way
from benchmarks.ways.starting import Command, commands, opened, transaction
from bot.store import migrate, open_store
from bot.store.sqlite import TRANSITIONS
from bot.store.store import starting

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from bot.store.statements import Primitive, Step

MOST: Final = 40_000
MANY: Final = 50
READY: Final = 20_000
"""Starts made beforehand for SQLite's part alone: more than it writes in a second."""


def _seconds(scale: Scale) -> float:
    return 0.1 if scale.quick else 1.0


def _commands(scale: Scale) -> list[Command]:
    return commands(2_000 if scale.quick else MOST)


def _start(connection: sqlite3.Connection, command: Command) -> None:
    transaction(connection, command)


def _one_row(connection: sqlite3.Connection, command: Command) -> None:
    """Change one row, the cheapest durable thing there is."""
    connection.execute("BEGIN IMMEDIATE")
    now = command[0].interaction_id
    connection.execute("UPDATE generations SET version = version + 1, due_at = ?", (now,))
    connection.execute("COMMIT")


def _raw(scale: Scale, *, do: Callable[[sqlite3.Connection, Command], None]) -> Mapping[str, float]:
    """Let one thread do one after the other, each in a commit of its own."""
    first, *rest = _commands(scale)
    asyncio.run(migrate(None, scale.directory))
    with contextlib.closing(opened(scale.directory)) as connection:
        transaction(connection, first)
        done, begin, cpu = 0, time.perf_counter(), time.process_time()
        for command in rest:
            if time.perf_counter() - begin > _seconds(scale):
                break
            do(connection, command)
            done += 1
        return _found(done, begin, cpu)


def _floor(scale: Scale) -> Mapping[str, float]:
    """Let one thread write starts that are all made beforehand, many in one commit: SQLite's part alone."""
    made = [[_told(step) for step in starting(*command)] for command in _commands(scale)[:READY]]
    asyncio.run(migrate(None, scale.directory))
    with contextlib.closing(opened(scale.directory)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        done, begin, cpu = 0, time.perf_counter(), time.process_time()
        while done < len(made) and time.perf_counter() - begin < _seconds(scale):
            connection.execute("BEGIN IMMEDIATE")
            for start in made[done : done + MANY]:
                for text, values in start:
                    connection.execute(text, values)
            connection.execute("COMMIT")
            done += MANY
            if done % TRANSITIONS < MANY:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        return _found(done, begin, cpu)


def _told(step: Step) -> tuple[str, Sequence[Primitive]]:
    text, arranged = step.statement.told_sqlite
    return text, arranged(step.parameters)


def _found(done: int, begin: float, cpu: float) -> dict[str, float]:
    taken, used = time.perf_counter() - begin, time.process_time() - cpu
    return {"per_s": done / taken, "cpu_us": 1e6 * used / done}


async def _calling(
    scale: Scale, callers: int, call: Callable[[Command], Awaitable[object]]
) -> Mapping[str, float]:
    """Let callers call one after the other, all at once."""
    waiting = iter(_commands(scale))
    done, begin, cpu = 0, time.perf_counter(), time.process_time()

    async def caller() -> None:
        nonlocal done
        for command in waiting:
            if time.perf_counter() - begin > _seconds(scale):
                return
            await call(command)
            done += 1

    await asyncio.gather(*(caller() for _ in range(callers)))
    return _found(done, begin, cpu)


async def _through_store(scale: Scale, callers: int) -> Mapping[str, float]:
    _commands(scale)
    store = await open_store(None, scale.directory)
    try:
        return await _calling(scale, callers, lambda command: store.start(*command))
    finally:
        await store.close()


async def _three_through_engine(scale: Scale, callers: int) -> Mapping[str, float]:
    """Take from one counter, write the generation and the ledger's entry: three statements, no more."""
    _commands(scale)
    store = await open_store(None, scale.directory)

    async def one(command: Command) -> None:
        generation, holds = command
        await store.engine.write(starting(generation, holds[:1]))

    try:
        return await _calling(scale, callers, one)
    finally:
        await store.close()


async def _through_aiosqlite(scale: Scale, callers: int) -> Mapping[str, float]:
    """Statement by statement in aiosqlite's thread, one transaction at a time."""
    _commands(scale)
    await migrate(None, scale.directory)
    turn = asyncio.Lock()
    async with aiosqlite.connect(scale.directory / "matinee.db", isolation_level=None) as connection:
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            await connection.execute(f"PRAGMA {pragma}")

        async def one(command: Command) -> None:
            steps = starting(*command)
            async with turn:
                await connection.execute("BEGIN IMMEDIATE")
                for step in steps:
                    text, arranged = step.statement.told_sqlite
                    await connection.execute(text, arranged(step.parameters))  # type: ignore[arg-type]
                await connection.execute("COMMIT")

        return await _calling(scale, callers, one)


def _ours(scale: Scale, *, callers: int) -> Mapping[str, float]:
    return asyncio.run(_through_store(scale, callers))


def _three(scale: Scale, *, callers: int) -> Mapping[str, float]:
    return asyncio.run(_three_through_engine(scale, callers))


def _peer(scale: Scale, *, callers: int) -> Mapping[str, float]:
    return asyncio.run(_through_aiosqlite(scale, callers))


RAW: Final = "sqlite3, one start per commit"
ONE_ROW: Final = "sqlite3, one changed row per commit"
FLOOR: Final = "sqlite3, 50 starts made beforehand per commit"
THREE: Final = "ours, three statements, 50 callers"
ROW: Final = Row(
    number="2",
    name="group commit",
    question="How many starts a second are written down, against one after the other by bare sqlite3?",
    ways=(
        Way(RAW, partial(_raw, do=_start)),
        Way(ONE_ROW, partial(_raw, do=_one_row)),
        Way("ours, 1 caller", partial(_ours, callers=1)),
        Way("ours, 50 callers", partial(_ours, callers=MANY)),
        Way(FLOOR, _floor),
        Way(THREE, partial(_three, callers=MANY)),
        Way("aiosqlite, 1 caller", partial(_peer, callers=1)),
        Way("aiosqlite, 50 callers", partial(_peer, callers=MANY)),
    ),
    figures=(
        Figure("50 callers", way="ours, 50 callers", value="per_s", base=RAW, target=8, better="more"),
        Figure("1 caller", way="ours, 1 caller", value="per_s", base=RAW, target=0.75, better="more"),
        Figure("50 callers, of one changed row per commit", way="ours, 50 callers", value="per_s",
               base=ONE_ROW, better="more"),
        Figure("three statements, 50 callers, of one changed row per commit", way=THREE, value="per_s",
               base=ONE_ROW, better="more"),
        Figure("SQLite's part alone, 50 per commit", way=FLOOR, value="per_s", base=RAW, better="more"),
        Figure("starts a second, 50 callers", way="ours, 50 callers", value="per_s", unit="/s",
               better="more"),
        Figure("processor time of a start, 50 callers", way="ours, 50 callers", value="cpu_us", unit="µs"),
        Figure("processor time of a start, one per commit", way=RAW, value="cpu_us", unit="µs"),
        Figure("processor time of a start, SQLite's part alone", way=FLOOR, value="cpu_us", unit="µs"),
        Figure("aiosqlite, 50 callers", way="aiosqlite, 50 callers", value="per_s", base=RAW, better="more",
               peer=True),
        Figure("aiosqlite, 1 caller", way="aiosqlite, 1 caller", value="per_s", base=RAW, better="more",
               peer=True),
    ),
)  # fmt: skip
