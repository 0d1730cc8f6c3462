"""The real tracker, delivery and discord.py before a modelled Discord over HTTP: what its faults meet.

Time is the test's, for us and for Discord alike; discord.py's own waits take none.
"""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.client import Matinee, point_at
from bot.delivery import Delivery
from bot.errors import MediaError
from bot.models import Place, Requester, Status
from bot.signatures import Signer
from bot.tracker import Tracker
from tests.bot.tracker.conftest import a_world
from tests.e2e.member import Member
from tests.e2e.wire import WireDiscord
from tests.fakes import Clock, FakeDownloader

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest

    from bot.models import Cost, Generation
    from tests.bot.tracker.conftest import World
    from tests.e2e.wire import Seen

WAITS = frozenset({1, 3, 5, 7, 9})
"""Seconds that discord.py waits between its own tries, and before another IDENTIFY."""


class WholeDownloader(FakeDownloader):
    """Fetches films that are as large as they say."""

    async def download(self, url, target, *, most, **more):
        """Write as many bytes as told."""
        await super().download(url, target, most=most, **more)
        data = bytes(self.size)
        target.write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        return type("Downloaded", (), {"size": self.size, "sha256": digest})


class Lobby:
    """A member who asks in a channel, the bot that answers, and what Discord has of it."""

    def __init__(self, wire: WireDiscord, client: Matinee, world: World) -> None:
        self.wire = wire
        self.client = client
        self.world = world
        self.clock = world.clock
        self.ada = Member(wire)
        self.fitted: list[int] = []

    async def fit(self, _: Path, target: Path, budget: int) -> None:
        """Make a film smaller, down to a thousand bytes."""
        self.fitted.append(budget)
        if budget < 1000:
            raise MediaError("cannot_fit")
        target.write_bytes(bytes(budget))

    async def ask(self, **place: object) -> Generation:
        """Ask for a film, and let it be made so far that it is due at its provider."""
        said = {"channel_id": self.wire.channel_id, "guild_id": self.wire.guild.id, **place}
        asked = await self.world.ask(Requester(self.ada.id, self.ada.name), place=Place(**said))
        await self.world.rest()
        self.clock.forward(seconds=70)
        return asked

    async def delivered(self, asked: Generation, hours: float = 12) -> Generation:
        """Let time pass until the film is delivered, or doesn't come."""
        return await self.world.until(asked, Status.DELIVERED, hours=hours)

    async def used(self) -> Cost:
        """Return what the member has used today."""
        return await self.world.used(Requester(self.ada.id, self.ada.name))

    def films(self, channel_id: int | None = None) -> list[Seen]:
        """Return the messages that bring a film as a file or as a link."""
        return [
            message
            for message in self.wire.messages(channel_id)
            if message.films or "/films/" in message.content
        ]

    def posts(self) -> list[object]:
        """Return every try to post a film."""
        return self.wire.calls("POST", "/channels/*/messages", where=lambda call: bool(call.films))

    def in_person(self) -> list[Seen]:
        """Return what stands in the member's direct messages."""
        return self.wire.messages(self.wire.dm_of(self.ada.id))


@asynccontextmanager
async def a_lobby(folder: Path, patch: pytest.MonkeyPatch, **options: object) -> AsyncIterator[Lobby]:
    """Open one. The client is logged in, and not connected to the gateway."""
    clock = Clock()
    async with WireDiscord() as wire:
        wire.clock.now = clock
        redirect(wire, patch)
        client = _client(clock)
        async with client, a_world(folder, clock=clock) as world:
            await client.login(wire.token)
            lobby = Lobby(wire, client, world)
            world.downloader = WholeDownloader()
            world.delivery = Delivery(client, hosting=world.hosting, fit=lobby.fit, clock=clock, **options)
            world.new_tracker()
            yield lobby
        assert wire.rest.gaps == []


def _client(clock: Clock) -> Matinee:
    return Matinee(house=None, signer=Signer(b"secret"), reference=lambda: "r", extensions=(), clock=clock)


@asynccontextmanager
async def another_process(lobby: Lobby) -> AsyncIterator[Tracker]:
    """Run the bot a second time on the same database, with a connection to Discord of its own."""
    async with _client(lobby.clock) as client:
        await client.login(lobby.wire.token)
        delivery = Delivery(client, hosting=lobby.world.hosting, fit=lobby.fit, clock=lobby.clock)
        yield Tracker(replace(lobby.world.context, delivery=delivery, leases={}))


def redirect(wire: WireDiscord, patch: pytest.MonkeyPatch) -> None:
    """Send discord.py there for the test's time, and let its own waits between tries take none."""
    patch.setattr(Route, "BASE", Route.BASE)
    patch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    patch.setattr(DiscordWebSocket, "gateway", None, raising=False)
    point_at(wire.api_url, wire.gateway_url)

    async def sleep(seconds: float, *rest: object) -> object:
        return await asyncio.sleep(0 if seconds in WAITS else seconds, *rest)

    quick = SimpleNamespace(**{name: getattr(asyncio, name) for name in asyncio.__all__} | {"sleep": sleep})
    for module in ("discord.http", "discord.client"):
        patch.setattr(f"{module}.asyncio", quick)
