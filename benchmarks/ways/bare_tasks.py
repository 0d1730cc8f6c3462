"""So many asyncio tasks that only sleep, as a program without a database would wait. Given `count`."""

from __future__ import annotations

import asyncio

from benchmarks.harness import answer, given
from benchmarks.resting import resident, rest


async def main(count: int) -> None:
    """Wait, and answer."""
    before = resident()
    tasks = [asyncio.create_task(asyncio.sleep(3600)) for _ in range(count)]
    await asyncio.sleep(0)
    found = await rest(1)
    answer(added_mb=resident() - before, tasks=len(tasks), **found)
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main(given()["count"]))
