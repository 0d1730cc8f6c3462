"""A download that was cut goes on where it stopped, if the film is surely still the same."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from hashlib import sha256

import pytest

from bot.errors import DownloadError, Oversized
from bot.media.arriving import BLOCK, Downloaded, arrived
from bot.media.download import Downloader, Pace
from tests.bot.media.downloading import MOST, TRUSTED, WHOLE, fetched, left
from tests.bot.media.servers import FILM, Peer

TAG = '"v1"'
SIZE = len(FILM)
CUTS = [SIZE * part // 20 for part in range(20)]


class Shelf:
    """Serves a film with ranges as RFC 9110 says, cut short at its list's places, one for each request."""

    def __init__(self, *cuts: int, tag: str = TAG, film: bytes = FILM) -> None:
        self.cuts, self.tag, self.film = [*cuts], tag, film
        self.sent = 0

    async def __call__(self, peer: Peer) -> None:
        """Give all of it, or the rest that is asked for."""
        start = 0
        if self.tag and peer.headers.get("if-range") == self.tag:
            start = int(peer.headers["range"].removeprefix("bytes=").removesuffix("-"))
        end = max(start, self.cuts.pop(0)) if self.cuts else len(self.film)
        self.sent += end - start
        told = {"Content_Length": str(len(self.film) - start), "ETag": self.tag}
        if start:
            told["Content_Range"] = f"bytes {start}-{len(self.film) - 1}/{len(self.film)}"
        await peer.give("206 Partial Content" if start else "200 OK", self.film[start:end], **told)


@pytest.mark.parametrize("cut", CUTS)
async def test_a_film_cut_anywhere_goes_on_from_there(tmp_path, cut):
    """Cut at every 5 %: the rest alone is asked for, and the film is whole (P-20, P-21)."""
    shelf = Shelf(cut)
    result, requests = await fetched(shelf, tmp_path)
    assert (WHOLE, SIZE, FILM) == (result, shelf.sent, (tmp_path / "film.mp4").read_bytes())
    asked = f"bytes={cut}-" if cut else None
    assert [None, asked] == [request.headers.get("range") for request in requests]
    assert (TAG if cut else None) == requests[1].headers.get("if-range")


@pytest.mark.parametrize("tag", ["", 'W/"v1"', "v1", '"' + "x" * 300 + '"', '"v 1"'])
async def test_what_nobody_vouches_for_is_fetched_whole(tmp_path, tag):
    """Without a strong entity tag the rest may be another film's: cut at every 5 %, begun anew (P-21)."""
    for cut in CUTS:
        shelf = Shelf(cut, tag=tag)
        result, requests = await fetched(shelf, tmp_path)
        assert (WHOLE, cut + SIZE) == (result, shelf.sent)
        assert [None, None] == [request.headers.get("range") for request in requests]


async def test_many_cuts_are_three_tries_all_the_same(tmp_path):
    """Going on is no way around the number of tries."""
    with pytest.raises(DownloadError):
        await fetched(Shelf(1000, 2000, 3000), tmp_path)
    assert [] == left(tmp_path)


async def test_a_film_that_changed_meanwhile_is_taken_from_its_beginning(tmp_path):
    """The server gives all of the new one: nothing of the old one is in it (P-20)."""
    new = FILM[::-1]
    shelves = iter([Shelf(200_000), Shelf(tag='"v2"', film=new)])

    async def in_turn(peer: Peer) -> None:
        await next(shelves)(peer)

    result, _ = await fetched(in_turn, tmp_path)
    assert Downloaded(SIZE, sha256(new).hexdigest()) == result
    assert new == (tmp_path / "film.mp4").read_bytes()


REST = FILM[1000:]
WHERE = f"bytes 1000-{SIZE - 1}/{SIZE}"


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        ("206 Partial Content", REST, {"ETag": TAG}),
        ("206 Partial Content", REST, {"Content_Range": WHERE}),
        ("206 Partial Content", REST, {"Content_Range": WHERE, "ETag": '"v2"'}),
        ("206 Partial Content", REST, {"Content_Range": f"bytes 0-{SIZE - 1}/{SIZE}", "ETag": TAG}),
        ("206 Partial Content", REST, {"Content_Range": f"bytes 999-{SIZE - 1}/{SIZE}", "ETag": TAG}),
        ("206 Partial Content", REST, {"Content_Range": f"bytes 1000-1999/{SIZE}", "ETag": TAG}),
        ("206 Partial Content", REST, {"Content_Range": f"bytes 1000-{SIZE}/{SIZE + 1}", "ETag": TAG}),
        ("206 Partial Content", REST, {"Content_Range": f"bytes 1000-{SIZE - 1}/*", "ETag": TAG}),
        ("206 Partial Content", REST, {"Content_Range": "frames 1-2/3", "ETag": TAG}),
        ("416 Range Not Satisfiable", b"", {"Content_Range": f"bytes */{SIZE}"}),
    ],
)
async def test_a_rest_that_does_not_fit_is_never_appended(tmp_path, status, body, told):
    """Another place, another length, another tag, or none: begun anew, and whole in the end (P-20)."""
    answers = iter([Shelf(1000), lambda peer: peer.give(status, body, **told), Shelf()])

    async def in_turn(peer: Peer) -> None:
        await next(answers)(peer)

    result, requests = await fetched(in_turn, tmp_path)
    assert (WHOLE, None) == (result, requests[2].headers.get("range"))
    assert FILM == (tmp_path / "film.mp4").read_bytes()


async def test_a_rest_that_ends_early_without_a_word_is_cut_too(tmp_path):
    """Its own length is shorter than the range that it names: the film isn't whole (P-21)."""
    short = {"Content_Range": WHERE, "ETag": TAG}
    answers = iter([Shelf(1000), lambda peer: peer.give("206 Part", REST[:-1], **short), Shelf()])

    async def in_turn(peer: Peer) -> None:
        await next(answers)(peer)

    result, requests = await fetched(in_turn, tmp_path)
    assert (WHOLE, f"bytes={SIZE - 1}-") == (result, requests[2].headers.get("range"))


async def test_the_limit_counts_what_is_here_already(tmp_path):
    """A rest that would lead over the limit isn't taken."""

    async def grown(peer: Peer) -> None:
        told = {"Content_Range": f"bytes 1000-{MOST}/{MOST + 1}", "ETag": TAG, "Content_Length": ""}
        await peer.give("206 Partial Content", bytes(MOST - 999), **told)

    async def endless(peer: Peer) -> None:
        await peer.give(Content_Length="", Transfer_Encoding="chunked", ETag=TAG)
        await peer.say(b"%x\r\n" % 2000, bytes(1000))

    answers = iter([endless, grown])

    async def in_turn(peer: Peer) -> None:
        await next(answers)(peer)

    with pytest.raises(Oversized):
        await fetched(in_turn, tmp_path)
    assert [] == left(tmp_path)


async def test_an_error_in_place_of_a_rest_is_an_error(tmp_path):
    """Only 206 and 416 speak of ranges."""
    answers = iter([Shelf(1000), lambda peer: peer.give("503 Busy")])

    async def in_turn(peer: Peer) -> None:
        await next(answers)(peer)

    with pytest.raises(DownloadError, match="503"):
        await fetched(in_turn, tmp_path)


async def test_the_deadline_holds_over_all_tries(tmp_path):
    """A server that always gives a little more is stopped all the same (P-20)."""

    async def dawdle(peer: Peer) -> None:
        await peer.give(Content_Length=str(SIZE), ETag=TAG)
        while True:
            await peer.say(b"x")
            await asyncio.sleep(0.01)

    async def cut_short(peer: Peer) -> None:
        await asyncio.sleep(0.1)
        await Shelf(1000)(peer)

    answers = iter([cut_short, cut_short, dawdle])

    async def in_turn(peer: Peer) -> None:
        await next(answers)(peer)

    downloader = Downloader(trusted_hosts=TRUSTED, pace=Pace(rate=0, window=timedelta(seconds=5)))
    with pytest.raises(DownloadError):
        await fetched(in_turn, tmp_path, downloader=downloader, deadline=timedelta(seconds=0.3))
    assert [] == left(tmp_path)


async def test_how_much_has_come_can_be_told_while_it_comes(tmp_path):
    """Whole blocks are on the disk at once; before and after, nothing is under way."""
    target = tmp_path / "film.mp4"
    seen = []

    async def watched(peer: Peer) -> None:
        await peer.give(Content_Length=str(BLOCK + 1))
        await peer.say(bytes(BLOCK))
        async with asyncio.timeout(5):
            while arrived(target) < BLOCK:  # noqa: ASYNC110 - the disk calls nobody
                await asyncio.sleep(0)
        seen.append(arrived(target))
        await peer.say(b"x")

    before = arrived(target)
    await fetched(watched, tmp_path, most=1 << 30)
    assert (0, [BLOCK], 0) == (before, seen, arrived(target))
