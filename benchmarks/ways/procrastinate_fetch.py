"""What procrastinate takes to find that nothing is due, among jobs that are scheduled for later.

Given `url` and `counts`; the answer has milliseconds, `fetch_1000_ms` for a thousand jobs.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import Any

from procrastinate import App, PsycopgConnector

from benchmarks.harness import answer, given
from benchmarks.ways.procrastinate_at_rest import LATER, QUIET

TIMES = 15
WARM = 2


async def main(asked: dict[str, Any]) -> None:
    """Schedule more and more, fetch, and answer."""
    app = App(connector=PsycopgConnector(conninfo=asked["url"]))
    found, there = {}, 0
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await app.connector.execute_query_async(QUIET)
        worker = await app.job_manager.register_worker()
        for count in asked["counts"]:
            await app.connector.execute_query_async(LATER, count=count - there)
            await app.connector.execute_query_async("ANALYZE procrastinate_jobs")
            there, took = count, []
            for _ in range(TIMES + WARM):
                begin = time.perf_counter()
                assert await app.job_manager.fetch_job(queues=None, worker_id=worker) is None
                took.append(time.perf_counter() - begin)
            found[f"fetch_{count}_ms"] = 1000 * statistics.median(took[WARM:])
    answer(**found)


if __name__ == "__main__":
    asyncio.run(main(given()))
