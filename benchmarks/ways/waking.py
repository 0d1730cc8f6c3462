"""How long it takes from a provider's call until the next step of its generation begins.

The call comes from one process, and the step begins in this one: behind its own doors on SQLite, or, on
PostgreSQL, after another process has taken the call. What the step does isn't measured: it only notes when
it began. All processes of a machine see the same monotonic clock.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from benchmarks.beside import beside
from benchmarks.filling import Crowd, fill_sqlite
from benchmarks.harness import CHECKOUT, answer, given
from benchmarks.ways.callback_doors import SECRET, settings
from bot.app import open_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.running import App


def port_of(app: App) -> int:
    """Return where an app takes calls."""
    return int(app.callback_address.rpartition(":")[2])


@asynccontextmanager
async def tracking(app: App) -> AsyncIterator[dict[str, float]]:
    """Run the rounds; give when the step of each generation began."""
    begun: dict[str, float] = {}
    tracker: Any = app.tracker

    async def walk(generation: Any, _step: object) -> None:
        begun.setdefault(generation.id, perf_counter())

    assert tracker._walk  # noqa: SLF001 - what a step does once it has begun; all around it stays
    tracker._walk = walk  # noqa: SLF001
    running = asyncio.create_task(tracker.run())
    yield begun
    await tracker.stop(timedelta(seconds=1))
    await running


async def doors(asked: dict[str, Any]) -> None:
    """Take calls until nobody wants it any more; `lost`: tell no other process."""
    async with open_app(settings(Path(asked["directory"]) / "doors", asked["database_url"])) as app:
        if asked["lost"]:
            engine: Any = app.store.engine
            engine._wakeups.say = lambda: None  # noqa: SLF001
        await app.public.start()
        print(port_of(app), flush=True)
        await asyncio.to_thread(sys.stdin.read)
        await app.public.stop()


async def called(port: int, asked: dict[str, Any]) -> dict[str, float]:
    """Let somebody call once for each generation; return when each call left."""
    told = {"port": port, "secret": SECRET} | {name: asked[name] for name in ("pause", "seed", "generations")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.ways.callers", json.dumps(told | {"one_by_one": True})),
        cwd=CHECKOUT,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    left: dict[str, float] = json.loads(said)["left"]
    return left


async def main(asked: dict[str, Any]) -> None:
    """Let calls come, and tell how long their steps let them wait, in milliseconds."""
    directory, url = Path(asked["directory"]), asked["database_url"]
    if url is None:
        await fill_sqlite(directory / "worker", Crowd(waiting=asked["generations"], at=datetime.now(UTC)))
    async with open_app(settings(directory / "worker", url)) as app, tracking(app) as begun:
        if url is None:
            await app.public.start()
            left = await called(port_of(app), asked)
            await app.public.stop()
        else:
            elsewhere = json.dumps(asked | {"who": "doors"})
            with beside("benchmarks.ways.waking", elsewhere) as port:
                left = await called(port, asked)
        async with asyncio.timeout(10):
            while not left.keys() <= begun.keys():  # noqa: ASYNC110 - the tracker tells nobody
                await asyncio.sleep(0.05)
    waits = sorted(
        (begun[id_] - since) * 1000 for id_, since in list(left.items())[asked["generations"] // 10 :]
    )
    answer(p50_ms=statistics.median(waits), p99_ms=waits[int(len(waits) * 0.99)], longest_ms=waits[-1])


if __name__ == "__main__":
    ask = given()
    asyncio.run(doors(ask) if ask.get("who") == "doors" else main(ask))
