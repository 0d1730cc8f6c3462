"""One life of the application: the composition root's own parts, on the world's edges."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from aiohttp import HttpVersion11, StreamReader, web
from aiohttp.http_parser import RawRequestMessage
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from bot.app import opening
from bot.app.parts import Parts, limits
from bot.errors import Refused, StoreError
from bot.hosting import Hosting
from bot.metrics import Metrics
from bot.providers import create, prices
from bot.providers.health import Health
from bot.providers.router import Router
from bot.settings import Settings
from bot.signatures import Signer
from bot.store import Store
from tests.faults.simulation.database import Engine
from tests.faults.simulation.files import SimulatedProber, last_frame
from tests.faults.simulation.outside import CALLED_BACK, Breath
from tests.faults.simulation.providers import NAMES, Road

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import datetime
    from pathlib import Path

    from bot.providers.interface import Provider
    from bot.running import App
    from tests.faults.simulation.world import World

SECRET: Final = "canary-secret-key-0123456789abcdef"
KEYS: Final = {name: f"canary-key-of-{name}-0123456789" for name in NAMES}
PUBLIC: Final = "https://bot.example"
KEEP_FILES: Final = timedelta(days=60)
KEEP_HISTORY: Final = timedelta(days=90)


class Premises:
    """What is ours and outlives a process, because it would be built the same again."""

    def __init__(self, data_dir: Path, now: Callable[[], datetime]) -> None:
        self.signer = Signer(SECRET.encode())
        self.settings = {
            public: Settings(
                data_dir=data_dir,
                secret_key=SECRET,
                public_url=PUBLIC if public else None,
                concurrent=4,
                daily_videos=20,
                daily_seconds=200,
                daily_refusals=100,
                keep_files=KEEP_FILES,
                keep_history=KEEP_HISTORY,
                **{f"{name}_api_key": key for name, key in KEYS.items()},
            )
            for public in (True, False)
        }
        self.roads = {name: Road() for name in NAMES}
        self.providers: dict[str, Provider] = {
            name: create(name, api_key=KEYS[name], transport=self.roads[name], now=now) for name in NAMES
        }

    def hosting(self, settings: Settings) -> Hosting:
        """Return where files lie."""
        return Hosting(
            settings.data_dir, settings.public_url, self.signer, settings.keep_films, settings.keep_files
        )


class Process:
    """The application from its start to its death."""

    def __init__(self, world: World, *, alone: bool = True) -> None:
        self.world = world
        self.breath = world.outside.life = Breath()
        if alone:
            world.stage.database.taken_over()
        self.app = self._assembled()
        self._tasks = [world.loop.create_task(each) for each in (self.app.tracker.run(), self.app._sweep())]
        self.app.tracker.running = True

    def _assembled(self) -> App:
        world, premises = self.world, self.world.stage.premises
        settings = premises.settings[world.public]
        health = Health(world.clock)
        providers = {name: premises.providers[name] for name in world.providers}
        app = opening._assembled(
            Parts(
                settings=settings,
                hosting=premises.hosting(settings),
                store=Store(Engine(world.stage.database, world.outside)),
                prober=SimulatedProber(),  # type: ignore[arg-type]
                providers=providers,
                clock=world.clock,
                chance=world.outside.chance,
                metrics=Metrics(),
                nudged=asyncio.Event(),
                health=health,
                router=Router(tuple(providers.values()), health.healthy, public=world.public),
                price=partial(prices.price, overrides=settings.prices),
                limits=limits(settings),
            )
        )
        tracker: Any = app.tracker
        tracker._context = replace(tracker._context, last_frame=last_frame)
        world.server.admit(app.client, world.loop)
        return app

    def begin(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Begin what somebody asked for; what is refused to them is theirs to read."""
        return self.world.loop.create_task(_answered(work))

    def called_back(self, url: str, body: object) -> asyncio.Task[Any]:
        """Let a provider's callback come in."""
        return self.begin(self._hear(urlsplit(url).path, json.dumps(body).encode()))

    async def _hear(self, path: str, body: bytes) -> None:
        CALLED_BACK.set(True)
        application = self.app.public._runner.app
        application.pre_freeze()
        request = self._request(path, body)
        answer = await application._handle(request)
        self.world.outside.note("callback", answer.status)

    def _request(self, path: str, body: bytes) -> web.Request:
        """Return what aiohttp makes of a callback's bytes."""
        wire: Any = _Wire()
        payload = StreamReader(wire, 2**16, loop=self.world.loop)
        payload.feed_data(body)
        payload.feed_eof()
        headers: Any = CIMultiDictProxy(CIMultiDict({"Content-Length": str(len(body))}))
        message = RawRequestMessage(
            "POST", path, HttpVersion11, headers, (), False, None, False, False, URL(path)
        )
        nothing: Any = None
        return web.Request(message, payload, wire, nothing, nothing, self.world.loop)


class _Wire(asyncio.Protocol):
    """A connection, as far as a request asks for one."""

    _reading_paused = False
    transport = ssl_context = None
    peername = sockname = ("192.0.2.1", 443)

    def pause_reading(self, *_: object) -> None:
        """There is no socket."""

    def resume_reading(self, *_: object, **__: object) -> None:
        """There is no socket."""


async def _answered(work: Coroutine[Any, Any, Any]) -> Any:
    with suppress(Refused, StoreError):
        return await work
