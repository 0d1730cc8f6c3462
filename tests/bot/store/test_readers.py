"""Laws of `bot.store.readers`: what is brief is answered at once, all else by threads."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING

import pytest

from bot.errors import StoreUnavailable
from bot.store import Store, generations, open_store, readers, sqlite
from bot.store.seal import Seal
from tests.bot.store.examples import generation, second

if TYPE_CHECKING:
    from pathlib import Path

    from bot.store.sqlite import Sqlite

NOBODY = {"its_id": "nobody"}


@pytest.fixture
async def engine(tmp_path: Path):
    """Give a database that nothing was written into."""
    store = await open_store(None, tmp_path)
    yield store.engine
    await store.close()


async def test_what_is_brief_waits_for_no_thread(engine: Sqlite):
    """All of them may be busy with long reads; the others wait for one."""
    asked, read = [], engine._readers._threads[0].__class__.execute_fetchall

    async def seen(thread, *arguments):
        asked.append(thread)
        return await read(thread, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine._readers._threads[0].__class__, "execute_fetchall", seen)
        assert [] == await engine.read(generations.BY_ID, NOBODY)
        assert [] == asked
        assert [] == await engine.read(generations.COUNTS, {})
        assert 1 == len(asked)


async def test_a_place_among_few_waits_for_no_thread(engine: Sqlite, monkeypatch: pytest.MonkeyPatch):
    """It is found at once; among many, or where nobody can say how many, a thread looks."""
    by_thread, real = [], engine._readers._threads[0].__class__.execute_fetchall

    async def seen(thread, *arguments):
        by_thread.append(number)
        return await real(thread, *arguments)

    monkeypatch.setattr(engine._readers._threads[0].__class__, "execute_fetchall", seen)
    store, places = Store(engine), []
    for number in range(1, 18):
        one = generation(number, ready_at=second(number), created_at=second(number))
        places.append(await store.place(await store.start(one, [])))
    engine._readers._own.close()
    number = 0
    places.append(await store.place(one))

    assert [*range(1, 18), 17] == places
    assert [16, 17, 0] == by_thread


async def test_what_cannot_be_answered_at_once_is_answered_by_a_thread(engine: Sqlite):
    """A lock is in the way, say: it waits for that beside the event loop, and nobody hears of it."""
    engine._readers._own.close()
    assert [] == await engine.read(generations.BY_ID, NOBODY)


async def test_who_asks_again_and_again_lets_others_in_between(engine: Sqlite):
    """Though it waits for nothing: so many brief reads are one turn of the event loop."""
    turns = []

    async def other():
        while True:
            turns.append(0)
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    for _ in range(10 * (readers.AT_ONCE + 1)):
        await engine.read(generations.BY_ID, NOBODY)
    task.cancel()

    assert 9 <= len(turns) <= 10


async def test_many_who_ask_at_once_let_others_in_between(engine: Sqlite):
    """A turn answers so many of all who ask, and the others wait for the next one."""
    answered, seen = [], []

    async def ask():
        answered.append(await engine.read(generations.BY_ID, NOBODY))

    tasks = [asyncio.create_task(ask()) for _ in range(readers.AT_ONCE + 3)]
    for _ in range(2):
        await asyncio.sleep(0)
        seen.append(len(answered))
    await asyncio.gather(*tasks)

    assert [readers.AT_ONCE, readers.AT_ONCE + 3] == seen


async def test_what_was_committed_is_seen_at_once(engine: Sqlite):
    """A brief answer is no older than the last commit that was told."""
    for number in range(5):
        await engine.write([generations.begin(generation(number))])
        assert 1 == len(await engine.read(generations.BY_ID, {"its_id": generation(number).id}))


async def test_readers_that_can_not_all_be_had_are_let_go_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The second one fails: the first doesn't stay open."""
    await (await open_store(None, tmp_path)).close()
    opened, real = [], readers.aiosqlite.connect

    def connect(*arguments, **options):
        if opened:
            raise sqlite3.OperationalError("unable to open database file")
        opened.append(real(*arguments, **options))
        return opened[0]

    monkeypatch.setattr(readers.aiosqlite, "connect", connect)
    with pytest.raises(StoreUnavailable):
        await sqlite.Sqlite.open(tmp_path / "matinee.db", 0, Seal(tmp_path / "matinee.db", 0))
    assert not opened[0]._running
