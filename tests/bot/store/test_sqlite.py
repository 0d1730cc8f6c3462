"""The writer thread: batches, faults of the disk, a process that is killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from bot.errors import Conflict, LimitReached, StoreUnavailable
from bot.models import Cost, Generation
from bot.store import generations, open_store, sqlite
from bot.store.seal import Seal
from bot.store.statements import Statement, Step
from bot.store.store import starting
from bot.store.waking import wake_all
from tests.bot.store.examples import COST, LEASE, NOON, generation, hold, second, sizes, used

if TYPE_CHECKING:
    from bot.store import Store


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """Give an empty store in a file."""
    return sqlite_store


def writing(store: Store) -> sqlite3.Connection:
    """Return the writer's own connection; the writer must be idle."""
    return store.engine._writer._connection


async def test_a_full_commit_lets_others_in_between_its_answers(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    """Whoever is ready when a commit answers its callers goes on before the last of them does."""
    monkeypatch.setattr(sqlite, "WOKEN", 1)
    items = [sqlite._Item([]) for _ in range(3)]
    heard: list[int] = []

    asyncio.get_running_loop().call_soon(store.engine._writer._tell, items, [[], [], []])
    for _ in items:
        await asyncio.sleep(0)
        heard.append(sum(item.answer.done() for item in items))

    assert [1, 2, 3] == heard


async def test_what_a_cancelled_caller_has_left_is_told_once_it_is_committed(store: Store, tmp_path: Path):
    """Nobody else says so, and the tracker would sleep on; at the cancel it may be committed already."""
    seen: list[int] = []
    await store.start(generation(1), [])
    with contextlib.closing(sqlite3.connect(tmp_path / "matinee.db", isolation_level=None)) as other:
        woken = "SELECT woken FROM generations"
        store.engine.listen(lambda: seen.append(other.execute(woken).fetchone()[0]))
        other.execute("BEGIN IMMEDIATE")
        caller = asyncio.create_task(store.wake(generation(1).id, NOON))
        await asyncio.sleep(0)
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
        other.execute("COMMIT")
        await store.ping()  # it is committed after what was given up

    assert ([0, 1], True) == (seen, caller.cancelled())


async def test_a_bad_item_takes_no_neighbour_along(store: Store, tmp_path: Path):
    """Of transitions that are committed together, refused and impossible ones alone leave nothing."""
    with contextlib.closing(sqlite3.connect(tmp_path / "matinee.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # so that all of them gather in one batch
        tasks = [asyncio.create_task(store.start(generation(n), [hold()])) for n in range(30)]
        tasks += [asyncio.create_task(store.start(generation(50 + n), [hold(videos=0)])) for n in range(5)]
        tasks.append(asyncio.create_task(store.start(generation(60, interaction_id=2**70), [hold()])))
        tasks += [asyncio.create_task(store.start(generation(70 + n), [hold()])) for n in range(30)]
        await asyncio.sleep(0)  # every task has begun
        other.execute("COMMIT")
        results = await asyncio.gather(*tasks, return_exceptions=True)
    assert ["Generation"] * 30 + ["LimitReached"] * 5 + ["OverflowError"] + ["Generation"] * 30 == [
        type(one).__name__ for one in results
    ]
    assert (60, 60) == await sizes(store)
    assert Cost(60, 300, 60 * COST.credits) == await used(store, hold())


async def test_scrubbed_its_log_is_empty(store: Store, tmp_path: Path):
    """What was committed is in the file; a fault of the disk is told, and so is a database that is closed."""
    await store.start(generation(1), [hold()])
    await store.engine.scrub()
    assert (0, (1, 1)) == ((tmp_path / "matinee.db-wal").stat().st_size, await sizes(store))

    (tmp_path / "matinee.db").rename(tmp_path / "gone")
    (tmp_path / "matinee.db").mkdir()
    with pytest.raises(StoreUnavailable):
        await store.engine.scrub()
    await store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.engine.scrub()


async def test_the_log_is_moved_into_the_file_under_the_seal(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """After so many commits, by the writer alone; the file stays known as one that only we have written."""
    monkeypatch.setattr(sqlite, "COMMITS", 3)
    before = (tmp_path / "matinee.db").read_bytes()
    for number in range(2):
        await store.start(generation(number), [])
    assert before == (tmp_path / "matinee.db").read_bytes()
    await store.start(generation(2), [])
    await store.ping()  # the log is moved after the answer, before the next commit
    assert before != (tmp_path / "matinee.db").read_bytes()
    assert store.engine._seal.holds()


async def test_the_log_waits_for_members_until_it_is_twice_as_long(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    """Nobody who waits for an answer waits for it; where somebody always does, it doesn't grow for ever."""
    writer, waited_for, emptied = store.engine._writer, [True], []
    empty = writer._empty_log
    monkeypatch.setattr(sqlite, "COMMITS", 3)
    monkeypatch.setattr(writer, "_empty_log", lambda: emptied.append(writer._commits) or empty())
    store.engine.give_way_to(lambda: waited_for[0])
    for number in range(8):
        await store.start(generation(number), [])
    waited_for[0] = False
    await store.start(generation(8), [])
    await store.ping()

    assert [6, 3] == emptied


async def test_many_wakes_count_as_many_for_the_log(store: Store, monkeypatch: pytest.MonkeyPatch):
    """The WAL stays short, whether they come in one transition or in many."""
    writer, emptied = store.engine._writer, []
    monkeypatch.setattr(sqlite, "TRANSITIONS", 16)
    monkeypatch.setattr(writer, "_empty_log", lambda: emptied.append(writer._written))
    for number in (1, 56, 4):
        await wake_all(store.engine, [("maxapi", "f" * 16, None)] * number, NOON)
    await store.ping()

    assert 16 == emptied[0]


async def test_many_share_a_commit(store: Store):
    """Two thousand transitions at once are taken in the order they came, over several commits."""
    await asyncio.gather(*(store.start(generation(n), [hold(videos=1500)]) for n in range(1500)))
    late = await asyncio.gather(
        *(store.start(generation(n), [hold(videos=1500)]) for n in range(1500, 2000)), return_exceptions=True
    )
    assert all(isinstance(one, LimitReached) for one in late)
    assert (1500, 1500) == await sizes(store)


async def test_a_batch_is_all_that_waits_up_to_a_bound():
    """One commit takes what has gathered, but no more than a commit can bear; the end comes last."""
    writer = sqlite._Writer(sqlite3.connect(":memory:"), asyncio.get_running_loop(), Seal(Path("none"), 0))
    for _ in range(sqlite.MOST + 2):
        writer.put(sqlite._Item([]))
    gathered = [(len(batch), going) for batch, going in (writer._gather(), writer._gather())]
    writer.put(None)
    assert [(sqlite.MOST, True), (2, True)] == gathered
    assert ([], False) == writer._gather()
    writer._connection.close()


async def test_a_full_disk_stops_writes_only(store: Store):
    """When nothing more fits, a start is refused whole, reads go on, and writes heal with the disk (S-01)."""
    await store.start(generation(1), [hold()])
    (pages,) = writing(store).execute("PRAGMA page_count").fetchone()
    writing(store).execute(f"PRAGMA max_page_count = {pages}")
    results = await asyncio.gather(
        *(store.start(generation(10 + n), [hold()]) for n in range(100)), return_exceptions=True
    )
    assert StoreUnavailable in {type(one) for one in results}
    assert {Generation, StoreUnavailable} >= {type(one) for one in results}
    kept = 1 + sum(isinstance(one, Generation) for one in results)
    assert (kept, kept) == await sizes(store)
    assert Cost(kept, kept * 5, kept * COST.credits) == await used(store, hold())
    writing(store).execute("PRAGMA max_page_count = 1000000")
    await store.start(generation(999), [hold()])


async def test_a_disk_that_fills_while_one_is_refused(store: Store):
    """A commit that is taken apart because of one refusal, and then finds no room, keeps nothing (S-01)."""
    await store.start(generation(1), [hold()])
    (pages,) = writing(store).execute("PRAGMA page_count").fetchone()
    starts = [starting(generation(2), [hold()]), starting(generation(3), [hold(videos=1)])]
    starts += [starting(generation(10 + n), [hold()]) for n in range(100)]
    writing(store).execute(f"PRAGMA max_page_count = {pages}")

    results = sqlite.commit(writing(store), starts)

    assert {StoreUnavailable} == {type(one) for one in results}
    assert (1, 1) == await sizes(store)


async def test_what_is_refused_before_it_changes_anything_is_not_done_twice(store: Store):
    """Whoever was overtaken is told so; what is committed with it needs no second try."""
    value = await store.start(generation(1), [])
    late = [Step(generations.EXTEND, {"its_id": value.id, "its_version": 9, "until": 0})]
    begun: list[str] = []
    writing(store).set_trace_callback(begun.append)

    first, second_, third = sqlite.commit(
        writing(store), [starting(generation(2), []), late, starting(generation(3), [])]
    )

    writing(store).set_trace_callback(None)
    assert ["list", "Conflict", "list"] == [type(one).__name__ for one in (first, second_, third)]
    assert 1 == sum(said.startswith("BEGIN") for said in begun)
    assert 0 == sum(said.startswith("SAVEPOINT") for said in begun)
    assert (3, 3) == await sizes(store)


async def test_a_lock_of_somebody_else_is_no_crash(store: Store, tmp_path: Path):
    """While another program holds the lock too long, writes are refused, and work again afterwards (S-03)."""
    writing(store).execute("PRAGMA busy_timeout = 20")
    with contextlib.closing(sqlite3.connect(tmp_path / "matinee.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable):
            await store.start(generation(1), [])
        with pytest.raises(StoreUnavailable):
            await store.ping()
        other.execute("ROLLBACK")
    await store.ping()
    await store.start(generation(1), [])


async def test_a_lock_is_waited_for_three_times(store: Store, tmp_path: Path):
    """One patience after another: what lets go of the lock before the third is over is waited for (S-03)."""
    waited: list[int] = []
    with contextlib.closing(
        sqlite3.connect(tmp_path / "matinee.db", isolation_level=None, check_same_thread=False)
    ) as other:

        def again(tried: int) -> bool:
            waited.append(tried)
            if tried == sqlite.TRIES - 1:
                other.execute("ROLLBACK")
            return real(tried)

        real, store.engine._writer._waits_after = store.engine._writer._waits_after, again
        writing(store).execute("PRAGMA busy_timeout = 10")
        other.execute("BEGIN EXCLUSIVE")
        await store.start(generation(1), [])
        assert list(range(1, sqlite.TRIES)) == waited

        other.execute("BEGIN EXCLUSIVE")
        store.engine._writer._waits_after = real
        store.engine._writer.ending = True
        with pytest.raises(StoreUnavailable):  # who stops has no time for that
            await store.start(generation(2), [])


async def test_a_mistake_of_ours_stays_one(store: Store):
    """A value that no column takes is that error, not a database that is away."""
    with pytest.raises(OverflowError):
        await store.note(generation(1).id, card_id=2**64)
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await store.engine.read(Statement("wrong", select(text("1")).select_from(text("nowhere"))), {})


async def test_closed_is_unavailable(store: Store):
    """After closing, everything says that the database is away."""
    await store.close()
    for call in (store.ping(), store.get("x"), store.start(generation(1), [])):
        with pytest.raises(StoreUnavailable):
            await call


async def test_what_was_handed_over_is_written_before_closing(store: Store, tmp_path: Path):
    """Closing commits what callers already asked for."""
    tasks = [asyncio.create_task(store.start(generation(n), [])) for n in range(20)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*tasks)
    again = await open_store(None, tmp_path)
    assert (20, 20) == await sizes(again)
    await again.close()


KILLED = """
import asyncio, os, sys
from pathlib import Path
from bot.store import open_store
from tests.bot.store.examples import LEASE, NOON, generation, hold

async def live():
    store = await open_store(None, Path(sys.argv[1]))
    for number in range(20):
        await store.start(generation(number), [hold()])
    claimed = await store.claim(NOON, lease=LEASE, most=20)
    print(len(claimed), flush=True)
    await asyncio.gather(*(store.start(generation(100 + n), [hold()]) for n in range(10_000)))

asyncio.run(live())
"""


async def test_after_a_kill_everything_is_due_again(tmp_path: Path):
    """Whatever was acknowledged before a SIGKILL is there, whole, and due at once: no lease is waited for."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        KILLED,
        str(tmp_path),
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": "."},
    )
    assert process.stdout is not None
    assert b"20\n" == await process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    await process.communicate()
    store = await open_store(None, tmp_path)
    rows, written = await sizes(store)
    assert 20 <= rows == written
    assert Cost(rows, rows * 5, rows * COST.credits) == await used(store, hold())
    assert NOON == await store.next_due(second(1))
    assert rows == len(await store.claim(second(1), lease=LEASE, most=20_000))
    await store.close()


async def test_a_file_that_is_none_is_unavailable(tmp_path: Path):
    """What can't be opened for writing is let go of."""
    (tmp_path / "x.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreUnavailable):
        await sqlite.Sqlite.open(tmp_path / "x.db", 0, Seal(tmp_path / "x.db", 0))


def test_a_lock_is_waited_for_once_by_whoever_is_in_a_hurry(tmp_path: Path):
    """Without another word a commit is tried once."""
    with (
        contextlib.closing(sqlite3.connect(tmp_path / "x.db", isolation_level=None)) as other,
        contextlib.closing(sqlite3.connect(tmp_path / "x.db", isolation_level=None, timeout=0)) as ours,
    ):
        other.execute("BEGIN EXCLUSIVE")
        (result,) = sqlite.commit(ours, [()])
    assert isinstance(result, StoreUnavailable)


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (sqlite3.IntegrityError("UNIQUE constraint failed"), Conflict),
        (ValueError("Connection closed"), StoreUnavailable),
        (sqlite3.ProgrammingError("Cannot operate on a closed database."), StoreUnavailable),
        (ValueError("a mistake"), ValueError),
    ],
)
def test_errors_become_ours(error, ours):
    """What the driver says of the database is ours to say; a mistake of ours stays what it is."""
    assert ours is type(sqlite.translated(error))
