"""A rate-limit proxy between a bot's processes and Discord, as nirn-proxy is one.

It keeps one limit for all who call, holds requests back until their turn, copies headers without their case
and without `Content-Length`, and now and then answers by itself.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final, Self

import aiohttp
from aiohttp import hdrs, web

if TYPE_CHECKING:
    from .wire import WireDiscord

BUSY: Final = {
    "generated-by-proxy": "true",
    "x-ratelimit-scope": "user",
    "x-ratelimit-limit": "1",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-after": "1",
    "retry-after": "1",
    "content-type": "application/json",
}
"""What nirn-proxy makes up when it can't pass a request on (lib/queue_manager.go, `Generate429`)."""
OWN: Final = {"host", "content-length", "transfer-encoding", "connection"}


class Proxy:
    """Passes requests on to a modelled Discord, `per_second` of them at most, whoever they come from."""

    def __init__(self, wire: WireDiscord, per_second: int) -> None:
        self.passed: list[tuple[str, str, float]] = []
        """Method, path and moment of each request that went on."""
        self.refused = 0
        """Requests that were answered here."""
        self.busy_for: set[tuple[str, str]] = set()
        """Method and end of the path of requests of which the next is refused."""
        self.url = ""
        self._wire = wire
        self._per_second = per_second
        self._turn = asyncio.Lock()
        self._next = 0.0
        self._runner: web.AppRunner | None = None
        self._client: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=256 << 20)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._client = aiohttp.ClientSession(auto_decompress=False)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/api/v10"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        assert self._client is not None
        await self._runner.cleanup()
        await self._client.close()

    async def _wait(self) -> None:
        async with self._turn:
            wait = self._next - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            self._next = time.monotonic() + 1 / self._per_second

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        assert self._client is not None
        for method, end in self.busy_for:
            if request.method == method and request.path.endswith(end):
                self.busy_for.discard((method, end))
                self.refused += 1
                body = '{"global": false, "message": "You are being rate limited.", "retry_after": 1}'
                return web.Response(status=429, headers=BUSY, text=body)
        data = await request.read()
        await self._wait()
        self.passed.append((request.method, request.path, time.monotonic()))
        headers = {name: value for name, value in request.headers.items() if name.lower() not in OWN}
        address = f"http://{self._wire.host}{request.raw_path}"
        async with self._client.request(request.method, address, data=data, headers=headers) as answer:
            kept = {k.lower(): v for k, v in answer.headers.items() if k.lower() not in OWN}
            kept.pop(hdrs.DATE.lower(), None)
            return web.Response(status=answer.status, headers=kept, body=await answer.read())
