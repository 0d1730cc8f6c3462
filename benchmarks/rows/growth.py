"""What the past costs: the same work with a thousand rows in the table, and with a million."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from benchmarks import postgres
from benchmarks.grown import Stores
from benchmarks.harness import Figure, Row, Scale, Way, in_process
from benchmarks.rows.waiting import added_memory

if TYPE_CHECKING:
    from collections.abc import Mapping

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
DATABASES: Final = ("SQLite", "PostgreSQL")
VERBS: Final = {
    "claim_ms": "claim of 100 due",
    "wake_ms": "wake by a callback",
    "start_ms": "start",
    "history_ms": "page of /videos",
    "next_due_ms": "next due",
    "places_ms": "places taken",
    "ready_ms": "look for something to send",
}
JOBS: Final = (1_000, 100_000)
_stores: Final = Stores()
_found: Final[dict[tuple[int, bool], Mapping[int, Mapping[str, float]]]] = {}


def _grown(scale: Scale, *, size: int, on_postgres: bool) -> Mapping[str, float]:
    """Return what a size takes. The first way of a database in a round measures all its sizes together."""
    sizes = SIZES[:1] if scale.quick else SIZES
    key = (scale.round, on_postgres)
    if key not in _found:
        _found[key] = _stores.measured(sizes, scale.directory.parent / "grown", on_postgres=on_postgres)
    return _found[key][min(size, sizes[-1])]


def _memory(scale: Scale, *, on_postgres: bool) -> Mapping[str, float]:
    return added_memory(scale, on_postgres=on_postgres)


def _procrastinate(_: Scale) -> Mapping[str, float]:
    url = postgres.database()
    asked = {"url": postgres.plain(url), "counts": JOBS}
    try:
        return in_process("benchmarks.ways.procrastinate_fetch", asked, python="bench")
    finally:
        postgres.drop(url)


def _named(database: str, size: int) -> str:
    return f"{database}, {size:,}"


def _ratio(database: str, value: str) -> Figure:
    return Figure(
        f"{VERBS[value]}, 1,000 → 1,000,000 rows on {database}",
        way=_named(database, SIZES[-1]),
        value=value,
        base=_named(database, SIZES[0]),
        target=1.3 if value == "claim_ms" else None,
    )


ROW: Final = Row(
    number="12",
    name="growth",
    question="What does the same work cost among a million generations, and what memory do they take?",
    ways=(
        *(
            Way(_named(database, size), partial(_grown, size=size, on_postgres=database == "PostgreSQL"))
            for database in DATABASES
            for size in SIZES
        ),
        Way("memory on SQLite", partial(_memory, on_postgres=False)),
        Way("memory on PostgreSQL", partial(_memory, on_postgres=True)),
        Way("procrastinate", _procrastinate, python="bench"),
    ),
    figures=(
        *(_ratio(database, "claim_ms") for database in DATABASES),
        *(
            Figure(
                f"memory, 0 → 100,000 waiting on {database}",
                way=f"memory on {database}",
                value="added_mb",
                target=12,
                unit="MB",
            )
            for database in DATABASES
        ),
        *(_ratio(database, value) for value in VERBS if value != "claim_ms" for database in DATABASES),
        Figure(
            "procrastinate's fetch, 1,000 → 100,000 jobs scheduled for later",
            way="procrastinate",
            value=f"fetch_{JOBS[-1]}_ms",
            base="procrastinate",
            base_value=f"fetch_{JOBS[0]}_ms",
            peer=True,
        ),
    ),
)
"""Curves over all sizes are drawn by `benchmarks.pictures` from the rounds that are kept."""
