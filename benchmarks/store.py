"""How fast a command is written down: one writer thread with sqlite3, against aiosqlite and bare sqlite3.

`python benchmarks/store.py [--rounds 5] [--seconds 1] [--directory .]`

Each round runs every way once, in turn, on a fresh file; the table gives medians, and how often the base
fits into each within the same run. The base is the cheapest durable thing there is: one changed row per
commit, one after the other. A `start` inserts a generation, takes from ten counters and writes the ledger.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import aiosqlite
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot import quotas
from bot.models import Cost, Generation, Limit, Mode, Place, Requester, Status, VideoRequest
from bot.store import Entry, generations, ledger, migrate, open_store
from bot.store.rows import whole
from bot.store.sqlite import connect, run
from bot.store.statements import Step

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from bot.models import Hold

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
REQUEST = VideoRequest(
    "a cat in the rain, close up, slow dolly",
    Mode.TEXT,
    provider="maxapi",
    model="seedance-2.0",
    ratio="16:9",
    resolution="720p",
    seconds=5,
    sound=True,
)
LIMITS = quotas.Limits(Limit(videos=10**9, seconds=10**9), at_once=None)


def commands() -> Iterator[tuple[Generation, Sequence[Hold]]]:
    """Return ever new generations of a hundred members, with what they hold."""
    for number in itertools.count():
        member = f"{number % 100:032x}"
        generation = Generation(
            id=f"{number:016x}",
            status=Status.QUEUED,
            asked=REQUEST,
            request=REQUEST,
            requester=Requester(number % 100, "Anna"),
            member=member,
            place=Place(500, 400),
            cost=Cost(1, 5, 250_000),
            interaction_id=number,
            created_at=NOW,
            updated_at=NOW,
            due_at=NOW,
            version=0,
        )
        yield generation, [quotas.limited(hold, LIMITS) for hold in quotas.held(generation)]


def start(generation: Generation, holds: Sequence[Hold]) -> list[Step]:
    """Return the transition that `Store.start` runs."""
    reserve = ledger.enter(generation, Entry("reserve", generation.cost), NOW)
    return [Step(generations.START, whole(generation)), *ledger.changes(holds), reserve]


def one_row(path: Path, seconds: float) -> float:
    """Change one row per commit."""
    return _raw(path, seconds, whole_start=False)


def raw_start(path: Path, seconds: float) -> float:
    """Run one start per commit, in this thread."""
    return _raw(path, seconds, whole_start=True)


def _raw(path: Path, seconds: float, *, whole_start: bool) -> float:
    connection = connect(path / "matinee.db")
    ever_new = commands()
    first, holds = next(ever_new)
    run(connection, start(first, holds))
    text = "UPDATE generations SET version = version + 1, due_at = :now WHERE id = :id"
    done, begin = 0, time.perf_counter()
    while (taken := time.perf_counter() - begin) < seconds:
        connection.execute("BEGIN IMMEDIATE")
        if whole_start:
            run(connection, start(*next(ever_new)))
        else:
            connection.execute(text, {"now": done, "id": first.id})
        connection.execute("COMMIT")
        done += 1
    connection.close()
    return done / taken


async def _callers(count: int, seconds: float, call: Callable[[], Awaitable[object]]) -> float:
    """Let callers call one after the other, all at once, and return calls per second."""
    done, begin = 0, time.perf_counter()

    async def caller() -> None:
        nonlocal done
        while time.perf_counter() - begin < seconds:
            await call()
            done += 1

    await asyncio.gather(*(caller() for _ in range(count)))
    return done / (time.perf_counter() - begin)


async def through_store(path: Path, seconds: float, callers: int) -> float:
    """Run starts as the bot does."""
    store = await open_store(None, path)
    ever_new = commands()
    rate = await _callers(callers, seconds, lambda: store.start(*next(ever_new)))
    await store.close()
    return rate


async def wakes(path: Path, seconds: float, callers: int) -> float:
    """Run what a callback runs: one row, one statement."""
    store = await open_store(None, path)
    first, holds = next(commands())
    await store.start(first, holds)
    rate = await _callers(callers, seconds, lambda: store.wake(first.id, NOW))
    await store.close()
    return rate


async def through_aiosqlite(path: Path, seconds: float, callers: int) -> float:
    """Run starts statement by statement in aiosqlite's thread, one transaction at a time."""
    ever_new = commands()
    turn = asyncio.Lock()
    async with aiosqlite.connect(path / "matinee.db", isolation_level=None) as connection:
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            await connection.execute(f"PRAGMA {pragma}")

        async def one() -> None:
            steps = start(*next(ever_new))
            async with turn:
                await connection.execute("BEGIN IMMEDIATE")
                for step in steps:
                    text, constants = step.statement.sqlite
                    cursor = await connection.execute(text, constants | dict(step.parameters))
                    assert cursor.rowcount == step.rows
                await connection.execute("COMMIT")

        return await _callers(callers, seconds, one)


WAYS: dict[str, Callable[[Path, float], float]] = {
    "sqlite3, one row per commit (base)": one_row,
    "sqlite3, one start per commit": raw_start,
    "Store.start, 1 caller": lambda path, seconds: asyncio.run(through_store(path, seconds, 1)),
    "Store.start, 50 callers": lambda path, seconds: asyncio.run(through_store(path, seconds, 50)),
    "Store.wake, 1 caller": lambda path, seconds: asyncio.run(wakes(path, seconds, 1)),
    "Store.wake, 50 callers": lambda path, seconds: asyncio.run(wakes(path, seconds, 50)),
    "start by aiosqlite, 1 caller": lambda path, seconds: asyncio.run(through_aiosqlite(path, seconds, 1)),
    "start by aiosqlite, 50 callers": lambda path, seconds: asyncio.run(through_aiosqlite(path, seconds, 50)),
}


def measure(rounds: int, seconds: float, directory: Path) -> dict[str, list[float]]:
    """Return the rates of every way, one per round; one round before them warms up."""
    rates: dict[str, list[float]] = {name: [] for name in WAYS}
    for number in range(rounds + 1):
        for name, way in WAYS.items():
            with tempfile.TemporaryDirectory(dir=directory) as fresh:
                asyncio.run(migrate(None, Path(fresh)))
                rate = way(Path(fresh), seconds if number else seconds / 5)
            if number:
                rates[name].append(rate)
    return rates


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--directory", type=Path, default=None, help="on the disk to be measured")
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        rates = measure(arguments.rounds, arguments.seconds, arguments.directory)
        base = rates["sqlite3, one row per commit (base)"]
        table = Table(
            title=f"Durable transactions per second, median of {arguments.rounds}"
            f" (SQLite {sqlite3.sqlite_version}, load {os.getloadavg()[0]:.1f})"
        )
        for heading in ("way", "per second", "least … most", "x base", "of one start per commit"):
            table.add_column(heading, justify="left" if heading == "way" else "right")
        single = statistics.median(rates["sqlite3, one start per commit"])
        for name, found in rates.items():
            ratio = statistics.median(rate / one for rate, one in zip(found, base, strict=True))
            median = statistics.median(found)
            spread = f"{min(found):,.0f} … {max(found):,.0f}"
            table.add_row(name, f"{median:,.0f}", spread, f"{ratio:.2f}", f"{median / single:.2f}")
        Console(width=110).print(table)


if __name__ == "__main__":
    main()
