"""The downloader connects to no place inside, however links, names, redirects and servers lie."""

from __future__ import annotations

import asyncio
import socket
from itertools import chain

import pytest

from bot.errors import DownloadError
from bot.media.download import Downloader
from tests.bot.media.downloading import MOST, left
from tests.bot.media.servers import FILM, Names, Peer, serving
from tests.faults.lures import NAME, PUBLIC, PUBLIC_SIX, addresses, links, spelled
from tests.faults.recorder import recording

ROW = "SSRF cases; forbidden connects"
OUTSIDE = {(PUBLIC, 443), (PUBLIC_SIX, 443)}
"""All that a case may lead to; the recorder lets nobody through there either."""


class Knowing(Names):
    """A resolver with a script for names, which reads numbers in any spelling as the system's does."""

    async def resolve(self, host, port=0, family=socket.AF_UNSPEC):
        """Return what a script, or inet_aton, makes of a host."""
        if host not in self.answers:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
            self.answers[host] = [[str(entry[4][0]) for entry in found]]
        return await super().resolve(host, port, family)


async def lured(downloader, url, folder) -> bool:
    """Download what mustn't come, and say whether it did."""
    try:
        await downloader.download(url, folder / "film.mp4", most=MOST)
    except DownloadError:
        return False
    return True


async def test_no_spelling_in_a_link_leads_inside(tmp_path, reached):
    """Each closed address in each spelling, and in links with two readings: nothing connects (T-10, T-13)."""
    hosts = sorted({host for address in addresses() for host in spelled(address)})
    doubtful = {link for address in addresses() for link in links(spelled(address)[0])}
    cases = {f"https://{host}/film.mp4" for host in hosts} | doubtful
    downloader = Downloader(resolver=Knowing({NAME: [[PUBLIC]]}))
    with recording() as recorder:
        came = [url for url in sorted(cases) if await lured(downloader, url, tmp_path)]
    forbidden = recorder.beyond(OUTSIDE)
    reached(ROW, len(cases), len(forbidden))
    assert ([], [], []) == (came, forbidden, left(tmp_path))


def answers(address: str) -> list[list[list[str]]]:
    """Return what a name's server may say to lead to an address: alone, among others, or the second time."""
    public = [PUBLIC, PUBLIC_SIX]
    return [
        [[address]],
        [[address, *public]],
        [[*public, address]],
        [[PUBLIC, address, PUBLIC_SIX]],
        [[PUBLIC], [address]],
    ]


async def test_no_name_leads_inside(tmp_path, reached):
    """One closed address among a name's answers, or in its next answer, is never connected (T-10, T-11)."""
    names = Knowing({})
    downloader = Downloader(resolver=names)
    cases = [answer for address in addresses() for answer in answers(address)]
    with recording() as recorder:
        for number, answer in enumerate(cases):
            names.answers = {f"{number}.example": answer}
            assert not await lured(downloader, f"https://{number}.example/", tmp_path)
    forbidden = recorder.beyond(OUTSIDE)
    reached(ROW, len(cases), len(forbidden))
    assert ([], []) == (forbidden, left(tmp_path))


def destinations() -> list[str]:
    """Return where redirects may point: every address as it is, and the loopback in all spellings."""
    plain = (f"https://{spelled(address)[0]}/" for address in addresses())
    odd = (f"https://{host}/" for host in spelled("127.0.0.1") + spelled("169.254.169.254") + spelled("::1"))
    doubtful = [*links("127.0.0.1"), "file:///etc/passwd", "//2130706433/", "https://inner.example/"]
    return sorted({link for link in chain(plain, odd, doubtful) if not {"\t", "\r"} & {*link}})


def moved(case: str, hop: str) -> str:
    """Return the status of a redirect: each kind comes at each hop."""
    return f"{(301, 302, 303, 307, 308)[(int(case) + int(hop)) % 5]} Moved"


@pytest.mark.parametrize("hops", [1, 2, 3])
async def test_no_redirect_leads_inside(tmp_path, reached, hops):
    """A true server sends us astray at the first, second or third hop: nobody follows (T-02, T-10, T-12)."""
    places = destinations()
    last: list[str] = []

    async def astray(peer: Peer) -> None:
        case, _, hop = peer.target.strip("/").partition("/")
        if not (case.isdigit() and hop.isdigit()):  # some links are read as a path from where they stand
            await peer.give("404 Not Found")
        elif int(hop) == hops:
            last.append(case)
            await peer.give(moved(case, hop), Location=places[int(case)])
        else:
            await peer.give(moved(case, hop), Location=f"/{case}/{int(hop) + 1}", Set_Cookie="a=b; Path=/")

    names = Knowing({"inner.example": [["10.0.0.7"]], NAME: [[PUBLIC]]})
    async with serving(astray) as (port, requests):
        here = f"127.0.0.1:{port}"
        downloader = Downloader(trusted_hosts=frozenset({here}), resolver=names)
        with recording([("127.0.0.1", port)]) as recorder:
            for case in range(len(places)):
                assert not await lured(downloader, f"http://{here}/{case}/1", tmp_path)
    forbidden = recorder.beyond(OUTSIDE)
    reached(ROW, len(places), len(forbidden))
    assert ([], []) == (forbidden, left(tmp_path))
    assert len(places) == len(last)
    assert not any({"cookie", "authorization", "referer"} & peer.headers.keys() for peer in requests)


async def test_the_recorder_sees_a_downloader_without_its_defences(tmp_path, monkeypatch):
    """What the other tests never see is seen once nothing checks addresses: by link, name and redirect."""
    monkeypatch.setattr("bot.media.download.is_public", lambda _: True)

    async def astray(peer: Peer) -> None:
        await peer.give("302 Found", Location="https://192.168.1.1/")

    async with serving(astray) as (port, _):
        here = f"127.0.0.1:{port}"
        downloader = Downloader(
            trusted_hosts=frozenset({here}), resolver=Knowing({"inner.example": [["::1"]]})
        )
        with recording([("127.0.0.1", port)]) as recorder:
            for url in ("https://10.0.0.7/", "https://inner.example/", f"http://{here}/"):
                assert not await lured(downloader, url, tmp_path)
    assert [("10.0.0.7", 443), ("::1", 443), ("192.168.1.1", 443)] == recorder.beyond(OUTSIDE)


async def test_the_recorder_hears_every_kind_of_connecting():
    """Blocking, non-blocking, by asyncio and without a connection: all pass the recorder, none gets out."""
    with recording() as recorder:
        for kind, call in ((socket.SOCK_STREAM, "connect"), (socket.SOCK_STREAM, "connect_ex")):
            with socket.socket(socket.AF_INET, kind) as wire, pytest.raises(ConnectionRefusedError):
                getattr(wire, call)(("10.0.0.1", 1))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire, pytest.raises(ConnectionRefusedError):
            wire.sendto(b"x", ("10.0.0.1", 1))
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("10.0.0.1", 1)
    assert [("10.0.0.1", 1)] * 4 == recorder.seen


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
async def test_a_body_cut_anywhere_gives_no_file(tmp_path, chunked):
    """Wherever a server stops short of what it promised, nothing is kept (T-14, P-21)."""

    async def short(peer: Peer) -> None:
        piece = FILM[: len(FILM) * int(peer.target[1:]) // 100]
        if chunked:
            await peer.give(Content_Length="", Transfer_Encoding="chunked")
            await peer.say(f"{len(piece):x}\r\n".encode() if piece else b"", piece)
        else:
            await peer.give(body=piece, Content_Length=str(len(FILM)))

    async with serving(short) as (port, requests):
        downloader = Downloader(trusted_hosts=frozenset({"127.0.0.1"}))
        for percent in range(0, 100, 5):
            assert not await lured(downloader, f"http://127.0.0.1:{port}/{percent}", tmp_path)
    assert ([], 60) == (left(tmp_path), len(requests))
