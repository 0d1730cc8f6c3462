"""Downloading once from a server on loopback, and what comes of it."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from bot.media.arriving import Downloaded
from bot.media.download import Downloader, Pace
from tests.bot.media.servers import FILM, Peer, serving

MOST = 1 << 20
BRISK = Pace(rate=1_000_000, window=timedelta(seconds=0.2))
WHOLE = Downloaded(size=len(FILM), sha256=sha256(FILM).hexdigest())
TRUSTED = frozenset({"127.0.0.1"})


def left(folder) -> list[str]:
    """Return what lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


async def fetched(answer, tmp_path, *, path="/film", most=MOST, downloader=None, **limits):
    """Download once from a server that answers so; return the result and the requests it saw."""
    downloader = downloader or Downloader(trusted_hosts=TRUSTED)
    async with serving(answer) as (port, requests):
        result = await downloader.download(
            f"http://127.0.0.1:{port}{path}", tmp_path / "film.mp4", most=most, **limits
        )
    return result, requests


async def honest(peer: Peer) -> None:
    """Give the film."""
    await peer.give(body=FILM)


async def endless(peer: Peer) -> None:
    """Give for ever without a length."""
    await peer.give(Content_Length="")
    while True:
        await peer.say(bytes(1 << 16))
