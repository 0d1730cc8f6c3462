"""A file is written while more of it comes, in bounded memory."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from hashlib import sha256

import aiohttp
import pytest

from bot.media.arriving import BLOCK, PIECE, Downloaded, Part, Pen

CHUNK = bytes(range(256)) * (BLOCK // 1024)
"""A quarter of a block."""


class Through:
    """A file, but for what its own class does otherwise."""

    def __init__(self, file) -> None:
        self._file = file

    def __getattr__(self, name):
        return getattr(self._file, name)


class SlowPart(Part):
    """Writes only once it may, and as often as the disk has room."""

    def __init__(self, target, room: int = 100) -> None:
        super().__init__(target)
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.room = room

    def write(self, chunks):
        """Wait, then write."""
        self.begun.set()
        self.go_on.wait(5)
        self.room -= 1
        if self.room < 0:
            raise OSError(errno.ENOSPC, "no space left")
        super().write(chunks)


async def lay(pen: Pen, chunks: int) -> None:
    """Write so many chunks."""
    for _ in range(chunks):
        await pen.write(CHUNK)


@pytest.mark.parametrize("chunks", [0, 1, 4, 5, 8, 11])
async def test_what_comes_is_written_in_its_order(tmp_path, chunks):
    """Size, digest and bytes are those of all chunks, whether or not they fill the last block."""
    async with Part(tmp_path / "film.mp4") as part:
        async with Pen(part) as pen:
            full = [await pen.write(CHUNK) for _ in range(chunks)]
        found = part.finish()
    whole = CHUNK * chunks
    assert Downloaded(len(whole), sha256(whole).hexdigest()) == found
    assert (whole, chunks // 4) == ((tmp_path / "film.mp4").read_bytes(), sum(full))


async def test_who_brings_more_than_the_disk_takes_waits(tmp_path):
    """One block is being written and one is full: nobody brings a third."""
    async with SlowPart(tmp_path / "film.mp4") as part:
        async with Pen(part) as pen:
            bringing = asyncio.create_task(lay(pen, 9))
            assert await asyncio.to_thread(part.begun.wait, 5)
            await asyncio.wait({bringing}, timeout=0.05)
            assert (False, 0) == (bringing.done(), part.size)
            part.go_on.set()
            await bringing
        assert part.size == 9 * len(CHUNK)


@pytest.mark.parametrize("room", [0, 100])
@pytest.mark.parametrize("reason", [asyncio.CancelledError, ValueError])
async def test_whoever_leaves_waits_for_the_block_under_way(tmp_path, reason, room):
    """A file isn't closed under a thread that writes to it, and why we left is what is told."""
    async with SlowPart(tmp_path / "film.mp4", room) as part:

        async def leave() -> None:
            async with Pen(part) as pen:
                await lay(pen, 4)
                assert await asyncio.to_thread(part.begun.wait, 5)
                asyncio.get_running_loop().call_later(0.02, part.go_on.set)
                raise reason

        with pytest.raises(reason):
            await leave()
        assert part.size == (len(CHUNK) * 4 if room else 0)


async def test_what_came_of_a_cut_body_is_kept(tmp_path):
    """Its rest is asked for from there."""
    async with Part(tmp_path / "film.mp4") as part:

        async def cut() -> None:
            async with Pen(part) as pen:
                await lay(pen, 5)
                raise aiohttp.ClientPayloadError

        with pytest.raises(aiohttp.ClientPayloadError):
            await cut()
        assert part.size == 5 * len(CHUNK)


@pytest.mark.parametrize("chunks", [4, 8, 9])
async def test_a_full_disk_is_told(tmp_path, chunks):
    """Whenever the block that found no room is looked at: with the next, or at the end."""
    async with SlowPart(tmp_path / "film.mp4", room=0) as part:
        part.go_on.set()
        with pytest.raises(OSError, match="no space"):
            async with Pen(part) as pen:
                await lay(pen, chunks)


async def test_a_disk_that_takes_a_little_at_a_time_takes_all(tmp_path):
    """A write that is cut short goes on where it stopped."""

    class Crumbs(Through):
        def write(self, data):
            return self._file.write(data[:10_000])

    async with Part(tmp_path / "film.mp4") as part:
        part._file = Crumbs(part._file)
        part.write([CHUNK, CHUNK])
        assert Downloaded(2 * len(CHUNK), sha256(CHUNK * 2).hexdigest()) == part.finish()
    assert (tmp_path / "film.mp4").read_bytes() == CHUNK * 2


async def test_no_call_writes_more_than_a_piece(tmp_path):
    """What is larger makes Linux look for larger pieces of memory, whatever it comes in."""
    sizes = []

    class Watched(Through):
        def write(self, data):
            sizes.append(len(data))
            return self._file.write(data)

    async with Part(tmp_path / "film.mp4") as part:
        part._file = Watched(part._file)
        part.write([bytes(BLOCK + 1), memoryview(bytes(BLOCK))])
        assert 2 * BLOCK + 1 == part.finish().size
    assert (PIECE, 2 * BLOCK + 1) == (max(sizes), sum(sizes))


async def test_the_kernel_begins_to_write_while_the_file_still_comes(tmp_path, monkeypatch):
    """The sync at the end, and everybody's commits with it, wait for a megabyte and not for a film."""
    begun = []
    monkeypatch.setattr(os, "posix_fadvise", lambda _file, at, size, _advice: begun.append((at, size)))
    async with Part(tmp_path / "film.mp4") as part:
        part.write([CHUNK] * 7)
        part.write([CHUNK] * 2)
        part.write([CHUNK] * 20)
        part.begin("", None)
        part.write([CHUNK] * 8)
    assert [(0, 9 * len(CHUNK)), (9 * len(CHUNK), 20 * len(CHUNK)), (0, 8 * len(CHUNK))] == begun


async def test_a_file_system_that_takes_no_hint_takes_the_file(tmp_path, monkeypatch):
    """A film that was paid for doesn't fail for it."""

    def refuse(*_):
        raise OSError(errno.EOPNOTSUPP, "no such hint")

    monkeypatch.setattr(os, "posix_fadvise", refuse)
    async with Part(tmp_path / "film.mp4") as part:
        part.write([CHUNK] * 17)
        assert 17 * len(CHUNK) == part.finish().size


async def test_where_the_system_takes_no_advice_a_file_arrives_all_the_same(tmp_path, monkeypatch):
    """There is no `posix_fadvise` on macOS."""
    monkeypatch.delattr(os, "posix_fadvise")
    async with Part(tmp_path / "film.mp4") as part:
        part.write([CHUNK] * 17)
        assert 17 * len(CHUNK) == part.finish().size
