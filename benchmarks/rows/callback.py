"""Row 3: what it costs that a callback is on the disk before it is answered."""

from __future__ import annotations

import contextlib
import statistics
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Figure, Row, Way, in_process
from bot.store.sqlite import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.harness import Scale


def _doors(who: str) -> Callable[[Scale], Mapping[str, float]]:
    def run(scale: Scale) -> dict[str, Any]:
        asked = {
            "who": who,
            "directory": str(scale.directory),
            "generations": 1_000 if scale.quick else 20_000,
            "connections": 50,
            "seconds": 0.4 if scale.quick else 3.0,
        }
        return in_process("benchmarks.ways.callback_doors", asked)

    return run


def raw(scale: Scale, pause: float = 0) -> dict[str, float]:
    """Commit one changed row after the other, durably, with nothing around it but a pause of seconds.

    With a pause the first third doesn't count: a processor that was busy a moment ago is awake.
    """
    seconds = 0.2 if scale.quick else 6 if pause else 1.5
    with contextlib.closing(connect(scale.directory / "raw.db")) as connection:
        connection.execute("CREATE TABLE waits (id INTEGER PRIMARY KEY, woken INTEGER NOT NULL)")
        connection.executemany("INSERT INTO waits VALUES (?, 0)", ((number,) for number in range(1000)))
        commits, end = [], perf_counter() + seconds
        while perf_counter() < end:
            sleep(pause)
            begun = perf_counter()
            connection.execute("UPDATE waits SET woken = woken + 1 WHERE id = ?", (len(commits) % 1000,))
            commits.append(perf_counter() - begun)
    if pause:
        commits = commits[len(commits) // 3 :]
    return {"ms": statistics.median(commits) * 1000}


ROW = Row(
    number="3",
    name="callback",
    question="What does it cost that a callback is checked, written down and on the disk before its 204?",
    ways=(
        Way("ours", _doors("ours")),
        Way("bare aiohttp.web", _doors("bare")),
        Way("one raw commit", raw),
        Way("aiosqlite, one by one", _doors("one by one")),
    ),
    figures=(
        Figure(
            "callbacks/s, 50 connections",
            way="ours",
            value="many_per_s",
            base="bare aiohttp.web",
            target=0.90,
            better="more",
        ),
        Figure(
            "p99 of one connection",
            way="ours",
            value="one_p99_ms",
            base="one raw commit",
            base_value="ms",
            target=10,
        ),
        Figure("p99 of one connection, bare", way="bare aiohttp.web", value="one_p99_ms",
               base="one raw commit", base_value="ms", peer=True),
        Figure("callbacks/s, 50 connections, aiosqlite one by one", way="aiosqlite, one by one",
               value="many_per_s", base="bare aiohttp.web", better="more", peer=True),
        Figure("p99 of one connection, aiosqlite one by one", way="aiosqlite, one by one",
               value="one_p99_ms", base="one raw commit", base_value="ms", peer=True),
    ),
)  # fmt: skip
