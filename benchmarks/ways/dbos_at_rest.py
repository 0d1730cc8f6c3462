"""DBOS with workflows that wait for a message. Given `directory` (SQLite), `count` and `seconds`."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from dbos import DBOS

from benchmarks.harness import answer, given
from benchmarks.resting import resident, rest

PATIENCE = 14_400.0
"""Seconds that every workflow waits for its message."""


@DBOS.workflow()
async def waiting() -> Any:
    """Wait for what a callback would bring."""
    return await DBOS.recv_async("film", timeout_seconds=PATIENCE)


async def main(asked: dict[str, Any]) -> None:
    """Start them one after the other, rest, and answer."""
    address = f"sqlite:///{asked['directory']}/dbos.sqlite"
    DBOS(config={"name": "waiting", "system_database_url": address, "console_log_level": "ERROR"})
    DBOS.launch()
    before, begin = resident(), time.perf_counter()
    for _ in range(asked["count"]):
        await DBOS.start_workflow_async(waiting)
    per_s = asked["count"] / (time.perf_counter() - begin)
    await asyncio.sleep(2)
    found = await rest(asked["seconds"])
    answer(added_mb=resident() - before, started_per_s=per_s, **found)


if __name__ == "__main__":
    asyncio.run(main(given()))
