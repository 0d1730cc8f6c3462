"""A worker of procrastinate while jobs are scheduled for later. Given `url`, `count` and `seconds`."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from procrastinate import App, PsycopgConnector

from benchmarks.harness import answer, given
from benchmarks.resting import resident, rest

LATER = """
INSERT INTO procrastinate_jobs (queue_name, task_name, args, scheduled_at)
SELECT 'default', 'film', '{"generation": "0123456789abcdef"}', now() + interval '4 hours'
FROM generate_series(1, %(count)s)
"""
QUIET = "ALTER TABLE procrastinate_jobs DISABLE TRIGGER USER"
"""A hundred thousand notifications at once would keep the worker busy for a while."""
LOUD = "ALTER TABLE procrastinate_jobs ENABLE TRIGGER USER"
SERVERS = """
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def main(asked: dict[str, Any]) -> None:
    """Let a worker rest, without jobs first, and answer."""
    app = App(connector=PsycopgConnector(conninfo=asked["url"]))
    app.task(name="film")(len)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        worker = asyncio.create_task(app.run_worker_async(install_signal_handlers=False))
        await asyncio.sleep(2)
        before = resident()
        for statement in (QUIET, LATER, "ANALYZE procrastinate_jobs", LOUD):
            await app.connector.execute_query_async(statement, count=asked["count"])
        await asyncio.sleep(2)
        servers = [row["pid"] for row in await app.connector.execute_query_all_async(SERVERS)]
        found = await rest(asked["seconds"], servers)
        answer(added_mb=resident() - before, **found)
        worker.cancel()
        await asyncio.wait([worker])


if __name__ == "__main__":
    asyncio.run(main(given()))
    os._exit(0)
