"""Who takes the callbacks: our own doors over the store, or the same server with one route and no store.

Or as one would write it first: that server with one route, and a commit by aiosqlite for each callback.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import aiosqlite
from aiohttp import web

from benchmarks.filling import Crowd, fill_sqlite
from benchmarks.harness import CHECKOUT, answer, given
from bot.app import open_app
from bot.settings import Settings
from bot.signatures import Signer
from bot.store.sqlite import connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

SECRET: Final = "0123456789abcdef0123456789abcdef"
WOKEN: Final = (
    "UPDATE generations SET due_at = min(due_at, ?), woken = woken + 1,"
    " named_task_id = coalesce(task_id, named_task_id, ?) WHERE id = ?"
)


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

    async with _served(taken) as port:
        yield port


@asynccontextmanager
async def one_by_one(directory: Path, generations: int) -> AsyncIterator[int]:
    """Serve one route that checks the token, reads the body, and commits each callback in its turn."""
    await fill_sqlite(directory, Crowd(waiting=generations))
    connect(directory / "matinee.db").close()  # it has a WAL, as ours
    signer, turn = Signer(SECRET.encode()), asyncio.Lock()
    async with aiosqlite.connect(directory / "matinee.db", isolation_level=None) as file:
        await file.execute("PRAGMA synchronous = FULL")

        async def taken(request: web.Request) -> web.Response:
            id_ = signer.read_callback_token(request.match_info["provider"], request.match_info["token"])
            if id_ is None:
                raise web.HTTPNotFound
            said = await request.json()
            async with turn:
                await file.execute("BEGIN IMMEDIATE")
                await file.execute(WOKEN, (time.time_ns() // 1000, said["data"]["taskId"], id_))
                await file.execute("COMMIT")
            return web.Response(status=204)

        async with _served(taken) as port:
            yield port


@asynccontextmanager
async def _served(taken: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[int]:
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
    doors = {"ours": ours, "bare": bare, "one by one": one_by_one}[asked["who"]]
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
