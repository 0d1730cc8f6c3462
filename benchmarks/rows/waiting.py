"""What a hundred thousand generations cost that only wait for their films."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from benchmarks import postgres
from benchmarks.filling import Crowd, fill_postgres, fill_sqlite
from benchmarks.harness import Figure, Row, Scale, Way, in_process

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

COUNT: Final = 100_000
WORKFLOWS: Final = 1_000
"""Of DBOS, which starts a hundred or two a second."""
SECONDS: Final = 31.0
"""Longer than the tracker ever sleeps: every one has a round in it."""
THEIR_SECONDS: Final = 20.0


class Together:
    """Ways that rest at the same time: each in processes of its own, which take next to nothing."""

    def __init__(self, ways: Mapping[str, Callable[[Scale], Mapping[str, float]]]) -> None:
        self._ways = ways
        self._round = 0
        self._resting: dict[str, Future[Mapping[str, float]]] = {}

    def way(self, name: str) -> Callable[[Scale], Mapping[str, float]]:
        """Return one of them; the first in a round lets all begin, each other one waits for its own."""

        def run(scale: Scale) -> Mapping[str, float]:
            if scale.round != self._round:
                self._round, self._resting = scale.round, self._begun(scale)
            return self._resting[name].result()

        return run

    def _begun(self, scale: Scale) -> dict[str, Future[Mapping[str, float]]]:
        pool = ThreadPoolExecutor(len(self._ways))
        begun = {name: pool.submit(run, scale) for name, run in self._ways.items()}
        pool.shutdown(wait=False)
        return begun


def _few(scale: Scale) -> int:
    return COUNT // 100 if scale.quick else COUNT


def _folder(scale: Scale, name: str) -> tuple[str, bool]:
    """Return a folder that lasts for all rounds, and whether it is new."""
    folder = scale.directory.parent / f"waiting-{name}"
    new = not folder.exists()
    folder.mkdir(exist_ok=True)
    return str(folder), new


_urls: dict[int, str] = {}
_turn = Lock()


def _crowded(scale: Scale, count: int, *, on_postgres: bool) -> tuple[str, str | None]:
    """Return the folder and the address of a database in which so many wait, filled once for all rounds."""
    with _turn:
        folder, new = _folder(scale, f"{'postgres' if on_postgres else 'sqlite'}-{count}")
        crowd = Crowd(waiting=count, at=datetime.now(UTC))
        if new and on_postgres:
            _urls[count] = postgres.database()
            asyncio.run(fill_postgres(_urls[count], crowd, Path(folder)))
        elif new:
            asyncio.run(fill_sqlite(Path(folder), crowd))
        return folder, _urls[count] if on_postgres else None


def added_memory(scale: Scale, *, on_postgres: bool, seconds: float = 1.0) -> dict[str, float]:
    """Let two bots rest, one with 100,000 that wait; return what these add, and the processor time."""

    def rested(count: int) -> dict[str, float]:
        folder, url = _crowded(scale, count, on_postgres=on_postgres)
        asked = {"directory": folder, "url": url, "seconds": 1.0 if scale.quick else seconds}
        return in_process("benchmarks.ways.at_rest", asked)

    with ThreadPoolExecutor(2) as pool:
        empty, full = pool.map(rested, (0, _few(scale)))
    told = {name: full[name] for name in ("memory_mb", "percent", "server_percent", "together_percent")}
    return told | {"added_mb": full["memory_mb"] - empty["memory_mb"], "empty_percent": empty["percent"]}


def _on_sqlite(scale: Scale) -> dict[str, float]:
    return added_memory(scale, on_postgres=False, seconds=SECONDS)


def _on_postgres(scale: Scale) -> dict[str, float]:
    return added_memory(scale, on_postgres=True, seconds=SECONDS)


def _tasks(scale: Scale) -> dict[str, float]:
    return in_process("benchmarks.ways.bare_tasks", {"count": _few(scale)})


def _dbos(scale: Scale) -> dict[str, float]:
    folder, _ = _folder(scale, f"dbos-{scale.round}")
    count, seconds = (20, 1.0) if scale.quick else (WORKFLOWS, THEIR_SECONDS)
    asked = {"directory": folder, "count": count, "seconds": seconds}
    return in_process("benchmarks.ways.dbos_at_rest", asked, python="bench")


def _procrastinate(scale: Scale) -> dict[str, float]:
    url = postgres.database()
    seconds = 1.0 if scale.quick else THEIR_SECONDS
    asked = {"url": postgres.plain(url), "count": _few(scale), "seconds": seconds}
    try:
        return in_process("benchmarks.ways.procrastinate_at_rest", asked, python="bench")
    finally:
        postgres.drop(url)


TASKS: Final = "100,000 bare tasks"
SQLITE: Final = "SQLite, 100,000"
POSTGRES: Final = "PostgreSQL, 100,000"
DBOS: Final = "DBOS on SQLite, 1,000"
PROCRASTINATE: Final = "procrastinate on PostgreSQL, 100,000"
_together = Together({SQLITE: _on_sqlite, POSTGRES: _on_postgres, DBOS: _dbos, PROCRASTINATE: _procrastinate})
ROW: Final = Row(
    number="4",
    name="waiting",
    question="What do 100,000 generations cost that only wait, in memory and in processor time?",
    ways=(
        Way(TASKS, _tasks),
        Way(SQLITE, _together.way(SQLITE)),
        Way(POSTGRES, _together.way(POSTGRES)),
        Way(DBOS, _together.way(DBOS), python="bench"),
        Way(PROCRASTINATE, _together.way(PROCRASTINATE), python="bench"),
    ),
    figures=(
        Figure("added memory on SQLite ÷ bare tasks", way=SQLITE, value="added_mb", base=TASKS, target=0.10),
        Figure("idle on SQLite, of a core", way=SQLITE, value="percent", target=0.05, unit="%"),
        Figure(
            "added memory on PostgreSQL ÷ bare tasks", way=POSTGRES, value="added_mb", base=TASKS, target=0.10
        ),
        Figure("idle on PostgreSQL, of a core", way=POSTGRES, value="percent", target=0.05, unit="%"),
        Figure("PostgreSQL's own share, besides", way=POSTGRES, value="server_percent", unit="%"),
        Figure("both together", way=POSTGRES, value="together_percent", unit="%"),
        Figure("added memory of DBOS, 1,000 workflows", way=DBOS, value="added_mb", unit="MB", peer=True),
        Figure("idle of a core: DBOS, 1,000 workflows", way=DBOS, value="percent", unit="%", peer=True),
        Figure(
            "idle of a core: procrastinate, 100,000 jobs",
            way=PROCRASTINATE,
            value="percent",
            unit="%",
            peer=True,
        ),
        Figure(
            "PostgreSQL's share for procrastinate",
            way=PROCRASTINATE,
            value="server_percent",
            unit="%",
            peer=True,
        ),
        Figure("tasks kept by hand", way=TASKS, value="added_mb", unit="MB", peer=True),
    ),
)
"""The bot runs whole but for Discord's gateway, which would add a heartbeat every 41 seconds."""
