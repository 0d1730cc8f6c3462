"""Who takes the callbacks: our own doors over the store, or the same server with one route and no store."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aiohttp import web

from benchmarks.filling import Crowd, fill_sqlite
from benchmarks.harness import CHECKOUT, answer, given
from bot.app import open_app
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SECRET: Final = "0123456789abcdef0123456789abcdef"


def settings(directory: Path, database_url: str | None = None) -> Settings:
    """Return what a process needs to take calls, or to make steps."""
    directory.mkdir(parents=True, exist_ok=True)
    return Settings(
        data_dir=directory,
        database_url=database_url,
        maxapi_api_key="key",
        secret_key=SECRET,
        listen="127.0.0.1:0",
        admin_listen="127.0.0.1:0",
        public_url="https://films.example",
    )


@asynccontextmanager
async def ours(directory: Path, generations: int) -> AsyncIterator[int]:
    """Open the whole bot over a database of running generations, and only its door to the world."""
    await fill_sqlite(directory, Crowd(waiting=generations))
    async with open_app(settings(directory)) as app:
        await app.public.start()
        yield int(app.callback_address.rpartition(":")[2])
        await app.public.stop()


@asynccontextmanager
async def bare(_directory: Path, _generations: int) -> AsyncIterator[int]:
    """Serve one route that answers 204."""

    async def taken(_request: web.Request) -> web.Response:
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/callbacks/{provider}/{token}", taken)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def main() -> None:
    """Let callers in another process call, and tell what they found, and what it cost here."""
    asked = given()
    doors = ours if asked["who"] == "ours" else bare
    async with doors(Path(asked["directory"]), asked["generations"]) as port:
        told = {"port": port, "secret": SECRET} | {
            name: asked[name] for name in ("generations", "connections", "seconds")
        }
        before = time.process_time()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.ways.callers", json.dumps(told)),
            cwd=CHECKOUT,
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await process.communicate()
        spent = time.process_time() - before
    if process.returncode:
        raise RuntimeError("the callers failed")
    found = json.loads(said)
    answer(**found, cpu_s=spent)


if __name__ == "__main__":
    asyncio.run(main())
