"""Laws of `bot.store.books`, on both databases."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from bot.errors import Conflict
from bot.models import Cost, Place, Requester, Status
from bot.store import Entry
from bot.store.books import Account, Books
from bot.store.forgetting import NOBODY
from tests.bot.store.examples import COST, NOON, REQUEST, entries, generation, hold, second, used

DAY = "2026-11-21"
CHEAPER = replace(COST, credits=200_000)


async def settled(store, number=1, cost=COST, charged=None, **fields):
    """Store a generation whose film is made, at a cost."""
    one = await store.start(generation(number, **fields), [hold()])
    made = {"status": Status.RENDERED, "cost": cost, "charged": charged}
    return await store.move(one, second(1), due_at=second(9), entry=Entry("settle", cost), **made)


async def refunded(store, one):
    """Give a generation's cost back."""
    await Books(store.engine).refund(one, [hold(cost=one.cost)], second(5))


async def test_a_refund_gives_back_once(store):
    """The counter, one entry on the day of the reservation, and the row; a second one changes nothing."""
    one = await settled(store)
    await refunded(store, one)

    assert ("refund", 1, 5, COST.credits, DAY) == (await entries(store, one.id))[-1]
    assert Cost() == await used(store, hold())
    assert replace(one, refunded=True) == await store.get(one.id)
    for seen in (one, await store.get(one.id)):
        with pytest.raises(Conflict):
            await refunded(store, seen)
    assert ["reserve", "settle", "refund"] == [row[0] for row in await entries(store, one.id)]


async def test_nothing_is_refunded_before_it_is_settled(store):
    """And then nothing at all happens."""
    one = await store.start(generation(1), [hold()])
    with pytest.raises(Conflict):
        await refunded(store, one)

    assert one == await store.get(one.id)
    assert COST == await used(store, hold())


async def test_many_refunds_at_once_are_one(store):
    """Twenty admins press at the same time."""
    one = await settled(store)
    outcomes = await asyncio.gather(*(refunded(store, one) for _ in range(20)), return_exceptions=True)

    assert Counter({"Conflict": 19, "NoneType": 1}) == Counter(type(each).__name__ for each in outcomes)
    assert Cost() == await used(store, hold())


async def test_a_delivery_goes_on_after_a_refund(store):
    """Whoever works on it meanwhile isn't disturbed, and doesn't undo it."""
    one = await settled(store)
    await refunded(store, one)
    moved = await store.move(one, second(6), due_at=None, status=Status.FETCHED)

    assert (True, Status.FETCHED) == (moved.refunded, moved.status)


async def test_a_film_lost_during_a_refund_is_given_back_once(store):
    """The step that doesn't know of the refund yet changes nothing, whichever of the two is later."""
    one, other = await settled(store, 1), await settled(store, 2)
    lost = {"due_at": None, "status": Status.FAILED, "give": [hold()], "entry": Entry("refund", COST)}
    await refunded(store, one)
    with pytest.raises(Conflict):
        await store.move(one, second(6), **lost)
    await store.move(other, second(6), **lost)
    with pytest.raises(Conflict):
        await refunded(store, other)

    assert Cost() == await used(store, hold())
    assert (Status.RENDERED, False) == (
        (await store.get(one.id)).status,
        (await store.get(other.id)).refunded,
    )


async def a_month(store):
    """Store one of each fate for Anna, one of Ben's, one elsewhere, one in December and one of nobody's."""
    ben = {"member": "ben", "requester": Requester(1002, "=Ben")}
    await settled(store, 1, CHEAPER, charged=180_000)
    await refunded(store, await settled(store, 2))
    ended = await store.start(generation(3), [hold()])
    await store.move(
        ended, NOON, due_at=None, status=Status.FAILED, give=[hold()], entry=Entry("release", COST)
    )
    await store.start(generation(4), [hold()])
    await settled(store, 5, **ben, created_at=second(86_400))
    await settled(store, 6, place=Place(500, 401))
    await settled(store, 7, created_at=second(20 * 86_400))
    await settled(store, 8, member="gone", requester=Requester(NOBODY, ""))


async def test_what_counts_is_what_was_settled_or_is_reserved(store):
    """Not what was released or refunded; by member, of this server and these days."""
    await a_month(store)
    books = Books(store.engine)

    assert (
        Account("anna", 1001, Cost(2, 10, COST.credits + CHEAPER.credits), films=2, refunded=1, running=1),
        Account("ben", 1002, COST, films=1, refunded=0, running=0),
        Account("gone", None, COST, films=1, refunded=0, running=0),
    ) == await books.usage(400, "2026-11-01", "2026-11-30")
    assert ["anna", "gone"] == [one.member for one in await books.usage(400, DAY, DAY)]
    assert ["ben"] == [one.member for one in await books.usage(400, "2026-11-01", "2026-11-30", "ben")]


async def test_everywhere_is_all_servers(store):
    """For an operator; no other server's numbers are in a server's own."""
    await a_month(store)
    books = Books(store.engine)
    (anna, *_) = await books.usage(None, "2026-11-01", "2026-11-30")
    (elsewhere,) = await books.usage(401, "2026-11-01", "2026-11-30")

    assert (3, 1) == (anna.films, elsewhere.films)
    assert {400, 401} == {line.guild_id for line in await books.lines(None, DAY, DAY, most=99)}


async def test_each_line_tells_one_generation(store):
    """Oldest first: who, when, what, its fate, what counts and what the provider charged."""
    await a_month(store)
    lines = await Books(store.engine).lines(400, "2026-11-01", "2026-11-30", most=99)
    first, back, released, running, gone, bens = lines

    assert (f"{1:016x}", NOON, 400, "anna", 1001, "Anna") == (
        first.generation_id, first.at, first.guild_id, first.member, first.user_id, first.name,
    )  # fmt: skip
    assert (REQUEST.provider, REQUEST.model, REQUEST.resolution, REQUEST.seconds, Status.RENDERED) == (
        first.provider, first.model, first.resolution, first.seconds, first.status,
    )  # fmt: skip
    assert (CHEAPER, False, 180_000) == (first.counted, first.refunded, first.charged)
    assert (Cost(), True) == (back.counted, back.refunded)
    assert (Cost(), Status.FAILED, False) == (released.counted, released.status, released.refunded)
    assert (COST, Status.QUEUED) == (running.counted, running.status)
    assert ("gone", None, "") == (gone.member, gone.user_id, gone.name)
    assert ("ben", "=Ben") == (bens.member, bens.name)


async def test_lines_are_bounded(store):
    """And can be of one member."""
    await a_month(store)
    books = Books(store.engine)

    assert [f"{1:016x}", f"{2:016x}"] == [
        line.generation_id for line in await books.lines(400, DAY, DAY, most=2)
    ]
    assert ["gone"] == [line.member for line in await books.lines(400, DAY, DAY, "gone", most=9)]
