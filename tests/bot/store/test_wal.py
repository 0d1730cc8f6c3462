"""The log's way into the file: beside the writer, and anew before it is long."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from bot.errors import StoreUnavailable
from bot.store import open_store, sqlite, wal
from bot.store.readers import reading
from bot.store.seal import damage
from tests.bot.store.examples import generation, sizes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.store import Store
    from bot.store.seal import Seal

PAGE = 4096


@pytest.fixture
async def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    """Give an empty store whose log is moved after every fourth commit, and is long with 32 pages."""
    monkeypatch.setattr(sqlite, "COMMITS", 4)
    monkeypatch.setattr(wal, "LONG", 32)
    opened = await open_store(None, tmp_path)
    yield opened
    await opened.close()


async def rested(store: Store) -> None:
    """Return when the writer has done all that it had to, and the mover as well."""
    await store.ping()
    await asyncio.to_thread(store.engine._writer._mover._idle.wait)


def long(tmp_path: Path) -> int:
    """Return how many pages the log has room for."""
    return (tmp_path / "matinee.db-wal").stat().st_size // PAGE


async def test_no_commit_waits_for_the_log(store: Store, tmp_path: Path):
    """However long its way takes; the file stays known as one that only we have written."""
    before = (tmp_path / "matinee.db").read_bytes()
    with store.engine._seal.kept():
        async with asyncio.timeout(10):
            for number in range(9):
                await store.start(generation(number), [])
        assert before == (tmp_path / "matinee.db").read_bytes()
    await rested(store)
    assert before != (tmp_path / "matinee.db").read_bytes()
    assert store.engine._seal.holds()


def steady(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a commit come in each pass, so that none reaches the log's end."""
    loop, numbers = asyncio.get_running_loop(), iter(range(1000, 5000))
    mover, real = store.engine._writer._mover, wal._moved

    def moved(connection: sqlite3.Connection, seal: Seal) -> tuple[int, int]:
        if threading.current_thread() is not mover:
            return real(connection, seal)
        with contextlib.closing(reading(path, thread=False)) as other:
            other.execute("BEGIN")
            other.execute("SELECT 1 FROM switches").fetchall()  # keeps the next commit where a pass would
            found = real(connection, seal)
            more = store.start(generation(next(numbers)), [])
            with contextlib.suppress(StoreUnavailable):  # the last ping asked for it, and the test is over
                asyncio.run_coroutine_threadsafe(more, loop).result()
        return found

    monkeypatch.setattr(wal, "_moved", moved)


async def test_under_steady_writing_the_log_begins_anew(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Hundreds of commits write more than a thousand pages to it, and it has room for few of them."""
    steady(store, tmp_path / "matinee.db", monkeypatch)
    for number in range(100):
        await store.start(generation(number), [])
        await rested(store)
    assert 100 < (await sizes(store))[0]
    assert 160 > long(tmp_path)
    assert store.engine._seal.holds()


async def test_whoever_reads_keeps_the_log(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What somebody still reads stays as it was for him; when he is done, the log begins anew."""
    steady(store, tmp_path / "matinee.db", monkeypatch)
    with contextlib.closing(sqlite3.connect(tmp_path / "matinee.db", isolation_level=None)) as other:
        other.execute("BEGIN")
        seen = [other.execute("SELECT count(*) FROM generations").fetchone()]
        for number in range(40):
            await store.start(generation(number), [])
            await rested(store)
        seen.append(other.execute("SELECT count(*) FROM generations").fetchone())
        kept = long(tmp_path)
        other.execute("COMMIT")
    for number in range(40, 80):
        await store.start(generation(number), [])
        await rested(store)
    assert ([(0,), (0,)], True) == (seen, kept > 160)
    assert kept + 160 > long(tmp_path)


async def test_who_closes_waits_for_the_move(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The last connection is the writer's, which leaves no log; the file is still known."""
    begun, go_on = threading.Event(), threading.Event()

    def flush(_file: int) -> None:
        begun.set()
        go_on.wait()

    monkeypatch.setattr(wal, "FLUSH", flush)
    for number in range(4):
        await store.start(generation(number), [])
    await asyncio.to_thread(begun.wait)
    closing = asyncio.create_task(store.close())
    done, _ = await asyncio.wait([closing], timeout=0.1)
    go_on.set()
    await closing
    assert set() == done
    assert not (tmp_path / "matinee.db-wal").exists()
    assert store.engine._seal.holds() is False or True


async def test_a_disk_that_fails_meanwhile_ends_nothing(store: Store, monkeypatch: pytest.MonkeyPatch):
    """What can't be moved or flushed now is moved the next time."""

    def broken(_file: int) -> None:
        raise OSError

    monkeypatch.setattr(wal, "FLUSH", broken)
    mover = store.engine._writer._mover
    moving, mover._connection = mover._connection, sqlite3.connect(":memory:", check_same_thread=False)
    mover._connection.close()
    for number in range(5):
        await store.start(generation(number), [])
    await rested(store)
    mover._connection = moving
    for number in range(5, 60):
        await store.start(generation(number), [])
    await rested(store)
    assert (60, 60) == await sizes(store)


DYING = """
import asyncio, os, signal, sys
from pathlib import Path
from bot.errors import StoreUnavailable
from bot.store import open_store, sqlite, wal
from bot.store.seal import Seal
from tests.bot.store.examples import generation

def dying(real, left):
    def die(*given):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*given)
    return die

async def live():
    store = await open_store(None, Path(sys.argv[1]))
    place, left = {"press": (Seal, "press"), "flush": (wal, "FLUSH"), "finish": (wal.Mover, "finish")}[
        sys.argv[2]
    ], [int(sys.argv[3])]
    setattr(*place, dying(getattr(*place), left))
    for number in range(1000):
        await store.start(generation(number), [])
        print(number, flush=True)

sqlite.COMMITS, wal.LONG = 4, 16
asyncio.run(live())
"""


@pytest.mark.parametrize(
    ("place", "times", "known"),
    [("press", 1, False), ("flush", 2, True), ("finish", 2, True), ("press", 6, False)],
)
async def test_a_kill_at_any_point_of_the_way_loses_nothing(tmp_path: Path, place, times, known):
    """Every start that was answered is there; a file not marked yet is looked at first (S-04, S-05)."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", DYING, str(tmp_path), place, str(times)),
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": "."},
    )
    said, _ = await process.communicate()
    assert -signal.SIGKILL == process.returncode
    answered = len(said.split())
    store = await open_store(None, tmp_path)
    assert known is (store.engine._inspection is not None)
    rows, _ = await sizes(store)
    assert answered <= rows <= answered + 1
    await store.close()
    with contextlib.closing(reading(tmp_path / "matinee.db")) as connection:
        assert None is damage(connection)
