"""Whose turn it is at a provider, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.models import Generation, Status
from tests.bot.store.examples import (
    LEASE,
    REQUEST,
    generation,
    second,
)

if TYPE_CHECKING:
    from bot.store import Store


async def ready(store: Store, number: int, member: str, at: float, **changes: object) -> Generation:
    """Store one that waits for its provider, and whose card somebody has seen to."""
    moments = {"created_at": second(at), "ready_at": second(at), "due_at": None}
    return await store.start(generation(number, member=member, **({"version": 1} | moments | changes)), [])


async def test_turns_are_fair(store: Store):
    """Who has less at the provider comes first; a member's own come one after the other; then age counts."""
    await ready(store, 1, "anna", 1)
    await ready(store, 2, "anna", 2)
    await ready(store, 3, "anna", 3)
    await ready(store, 4, "ben", 4)
    await ready(store, 5, "ben", 5)
    await ready(store, 6, "carl", 0)
    await store.start(generation(7, member="carl", status=Status.RUNNING), [])
    await store.start(generation(8, member="carl", status=Status.CANCELLED, watch=True), [])
    waiting = [await store.get(generation(number).id) for number in range(1, 7)]
    expected = [1, 4, 2, 5, 6, 3]
    places = [await store.place(value) for value in waiting]
    assert expected == [1 + places.index(place) for place in range(1, 7)]
    taken = await store.claim_ready("maxapi", second(9), lease=LEASE, most=4)
    assert [generation(number).id for number in expected[:4]] == [one.id for one in taken]
    rest = await store.claim_ready("maxapi", second(9), lease=LEASE, most=9)
    assert [generation(number).id for number in expected[4:]] == [one.id for one in rest]


async def test_turns_within_one_provider(store: Store):
    """What isn't ready or has no card, is wished away, is leased, or waits for another, has no turn."""
    other = replace(REQUEST, provider="evolink")
    await ready(store, 1, "anna", 1, ready_at=None)
    await ready(store, 2, "anna", 1, cancel_wished=True)
    await ready(store, 3, "anna", 1, lease_until=second(99))
    await ready(store, 4, "anna", 1, request=other)
    await ready(store, 5, "anna", 1, status=Status.RUNNING)
    await ready(store, 6, "anna", 50)
    await ready(store, 7, "anna", 1, version=0)
    assert () == await store.claim_ready("maxapi", second(9), lease=LEASE, most=9)
    assert [generation(4).id] == [
        o.id for o in await store.claim_ready("evolink", second(9), lease=LEASE, most=9)
    ]


async def test_concurrent_turns_share_out(store: Store):
    """However many ask for turns at once, no row is given twice and none is left."""
    await asyncio.gather(*(ready(store, n, f"member {n % 5}", n) for n in range(40)))
    turns = [store.claim_ready("maxapi", second(99), lease=LEASE, most=6) for _ in range(10)]
    rounds = await asyncio.gather(*turns)
    rest = await store.claim_ready("maxapi", second(99), lease=LEASE, most=40)
    ids = [one.id for round_ in (*rounds, rest) for one in round_]
    assert 40 == len(ids) == len(set(ids))
