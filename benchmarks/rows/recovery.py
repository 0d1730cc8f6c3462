"""What a start costs after a kill: the more was open, the longer others take."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
from functools import partial
from typing import TYPE_CHECKING, Final

from benchmarks import postgres
from benchmarks.filling import Crowd, fill_postgres, fill_sqlite
from benchmarks.harness import CHECKOUT, Figure, Row, Scale, Way, in_process, interpreter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from benchmarks.harness import Python

DUE: Final = 100
OPEN: Final = 100_000
WORKFLOWS: Final = 300
"""DBOS recovers them one after the other; as many as ours would take it ten minutes a round."""
_postgres: Final[dict[int, str]] = {}


def _crowd(scale: Scale) -> Crowd:
    return Crowd(waiting=(1_000 if scale.quick else OPEN) - DUE, due=DUE)


def _killed(module: str, asked: Mapping[str, object], *, python: Python = "own") -> None:
    """Run a process that kills itself in the midst of its work. Raises `RuntimeError` where it doesn't."""
    ended = subprocess.run(
        [interpreter(python), "-m", module, json.dumps(asked)],
        cwd=CHECKOUT,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode != -signal.SIGKILL:
        raise RuntimeError(f"{module} ended with {ended.returncode}: {ended.stderr[-2000:]}")


def _left(scale: Scale) -> Path:
    """Return a folder as a killed bot left it. The table is filled once for all rounds."""
    template = scale.directory.parent / "recovery"
    if not template.exists():
        template.mkdir()
        asyncio.run(fill_sqlite(template, _crowd(scale)))
    shutil.copy(template / "matinee.db", scale.directory)
    _killed("benchmarks.ways.dying", {"directory": str(scale.directory)})
    return scale.directory


def _on_sqlite(scale: Scale, *, way: str) -> Mapping[str, float]:
    folder = _left(scale)
    log = (folder / "matinee.db-wal").stat().st_size
    asked = {"way": way, "directory": str(folder)}
    return in_process("benchmarks.ways.recovering", asked) | {"log_mb": log / 1e6}


def _found_changed(scale: Scale) -> Mapping[str, float]:
    """Open what somebody else has written since: the whole file is looked at first."""
    folder = _left(scale)
    os.utime(folder / "matinee.db")
    return in_process("benchmarks.ways.recovering", {"way": "claim", "directory": str(folder)})


def _on_postgres(scale: Scale, *, way: str) -> Mapping[str, float]:
    crowd = _crowd(scale)
    if crowd.size not in _postgres:
        url = postgres.database()
        folder = scale.directory / "filling"
        folder.mkdir()
        asyncio.run(fill_postgres(url, crowd, folder))
        _postgres[crowd.size] = url
    postgres.psql(postgres.name_of(_postgres[crowd.size]), "UPDATE generations SET lease_until = NULL"
                  " WHERE lease_until IS NOT NULL")  # fmt: skip
    return in_process("benchmarks.ways.recovering", {"way": way, "url": _postgres[crowd.size]})


def _dbos(scale: Scale) -> Mapping[str, float]:
    asked = {"directory": str(scale.directory), "count": 20 if scale.quick else WORKFLOWS}
    _killed("benchmarks.ways.dbos_recovering", asked | {"dies": True}, python="bench")
    found = in_process("benchmarks.ways.dbos_recovering", asked | {"dies": False}, python="bench")
    return found | {"each_us": 1000 * found["ms"] / found["rows"]}


def _each(scale: Scale, *, way: str) -> Mapping[str, float]:
    found = _on_sqlite(scale, way=way)
    return {**found, "each_us": 1000 * found["ms"] / found["rows"]}


INDEX: Final = "reading the due index"
ON_POSTGRES: Final = "reading the due index on PostgreSQL"
ROW: Final = Row(
    number="5",
    name="recovery",
    question="How soon after kill -9 is the first of 100,000 open generations worked on again?",
    ways=(
        Way("ours", partial(_on_sqlite, way="claim")),
        Way(INDEX, partial(_each, way="index")),
        Way("one asyncio task each", partial(_each, way="tasks")),
        Way("ours, written by somebody else", _found_changed),
        Way("ours on PostgreSQL", partial(_on_postgres, way="claim")),
        Way(ON_POSTGRES, partial(_on_postgres, way="index")),
        Way("DBOS on SQLite", _dbos, python="bench"),
    ),
    figures=(
        Figure("open → first claim", way="ours", value="ms", base=INDEX, target=1.0),
        Figure("open → first claim on PostgreSQL", way="ours on PostgreSQL", value="ms", base=ON_POSTGRES,
               target=1.0),
        Figure("open → first claim", way="ours", value="ms", unit="ms"),
        Figure("open → first step written", way="ours", value="first_step_ms", base=INDEX,
               base_value="ms"),
        Figure("open → first claim, the file changed by somebody else", way="ours, written by somebody else",
               value="ms", base=INDEX, note="the whole file is looked at first"),
        Figure("one asyncio task each, for one generation", way="one asyncio task each", value="each_us",
               base=INDEX, peer=True, note="of 10,000"),
        Figure("DBOS, for one generation", way="DBOS on SQLite", value="each_us", base=INDEX, peer=True,
               note="of 300 workflows that wait"),
    ),
)  # fmt: skip
