"""Four films at once from a provider to Discord, through one process; prints what that took.

`ours` is the real download, the real post and the deletion after it; `whole` holds each film in memory, as
one would write it first.
"""

from __future__ import annotations

import asyncio
import io
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import aiohttp
import discord

from benchmarks.harness import answer, given
from bot.client import Matinee, point_at
from bot.delivery import Delivery, Rung
from bot.delivery.delivery import Parcel
from bot.media.download import Downloader
from bot.messages import CardFacts
from bot.models import Cost, Generation, Mode, Place, Requester, Status, VideoRequest
from bot.signatures import Signer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.hosting import Hosting
    from bot.house import House

FILMS = 4
WARM = 2_000_000
"""Bytes of the films that go first: what is made once and for all isn't the films' doing."""
LOOK = 0.002
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
REQUEST = VideoRequest("a cat in the rain", Mode.TEXT, provider="maxapi", model="seedance-2.0")
GENERATION = Generation(
    id="0" * 16,
    status=Status.POSTING,
    asked=REQUEST,
    request=REQUEST,
    requester=Requester(5, "Anna"),
    member="0" * 32,
    place=Place(100, None),
    cost=Cost(1, 5, 0),
    interaction_id=1,
    created_at=NOW,
    updated_at=NOW,
    due_at=NOW,
    version=0,
)


def resident(name: str) -> int:
    """Return what this process holds (`VmRSS`), or held at most (`VmHWM`), in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024


async def lags(seen: list[float]) -> None:
    """Note how late the loop wakes us."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LOOK
        await asyncio.sleep(LOOK)
        seen.append(loop.time() - due)


class Films:
    """The two ways of a film."""

    def __init__(self, port: int, folder: Path, client: Matinee) -> None:
        self._url = f"http://127.0.0.1:{port}"
        self._folder = folder
        self._client = client
        self._downloader = Downloader(trusted_hosts=frozenset({"127.0.0.1"}))
        self._delivery = Delivery(client, hosting=cast("Hosting", None), fit=_never)

    async def ours(self, number: int, size: int) -> None:
        """Download to the disk, post from there, delete."""
        film = self._folder / f"{number}.mp4"
        await self._downloader.download(f"{self._url}/{size}-{number}.mp4", film, most=1 << 30)
        generation = replace(GENERATION, id=f"{number:016x}", place=Place(100 + number, None))
        parcel = Parcel(film, None)
        await self._delivery.post_film(generation, Rung.CHANNEL, parcel, CardFacts(now=NOW))
        await self._delivery.discard(generation, parcel)

    async def whole(self, number: int, size: int) -> None:
        """Read all of it, post all of it."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self._url}/{size}-{number}.mp4") as answer,
        ):
            film = await answer.read()
        channel = self._client.get_partial_messageable(100 + number)
        await channel.send(file=discord.File(io.BytesIO(film), "film.mp4"))


async def _never(*_: object) -> None:
    raise AssertionError


async def measure(way: str, port: int, folder: Path, size: int) -> dict[str, float]:
    """Bring the films through, and return what it took."""
    point_at(f"http://127.0.0.1:{port}/api/v10", None)
    client = Matinee(house=cast("House", None), signer=Signer(b"secret"), reference=str, extensions=())
    await client.login("token")
    bring: Callable[[int, int], Awaitable[None]] = getattr(Films(port, folder, client), way)
    await asyncio.gather(*(bring(number, WARM) for number in range(FILMS)))
    Path("/proc/self/clear_refs").write_text("5")  # sets VmHWM to what is held now (man 5 proc)
    before, cpu, began = resident("VmHWM"), time.process_time(), time.perf_counter()
    seen: list[float] = []
    watch = asyncio.create_task(lags(seen))
    await asyncio.gather(*(bring(number, size) for number in range(FILMS)))
    took = time.perf_counter() - began
    watch.cancel()
    await client.close()
    seen.sort()
    return {
        "per_s": FILMS * size / 1e6 / took,
        "memory": (resident("VmHWM") - before) / (FILMS * size),
        "lag_p99": seen[int(len(seen) * 0.99)] * 1000,
        "cpu": time.process_time() - cpu,
    }


if __name__ == "__main__":
    asked = given()
    answer(**asyncio.run(measure(asked["way"], asked["port"], Path(asked["folder"]), asked["size"])))
