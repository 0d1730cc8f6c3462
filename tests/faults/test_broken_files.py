"""The database's file, damaged or cut short: the one is refused and kept, the other is as it was before."""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import SettingsError
from bot.models import VideoRequest
from bot.store import open_store
from tests.bot.store.examples import LEASE, REQUEST, generation, hold, second

PAGE = 4096
HEAD, FRAME_HEAD = 32, 24
"""Bytes of a WAL's header, and of a frame's (sqlite.org/fileformat2.html, section 4.1)."""
KINDS = {2: "index inside", 5: "table inside", 10: "index leaf", 13: "table leaf"}
"""The first byte of a page of a tree (ibid., section 1.6)."""


def number(data, place):
    """Return four bytes as SQLite writes them."""
    return int.from_bytes(data[place : place + 4], "big")


async def filled(folder):
    """Return the bytes of a database in which every kind of page occurs."""
    store = await open_store(None, folder)
    long = VideoRequest(**{**vars_of(REQUEST), "prompt": "cat " * 3000})  # longer than a page
    for n in range(400):
        asked = long if n % 40 == 0 else REQUEST
        await store.start(generation(n, asked=asked, request=asked), [])
    await store.close()
    path = folder / "matinee.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("CREATE TABLE gone AS SELECT * FROM generations")
        connection.execute("DROP TABLE gone")  # leaves free pages
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes()


def vars_of(request):
    """Return a frozen value's fields."""
    return {name: getattr(request, name) for name in request.__dataclass_fields__}


def pages(data):
    """Return one page of each kind, by kind, from 0."""
    found, rest = {"first": 0}, []
    trunk = number(data, 32) - 1
    free = {
        trunk,
        *(number(data, trunk * PAGE + 8 + 4 * n) - 1 for n in range(number(data, trunk * PAGE + 4))),
    }
    for page in range(1, len(data) // PAGE):
        kind = KINDS.get(data[page * PAGE])
        if page in free:
            continue
        if kind is None:
            rest.append(page)
        else:
            found.setdefault(kind, page)
    return found | {"free": trunk, "overflow": rest[0]}


def put(folder, data):
    """Lay a database into a new folder."""
    folder.mkdir()
    (folder / "matinee.db").write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return the bytes of a whole database."""
    return asyncio.run(filled(tmp_path_factory.mktemp("whole")))


async def refused(folder, data):
    """Return the sentence with which a database is refused, and left as it was; None: it is taken."""
    path = put(folder, data) / "matinee.db"
    try:
        store = await open_store(None, folder)
    except SettingsError as error:
        assert data == path.read_bytes()
        return str(error)
    await store.counts()
    await store.close()
    return None


async def test_every_kind_of_page_occurs(whole, tmp_path):
    """What is damaged below is really there, and the whole file is taken."""
    assert {"first", "free", "overflow", *KINDS.values()} == set(pages(whole))
    assert None is await refused(tmp_path / "whole", whole)


@pytest.mark.parametrize("kind", ["first", "free", "overflow", *KINDS.values()])
async def test_a_flipped_page_of_any_kind_is_refused_and_kept(whole, tmp_path, kind):
    """One sentence that says what to do; the file isn't changed, repaired or made anew (S-04)."""
    broken = bytearray(whole)
    place = pages(whole)[kind] * PAGE
    for at in range(place, place + 16):
        broken[at] ^= 0xFF

    said = await refused(tmp_path / "broken", bytes(broken))

    assert said is not None
    assert said.startswith("matinee.db in DATA_DIR is damaged and was left as it is; restore a backup (")
    assert "\n" not in said


@settings(derandomize=True, max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_whatever_is_flipped_it_is_refused_or_read(whole, tmp_path_factory, seed):
    """Random bytes anywhere: one sentence and an untouched file, or a database that is whole (S-04)."""
    chance, broken = random.Random(seed), bytearray(whole)
    for _ in range(chance.choice([1, 1, 20, 500])):
        broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
    folder = tmp_path_factory.mktemp("flipped") / "it"
    with contextlib.suppress(ValueError, TypeError, KeyError):  # what a row says isn't SQLite's to check
        asyncio.run(refused(folder, bytes(broken)))
    shutil.rmtree(folder.parent)


async def test_a_damaged_file_keeps_what_is_not_yet_in_it(whole, tmp_path):
    """The log of a process that died isn't moved into a file that is damaged (S-04)."""
    left = put(tmp_path / "left", whole)
    with contextlib.closing(sqlite3.connect(left / "matinee.db", isolation_level=None)) as connection:
        connection.execute("UPDATE generations SET misses = 1")
        died = put(tmp_path / "died", whole)
        shutil.copy(left / "matinee.db-wal", died)
    broken = bytearray(whole)
    broken[pages(whole)["overflow"] * PAGE] ^= 0xFF
    (died / "matinee.db").write_bytes(broken)
    log = (died / "matinee.db-wal").read_bytes()

    with pytest.raises(SettingsError, match="damaged"):
        await open_store(None, died)
    assert (bytes(broken), log) == (
        (died / "matinee.db").read_bytes(),
        (died / "matinee.db-wal").read_bytes(),
    )


async def lived(folder):
    """Live; return the file as it was at first, the log as it grew, and what was true after each commit."""
    store = await open_store(None, folder)
    path, log = folder / "matinee.db", folder / "matinee.db-wal"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    first, states = path.read_bytes(), [(0, content(path))]

    async def note():
        states.append((log.stat().st_size, content(path)))

    for n in range(5):
        await store.start(generation(n), [hold()])
        await note()
    for moment in range(2):
        (claimed,) = await store.claim(second(moment), lease=LEASE, most=1)
        await note()
        await store.move(claimed, second(moment), due_at=None, reason="moved", give=[hold()])
        await note()
    grown = log.read_bytes()
    assert first == path.read_bytes()
    await store.close()
    return first, grown, states


def content(path):
    """Return every row of what matters."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        return [connection.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES]


TABLES = ("generations", "counters", "ledger")


async def test_a_loss_of_power_at_any_write_leaves_before_or_after(tmp_path):
    """The log cut after a frame, within it, or torn: exactly the commits that are whole (S-05)."""
    first, grown, states = await lived(tmp_path)
    frame = FRAME_HEAD + PAGE
    ends = range(HEAD, len(grown) + 1, frame)
    chance, cases = random.Random(5), 0
    path = put(tmp_path / "after", first) / "matinee.db"
    for end in ends:
        for cut, tail in (
            (end, b""),
            (end, chance.randbytes(frame)),
            (end + chance.randrange(1, frame), b""),
        ):
            survived = grown[:cut] + tail
            recovered(path, first, survived)
            expected = [state for size, state in states if size <= end][-1]
            assert expected == content(path), (end, cut)
            cases += 1
    assert cases > 200


def recovered(path, first, log):
    """Lay out what a loss of power has left."""
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.write_bytes(first)
    path.with_name(path.name + "-wal").write_bytes(log)


async def test_a_loss_of_power_while_the_log_is_moved_into_the_file_loses_nothing(tmp_path):
    """Any mixture of old and new pages, with the whole log: everything that was committed (S-05)."""
    first, grown, states = await lived(tmp_path)
    path = put(tmp_path / "after", first) / "matinee.db"
    recovered(path, first, grown)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(FULL)")
        moved = path.read_bytes()
    chance = random.Random(7)
    for _ in range(25):
        mixed = bytearray(moved)
        for page in range(len(first) // PAGE):
            if chance.random() < 0.5:
                mixed[page * PAGE : (page + 1) * PAGE] = first[page * PAGE : (page + 1) * PAGE]
        recovered(path, bytes(mixed), grown)
        assert states[-1][1] == content(path)


async def test_after_a_loss_of_power_everything_is_due(tmp_path):
    """What a cut log leaves is opened like any database: no lease is waited for, each row is read (S-05)."""
    first, grown, states = await lived(tmp_path)
    for size, state in states[1::6]:
        folder = put(tmp_path / f"after-{size}", first)
        (folder / "matinee.db-wal").write_bytes(grown[: size + 100])
        store = await open_store(None, folder)
        open_ones = sum(row[1] == "queued" and row[11] is not None for row in state[0])
        assert open_ones == len(await store.claim(second(3600), lease=LEASE, most=100))
        await store.close()
