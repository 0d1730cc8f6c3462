"""What the store's verbs take on a database of some size: milliseconds, the median of several calls.

The stores stay open from round to round: SQLite checks a file of gigabytes for seconds when it is opened.
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
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from bot.store import Store

DUE: Final = 100
WAITS: Final = 100
"""Of the first thousand: in every database those with the numbers from 800 on wait."""
LEASE: Final = timedelta(seconds=1)
LIMITS: Final = quotas.Limits(Limit(videos=10**9, seconds=10**9), at_once=None)
TIMES: Final = 15
WARM: Final = 2
"""Calls before the first that counts."""


@dataclass(slots=True)
class Stores:
    """Databases of several sizes, filled when they are first asked for."""

    runner: asyncio.Runner = field(default_factory=asyncio.Runner)
    """One loop for all rounds, since a store belongs to a loop."""
    days: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    stores: dict[tuple[bool, int], tuple[Store, Path, str | None]] = field(default_factory=dict)

    def measured(self, size: int, directory: Path, *, on_postgres: bool) -> dict[str, float]:
        """Return what each verb takes among so many rows, on another day each time: old leases are over."""
        key = (on_postgres, size)
        if key not in self.stores:
            self.stores[key] = self.runner.run(_opened(size, directory, on_postgres=on_postgres))
        store, folder, url = self.stores[key]
        found = self.runner.run(verbs(store, size, next(self.days)))
        return found | {"size_mb": _size(folder, url)}


async def _opened(size: int, directory: Path, *, on_postgres: bool) -> tuple[Store, Path, str | None]:
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
    return await open_store(url, folder), folder, url


def _size(folder: Path, url: str | None) -> float:
    if url is None:
        return (folder / "matinee.db").stat().st_size / 1e6
    return int(postgres.psql(postgres.name_of(url), "SELECT pg_database_size(current_database())")) / 1e6


async def _median(call: Callable[[int], Awaitable[object]]) -> float:
    took = []
    for number in range(TIMES + WARM):
        begin = time.perf_counter()
        await call(number)
        took.append(time.perf_counter() - begin)
    return 1000 * statistics.median(took[WARM:])


async def verbs(store: Store, size: int, day: int) -> dict[str, float]:
    """Return the milliseconds of each verb, by its name."""
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
        "claim_ms": await _median(claim),
        "wake_ms": await _median(wake),
        "start_ms": await _median(start),
        "history_ms": await _median(history),
        "next_due_ms": await _median(lambda _: store.next_due(after)),
        "places_ms": await _median(lambda _: store.at_provider(PROVIDER)),
        "ready_ms": await _median(lambda _: store.claim_ready(PROVIDER, after, lease=LEASE, most=5)),
    }
