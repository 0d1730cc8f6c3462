"""A bench for the stand-ins: their own time, a listener for callbacks and media, and files to give them."""

from __future__ import annotations

import asyncio
import functools
import io
import wave
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

import aiohttp
import av
from aiohttp import web
from PIL import Image

from bot.demo.stand_ins import KEYS, StandIns

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.demo.film import FilmOrder

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
FILM = b"\0\0\0\x08free" * 100
"""What the bench's cheap projector makes."""


class Time:
    """Time that only moves when it is told to."""

    def __init__(self) -> None:
        self.now = START
        self.slept: list[float] = []
        self._waiting: list[tuple[datetime, int, asyncio.Future[None]]] = []

    def clock(self) -> datetime:
        """Return the time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Wait until the time was moved so far."""
        self.slept.append(seconds)
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((self.now + timedelta(seconds=seconds), len(self.slept), waiter))
        await waiter

    async def go(self, seconds: float) -> None:
        """Move time, waking everybody in order."""
        end = self.now + timedelta(seconds=seconds)
        await settle()
        while due := [entry for entry in self._waiting if entry[0] <= end]:
            first = min(due, key=lambda entry: entry[:2])
            self._waiting.remove(first)
            self.now = max(self.now, first[0])
            if not first[2].done():
                first[2].set_result(None)
            await settle()
        self.now = end

    async def run(self, true: Callable[[], object]) -> None:
        """Let time pass wherever somebody waits for it, until something is so."""
        async with asyncio.timeout(5):
            while not true():
                due = min((entry[0] for entry in self._waiting), default=self.now)
                await self.go((due - self.now).total_seconds())
                await asyncio.sleep(0.002)


async def settle() -> None:
    """Let everything that is ready run."""
    for _ in range(25):
        await asyncio.sleep(0)


async def until(true: Callable[[], object]) -> None:
    """Wait for something that sockets bring."""
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - sockets tell no event
            await asyncio.sleep(0.002)


@dataclass
class Listener:
    """Somebody who hosts media and is called back."""

    url: str = ""
    media: dict[str, bytes] = field(default_factory=dict)
    heard: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    """Statuses for the next callbacks; then 204. 0: no answer at all."""

    def host(self, name: str, data: bytes) -> str:
        """Host a file and return its address."""
        self.media[name] = data
        return f"{self.url}/media/{name}"

    async def serve_media(self, request: web.Request) -> web.Response:
        """Give a hosted file."""
        data = self.media.get(request.match_info["name"])
        return web.Response(body=data) if data is not None else web.Response(status=404)

    async def hear(self, request: web.Request) -> web.Response:
        """Take a callback."""
        self.heard.append(await request.json())
        status = self.answers.pop(0) if self.answers else 204
        if status == 0:
            await asyncio.sleep(60)
        return web.Response(status=status)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes([web.get("/media/{name}", self.serve_media), web.post("/callback", self.hear)])
        self._runner = web.AppRunner(app, shutdown_timeout=0, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()


@dataclass
class Bench:
    """Everything a test needs."""

    stand_ins: StandIns
    session: aiohttp.ClientSession
    time: Time
    listener: Listener
    ordered: list[FilmOrder]

    async def ask(
        self, provider: str, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        """Send a request with the right key and return status and JSON."""
        url = f"{self.stand_ins.base_url(provider)}{path}"
        headers = {"Authorization": f"Bearer {KEYS[provider]}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        async with self.session.request(method, url, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    @property
    def callback(self) -> str:
        """Where callbacks are heard."""
        return f"{self.listener.url}/callback"


def picture(width: int = 640, height: int = 480, kind: str = "PNG", colour: str = "teal") -> bytes:
    """Return a picture file."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, kind)
    return file.getvalue()


@functools.cache
def clip(
    seconds: float = 2.0, size: tuple[int, int] = (720, 640), rate: int = 24, kind: str = "mp4"
) -> bytes:
    """Return an H.264 clip of one colour."""
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as film:
        stream = film.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "threads": "1"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        seen = av.VideoFrame.from_image(Image.new("RGB", size, "orange"))
        for number in range(round(seconds * rate)):
            seen.pts = number
            film.mux(stream.encode(seen))
        film.mux(stream.encode(None))
    return file.getvalue()


def sound(seconds: float = 2.0) -> bytes:
    """Return a silent WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, 8_000, 0, "NONE", "not compressed"))
        out.writeframes(bytes(2 * round(8_000 * seconds)))
    return file.getvalue()
