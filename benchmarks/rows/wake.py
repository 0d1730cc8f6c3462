"""Row 6: how long a provider's call waits for the next step of its generation."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks import postgres
from benchmarks.filling import Crowd, fill_postgres
from benchmarks.harness import Figure, Row, Way, in_process
from benchmarks.rows.callback import raw

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.harness import Scale

MODULE = "benchmarks.ways.waking"
PAUSE = 0.01
"""Seconds between two calls, and between two raw commits: what has rested takes longer to wake."""


def _asked(scale: Scale, generations: int, pause: float) -> dict[str, Any]:
    return {
        "directory": str(scale.directory),
        "database_url": None,
        "generations": min(generations, 10) if scale.quick else generations,
        "pause": pause,
        "seed": None,
        "lost": False,
    }


def alone(scale: Scale) -> Mapping[str, float]:
    """Call one process on SQLite, which takes the calls and makes the steps."""
    return in_process(MODULE, _asked(scale, 300, PAUSE))


def _two(scale: Scale, asked: dict[str, Any]) -> Mapping[str, float]:
    url = postgres.database()
    try:
        asyncio.run(
            fill_postgres(url, Crowd(waiting=asked["generations"], at=datetime.now(UTC)), scale.directory)
        )
        return in_process(MODULE, asked | {"database_url": url})
    finally:
        postgres.drop(url)


def across(scale: Scale) -> Mapping[str, float]:
    """Call one process on PostgreSQL, while another makes the steps."""
    return _two(scale, _asked(scale, 200, 0.02))


def lost(scale: Scale) -> Mapping[str, float]:
    """Do the same while every NOTIFY is lost; the calls come at any moment between two looks."""
    return _two(scale, _asked(scale, 60, 0.1) | {"lost": True, "seed": scale.round})


def dbos(scale: Scale) -> Mapping[str, float]:
    """Let DBOS on PostgreSQL send a message to workflows that wait."""
    url = postgres.database()
    try:
        asked = {"database_url": postgres.plain(url), "count": 10 if scale.quick else 100, "pause": 0.02}
        return in_process("benchmarks.ways.dbos_waking", asked, python="bench")
    finally:
        postgres.drop(url)


ROW = Row(
    number="6",
    name="wake",
    question="How long does a callback wait until the next step of its generation begins?",
    ways=(
        Way("one process, SQLite", alone),
        Way("two processes, PostgreSQL", across),
        Way("two, NOTIFY lost", lost),
        Way("one raw commit", partial(raw, pause=PAUSE)),
        Way("one raw commit after another", raw),
        Way("DBOS, PostgreSQL", dbos, python="bench"),
    ),
    figures=(
        Figure(
            "p50 in one process",
            way="one process, SQLite",
            value="p50_ms",
            base="one raw commit",
            base_value="ms",
            target=6,
        ),
        Figure("one raw commit, paused", way="one raw commit", value="ms", unit="ms"),
        Figure("one raw commit after another", way="one raw commit after another", value="ms", unit="ms"),
        Figure("p50 across processes", way="two processes, PostgreSQL", value="p50_ms", target=10, unit="ms"),
        Figure(
            "NOTIFY lost, the longest", way="two, NOTIFY lost", value="longest_ms", target=2000, unit="ms"
        ),
        Figure(
            "NOTIFY lost, p50",
            way="two, NOTIFY lost",
            value="p50_ms",
            target=10,
            unit="ms",
            control=True,
        ),
        Figure("DBOS on PostgreSQL, p50", way="DBOS, PostgreSQL", value="p50_ms", unit="ms", peer=True),
    ),
)
