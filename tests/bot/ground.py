"""A ground to stand on before the internet: a listener with the callback application, and what it asked."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp

from bot.callbacks import callback_app
from bot.listener import Listener
from bot.metrics import Metrics
from bot.signatures import Signer

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ID = "0123456789abcdef"
SIGNER = Signer(b"a secret for tests")
PATH = f"/callbacks/maxapi/{SIGNER.callback_token('maxapi', ID)}"
FILE = "ab" * 16
BYTES = bytes(range(256)) * 4


class Ground:
    """A listener with the callback application, and what it asked of the house."""

    def __init__(self, folder):
        self.woken = []
        self.named = []
        self.metrics = Metrics()
        self.exists = True
        self.fault = None
        self.files_fault = None
        self.naming_fault = None
        self.hold = None
        self.media = folder / "media"
        self.films = folder / "films"
        self.media.mkdir()
        self.films.mkdir()
        self.session = None
        self.listener = None

    async def wake(self, wakes):
        """Note the wakes, as the store would."""
        if self.hold:
            await self.hold.wait()
        if self.fault:
            raise self.fault
        self.woken += [wake.generation for wake in wakes]
        self.named += map(tuple, wakes)
        return [self.exists for _ in wakes]

    async def find_media(self, name):
        """Return where a member's file lies."""
        if self.files_fault:
            raise self.files_fault
        return self.media / name

    async def find_film(self, generation):
        """Return where a film lies, if it does."""
        path = self.films / f"{generation}.mp4"
        return path if path.exists() else None

    def named_task(self, provider, body):
        """Name a task after the whole body."""
        if self.naming_fault:
            raise self.naming_fault
        return body

    @asynccontextmanager
    async def serving(self, patience=None):
        """Serve on loopback."""
        app = callback_app(
            signer=SIGNER,
            wake=self.wake,
            named_task=self.named_task,
            media=self.find_media,
            film=self.find_film,
            clock=lambda: NOW,
            metrics=self.metrics,
            patience=patience,
        )
        self.listener = Listener(app, "127.0.0.1:0")
        await self.listener.start()
        try:
            async with aiohttp.ClientSession(f"http://{self.listener.address}") as self.session:
                yield self
        finally:
            await self.listener.stop()

    async def answer(self, method, path, **how):
        """Ask on a connection of its own; return status, headers without the date, and body."""
        async with (
            aiohttp.ClientSession(f"http://{self.listener.address}") as session,
            session.request(method, path, **how) as response,
        ):
            headers = {name: value for name, value in response.headers.items() if name != "Date"}
            return response.status, headers, await response.read()

    async def raw(self, data, *, size=-1):
        """Send bytes as they are and return what comes until the other side closes."""
        host, port = self.listener.address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(data)
        try:
            return await asyncio.wait_for(reader.read(size), 8)
        finally:
            writer.close()
