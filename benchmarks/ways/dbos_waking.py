"""DBOS, woken by messages: each of many workflows is sent one. Given `database_url`, `count` and `pause`."""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import Any

from dbos import DBOS

from benchmarks.harness import answer, given

PATIENCE = 600.0
sent: dict[str, float] = {}
took: list[float] = []


@DBOS.workflow()
async def waiting() -> None:
    """Wait for what a callback would bring, and note how long it came after it was sent."""
    await DBOS.recv_async("film", timeout_seconds=PATIENCE)
    took.append(time.perf_counter() - sent[DBOS.workflow_id or ""])


async def main(asked: dict[str, Any]) -> None:
    """Start them, let them wait, wake one after the other, and answer."""
    DBOS(
        config={"name": "waking", "system_database_url": asked["database_url"], "console_log_level": "ERROR"}
    )
    DBOS.launch()
    handles = [await DBOS.start_workflow_async(waiting) for _ in range(asked["count"])]
    await asyncio.sleep(2)
    for handle in handles:
        sent[handle.workflow_id] = time.perf_counter()
        await DBOS.send_async(handle.workflow_id, "done", "film")
        await asyncio.sleep(asked["pause"])
    for handle in handles:
        await handle.get_result()
    answer(p50_ms=1000 * statistics.median(took), longest_ms=1000 * max(took))


if __name__ == "__main__":
    asyncio.run(main(given()))
