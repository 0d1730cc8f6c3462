"""A body comes whole and in its order, two blocks of it at once and no more."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from random import Random

import aiohttp
import pytest

from bot.errors import DownloadError
from bot.media import arriving, inflow
from bot.media.download import Downloader
from bot.media.inflow import Inflow
from tests.bot.media.downloading import MOST, TRUSTED, WHOLE, fetched, left
from tests.bot.media.servers import FILM, Names, Peer, serving

BLOCK = 100
NEXT = b"the next answer"


class Owner(asyncio.Protocol):
    """Whose connection it is."""

    def __init__(self) -> None:
        self.lost: list[BaseException | None] = []

    def connection_lost(self, exc):
        """Note why it ended."""
        self.lost.append(exc)


class Line(asyncio.Transport):
    """A connection on which so much has been sent; `move` is one turn of the loop."""

    def __init__(self, sent: bytes) -> None:
        super().__init__()
        self.sent, self.reading, self.aborted = memoryview(sent), True, False
        self.owner = self.protocol = Owner()

    def get_protocol(self):
        """Return who is told."""
        return self.protocol

    def set_protocol(self, protocol):
        """Tell somebody else."""
        self.protocol = protocol

    def pause_reading(self):
        """Leave what comes where it is."""
        self.reading = False

    def resume_reading(self):
        """Give what comes."""
        self.reading = True

    def abort(self):
        """End at once."""
        self.aborted = True

    def move(self, most: int) -> int:
        """Give so many bytes at the most, and return how many were taken."""
        if not (self.reading and self.sent):
            return 0
        room = self.protocol.get_buffer(-1)
        assert len(room)
        size = min(most, len(room), len(self.sent))
        room[:size], self.sent = self.sent[:size], self.sent[size:]
        self.protocol.buffer_updated(size)
        return size


@pytest.fixture
def small(monkeypatch):
    """Make blocks so small that a test fills many."""
    monkeypatch.setattr(inflow, "BLOCK", BLOCK)


def began(line: Line, begun: bytes, left: int, count=lambda _: None) -> Inflow:
    """Take a line over."""
    return Inflow(line, begun, left, count)


@pytest.mark.parametrize("seed", range(40))
async def test_all_comes_in_its_order_and_stays_until_the_second_next(small, seed):
    """Whatever sizes it comes in, and however much of it was there before; blocks are full but the last."""
    draw = Random(seed)
    body = draw.randbytes(draw.choice([0, 1, BLOCK, 2 * BLOCK, draw.randrange(1000)]))
    begun = body[: draw.randrange(len(body) + 1)]
    line, counted = Line(body[len(begun) :] + NEXT), []
    taking, given, found = began(line, begun, len(body) - len(begun), counted.append), [], b""
    while True:
        asked = asyncio.ensure_future(anext(taking, None))
        while not asked.done():
            line.move(draw.randrange(1, 300))
            assert NEXT in bytes(line.sent)
            await asyncio.sleep(0)
        if (block := await asked) is None:
            break
        given.append(block)
        found += block
        assert bytes(block) == body[len(found) - len(block) : len(found)]
        if len(given) > 1:
            before = len(found) - len(block)
            assert bytes(given[-2]) == body[before - len(given[-2]) : before]
    assert (body, len(body) - len(begun)) == (found, sum(counted))
    assert (NEXT, False) == (bytes(line.sent), line.reading)
    assert all(len(block) >= BLOCK for block in given[:-1])


async def test_who_sends_waits_while_two_blocks_are_full(small):
    """One is used and one is full: nothing is read until the used one is free."""
    line = Line(bytes(1000))
    taking = began(line, b"", 1000)
    while line.move(30):
        pass
    assert (1000 - BLOCK, False) == (len(line.sent), line.reading)
    await anext(taking)
    while line.move(30):
        pass
    assert (1000 - 2 * BLOCK, False) == (len(line.sent), line.reading)
    await anext(taking)
    assert (0, False) == (line.move(30), line.reading)
    asked = asyncio.ensure_future(anext(taking))
    await asyncio.sleep(0)
    assert line.move(30) == 30
    asked.cancel()


@pytest.mark.parametrize("came", [0, 30, BLOCK, BLOCK + 30])
@pytest.mark.parametrize("reason", [None, ConnectionResetError()])
async def test_a_body_that_ends_early_is_cut_after_what_came(small, came, reason):
    """What came of it is given first, and the connection's owner hears of its end too."""
    line = Line(bytes(came))
    taking, found = began(line, b"", 1000), []

    async def end() -> None:
        while line.sent:
            line.move(BLOCK)
            await asyncio.sleep(0)
        taking.eof_received()
        taking.connection_lost(reason)

    async def take() -> None:
        async for block in taking:
            found.append(bytes(block))  # noqa: PERF401 - what came before the cut counts

    ending = asyncio.create_task(end())
    with pytest.raises(aiohttp.ClientPayloadError):
        await take()
    await ending
    assert (bytes(came), [reason]) == (b"".join(found), line.owner.lost)


async def test_a_connection_goes_back_to_its_owner_and_ends():
    """The rest of a body is nothing that its owner expects, nor anybody who would use it next."""
    line = Line(bytes(10))
    taking = began(line, b"", 1000)
    assert line.protocol is taking
    taking.leave()
    assert (line.owner, True) == (line.protocol, line.aborted)


@pytest.fixture
def crumbs(monkeypatch):
    """Let a film be some forty blocks."""
    for module in (arriving, inflow):
        monkeypatch.setattr(module, "BLOCK", 7_001)


async def in_pieces(peer: Peer) -> None:
    """Give the film in pieces that fit nothing."""
    await peer.give(Content_Length=str(len(FILM)))
    for at in range(0, len(FILM), 9_973):
        await peer.say(FILM[at : at + 9_973])
        await asyncio.sleep(0)


async def short(peer: Peer) -> None:
    """Give all but the end."""
    await peer.give(body=FILM[:-1], Content_Length=str(len(FILM)), ETag='"v1"')


async def test_a_film_of_many_blocks_comes_whole(tmp_path, crumbs):
    """Each block is on the disk before it is filled anew."""
    assert WHOLE == (await fetched(in_pieces, tmp_path))[0]
    assert FILM == (tmp_path / "film.mp4").read_bytes()


async def test_a_film_of_many_blocks_that_is_cut_leaves_nothing(tmp_path, crumbs):
    """Its end is missed over a connection of our own too (P-21)."""
    with pytest.raises(DownloadError):
        await fetched(short, tmp_path)
    assert [] == left(tmp_path)


def contexts(certificate) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what a server at film.example needs, and what trusts it."""
    theirs, ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    theirs.load_cert_chain(certificate)
    ours.load_verify_locations(certificate)
    return theirs, ours


def blunt(server: socket.socket, tls: ssl.SSLContext, gone: threading.Event) -> None:
    """Give a film once and leave without a goodbye, as many servers do."""
    connection, _ = server.accept()
    with tls.wrap_socket(connection, server_side=True) as line, contextlib.suppress(OSError):
        line.settimeout(5)
        line.recv(1 << 16)
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(FILM) + FILM)
        line.shutdown(socket.SHUT_WR)
        gone.set()
        line.recv(1)


async def test_a_server_that_leaves_first_leaves_no_socket_open_over_tls(certificate):
    """It has gone while nothing was read; a mere close would wait for ever for somebody who reads."""
    theirs, ours = contexts(certificate)
    names, gone = Names({"film.example": [["127.0.0.1"]]}), threading.Event()
    connector = aiohttp.TCPConnector(ssl=ours, force_close=True, resolver=names)
    with socket.create_server(("127.0.0.1", 0)) as server:
        serving = asyncio.create_task(asyncio.to_thread(blunt, server, theirs, gone))
        link = f"https://film.example:{server.getsockname()[1]}/"
        async with aiohttp.ClientSession(connector=connector) as session, session.get(link) as response:
            line = response.connection.transport.get_extra_info("socket")
            with inflow.flowing(response, lambda _: None) as chunks:
                assert FILM == b"".join([bytes(chunk) async for chunk in chunks])
                await asyncio.to_thread(gone.wait, 5)
                for _ in range(100):
                    await asyncio.sleep(0)
        await serving
    assert -1 == line.fileno()


@pytest.mark.parametrize(("answer", "comes"), [(in_pieces, True), (short, False)])
async def test_a_film_of_many_blocks_comes_over_tls(tmp_path, certificate, crumbs, answer, comes):
    """Decrypted bytes go the same way."""
    theirs, ours = contexts(certificate)
    names = Names({"film.example": [["127.0.0.1"]]})
    trusted = TRUSTED | {"film.example"}
    downloader = Downloader(trusted_hosts=trusted, resolver=names, tls=lambda: ours)
    target = tmp_path / "films" / "film.mp4"
    target.parent.mkdir()
    async with serving(answer, theirs) as (port, _):
        try:
            came = await downloader.download(f"https://film.example:{port}/", target, most=MOST)
            assert (WHOLE, FILM, True) == (came, target.read_bytes(), comes)
        except DownloadError:
            assert not comes
    assert ["film.mp4"] * comes == left(target.parent)
