"""What may be asked of us over HTTP: callbacks, members' files, signed films; health and metrics.

A callback proves nothing and changes nothing: it wakes the generation that its token names.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from http import HTTPStatus
from stat import S_ISREG
from typing import TYPE_CHECKING

import structlog
from aiohttp import hdrs, web

from bot.door.plain import LARGEST_BODY
from bot.errors import FilesUnavailable, StoreError
from bot.hearing import Hearing, Patience
from bot.listener import RECEPTION
from bot.metrics import MEDIA_TYPE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from aiohttp.abc import AbstractStreamWriter

    from bot.hearing import Wake
    from bot.metrics import Metrics
    from bot.signatures import Signer

    Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]
    Find = Callable[[str], Awaitable[Path | None]]


ADMIN_PATIENCE = 5
"""Seconds that the operator's pages wait for the database. Prometheus itself waits 10 by default."""
_PROVIDER = re.compile(r"[a-z0-9_]{1,32}", re.ASCII)
_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".bmp": "image/bmp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".gif": "image/gif",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
}
_HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; media-src 'self'; img-src 'self'; sandbox",
    "Referrer-Policy": "no-referrer",
    hdrs.CACHE_CONTROL: "private, max-age=3600",
}
log = structlog.get_logger("matinee.callbacks")


class _KeptFile(web.FileResponse):
    """A file of ours, sent as what it is to nobody who takes it too slowly."""

    def __init__(self, path: Path, media_type: str, *, limit: float) -> None:
        super().__init__(path, headers={hdrs.CONTENT_TYPE: media_type, **_HARMLESS})
        self._limit = limit

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        try:
            async with asyncio.timeout(self._limit):
                return await super().prepare(request)
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError("taken too slowly") from None


class _Doors:
    """Answers the three paths that face the internet."""

    def __init__(
        self,
        *,
        signer: Signer,
        hearing: Hearing,
        media: Find,
        film: Find,
        clock: Callable[[], datetime],
        patience: Patience,
    ) -> None:
        self._signer = signer
        self._hearing = hearing
        self._media = media
        self._film = film
        self._clock = clock
        self._patience = patience

    async def callback(self, request: web.Request) -> web.StreamResponse:
        """Wake the generation that the token names, whatever the body says."""
        provider, token = request.match_info["provider"], request.match_info["token"]
        known = _PROVIDER.fullmatch(provider) and token.isascii()
        generation = self._hearing.generation(provider, token) if known else None
        if generation is None:
            return _empty(*self._hearing.stranger(request.remote or ""))
        body: bytes | None = None
        try:
            async with asyncio.timeout(self._patience.callback.total_seconds()):
                body = await _body_of(request)
                if body is None:
                    return _empty(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, closing=True)
                return _empty(*await self._hearing.heard(provider, generation, body, request.remote or ""))
        except TimeoutError:
            late = HTTPStatus.REQUEST_TIMEOUT if body is None else HTTPStatus.SERVICE_UNAVAILABLE
            return _empty(late, closing=True)

    async def media(self, request: web.Request) -> web.StreamResponse:
        """Serve a member's file under its unguessable name."""
        name = request.match_info["name"] + request.match_info["extension"]
        media_type = _TYPES.get(request.match_info["extension"], "application/octet-stream")
        return await self._file(self._media, name, media_type)

    async def film(self, request: web.Request) -> web.StreamResponse:
        """Serve a film to whoever has a link that we signed and that still works."""
        generation, moment, signature = (request.match_info[part] for part in ("id", "moment", "signature"))
        if not self._signer.film_link_is_good(generation, moment, signature, self._clock()):
            return web.Response(status=HTTPStatus.NOT_FOUND)
        response = await self._file(self._film, generation, "video/mp4")
        response.headers[hdrs.CONTENT_DISPOSITION] = f'inline; filename="{generation}.mp4"'
        return response

    async def _file(self, find: Find, name: str, media_type: str) -> web.StreamResponse:
        try:
            path = await find(name)
        except (FilesUnavailable, StoreError) as error:
            log.warning("file_not_served", error=type(error).__name__)
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        size = None if path is None else await asyncio.to_thread(_size_of, path)
        if path is None or size is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        limit = self._patience.pause.total_seconds() + size / self._patience.slowest
        return _KeptFile(path, media_type, limit=limit)


def _size_of(path: Path) -> int | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size if S_ISREG(found.st_mode) else None


async def _body_of(request: web.Request) -> bytes | None:
    """Return the body as it came, or None if it is too long. It is never unpacked."""
    if (request.content_length or 0) > LARGEST_BODY:
        return None
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _empty(status: HTTPStatus, closing: bool = False) -> web.Response:
    response = web.Response(status=status)
    if closing:
        response.force_close()
    return response


@web.middleware
async def _say_nothing(request: web.Request, handler: Respond) -> web.StreamResponse:
    """Turn every refusal into an empty answer that tells nothing about us."""
    try:
        return await handler(request)
    except web.HTTPException as refusal:
        allow = {hdrs.ALLOW: refusal.headers[hdrs.ALLOW]} if hdrs.ALLOW in refusal.headers else None
        return web.Response(status=refusal.status, headers=allow)
    except ConnectionError:
        raise
    except Exception:
        log.exception("request_failed", method=request.method)
        return _empty(HTTPStatus.INTERNAL_SERVER_ERROR, closing=True)


async def _nameless(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.pop(hdrs.SERVER, None)


async def _expect(request: web.Request) -> None:
    """Ask for the body where the client waits to be asked; other expectations are none of ours."""
    if request.headers.get(hdrs.EXPECT, "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")


def callback_app(
    *,
    signer: Signer,
    wake: Callable[[Sequence[Wake]], Awaitable[Sequence[bool]]],
    named_task: Callable[[str, bytes], str | None],
    media: Find,
    film: Find,
    clock: Callable[[], datetime],
    metrics: Metrics,
    patience: Patience | None = None,
) -> web.Application:
    """Return the application that faces the internet: `/callbacks`, `/media`, `/films`, and nothing else.

    `named_task(provider, body)` may learn the provider task's id from the body; `wake(wakes)` writes all that
    down, makes the generations due, and says which of them exist. Neither is called without a genuine token.
    `media(name)` and `film(generation)` return where a file lies here, or None, and may raise
    `FilesUnavailable`.
    """
    patience = patience or Patience()
    hearing = Hearing(
        signer=signer,
        wake=wake,
        named_task=named_task,
        clock=clock,
        metrics=metrics,
        patience=patience.callback,
    )
    doors = _Doors(signer=signer, hearing=hearing, media=media, film=film, clock=clock, patience=patience)
    app = web.Application(middlewares=[_say_nothing])
    app.on_response_prepare.append(_nameless)
    app[RECEPTION] = hearing
    routes = app.router
    routes.add_post("/callbacks/{provider}/{token}", doors.callback, expect_handler=_expect)
    routes.add_get(r"/media/{name:[0-9a-f]{32}}{extension:\.[a-z0-9]{1,5}}", doors.media)
    routes.add_get("/films/{id:[0-9a-f]{16}}/{moment:[0-9]{1,11}}/{signature:[0-9a-f]{32}}.mp4", doors.film)
    return app


def admin_app(
    ready: Callable[[], Awaitable[list[str]]],
    count: Callable[[], Awaitable[None]],
    metrics: Metrics,
    stands_still: Callable[[], bool] = lambda: False,
) -> web.Application:
    """Return the application for the operator: `/healthz`, `/readyz`, `/metrics`.

    `ready()` returns why the bot isn't ready, one sentence each; nothing: it is. `count()` brings the
    metrics up to date with the database; where it raises `StoreError` or takes long, the last counts stand.
    `stands_still()` says that only a restart can help.
    """

    async def healthz(_request: web.Request) -> web.Response:
        if stands_still():
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, text="the tracker stands still\n")
        return web.Response(text="alive\n")

    async def readyz(_request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(ADMIN_PATIENCE):
                reasons = await ready()
        except TimeoutError:
            reasons = ["the check itself takes too long"]
        status = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
        return web.Response(status=status, text="".join(f"{reason}\n" for reason in reasons or ["ready"]))

    async def page(_request: web.Request) -> web.Response:
        with contextlib.suppress(StoreError, TimeoutError):
            async with asyncio.timeout(ADMIN_PATIENCE):
                await count()
        return web.Response(body=metrics.page(), headers={hdrs.CONTENT_TYPE: MEDIA_TYPE})

    app = web.Application(middlewares=[_say_nothing])
    app.on_response_prepare.append(_nameless)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", page)
    return app
