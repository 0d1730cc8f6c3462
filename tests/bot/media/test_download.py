"""Downloads arrive whole or not at all."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import pytest

from bot.errors import DownloadError, LinkExpired
from bot.media.arriving import Part
from bot.media.download import COPIES, KEPT_FREE, Downloader
from tests.bot.media.downloading import TRUSTED, WHOLE, endless, fetched, honest, left
from tests.bot.media.servers import FILM, Peer


async def test_a_film_arrives_whole_with_its_digest(tmp_path):
    """Size and digest are those of the bytes on the disk, and nothing else is left there."""
    result, _ = await fetched(honest, tmp_path)
    assert (result, (tmp_path / "film.mp4").read_bytes(), left(tmp_path)) == (WHOLE, FILM, ["film.mp4"])


async def test_nothing_that_identifies_us_is_sent(tmp_path):
    """No authorization and no cookie; identity encoding is asked for; the signed path is untouched."""
    _, (request,) = await fetched(honest, tmp_path, path="/a%2Fb?sig=x%2By%3D&k=%7E")
    assert {"host", "accept", "accept-encoding", "user-agent"} == set(request.headers) - {"connection"}
    assert (request.headers["accept-encoding"], request.target) == ("identity", "/a%2Fb?sig=x%2By%3D&k=%7E")


async def test_a_body_without_a_length_is_taken_to_its_end(tmp_path):
    """Chunked bodies, and those that end with the connection, are taken too."""

    async def chunked(peer: Peer) -> None:
        await peer.give(Content_Length="", Transfer_Encoding="chunked")
        await peer.say(b"%x\r\n" % len(FILM), FILM, b"\r\n0\r\n\r\n")

    async def bare(peer: Peer) -> None:
        await peer.give(Content_Length="")
        await peer.say(FILM)

    assert [(await fetched(answer, tmp_path))[0] for answer in (chunked, bare)] == [WHOLE, WHOLE]


async def short(peer: Peer) -> None:
    """Promise more than is given."""
    await peer.give(body=FILM, Content_Length=str(len(FILM) + 1))


async def chunk_cut(peer: Peer) -> None:
    """Stop in the middle of a chunk."""
    await peer.give(Content_Length="", Transfer_Encoding="chunked")
    await peer.say(b"%x\r\n" % len(FILM), FILM[:1000])


async def unfinished(peer: Peer) -> None:
    """Leave out the last chunk."""
    await peer.give(Content_Length="", Transfer_Encoding="chunked")
    await peer.say(b"5\r\nhello\r\n")


@pytest.mark.parametrize("answer", [short, chunk_cut, unfinished])
async def test_a_cut_body_is_asked_for_three_times(tmp_path, answer):
    """A body that ends early never becomes a file (P-21)."""
    asked = 0

    async def counting(peer: Peer) -> None:
        nonlocal asked
        asked += 1
        await answer(peer)

    with pytest.raises(DownloadError):
        await fetched(counting, tmp_path)
    assert (asked, left(tmp_path)) == (3, [])


async def test_a_body_cut_twice_may_come_whole_the_third_time(tmp_path):
    """What came of a cut body isn't mixed with the next."""
    answers = iter([short, chunk_cut, honest])

    async def in_turn(peer: Peer) -> None:
        await next(answers)(peer)

    result, requests = await fetched(in_turn, tmp_path)
    assert (result, len(requests)) == (WHOLE, 3)


async def test_what_comes_after_the_promised_length_is_not_taken(tmp_path):
    """The length that a server names is the length of the film."""

    async def long(peer: Peer) -> None:
        await peer.give(body=FILM + b"more", Content_Length=str(len(FILM)))

    assert (await fetched(long, tmp_path))[0] == WHOLE


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "410 Gone"])
async def test_a_dead_link_says_so(tmp_path, status):
    """These three mean: ask the provider for a fresh link."""
    with pytest.raises(LinkExpired):
        await fetched(lambda peer: peer.give(status), tmp_path)


@pytest.mark.parametrize("status", ["201 Created", "204 No Content", "206 Part", "401 X", "429 X", "503 X"])
async def test_any_other_status_is_no_film(tmp_path, status):
    """Only 200 brings a film."""
    with pytest.raises(DownloadError) as caught:
        await fetched(lambda peer: peer.give(status), tmp_path)
    assert DownloadError is type(caught.value)


@pytest.mark.parametrize(("spare", "fits"), [(0, True), (-1, False)])
async def test_room_is_left_for_the_database(tmp_path, spare, fits):
    """A film for which there isn't three times its room, and some for the database, isn't begun (S-02)."""
    room = KEPT_FREE + COPIES * len(FILM) + spare
    downloader = Downloader(trusted_hosts=TRUSTED, space=lambda _: room)
    if fits:
        assert (await fetched(honest, tmp_path, downloader=downloader))[0] == WHOLE
    else:
        with pytest.raises(DownloadError, match=r"^disk"):
            await fetched(honest, tmp_path, downloader=downloader)
        assert left(tmp_path) == []


async def test_a_body_without_a_length_stops_when_the_disk_fills(tmp_path):
    """The disk is looked at again while the body comes (S-02)."""
    free = iter([KEPT_FREE * 2, KEPT_FREE, KEPT_FREE - 1])
    downloader = Downloader(trusted_hosts=TRUSTED, space=lambda _: next(free))
    with pytest.raises(DownloadError, match=r"^disk"):
        await fetched(endless, tmp_path, downloader=downloader, most=1 << 30)
    assert left(tmp_path) == []


async def test_a_folder_that_can_t_be_written_is_an_error_of_the_disk(tmp_path):
    """What the system says of the disk becomes our error."""
    with pytest.raises(DownloadError, match=r"^disk: ENOENT"):
        await fetched(honest, tmp_path / "missing")


async def test_a_cancelled_download_leaves_nothing(tmp_path):
    """Cancelling takes the unfinished file along."""
    begun = asyncio.Event()

    async def begin(peer: Peer) -> None:
        await peer.give(Content_Length="")
        await peer.say(bytes(2 << 20))
        begun.set()
        await asyncio.sleep(60)

    downloader = Downloader(trusted_hosts=TRUSTED)
    task = asyncio.create_task(fetched(begin, tmp_path, downloader=downloader, most=1 << 30))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert left(tmp_path) == []


async def test_a_download_cancelled_while_it_writes_waits_for_the_write(tmp_path, monkeypatch):
    """A thread that writes isn't left behind with a file that is closed under it."""
    writing, go_on, order = threading.Event(), threading.Event(), []
    write, leave = Part.write, Part.__aexit__

    def slow(part, chunks):
        writing.set()
        go_on.wait(5)
        write(part, chunks)
        order.append("written")

    async def left_behind(part, *error):
        order.append("closed")
        await leave(part, *error)

    monkeypatch.setattr(Part, "write", slow)
    monkeypatch.setattr(Part, "__aexit__", left_behind)
    task = asyncio.create_task(fetched(honest, tmp_path))
    assert await asyncio.to_thread(writing.wait, 5)
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (["written", "closed"], []) == (order, left(tmp_path))


async def test_a_new_try_sweeps_up_after_a_crash(tmp_path):
    """What a killed process left of this film goes; other films' files stay."""
    (tmp_path / "film.mp4.abc.part").write_bytes(b"old")
    (tmp_path / "other.mp4.abc.part").write_bytes(b"busy")
    await fetched(honest, tmp_path)
    assert left(tmp_path) == ["film.mp4", "other.mp4.abc.part"]


async def test_the_film_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    """The file is synced before it is renamed, and its folder after."""
    order = []

    def watch(owner, name):
        original = getattr(owner, name)

        def watched(*arguments):
            order.append(name)
            return original(*arguments)

        monkeypatch.setattr(owner, name, watched)

    watch(os, "fsync")
    watch(Path, "replace")
    await fetched(honest, tmp_path)
    assert order == ["fsync", "replace", "fsync"]


@pytest.mark.parametrize(
    ("most", "comes"), [(len(FILM) - 1, False), (len(FILM), True), (len(FILM) + 1, True)]
)
@pytest.mark.parametrize("length", ["", str(len(FILM))])
async def test_the_limit_is_exact(tmp_path, most, comes, length):
    """A film of just the limit comes, a byte more doesn't, whether its length was named or not."""

    async def answer(peer: Peer) -> None:
        await peer.give(body=FILM, Content_Length=length)

    try:
        await fetched(answer, tmp_path, most=most)
    except DownloadError:
        assert not comes
    assert left(tmp_path) == ["film.mp4"] * comes
