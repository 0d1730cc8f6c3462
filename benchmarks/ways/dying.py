"""A bot that works for a moment and dies in the midst of it. Given `directory`, where its database lies."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from benchmarks.filling import NOW
from benchmarks.harness import given
from bot.store import open_store

CALLERS = 50
WAKES = 1_400
"""Callbacks before the end: the log beside the file has been moved into it once, and is half full again."""


async def main(directory: Path) -> None:
    """Take callbacks for films all over the table, then die without a word."""
    store = await open_store(None, directory)
    ids = iter([f"{number * 61:016x}" for number in range(WAKES)])

    async def caller() -> None:
        for one in ids:
            await store.wake(one, NOW)

    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(main(Path(given()["directory"])))
