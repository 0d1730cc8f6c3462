"""What the store's verbs take on databases of several sizes: milliseconds, the median of many calls.

Each verb is called among a thousand rows, among ten thousand, and so on, again and again: whatever drifts,
the machine or the disk, meets every size alike. The stores stay open from round to round: SQLite checks a
file of gigabytes for seconds when it is opened.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from benchmarks import postgres
from benchmarks.filling import NOW, PROVIDER, USER, WAITING, Crowd, fill_postgres, fill_sqlite
from bot import quotas
from bot.models import Limit, Status
from bot.store import open_store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from pathlib import Path

    from bot.store import Store

DUE: Final = 100
WAITS: Final = 100
"""Of the first thousand: in every database those with the numbers from 800 on wait."""
LEASE: Final = timedelta(seconds=1)
LIMITS: Final = quotas.Limits(Limit(videos=10**9, seconds=10**9), at_once=None)
WARM: Final = 2
"""Calls before the first that counts."""
TIMES: Final = {
    "claim_ms": 30,
    "wake_ms": 80,
    "start_ms": 40,
    "history_ms": 80,
    "next_due_ms": 80,
    "places_ms": 80,
    "ready_ms": 80,
}
"""How often each verb is called among each number of rows."""


@dataclass(frozen=True, slots=True)
class Grown:
    """A database of some size."""

    store: Store
    size: int
    folder: Path
    url: str | None

    def megabytes(self) -> float:
        """Return how large it is, with all its indexes."""
        if self.url is None:
            return (self.folder / "matinee.db").stat().st_size / 1e6
        return int(self._psql("SELECT pg_database_size(current_database())")) / 1e6

    async def rest(self) -> None:
        """Leave nothing to do from before: no log to move, no page to write, on PostgreSQL no dead row."""
        await self.store.engine.scrub()
        if self.url is not None:
            self._psql(
                "VACUUM (INDEX_CLEANUP ON, ANALYZE)"
            )  # else it leaves the indexes of a large table out
            self._psql("CHECKPOINT")

    def _psql(self, statement: str) -> str:
        assert self.url is not None
        return postgres.psql(postgres.name_of(self.url), statement)


@dataclass(slots=True)
class Stores:
    """Databases of several sizes, filled when they are first asked for."""

    runner: asyncio.Runner = field(default_factory=asyncio.Runner)
    """One loop for all rounds, since a store belongs to a loop."""
    days: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    grown: dict[tuple[bool, int], Grown] = field(default_factory=dict)

    def measured(
        self, sizes: Sequence[int], directory: Path, *, on_postgres: bool
    ) -> dict[int, dict[str, float]]:
        """Return what each verb takes, by size, on another day each time: old leases are over."""
        return self.runner.run(self._measured(sizes, directory, on_postgres=on_postgres))

    async def _measured(
        self, sizes: Sequence[int], directory: Path, *, on_postgres: bool
    ) -> dict[int, dict[str, float]]:
        fresh = [size for size in sizes if (on_postgres, size) not in self.grown]
        for size in fresh:
            self.grown[on_postgres, size] = await _filled(size, directory, on_postgres=on_postgres)
        databases = [self.grown[on_postgres, size] for size in sizes]
        for _ in ("as new", "as used")[not fresh :]:
            for one in databases:
                await one.rest()
            took = await _taken(databases, next(self.days))
        return {one.size: took[one.size] | {"size_mb": one.megabytes()} for one in databases}


async def _filled(size: int, directory: Path, *, on_postgres: bool) -> Grown:
    """Fill a database and open it: nine are delivered for each that waits, and a hundred are due."""
    folder = directory / f"growth-{'postgres' if on_postgres else 'sqlite'}-{size}"
    folder.mkdir(parents=True)
    url = postgres.database() if on_postgres else None
    more = size - 1000
    first_thousand = Crowd(delivered=1000 - WAITS - DUE, waiting=WAITS, due=DUE)
    crowds = [first_thousand, Crowd(delivered=more * 9 // 10, waiting=more // 10)]
    for first, crowd in zip((0, 1000), crowds, strict=True):
        if url is None:
            await fill_sqlite(folder, crowd, first=first)
        else:
            await fill_postgres(url, crowd, folder, first=first)
            for table in ("generations", "ledger", "counters"):  # it would come to the small ones alone
                postgres.psql(postgres.name_of(url), f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
    return Grown(await open_store(url, folder), size, folder, url)


async def _taken(databases: Sequence[Grown], day: int) -> dict[int, dict[str, float]]:
    """Return the median of each verb, by size: a call on each, and again, every second time backwards."""
    calls = {one.size: verbs(one.store, one.size, day) for one in databases}
    medians: dict[int, dict[str, float]] = {size: {} for size in calls}
    for name, times in TIMES.items():
        took: dict[int, list[float]] = {size: [] for size in calls}
        for number in range(WARM + times):
            for size in list(calls) if number % 2 else reversed(calls):
                begin = time.perf_counter()
                await calls[size][name](number)
                took[size].append(time.perf_counter() - begin)
        for size, each in took.items():
            medians[size][name] = 1000 * statistics.median(each[WARM:])
    return medians


def verbs(store: Store, size: int, day: int) -> dict[str, Callable[[int], Awaitable[object]]]:
    """Return what is called, by the name of its value; each call is told its number."""
    now = NOW + timedelta(days=day)
    after = now + timedelta(hours=1)

    async def claim(number: int) -> None:
        claimed = await store.claim(now + 2 * number * LEASE, lease=LEASE, most=DUE)
        assert len(claimed) == DUE

    async def start(number: int) -> None:
        id_ = (day + 1) * 10**9 + number
        new = replace(WAITING, id=f"{id_:016x}", status=Status.QUEUED, task_id=None, body=None)
        new = replace(new, interaction_id=id_, due_at=None, member="5" * 32, created_at=now)
        await store.start(new, [quotas.limited(hold, LIMITS) for hold in quotas.held(new)])

    async def wake(number: int) -> None:
        assert await store.wake(f"{800 + number % WAITS:016x}", after)

    async def history(number: int) -> None:
        assert await store.history(USER + number % (size // WAITS))

    return {
        "claim_ms": claim,
        "wake_ms": wake,
        "start_ms": start,
        "history_ms": history,
        "next_due_ms": lambda _: store.next_due(after),
        "places_ms": lambda _: store.at_provider(PROVIDER),
        "ready_ms": lambda _: store.claim_ready(PROVIDER, after, lease=LEASE, most=5),
    }
