"""A film goes out as it lies on the disk, read in the loop only where that takes no waiting."""

from __future__ import annotations

import asyncio
import errno
import os
import threading

import aiohttp
import pytest
from aiohttp import web

from bot.media import outflow
from bot.media.outflow import FROM_DISK, IN_MEMORY, Outflow, Outgoing

FILM = os.urandom(3 * IN_MEMORY + 1)
NO_WAIT = "preadv without waiting"


class Sheet:
    """Takes what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    async def write(self, piece) -> None:
        """Take a piece."""
        self.written.append(bytes(piece))


@pytest.fixture
def film(tmp_path):
    """Open a film."""
    path = tmp_path / "film.mp4"
    path.write_bytes(FILM)
    with Outgoing(path) as film:
        yield film


@pytest.fixture
def reads(monkeypatch):
    """Note each read of a file in memory: how much was asked for, and whether the loop was what waited."""
    noted, read = [], os.preadv

    def watched(file, rooms, at, flags):
        noted.append((len(rooms[0]), threading.current_thread() is threading.main_thread()))
        assert bool(flags) == noted[-1][1]
        return read(file, rooms, at, 0)

    monkeypatch.setattr(outflow, "NOWAIT", 8)
    monkeypatch.setattr(os, "preadv", watched)
    return noted


async def test_an_upload_brings_the_very_bytes(film):
    """A form with a film says its length, and says it anew for a second try."""
    forms = []

    async def take(request):
        form = await request.post()
        forms.append((form["film"].file.read(), request.content_length, form["film"].filename))
        return web.Response()

    app = web.Application(client_max_size=1 << 22)
    app.router.add_post("/", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    async with aiohttp.ClientSession() as session:
        for _ in range(2):
            form = aiohttp.FormData({"name": "value"})
            form.add_field("film", film, filename="film.mp4")
            async with session.post(f"http://{host}:{port}/", data=form) as response:
                assert response.status == 200
    await runner.cleanup()
    assert [(FILM, "film.mp4")] * 2 == [(body, name) for body, _, name in forms]
    assert all(length > len(FILM) for _, length, _ in forms)


async def test_a_film_in_memory_needs_no_thread(film, reads):
    """Only the end is asked for again where waiting is allowed."""
    sheet = Sheet()
    await Outflow(film).write(sheet)
    assert FILM == b"".join(sheet.written)
    assert [(IN_MEMORY, True)] * 5 + [(FROM_DISK, False)] == reads


@pytest.mark.parametrize("refusal", [errno.EAGAIN, errno.EOPNOTSUPP])
async def test_what_only_the_disk_has_is_read_by_a_thread(film, monkeypatch, refusal):
    """The loop never waits for a disk, and a file system without such reads gives its films all the same."""
    read, threads = os.preadv, set()

    def far(file, rooms, at, flags):
        if flags:
            raise OSError(refusal, NO_WAIT)
        threads.add(threading.current_thread())
        return read(file, rooms, at, 0)

    monkeypatch.setattr(outflow, "NOWAIT", 8)
    monkeypatch.setattr(os, "preadv", far)
    sheet = Sheet()
    await Outflow(film).write(sheet)
    assert (FILM, True) == (b"".join(sheet.written), threading.main_thread() not in threads)


async def test_where_the_system_can_t_say_a_thread_reads(film, monkeypatch, reads):
    """There is no `RWF_NOWAIT` on macOS."""
    monkeypatch.setattr(outflow, "NOWAIT", None)
    sheet = Sheet()
    await Outflow(film).write(sheet)
    assert FILM == b"".join(sheet.written)
    assert {(FROM_DISK, False)} == set(reads)


async def test_a_film_goes_from_where_it_stands(film):
    """What was read before isn't sent, and the place stays."""
    film.seek(7)
    sheet, flow = Sheet(), Outflow(film)
    await flow.write(sheet)
    assert (FILM[7:], len(FILM) - 7, 7) == (b"".join(sheet.written), flow.size, film.tell())


async def test_others_have_their_turn_after_each_piece(film, reads):
    """A peer that takes all at once doesn't stop the loop."""
    turns = 0

    async def turn():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    class Watched(Sheet):
        async def write(self, piece) -> None:
            await super().write(turns.to_bytes(8))

    other, sheet = asyncio.create_task(turn()), Watched()
    await asyncio.sleep(0)
    await Outflow(film).write(sheet)
    other.cancel()
    assert 4 == len(sheet.written) == len(set(sheet.written))


async def test_a_film_that_can_t_be_read_is_an_error(film):
    """Nothing else is sent in its place."""
    flow = Outflow(film)
    film.close()
    with pytest.raises(ValueError, match="closed"):
        await flow.write(Sheet())


def test_a_film_is_no_text(film):
    """Nobody gets it as words."""
    with pytest.raises(TypeError):
        Outflow(film).decode()
