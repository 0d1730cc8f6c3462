"""The same writes as one would make them first: aiosqlite, each transaction by itself, in turn.

Given `directory` (with a database), `transactions` a second, `commands`, and `each_s` of those. Nobody is
answered here and no film streams: it is the wait for the commit alone.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiosqlite

from benchmarks.harness import answer, given
from benchmarks.ways.burning import TICK, percentile
from benchmarks.ways.starting import commands, transaction
from bot.store.sqlite import connect

if TYPE_CHECKING:
    from benchmarks.ways.starting import Command

MOVE = "UPDATE generations SET due_at = due_at + 1, version = version + 1, progress = ? WHERE id = ?"


async def measure(asked: dict[str, Any]) -> dict[str, float]:
    """Offer both at their rates; return how long commands waited."""
    waited: list[float] = []
    written, turn = 0, asyncio.Lock()
    async with aiosqlite.connect(Path(asked["directory"]) / "matinee.db", isolation_level=None) as file:
        await file.execute("PRAGMA synchronous = FULL")

        async def move(number: int) -> None:
            nonlocal written
            async with turn:
                await file.execute("BEGIN IMMEDIATE")
                await file.execute(MOVE, (number % 100, f"{number % 1000 * 7:016x}"))
                await file.execute("COMMIT")
            written += 1

        async def start(command: Command) -> None:
            began = time.perf_counter()
            async with turn:
                await file._execute(transaction, file._conn, command)  # type: ignore[no-untyped-call]  # noqa: SLF001
            waited.append(time.perf_counter() - began)

        began, offered, begun = time.perf_counter(), 0, set()
        for number, command in enumerate(commands(asked["commands"])):
            while (gone := time.perf_counter() - began) < number / asked["each_s"]:
                due, offered = int(gone * asked["transactions"]) - offered, int(gone * asked["transactions"])
                begun |= {asyncio.create_task(move(offered - one)) for one in range(due)}
                await asyncio.sleep(TICK)
            begun.add(asyncio.create_task(start(command)))
        per_s = written / (time.perf_counter() - began)
        await asyncio.gather(*begun)
    return {"p99": percentile(waited, 99), "p50": percentile(waited, 50), "tx_per_s": per_s}


if __name__ == "__main__":
    asked = given()
    connect(Path(asked["directory"]) / "matinee.db").close()  # it has a WAL, as ours
    answer(**asyncio.run(measure(asked)))
