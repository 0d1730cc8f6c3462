"""Laws of `bot.store.wakeups`: others hear at once what is due, and nobody depends on it."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING

import asyncpg
import pytest
from sqlalchemy import func, select

from bot.errors import StoreUnavailable
from bot.store import generations, wakeups
from bot.store.postgres import Postgres
from bot.store.statements import Outcome, Statement, Step
from bot.store.switches import Switches
from bot.store.timekeeping import Timekeeping
from bot.store.wakeups import SAY, Wakeups
from tests.bot.store.examples import LEASE, NOON, generation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.store import Store


class Line:
    """A connection that can be cut, and on which words can fail."""

    def __init__(self, faults: list[Exception] | None = None) -> None:
        self.faults = faults or []
        self.said: list[str] = []
        self.listening = self.cut = False
        self.ends: list[object] = []

    def add_termination_listener(self, end):
        """Keep whom to tell."""
        self.ends.append(end)

    async def add_listener(self, _channel, _hear):
        """Listen."""
        self.listening = True

    async def execute(self, word, *, timeout):  # noqa: ASYNC109 - the driver's way
        """Say a word, or fail."""
        assert timeout
        self.said.append(word)
        if self.faults:
            raise self.faults.pop()

    async def fetch(self, question, *arguments, timeout):  # noqa: ASYNC109 - the driver's way
        """Answer with what was asked, or fail."""
        await asyncio.sleep(0)
        await self.execute(question, timeout=timeout)
        return [arguments]

    def is_closed(self):
        """Whether it is cut."""
        return self.cut

    def terminate(self):
        """Cut it."""
        self.cut = True
        for end in self.ends:
            end(self)


async def until(holds) -> None:
    """Give way until something holds."""
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - whatever it is
            await asyncio.sleep(0)


@pytest.fixture
async def lines(monkeypatch) -> AsyncIterator[list[Line]]:
    """Give the connections that will be had, one after the other, without a pause between them."""
    monkeypatch.setattr(wakeups, "LONGEST_WAIT", 0.0)
    monkeypatch.setattr(wakeups, "SPACING", 0.0)
    return []


@contextlib.asynccontextmanager
async def talking(lines: list[Line]) -> AsyncIterator[Wakeups]:
    """Talk over these connections; after the last there is none."""
    left = iter(lines)

    async def connect():
        line = next(left, None)
        if line is None:
            await asyncio.Event().wait()
        return line

    one = Wakeups(connect)
    yield one
    await one.close()


async def test_what_is_said_at_once_is_said_once(lines):
    """A burst of transitions is one word, and none is lost that comes while it is being said."""
    line = Line()
    async with talking([line]) as one:
        for _ in range(100):
            one.say()
        await until(lambda: line.said)
        assert [SAY] == line.said
        one.say()
        await until(lambda: len(line.said) == 2)


async def test_a_word_that_fails_is_said_on_the_next_connection(lines):
    """Whoever said it has gone on long since."""
    first, second = Line([TimeoutError()]), Line()
    async with talking([first, second]) as one:
        one.say()
        await until(lambda: second.said)
    assert ([SAY], True, [SAY]) == (first.said, first.cut, second.said)


async def test_after_a_cut_it_listens_anew_and_looks_once(lines):
    """Words may have been missed meanwhile (S-15)."""
    first, second, heard = Line(), Line(), []
    async with talking([first, second]) as one:
        one.listen(partial(heard.append, 1))
        await until(lambda: heard)
        first.terminate()
        await until(lambda: len(heard) == 2)
    assert (True, True) == (first.listening, second.listening)


async def test_a_server_that_is_away_is_tried_again(lines):
    """However often."""
    tries, line = [], Line()

    async def connect():
        tries.append(1)
        if len(tries) < 4:
            raise ConnectionRefusedError
        return line

    one = Wakeups(connect)
    one.say()
    await until(lambda: line.said)
    await one.close()
    assert 4 == len(tries)


async def test_a_silent_connection_is_looked_at(lines, monkeypatch):
    """A cable that was pulled says nothing: the question fails, and there is another connection."""
    monkeypatch.setattr(wakeups, "SILENCE", 0.001)
    first, second, heard = Line([TimeoutError()]), Line(), []
    async with talking([first, second]) as one:
        one.listen(partial(heard.append, 1))
        await until(lambda: len(heard) == 2 and second.said)
    assert (["SELECT 1"], "SELECT 1") == (first.said, second.said[0])


@pytest.mark.parametrize("turns", range(4))
async def test_whoever_hangs_up_while_a_word_is_said_is_not_kept(lines, turns):
    """However many turns of the loop after it: `asyncio.wait_for` of Python 3.11 loses a cancel then."""
    line = Line()
    async with talking([line]) as wakeups:
        wakeups.say()
        await until(lambda: line.said)
        for _ in range(20):  # it waits for what comes next
            await asyncio.sleep(0)
        wakeups.say()
        for _ in range(turns):
            await asyncio.sleep(0)
        async with asyncio.timeout(5):
            await wakeups.close()


async def test_nothing_is_connected_that_nobody_wants_or_after_the_end():
    """A process that neither says nor hears has no connection for it."""
    one = Wakeups(None)
    await one.close()
    one.say()
    assert None is one._keeping


async def test_a_question_goes_over_the_line_that_is_there(lines):
    """Before there is one, once it is lost and while somebody speaks, the pool has others."""
    line = Line()
    async with talking([line]) as one:
        answers = [await one.ask("?", (1,))]
        one.listen(int)
        await until(lambda: line.listening)
        answers += [await one.ask("?", (2,)), *await asyncio.gather(one.ask("?", (3,)), one.ask("?", (4,)))]
        line.cut = True
        answers.append(await one.ask("?", (5,)))
    answers.append(await one.ask("?", (6,)))

    assert [None, [(2,)], [(3,)], None, None, None] == answers


async def test_a_question_that_fails_is_told_and_the_line_made_anew(lines):
    """Also where nobody waits for the answer any more: the next one would get it."""
    first, second, third, heard = Line([ConnectionResetError()]), Line(), Line(), []
    async with talking([first, second, third]) as one:
        one.listen(partial(heard.append, 1))
        await until(lambda: heard)
        with pytest.raises(ConnectionResetError):
            await one.ask("?", ())
        await until(lambda: len(heard) == 2)
        second.fetch = lambda *_, **__: asyncio.Event().wait()
        asking = asyncio.create_task(one.ask("?", ()))
        await asyncio.sleep(0)
        asking.cancel()
        await until(lambda: len(heard) == 3)
        assert [(7,)] == await one.ask("?", (7,))

    assert (True, True) == (first.cut, second.cut)


# on a real server


class Ear:
    """Hears, and counts."""

    def __init__(self) -> None:
        self.times = 0
        self._heard = asyncio.Event()

    def __call__(self) -> None:
        """Hear."""
        self.times += 1
        self._heard.set()

    async def hears(self) -> None:
        """Wait until it has heard something since the last time."""
        await asyncio.wait_for(self._heard.wait(), 10)
        self._heard.clear()


@pytest.mark.parametrize(
    "leave",
    [
        lambda store, _: store.start(generation(2), []),
        lambda store, one: store.wake(one.id, NOON),
        lambda store, one: store.wish_cancel(one.id, NOON),
        lambda store, one: store.move(one, NOON, due_at=NOON, attempts=1),
        lambda store, _: Switches(store.engine, lambda: NOON).turn_on("maxapi"),
    ],
    ids=["start", "callback", "wish", "decision", "switch"],
)
async def test_others_hear_what_is_left_for_them(two: tuple[Store, Store], leave):
    """And when they hear it, it is committed; who says it doesn't hear it."""
    (one, other), ear, own = two, Ear(), Ear()
    first = await one.start(generation(1), [])
    await Switches(one.engine, lambda: NOON).turn_off("maxapi", by=1)
    one.engine.listen(own)
    other.engine.listen(ear)
    await own.hears()
    await ear.hears()
    own.times = ear.times = 0
    await leave(one, first)
    await ear.hears()
    await other.start(generation(3), [])
    await own.hears()

    assert 1 == own.times


async def test_what_is_nobody_else_s_business_is_not_said(two: tuple[Store, Store]):
    """Who holds the lease goes on by itself; a wake of nothing and a row at rest leave nothing."""
    said: list[int] = []
    store = two[0]
    started = await store.start(generation(1), [])
    store.engine._wakeups.say = partial(said.append, 1)
    (held,) = await store.claim(NOON, lease=LEASE, most=1)
    held = await store.move(held, NOON, due_at=NOON, attempts=1)
    await store.move(held, NOON, due_at=None, attempts=2)
    await store.wake("0" * 16, NOON)
    await store.ping()
    assert ([], started.id) == (said, held.id)


async def test_a_word_follows_the_commit():
    """NOTIFY in a transition would take a lock of the whole database: it comes after, and only after one."""
    happened: list[str] = []
    engine = Postgres(None, SimpleNamespace(say=partial(happened.append, "said")))

    async def committed(_steps: object) -> list[Outcome]:
        happened.append("committed")
        return [Outcome(1)]

    engine._once = committed
    await engine.write([Step(generations.WISH_CANCEL, {})])
    assert ["committed", "said"] == happened


async def test_a_word_that_can_not_be_said_fails_no_transition(two: tuple[Store, Store]):
    """Nobody hears it, and what was started is started."""
    tried = asyncio.Event()

    async def broken(*_):
        tried.set()
        raise asyncpg.InterfaceError("no")

    two[0].engine._wakeups._connect = broken
    assert await two[0].start(generation(1), []) == await two[1].get(generation(1).id)
    await asyncio.wait_for(tried.wait(), 5)


async def test_a_cut_line_heals(two: tuple[Store, Store], monkeypatch):
    """The server throws out everybody who listens: they come back, look once, and hear again."""
    monkeypatch.setattr(wakeups, "LONGEST_WAIT", 0.0)
    ear = Ear()
    two[1].engine.listen(ear)
    await ear.hears()
    async with two[0].engine._pool.acquire() as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ILIKE 'LISTEN%'"
            " AND datname = current_database()"
        )
    await ear.hears()
    await two[0].start(generation(1), [])
    await ear.hears()


async def waits(store: Store) -> bool | str:
    """Ask as an idle process does; or return that the database couldn't be had, after which comes a round."""
    try:
        return await Timekeeping(store.engine).waits(NOON)
    except StoreUnavailable:
        return "a round"


@pytest.mark.parametrize("lost", ["line", "every connection", "line, for good"])
async def test_a_look_finds_what_waits_whatever_is_lost(two: tuple[Store, Store], monkeypatch, lost):
    """Between two looks; the next one is answered, or fails at once, and another one is answered."""
    monkeypatch.setattr(wakeups, "LONGEST_WAIT", 0.0)
    (one, other), ear = two, Ear()
    one.engine.listen(ear)
    await ear.hears()
    looks = [await waits(one)]
    await other.start(generation(1), [])
    if lost == "line, for good":
        monkeypatch.setattr(one.engine._wakeups, "_connect", partial(asyncio.sleep, 60))
    ours = [one.engine._wakeups._line]
    if lost == "every connection":
        ours += [holder._con for holder in one.engine._pool._holders if holder._con is not None]
    async with other.engine._pool.acquire() as connection:
        for each in ours:
            await connection.execute("SELECT pg_terminate_backend($1)", each.get_server_pid())
    looks += [await waits(one) for _ in range(3)]

    assert [False, True] == [looks[0], looks[-1]]
    assert {True, "a round"} >= set(looks[1:])


@pytest.mark.parametrize(("hung_up", "raised"), [(True, StoreUnavailable), (False, AttributeError)])
async def test_a_line_that_is_closed_between_two_messages_is_a_database_that_is_away(
    two: tuple[Store, Store], hung_up: bool, raised: type[Exception]
):
    """The driver stumbles over its own protocol then; a mistake of another kind stays what it is."""

    class Line:
        closed = False

        def is_closed(self) -> bool:
            return self.closed

        def terminate(self) -> None:
            self.closed = True

        async def fetch(self, *_: object, **__: object) -> None:
            self.closed = hung_up
            raise AttributeError("bind_execute")

    two[0].engine._wakeups._line = Line()
    with pytest.raises(raised):
        await Timekeeping(two[0].engine).waits(NOON)


async def test_a_look_that_is_under_way_at_the_end_holds_nobody_up(two: tuple[Store, Store]):
    """It fails as the database that is away does; afterwards nothing is asked."""
    store, ear = two[0], Ear()
    store.engine.listen(ear)
    await ear.hears()
    slow = Statement("slow", select(func.pg_sleep(60)), returns=True, brief=True)
    asking = asyncio.create_task(store.engine.read(slow, {}))
    await until(store.engine._wakeups._turn.locked)
    await asyncio.wait_for(store.close(), 5)
    with pytest.raises(StoreUnavailable):
        await asking
    assert "a round" == await waits(store)
