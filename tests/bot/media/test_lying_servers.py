"""A server that lies, dawdles or babbles gives no file."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.errors import DownloadError, Oversized
from bot.media.download import Downloader, Pace
from tests.bot.media.downloading import BRISK, MOST, TRUSTED, endless, fetched, left
from tests.bot.media.servers import BOMB, FILM, Peer


async def promised(peer: Peer) -> None:
    """Name a length over the limit."""
    await peer.give(Content_Length=str(MOST + 1))


async def bomb(peer: Peer) -> None:
    """Send compressed what wasn't asked for."""
    await peer.give(body=BOMB, Content_Encoding="gzip")


async def wrapped_bomb(peer: Peer) -> None:
    """Hide the compression in the transfer."""
    await peer.give(body=BOMB, Transfer_Encoding="gzip, chunked", Content_Length="")


async def drip(peer: Peer) -> None:
    """Give a byte now and then."""
    await peer.give(Content_Length="100")
    while True:
        await peer.say(b"x")
        await asyncio.sleep(0.02)


async def stall(peer: Peer) -> None:
    """Stop short of the end."""
    await peer.give(body=FILM[:-1000], Content_Length=str(len(FILM)))
    await asyncio.sleep(60)


async def silent(peer: Peer) -> None:
    """Never answer."""
    await asyncio.sleep(60)


async def slow_head(peer: Peer) -> None:
    """Drip the head of the answer."""
    for byte in b"HTTP/1.1 200 OK\r\n" * 100:
        await peer.say(bytes([byte]))
        await asyncio.sleep(0.02)


async def garbage(peer: Peer) -> None:
    """Speak something else than HTTP."""
    await peer.say(b"220 ftp.example ready\r\n" * 10)


async def reset(peer: Peer) -> None:
    """Hang up at once."""


async def endless_head(peer: Peer) -> None:
    """Give headers for ever."""
    await peer.say(b"HTTP/1.1 200 OK\r\n")
    while True:
        await peer.say(b"X-A: " + b"a" * 4000 + b"\r\n")


async def two_lengths(peer: Peer) -> None:
    """Name two lengths."""
    await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")


async def negative(peer: Peer) -> None:
    """Name a length below nothing."""
    await peer.give(Content_Length="-5")


@pytest.mark.parametrize(
    "answer",
    [
        promised,
        endless,
        bomb,
        wrapped_bomb,
        drip,
        stall,
        silent,
        slow_head,
        garbage,
        reset,
        endless_head,
        two_lengths,
        negative,
    ],
)
async def test_a_server_that_lies_or_dawdles_gives_no_file(tmp_path, answer):
    """Too large, compressed, dripping, stalled, silent or broken: an error of ours, and an empty folder."""
    with pytest.raises(DownloadError) as caught:
        await fetched(answer, tmp_path, downloader=Downloader(trusted_hosts=TRUSTED, pace=BRISK))
    expected = Oversized if answer in {promised, endless} else DownloadError
    assert (expected, []) == (type(caught.value), left(tmp_path))


@pytest.mark.parametrize("answer", [drip, silent])
async def test_who_dawdles_is_left_after_a_window(tmp_path, answer):
    """Nobody waits until the end of the whole for a server that gives less than its portion (P-20)."""
    async with asyncio.timeout(1):
        with pytest.raises(DownloadError):
            await fetched(answer, tmp_path, downloader=Downloader(trusted_hosts=TRUSTED, pace=BRISK))


async def test_the_whole_has_an_end_of_its_own(tmp_path):
    """A server within its pace is left all the same when the time for all of it is over (T-14)."""
    downloader = Downloader(trusted_hosts=TRUSTED, pace=Pace(rate=10, window=timedelta(seconds=5)))
    async with asyncio.timeout(2):
        with pytest.raises(DownloadError):
            await fetched(drip, tmp_path, downloader=downloader, deadline=timedelta(seconds=0.2))


async def test_a_slow_but_steady_server_is_stopped_at_the_deadline(tmp_path):
    """Being just fast enough doesn't help beyond the deadline (P-20)."""
    pace = Pace(rate=10, window=timedelta(seconds=5))
    downloader = Downloader(trusted_hosts=TRUSTED, pace=pace)
    with pytest.raises(DownloadError):
        await fetched(drip, tmp_path, downloader=downloader, deadline=timedelta(seconds=0.3))
    assert left(tmp_path) == []


async def test_a_server_that_keeps_the_pace_may_take_many_windows(tmp_path):
    """The least rate holds for each window, not for the whole (P-20)."""
    pace = Pace(rate=1000, window=timedelta(seconds=0.5))

    async def steady(peer: Peer) -> None:
        await peer.give(Content_Length="16000")
        for _ in range(16):
            await peer.say(bytes(1000))
            await asyncio.sleep(0.05)

    downloader = Downloader(trusted_hosts=TRUSTED, pace=pace)
    assert (await fetched(steady, tmp_path, downloader=downloader))[0].size == 16_000


async def test_errors_never_show_the_signed_link(tmp_path):
    """An error is for the log, and a log holds no signature."""
    for answer in (garbage, promised, silent, lambda peer: peer.give("403 No")):
        with pytest.raises(DownloadError) as caught:
            await fetched(
                answer,
                tmp_path,
                path="/film?signature=s3cret",
                downloader=Downloader(trusted_hosts=TRUSTED, pace=BRISK),
            )
        assert "s3cret" not in str(caught.value)
