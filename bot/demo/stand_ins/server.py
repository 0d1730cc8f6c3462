"""The three stand-ins on three ports, and the control API on each."""

from __future__ import annotations

import asyncio
import random
import threading
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

import aiohttp
from aiohttp import web

from bot.demo.film import FilmOrder, draw
from bot.demo.stand_ins.callbacks import Caller
from bot.demo.stand_ins.control_desk import ControlDesk
from bot.demo.stand_ins.evolink import Evolink
from bot.demo.stand_ins.faults import FaultBook
from bot.demo.stand_ins.material import Fetcher
from bot.demo.stand_ins.maxapi import Maxapi
from bot.demo.stand_ins.reception import CONTROL, Reception
from bot.demo.stand_ins.records import Ledger
from bot.demo.stand_ins.seedance2ink import Seedance2Ink
from bot.demo.stand_ins.studio import Studio, World

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from types import TracebackType

    from bot.demo.stand_ins.manners import StandIn
    from bot.demo.stand_ins.records import Fault, ProviderName

KEYS: Mapping[ProviderName, str] = {
    "maxapi": "maxapi-demo-key",
    "seedance2ink": "sd2_live_demo",
    "evolink": "sk-evo-demo",
}
PACE = (5.0, 20.0)
LARGEST_BODY = 200 * 1024 * 1024
PORT = 9100
"""Of `matinee stand-ins`: maxapi, then seedance2.ink and EvoLink on the next two."""


def utc_now() -> datetime:
    """Return the time, with its zone."""
    return datetime.now(UTC)


class Projection:
    """Draws films off the event loop, one after the other, until it is closed."""

    def __init__(self) -> None:
        self._closed = threading.Event()
        self._turn = asyncio.Semaphore(1)

    async def draw(self, order: FilmOrder) -> bytes:
        """Draw a film. Raises `FilmStopped` after `close`."""
        async with self._turn:
            return await asyncio.to_thread(draw, order, self._closed.is_set)

    def close(self) -> None:
        """Stop drawing at the next picture."""
        self._closed.set()


class StandIns:
    """All three providers on this machine, from `async with` to its end.

    `pace` is the time a film takes in seconds, or the least and the most of it. `seed` makes ids and times
    repeatable. `port` 0 means any; otherwise the three listen on it and the next two. `film` draws instead of
    the real thing; `sleep` waits instead of the real clock.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        pace: float | tuple[float, float] = PACE,
        seed: int | None = None,
        keys: Mapping[ProviderName, str] = KEYS,
        clock: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        film: Callable[[FilmOrder], Awaitable[bytes]] | None = None,
    ) -> None:
        self.host = host
        self.ledger = Ledger()
        self.faults = FaultBook()
        self.studios: dict[ProviderName, Studio] = {}
        self._port = port
        self._keys = keys
        self._projection = Projection()
        self._world = World(
            clock=clock,
            sleep=sleep,
            pace=pace if isinstance(pace, tuple) else (pace, pace),
            seed=random.randrange(2**32) if seed is None else seed,  # noqa: S311 - ids of a demo
            film=film or self._projection.draw,
            faults=self.faults,
            ledger=self.ledger,
        )
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(aiohttp.ClientSession())
            desk = ControlDesk(self.studios, self._world)
            for place, stand_in in enumerate((Maxapi(), Seedance2Ink(), Evolink())):
                studio = self._studio(stand_in, session)
                stack.push_async_callback(studio.close)
                port = self._port + place if self._port else 0
                studio.origin = await self._open(stand_in, studio, desk, port, stack)
            stack.callback(self._projection.close)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def _studio(self, stand_in: StandIn, session: aiohttp.ClientSession) -> Studio:
        name, world = stand_in.manners.name, self._world
        studio = Studio(
            stand_in,
            world,
            stand_in.settings.model_copy(),
            Fetcher(name, session, self.ledger, world.clock),
            Caller(name, session, self.ledger, world.clock, world.sleep),
        )
        stand_in.join(studio)
        self.studios[name] = studio
        return studio

    async def _open(
        self, stand_in: StandIn, studio: Studio, desk: ControlDesk, port: int, stack: AsyncExitStack
    ) -> str:
        reception = Reception(studio, self._keys[stand_in.manners.name])
        app = web.Application(middlewares=[reception.receive], client_max_size=LARGEST_BODY)
        app.add_routes([*stand_in.routes(), *desk.routes()])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, self.host, port)
        await site.start()
        return f"http://{self.host}:{runner.addresses[0][1]}"

    def base_url(self, provider: ProviderName) -> str:
        """Return the address that stands for a provider's own."""
        return self.studios[provider].origin

    @property
    def maxapi_url(self) -> str:
        """Stands for https://api.maxapi.io."""
        return self.base_url("maxapi")

    @property
    def seedance2ink_url(self) -> str:
        """Stands for https://www.seedance2.ink."""
        return self.base_url("seedance2ink")

    @property
    def evolink_url(self) -> str:
        """Stands for https://api.evolink.ai and https://files-api.evolink.ai."""
        return self.base_url("evolink")

    @property
    def control_url(self) -> str:
        """Where the stand-ins are told to misbehave; it is the same on each port."""
        return f"{self.maxapi_url}{CONTROL}"

    def order(self, fault: Fault) -> int:
        """Put a fault in force and return its number."""
        return self.faults.add(fault)


async def serve(
    host: str = "127.0.0.1",
    port: int = PORT,
    *,
    pace: float | tuple[float, float] = PACE,
    seed: int | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Run the stand-ins alone, until cancelled, having said where they are in lines for `.env`."""
    async with StandIns(host, port, pace=pace, seed=seed) as stand_ins:
        for name in stand_ins.studios:
            say(f"{name.upper()}_BASE_URL={stand_ins.base_url(name)}")
            say(f"{name.upper()}_API_KEY={KEYS[name]}")
        say(f"TRUSTED_HOSTS={host}")
        say(f"# control API: {stand_ins.control_url}")
        await asyncio.Event().wait()
