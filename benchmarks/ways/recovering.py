"""From opening to the first claim, in a fresh process whose imports are done.

Given `way` (`claim`: ours; `index`: all that is due, read once; `tasks`: one asyncio task each) and where the
database is: `directory` for SQLite, or `url`.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks.filling import NOW
from benchmarks.harness import answer, given
from bot.store import Store, open_store
from bot.store.rows import COLUMNS, generation_of

LEASE = timedelta(seconds=60)
AT_ONCE = 64
"""What the tracker claims in its first round."""
INDEX = "SELECT due_at, id FROM generations WHERE due_at IS NOT NULL ORDER BY due_at, id"
TASKS = 10_000
OPEN = (
    f"SELECT {', '.join(column.name for column in COLUMNS)} FROM generations WHERE due_at > 0 LIMIT {TASKS}"
)


async def claim(asked: dict[str, Any]) -> dict[str, float]:
    """Open the store as the bot does, and claim; then write the first step of one, too."""
    begin = time.perf_counter()
    store: Store = await open_store(asked.get("url"), Path(asked.get("directory", ".")))
    opened = time.perf_counter()
    claimed = await store.claim(NOW, lease=LEASE, most=AT_ONCE)
    ended = time.perf_counter()
    await store.move(claimed[0], NOW, due_at=NOW + LEASE)
    moved = time.perf_counter()
    await store.close()
    return {
        "ms": 1000 * (ended - begin),
        "open_ms": 1000 * (opened - begin),
        "first_step_ms": 1000 * (moved - begin),
        "rows": len(claimed),
    }


async def index(asked: dict[str, Any]) -> dict[str, float]:
    """Read what is due, and when, of every row."""
    begin = time.perf_counter()
    if "url" in asked:
        connection = await asyncpg.connect(asked["url"].replace("+asyncpg", ""))
        rows = len(await connection.fetch(INDEX))
        ended = time.perf_counter()
        await connection.close()
    else:
        with contextlib.closing(sqlite3.connect(Path(asked["directory"]) / "matinee.db")) as file:
            rows = len(file.execute(INDEX).fetchall())
            ended = time.perf_counter()
    return {"ms": 1000 * (ended - begin), "rows": rows}


async def tasks(asked: dict[str, Any]) -> dict[str, float]:
    """Read open generations and let a task of its own wait for each; ready when each has begun to."""
    begin, waiting = time.perf_counter(), 0
    ready = asyncio.Event()

    async def wait() -> None:
        nonlocal waiting
        waiting += 1
        if waiting == len(every):
            ready.set()
        await asyncio.sleep(3600)

    with contextlib.closing(sqlite3.connect(Path(asked["directory"]) / "matinee.db")) as file:
        every = [generation_of(row) for row in file.execute(OPEN)]
        begun = [asyncio.create_task(wait()) for _ in every]
        await ready.wait()
        ended = time.perf_counter()
    for one in begun:
        one.cancel()
    return {"ms": 1000 * (ended - begin), "rows": len(begun)}


if __name__ == "__main__":
    asked = given()
    answer(**asyncio.run({"claim": claim, "index": index, "tasks": tasks}[asked["way"]](asked)))
