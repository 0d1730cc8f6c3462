"""Money: limits hold, nothing is paid or given back twice, nothing goes below zero."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.errors import Conflict, LimitReached
from bot.models import Cost, Generation, Limit, Status
from bot.store import Entry, ledger, open_store
from tests.bot.store.examples import (
    COST,
    LEASE,
    NOON,
    entries,
    generation,
    hold,
    second,
    sizes,
    slot,
    used,
)

if TYPE_CHECKING:
    from pathlib import Path

    from bot.store import Store

FREE = Cost()


async def claimed(store: Store, number: int = 1, **changes: object) -> Generation:
    """Store a generation that holds its cost, and claim it."""
    await store.start(generation(number, **changes), [hold()])
    (one,) = await store.claim(second(100), lease=LEASE, most=1)
    return one


@pytest.mark.parametrize("round_", [1, 2, 3])
async def test_nobody_gets_through_a_limit(store: Store, round_):
    """Of 200 commands at once on the last one, exactly one gets it; the others leave nothing behind."""
    del round_
    limit = [hold(videos=5)]
    for number in range(4):
        await store.start(generation(number), limit)
    starts = (store.start(generation(100 + n), limit) for n in range(200))
    results = await asyncio.gather(*starts, return_exceptions=True)
    refused = [one for one in results if isinstance(one, LimitReached)]
    assert (1, 199) == (sum(isinstance(one, Generation) for one in results), len(refused))
    assert {("user", "2026-11-21", "videos", 5, 5)} == {
        (one.scope, one.period, one.unit, one.used, one.limit) for one in refused
    }
    assert Cost(5, 25, 5 * COST.credits) == await used(store, hold())
    assert (5, 5) == await sizes(store)


@pytest.mark.parametrize(
    ("limit", "unit"),
    [
        (Limit(videos=0), "videos"),
        (Limit(seconds=4), "seconds"),
        (Limit(credits=COST.credits - 1), "credits"),
        (Limit(videos=1, seconds=4), "seconds"),
    ],
)
async def test_a_limit_below_the_cost_refuses_the_first(store: Store, limit, unit):
    """A counter that doesn't exist yet keeps to its limit too."""
    with pytest.raises(LimitReached) as refusal:
        await store.start(generation(1), [replace(hold(), limit=limit)])
    assert (unit, 0, getattr(limit, unit)) == (refusal.value.unit, refusal.value.used, refusal.value.limit)
    assert (0, 0) == await sizes(store)
    assert FREE == await used(store, hold())


async def test_what_is_not_taken_is_not_limited(store: Store):
    """A limit that was lowered under what is used stops only what takes of that unit."""
    await store.start(generation(1), [hold()])
    await store.start(generation(2), [hold(cost=Cost(videos=1), seconds=0, credits=0)])
    assert Cost(2, 5, COST.credits) == await used(store, hold())


async def test_all_holds_or_none(store: Store):
    """When the last of many limits is reached, the first ones are not taken either."""
    server = replace(hold(videos=0), scope="server", subject="400")
    with pytest.raises(LimitReached, match="server"):
        await store.start(generation(1), [hold(), slot(), server])
    assert (FREE, FREE, FREE) == await store.used([hold(), slot(), server])


async def test_several_films_at_once_are_held_to_one_limit(store: Store):
    """What one transaction takes from one counter is taken together: all of it fits, or none of it."""
    shots = [hold(videos=2), hold(videos=2)]
    await store.start(generation(1), shots)
    with pytest.raises(LimitReached):
        await store.start(generation(2), [hold(videos=3), hold(videos=3)])
    assert Cost(2, 10, 2 * COST.credits) == await used(store, hold())


def test_counters_without_a_limit_are_taken_in_one_statement():
    """Those that stand side by side in the common order; the order stays the same for all."""
    free = [replace(hold(), scope=scope) for scope in ("server", "bot", "member")]
    steps = ledger.changes([hold(videos=1), *free, slot()], [replace(hold(), scope="zoo")])

    assert [("take freely", 4), ("take", 1), ("give", 1)] == [
        (step.statement.name, step.rows) for step in steps
    ]


async def test_a_start_reserves(store: Store):
    """A stored generation has one ledger entry, on the UTC day of its command."""
    await store.start(generation(1), [hold()])
    assert [("reserve", 1, 5, COST.credits, "2026-11-21")] == await entries(store, generation(1).id)


async def test_places_at_a_provider_are_limited(store: Store):
    """Two submits at once on the last place: one takes it, the other stays queued with all that it had."""
    one, two = await claimed(store, 1), await claimed(store, 2)
    moves = (
        store.move(value, NOON, due_at=None, status=Status.SUBMITTING, take=[slot(1)]) for value in (one, two)
    )
    results = await asyncio.gather(*moves, return_exceptions=True)
    assert {"Generation", "LimitReached"} == {type(result).__name__ for result in results}
    values = [await store.get(value.id) for value in (one, two)]
    assert [Status.QUEUED, Status.SUBMITTING] == sorted(value.status for value in values)
    assert Cost(videos=1) == await used(store, slot())


@pytest.mark.parametrize(
    "kinds", [("release", "release"), ("settle", "settle"), ("settle", "release"), ("release", "settle")]
)
async def test_an_end_is_written_once(store: Store, kinds):
    """A generation is settled or released, and only once; a second end changes nothing at all."""
    value = await claimed(store)
    first, second_ = (Entry(kind, COST) for kind in kinds)
    moved = await store.move(value, second(1), due_at=None, give=[hold()], entry=first)
    await store.start(generation(2), [hold()])
    with pytest.raises(Conflict):
        await store.move(moved, second(2), due_at=None, status=Status.FAILED, give=[hold()], entry=second_)
    assert ["reserve", kinds[0]] == [row[0] for row in await entries(store, value.id)]
    assert COST == await used(store, hold())
    assert moved == await store.get(value.id)


async def test_a_refund_follows_a_settle(store: Store):
    """Nothing is refunded before it was settled, nor twice."""
    value = await claimed(store)
    with pytest.raises(Conflict):
        await store.move(value, second(1), due_at=None, give=[hold()], entry=Entry("refund", COST))
    value = await store.move(value, second(1), due_at=None, entry=Entry("settle", COST))
    value = await store.move(value, second(2), due_at=None, give=[hold()], entry=Entry("refund", COST))
    with pytest.raises(Conflict):
        await store.move(value, second(3), due_at=None, entry=Entry("refund", COST))
    assert ["reserve", "settle", "refund"] == [row[0] for row in await entries(store, value.id)]
    assert FREE == await used(store, hold())


async def test_a_release_goes_back_to_its_day(store: Store):
    """An entry written after midnight names the day of the reservation."""
    value = await claimed(store)
    await store.move(value, second(86_400), due_at=None, give=[hold()], entry=Entry("release", COST))
    assert {"2026-11-21"} == {row[-1] for row in await entries(store, value.id)}


@pytest.mark.parametrize("too_much", [Cost(videos=2), Cost(seconds=6), Cost(credits=COST.credits + 1)])
async def test_a_balance_is_never_negative(store: Store, too_much):
    """Giving back more than was taken is a conflict, in every unit, and changes nothing."""
    value = await claimed(store)
    with pytest.raises(Conflict):
        await store.move(value, NOON, due_at=None, status=Status.FAILED, give=[hold(cost=too_much)])
    assert COST == await used(store, hold())
    assert value == await store.get(value.id)


async def test_nothing_is_given_back_to_nobody(store: Store):
    """Giving back to a counter that was never taken from is a conflict."""
    value = await claimed(store)
    with pytest.raises(Conflict):
        await store.move(value, NOON, due_at=None, give=[hold("ben")])


async def test_concurrent_gives_and_takes_add_up(store: Store):
    """Fifty that end and fifty that start at once, on shared counters in any order, leave the exact sum."""
    shared = [hold(), replace(hold(), scope="bot", subject=""), slot()]
    old = [await store.start(generation(n), shared) for n in range(50)]
    ends = (
        store.move(one, NOON, due_at=None, give=shared[::-1], entry=Entry("release", COST)) for one in old
    )
    starts = (store.start(generation(100 + n), shared[:2]) for n in range(50))
    await asyncio.gather(*ends, *starts)
    per_day = Cost(50, 250, 50 * COST.credits)
    assert (per_day, per_day, FREE) == await store.used(shared)


async def test_a_cancelled_start_is_whole(store: Store, database_url: str | None, tmp_path: Path):
    """After cancelling half of sixty starts, each a little later, rows, entries and counters agree."""
    tasks = [asyncio.create_task(store.start(generation(number), [hold(), slot()])) for number in range(60)]
    for turn, task in enumerate(tasks):
        for _ in range(turn):
            await asyncio.sleep(0)
        if turn % 2:
            task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    await store.close()
    again = await open_store(database_url, tmp_path)
    rows, written = await sizes(again)
    counted = await again.used([hold(), slot()])
    await again.close()
    assert sum(isinstance(one, Generation) for one in results) <= rows == written
    assert (Cost(rows, rows * 5, rows * COST.credits), Cost(videos=rows)) == counted
