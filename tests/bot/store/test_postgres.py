"""PostgreSQL: many processes on one database, and a server that goes away."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING

import asyncpg
import pytest
from sqlalchemy import select, text

from bot.errors import Conflict, SettingsError, StoreUnavailable
from bot.models import Generation, Status
from bot.store import open_store, postgres
from bot.store.postgres import TRIES, Postgres
from bot.store.statements import Statement, Step
from bot.store.wakeups import Wakeups
from tests.bot.store.examples import LEASE, NOON, generation, hold, second, sizes, used

if TYPE_CHECKING:
    from pathlib import Path

    from bot.store import Store
    from bot.store.statements import Outcome


async def test_a_caller_that_is_cancelled_leaves_its_transition_whole():
    """Once it is handed over it is carried out: nobody has to ask whether it was (S-13)."""
    begun, go_on, done = asyncio.Event(), asyncio.Event(), []

    class Pool:
        async def close(self) -> None:
            """Nothing is open."""

    async def once(steps: object) -> list[Outcome]:
        begun.set()
        await go_on.wait()
        done.append(steps)
        return []

    engine = Postgres(Pool(), Wakeups(Pool))
    engine._once = once
    caller = asyncio.create_task(engine.write(()))
    await begun.wait()
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    go_on.set()
    await engine.close()

    assert ([()], True) == (done, caller.cancelled())


async def test_what_a_cancelled_caller_has_left_is_told_once_it_is_committed():
    """By the engine: the word to the others isn't heard here, and the caller says nothing any more."""
    happened: list[str] = []
    go_on = asyncio.Event()

    async def once(_steps: object) -> list[Outcome]:
        await go_on.wait()
        happened.append("committed")
        return []

    engine = Postgres(None, SimpleNamespace(hint=lambda: happened.append("told")))
    engine._once = once
    for late in (False, True):
        (go_on.set if late else go_on.clear)()
        caller = asyncio.create_task(engine.write(()))
        for _ in range(2):
            await asyncio.sleep(0)
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
        go_on.set()
        await asyncio.gather(*engine._writes)
        await asyncio.sleep(0)

    assert ["committed", "told"] * 2 == happened


async def test_what_a_vanished_machine_had_in_hand_is_free_again(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The server ends its transaction long before TCP knows of it; and if it wakes, it hears of that."""
    other = await open_store(postgres_url, tmp_path)
    await other.start(generation(1), [])
    with monkeypatch.context() as short:
        short.setattr(postgres, "IN_HAND", 0.1)
        lost = await open_store(postgres_url, tmp_path)
    assert isinstance(lost.engine, Postgres)
    vanished = await lost.engine._pool.acquire()
    await vanished.execute("BEGIN; UPDATE generations SET woken = woken")  # at once: no bound between them

    assert await other.wake(generation(1).id, NOON)
    with pytest.raises(postgres.GONE):
        await vanished.execute("COMMIT")
    await lost.engine._pool.release(vanished)
    for store in (lost, other):
        await store.close()


async def test_two_processes_share_out(two: tuple[Store, Store]):
    """Two that claim at once, again and again, never get the same row, and get all."""
    await asyncio.gather(*(two[0].start(generation(n), []) for n in range(100)))
    ids: list[str] = []

    async def work(store: Store) -> None:
        while claimed := await store.claim(NOON, lease=LEASE, most=3):
            ids.extend(one.id for one in claimed)

    await asyncio.gather(*(work(store) for store in two * 3))
    assert 100 == len(ids) == len(set(ids))


async def test_opening_clears_no_lease_of_others(two: tuple[Store, Store], postgres_url: str, tmp_path: Path):
    """A process that starts leaves alone what another works on; it may take over when the lease ends."""
    await two[0].start(generation(1), [])
    (late,) = await two[0].claim(NOON, lease=LEASE, most=1)
    third = await open_store(postgres_url, tmp_path)
    assert () == await third.claim(second(59), lease=LEASE, most=1)
    (taken,) = await third.claim(second(60), lease=LEASE, most=1)
    await third.close()
    with pytest.raises(Conflict):
        await two[0].move(late, second(61), due_at=None, status=Status.SUBMITTING)
    assert taken == await two[1].get(late.id)


async def test_two_processes_respect_one_limit(two: tuple[Store, Store]):
    """Of 100 commands at once to two processes on the last three, exactly three are taken."""
    starts = (two[n % 2].start(generation(n), [hold(videos=3)]) for n in range(100))
    results = await asyncio.gather(*starts, return_exceptions=True)
    assert 3 == sum(isinstance(one, Generation) for one in results)
    assert 3 == (await used(two[0], hold())).videos
    assert (3, 3) == await sizes(two[1])


async def test_a_lost_connection_heals(two: tuple[Store, Store], postgres_url: str):
    """When the server throws every connection out, calls fail as unavailable at most, then work again."""
    await asyncio.gather(*(two[0].start(generation(n), []) for n in range(20)))
    killer = await asyncpg.connect(postgres_url.replace("+asyncpg", ""))
    await killer.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    await killer.close()
    results = await asyncio.gather(
        *(two[0].start(generation(100 + n), [hold()]) for n in range(20)), return_exceptions=True
    )
    assert {Generation, StoreUnavailable} >= {type(one) for one in results}
    kept = sum(isinstance(one, Generation) for one in results)
    assert (20 + kept, 20 + kept) == await sizes(two[0])
    await two[0].ping()


async def test_a_connection_that_is_lost_in_a_transaction_says_why(two: tuple[Store, Store]):
    """The operator reads what became of it, and not that a transaction couldn't be ended then."""
    assert isinstance(two[0].engine, Postgres)
    gone = Statement("gone", text("SELECT pg_terminate_backend(pg_backend_pid())"), returns=True)
    with pytest.raises(StoreUnavailable, match=r"terminating connection|connection was closed"):
        await two[0].engine.write([Step(gone, {}), Step(gone, {})])


async def test_a_pooler_that_mixes_up_prepared_statements_is_told_of(two: tuple[Store, Store]):
    """One in transaction mode that knows nothing of them: the sentence names what to do."""
    await two[0].start(generation(1), [])
    assert isinstance(two[0].engine, Postgres)
    for holder in two[0].engine._pool._holders:
        if holder._con is not None:
            await holder._con.execute("DEALLOCATE ALL")
    with pytest.raises(StoreUnavailable, match="let it pool whole sessions"):
        await asyncio.gather(*(two[0].start(generation(n), []) for n in range(2, 20)))


async def test_nobody_there(tmp_path: Path):
    """A server that doesn't answer is unavailable, not a wrong setting."""
    with pytest.raises(StoreUnavailable):
        await open_store("postgresql+asyncpg://nobody@127.0.0.1:1/none", tmp_path)


async def test_no_such_database(postgres_url: str, tmp_path: Path):
    """A database that doesn't exist is a wrong setting."""
    address = postgres_url.replace("/matinee_", "/nowhere_")
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        await open_store(address, tmp_path)


async def test_scrubbing_is_the_server_s_own_business(two: tuple[Store, Store]):
    """Nothing is asked of it, and everything is still there."""
    await two[0].start(generation(1), [hold()])
    await two[1].engine.scrub()
    assert (1, 1) == await sizes(two[0])


async def test_closed_is_unavailable(two: tuple[Store, Store]):
    """After closing, everything says that the database is away."""
    await two[0].close()
    for call in (two[0].ping(), two[0].get("x"), two[0].start(generation(1), [])):
        with pytest.raises(StoreUnavailable):
            await call


@pytest.mark.parametrize(("times", "fails"), [(TRIES - 1, False), (TRIES, True)])
async def test_a_transaction_that_gave_way_is_tried_again(
    two: tuple[Store, Store], monkeypatch, times, fails
):
    """The database gives one up so that another can go on: it is run anew, five times in all."""
    given_up, real = [], two[0].engine._once

    async def once(steps: object) -> list[Outcome]:
        if len(given_up) < times:
            given_up.append(steps)
            raise asyncpg.DeadlockDetectedError("deadlock detected")
        return await real(steps)

    monkeypatch.setattr(two[0].engine, "_once", once)
    if fails:
        with pytest.raises(StoreUnavailable, match="deadlock"):
            await two[0].start(generation(1), [])
    else:
        await two[0].start(generation(1), [])

    assert (times, 0 if fails else 1) == (len(given_up), (await sizes(two[1]))[0])


async def test_a_server_that_only_reads_is_not_ready(two: tuple[Store, Store], monkeypatch):
    """A standby answers, and takes no writes."""

    async def standby(*_: object) -> bool:
        return True

    await two[0].ping()
    monkeypatch.setattr(asyncpg.Connection, "fetchval", standby)
    with pytest.raises(StoreUnavailable, match="the server only reads"):
        await two[0].ping()


async def test_a_server_that_is_gone_is_not_ready(two: tuple[Store, Store], monkeypatch):
    """Whatever the driver says of it."""

    async def gone(*_: object) -> bool:
        raise ConnectionResetError

    monkeypatch.setattr(asyncpg.Connection, "fetchval", gone)
    with pytest.raises(StoreUnavailable):
        await two[0].ping()


async def test_a_connection_that_does_not_close_is_cut(postgres_url: str, tmp_path: Path, monkeypatch):
    """Somebody still holds one: the end waits for it, but not for ever."""
    store = await open_store(postgres_url, tmp_path)
    held = (await store.engine._pool.acquire())._con
    monkeypatch.setattr("bot.store.postgres.PATIENCE", 0.01)
    await store.close()

    assert held.is_closed()


@pytest.mark.parametrize(
    ("part", "wrong", "words"),
    [
        ("/matinee_", "/nobody_", "PostgreSQL knows no such user, password or database"),
        ("postgresql+asyncpg://", "postgresql+asyncpg://[", "can't be read as an address of PostgreSQL"),
    ],
)
async def test_an_address_that_is_wrong_is_a_wrong_setting(
    postgres_url: str, tmp_path: Path, part, wrong, words
):
    """What no try again can mend is told in one sentence (S-14)."""
    with pytest.raises(SettingsError, match=words):
        await open_store(postgres_url.replace(part, wrong), tmp_path)


async def test_a_server_that_goes_while_we_come_is_unavailable(
    postgres_url: str, tmp_path: Path, monkeypatch
):
    """The tables were looked at, then it went."""

    async def gone() -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(asyncpg, "create_pool", lambda *_, **__: gone())
    with pytest.raises(StoreUnavailable):
        await open_store(postgres_url, tmp_path)


async def test_a_line_that_is_lost_while_it_opens_is_let_go(postgres_url: str, monkeypatch):
    """Whoever opens it hears why, and nothing stays open."""
    opened: list[asyncpg.Connection] = []

    async def cut(connection: asyncpg.Connection, *_: object, **__: object) -> None:
        opened.append(connection)
        raise ConnectionResetError

    good = await postgres.line(postgres_url)
    assert "force_generic_plan" == await good.fetchval("SHOW plan_cache_mode")
    await good.close()
    monkeypatch.setattr(asyncpg.Connection, "execute", cut)
    with pytest.raises(ConnectionResetError):
        await postgres.line(postgres_url)
    assert [True] == [connection.is_closed() for connection in opened]


async def test_the_moment_is_the_server_s(two: tuple[Store, Store]):
    """Two processes agree to the millisecond or so, whatever their machines' clocks say."""
    async with two[0].engine._pool.acquire() as connection:
        before = two[1].engine.now()
        there = await connection.fetchval("SELECT clock_timestamp()")
        after = two[0].engine.now()
    late = timedelta(seconds=0.5)
    assert before - late < there < after + late


async def test_the_server_s_clock_is_looked_at_again_and_again(
    postgres_url: str, tmp_path: Path, monkeypatch
):
    """Also after a look that failed."""
    looks, enough, measure = [], asyncio.Event(), Postgres.measure

    async def falters(engine: Postgres) -> None:
        looks.append(1)
        if len(looks) == 2:
            raise ConnectionResetError
        await measure(engine)
        if len(looks) == 3:
            enough.set()

    monkeypatch.setattr(postgres, "MEASURED_EVERY", 0.0)
    monkeypatch.setattr(Postgres, "measure", falters)
    store = await open_store(postgres_url, tmp_path)
    await asyncio.wait_for(enough.wait(), 5)
    await store.close()


async def test_a_server_whose_clock_can_not_be_read_is_unavailable(
    postgres_url: str, tmp_path: Path, monkeypatch
):
    """Without a moment that all agree on nothing can be claimed."""

    async def gone(_: object) -> None:
        raise ConnectionResetError

    monkeypatch.setattr(Postgres, "measure", gone)
    with pytest.raises(StoreUnavailable):
        await open_store(postgres_url, tmp_path)


async def test_a_mistake_of_ours_stays_one(two: tuple[Store, Store]):
    """SQL that is wrong is that error, not a database that is away."""
    wrong = Statement("wrong", select(text("1")).select_from(text("nowhere")), returns=True)
    with pytest.raises(asyncpg.UndefinedTableError):
        await two[0].engine.read(wrong, {})
    with pytest.raises(asyncpg.UndefinedTableError):
        await two[0].engine.write([Step(wrong, {}, rows=None)])
