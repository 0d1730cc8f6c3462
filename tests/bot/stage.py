"""A stage for `bot.check`: Discord's REST API and a provider, both saying what a test wants."""

from contextlib import asynccontextmanager

from aiohttp import web

from bot.check import NEEDED, check
from bot.listener import Listener
from bot.roles import EVERYTHING
from bot.settings import read_settings

TOKEN = "cAnArY.token"
GIB = 1024**3


class Stage:
    """A stand-in for Discord's REST API, and settings that point at it."""

    def __init__(self, folder):
        self.folder = folder
        self.answers = {
            "/users/@me": {"id": "7", "username": "matinee"},
            "/oauth2/applications/@me": {"id": "8"},
            "/applications/8/commands": [{"name": "video"}, {"name": "usage"}],
            "/users/@me/guilds": [{"name": "Cinema", "permissions": str(NEEDED)}],
        }
        self.probes = {}
        self.closed = []
        self.clock_off = None
        self.variables = {"DISCORD_TOKEN": TOKEN, "EVOLINK_API_KEY": "key", "DATA_DIR": str(folder / "data")}
        self.free = 10 * GIB

    async def answer(self, request):
        """Answer as Discord would."""
        if request.headers.get("Authorization") != f"Bot {TOKEN}":
            return web.json_response({"message": "401: Unauthorized"}, status=401)
        answer = self.answers.get(request.path.removeprefix("/api/v10"), 404)
        if isinstance(answer, int):
            return web.json_response({"message": "no"}, status=answer)
        return web.json_response(answer)

    @asynccontextmanager
    async def open(self):
        """Serve it on loopback."""
        app = web.Application()
        app.router.add_get("/{path:.*}", self.answer)
        listener = Listener(app, "127.0.0.1:0")
        await listener.start()
        self.variables["DISCORD_API_URL"] = f"http://{listener.address}/api/v10"
        try:
            yield self
        finally:
            await listener.stop()

    def make(self, name, *, api_key, base_url):
        """Return a provider that says what the test wants."""
        assert (api_key, base_url.startswith("https://")) == ("key", True)
        answer = self.probes.get(name, "the key is accepted")
        return Probed(name, answer, self.closed, self.clock_off)

    async def found(self, duty=EVERYTHING, **more):
        """Check what a duty needs, and return the findings by subject."""
        settings = read_settings({**self.variables, **more}, env_file=None)
        findings = await check(settings, make=self.make, free=lambda _: self.free, duty=duty)
        assert all(str(finding).isprintable() for finding in findings)
        assert TOKEN not in "".join(map(str, findings))
        return {finding.subject: finding for finding in findings}


class Probed:
    """A provider of which only the key is tried."""

    def __init__(self, name, answer, closed, clock_off=None):
        self.name, self.answer, self.closed = name, answer, closed
        self.clock_off = clock_off

    async def probe(self):
        """Answer or fail."""
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def close(self):
        """Note that connections are let go of."""
        self.closed.append(self.name)
