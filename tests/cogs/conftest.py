# ruff: noqa: A002, D102 -- the stand-in has the shape of bot.generations.Generations, where it is described
"""A modelled Discord with the real bot in it, and a stand-in for everything that costs money."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import discord
import pytest
import pytest_asyncio
import simcord

from bot.client import Matinee
from bot.errors import NotFound, RequestRefused
from bot.models import (
    UNTIL_PROVIDER_IS_DONE,
    Capabilities,
    Cost,
    Film,
    Generation,
    MediaFile,
    MediaKind,
    Mode,
    Status,
)
from bot.signatures import Signer

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def capabilities(provider, model, *modes):
    """Return what a model can do, as far as commands care."""
    return Capabilities(
        provider=provider,
        model=model,
        modes=frozenset(modes or Mode),
        media={},
        most_files=9,
        fewest_pictures_alone=1,
        seconds=(5,),
        ratios=("16:9",),
        resolutions=("720p",),
        longest_prompt=2000,
    )


@dataclass
class FakeGenerations:
    """Keeps what was asked of it, and refuses when told to."""

    rows: dict[str, Generation] = field(default_factory=dict)
    kept: list[tuple[str, str, bytes]] = field(default_factory=list)
    forgotten: list[MediaFile] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    refusal: Exception | None = None
    """Raised by `start`."""
    broken: Exception | None = None
    """Raised by every read."""
    unreadable: str | None = None
    """The name of a file that `keep` refuses."""
    charged: bool = False
    path: Path | None = None
    numbers: count = field(default_factory=lambda: count(1))

    def capabilities(self):
        return (
            capabilities("maxapi", "seedance-2.0"),
            capabilities("maxapi", "seedance-1.5-pro", Mode.TEXT),
            capabilities("evolink", "seedance-2.0"),
            capabilities("evolink", "seedance-2.0-fast"),
        )

    def largest_file(self):
        return 1000

    async def keep(self, name, url, data):
        if name == self.unreadable:
            raise RequestRefused("file_type", file=name, value=".txt", allowed=(".png",))
        self.kept.append((name, url, data))
        return MediaFile(f"{len(self.kept):032x}", name, MediaKind.IMAGE, ".png", len(data), "", url)

    async def forget(self, files):
        self.forgotten.extend(files)

    async def start(self, asked, requester, place, *, interaction_id):
        if self.refusal:
            raise self.refusal
        request = replace(asked, provider=asked.provider or "maxapi", model=asked.model or "seedance-2.0")
        return self.add(
            asked=asked, request=request, requester=requester, place=place, interaction_id=interaction_id
        )

    def add(self, *, status=Status.QUEUED, **fields):
        number = next(self.numbers)
        when = NOW - timedelta(minutes=number)
        row = Generation(
            id=f"{number:016x}",
            status=status,
            member="m",
            cost=Cost(1, 5),
            created_at=when,
            updated_at=when,
            due_at=None,
            version=0,
            **fields,
        )
        self.rows[row.id] = row
        return row

    async def again(self, id, requester, place, *, interaction_id, prompt=None):
        first = await self.any(id)
        asked = first.asked if prompt is None else replace(first.asked, prompt=prompt)
        return await self.start(asked, requester, place, interaction_id=interaction_id)

    async def any(self, id):
        if self.broken:
            raise self.broken
        if id not in self.rows:
            raise NotFound("not_found", id=id)
        return self.rows[id]

    async def find(self, id, user_id):
        row = await self.any(id)
        if row.requester.user_id != user_id:
            raise NotFound("not_found", id=id)
        return row

    async def cancel(self, id, user_id, *, moderator=False):
        row = await (self.any(id) if moderator else self.find(id, user_id))
        if row.status not in UNTIL_PROVIDER_IS_DONE:
            raise RequestRefused("too_late")
        self.cancelled.append(id)
        return row

    def cancel_is_charged(self, generation):
        return self.charged

    async def history(self, user_id, *, before=None):
        own = [row for row in self.rows.values() if row.requester.user_id == user_id]
        return tuple(row for row in own if before is None or row.created_at < before)[:10]

    async def place_in_queue(self, generation):
        return 3 if generation.status is Status.QUEUED else None

    async def usage(self, user_id):
        return SimpleNamespace(
            videos_used=3,
            videos_limit=10,
            seconds_used=15,
            seconds_limit=None,
            running=1,
            waiting=0,
            at_once=2,
            resets=NOW + timedelta(hours=12),
            open=tuple(row for row in self.rows.values() if row.requester.user_id == user_id),
        )

    def link(self, generation):
        return None

    def film_path(self, generation):
        return self.path


@pytest.fixture
def generations():
    """Everything that costs money, played."""
    return FakeGenerations()


@pytest.fixture
def build(generations):
    """Build the real client around the played generations: as often as it is restarted."""
    return lambda: Matinee(generations=generations, signer=Signer(b"key"), reference=lambda: "7F3K")


@pytest_asyncio.fixture
async def world(build):
    """Make a server with one channel, two members and a moderator."""
    client = build()
    env = simcord.run(client)._env
    await env.start()
    await client.tree.sync()
    guild = env.create_guild()
    mods = guild.create_role("Mods", permissions=discord.Permissions(manage_messages=True))
    yield SimpleNamespace(
        env=env,
        guild=guild,
        channel=guild.create_text_channel("general"),
        ann=guild.add_member(env.create_user("ann")),
        ben=guild.add_member(env.create_user("ben")),
        mod=guild.add_member(env.create_user("mod"), roles=[mods]),
        client=client,
    )
    await env.shutdown()
    assert env.errors == []


@pytest.fixture
def film(tmp_path):
    """Return a kept film."""
    path = tmp_path / "film.mp4"
    path.write_bytes(b"film")
    return path, Film("films/film.mp4", 4, "", 1280, 720, timedelta(seconds=5), sound=True)
