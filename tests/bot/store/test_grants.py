"""Laws of `bot.store.grants`, on both databases."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from bot.errors import LimitReached
from bot.models import Cost, Limit
from bot.store.grants import Grants
from tests.bot.store.examples import COST, NOON, generation, hold

MORE = Cost(videos=1, seconds=5, credits=COST.credits)


async def granted(store, one, *, id_="1"):
    """Grant a hold's cost, by an admin of server 400."""
    grants = Grants(store.engine)
    return await grants.grant(one, id=id_, guild_id=400, member="anna", actor_id=7, now=NOON)


async def test_a_grant_is_put_on_top_of_the_limit(store):
    """So much more may be taken, and then no more; the refusal tells the limit as it is now."""
    last = [hold(videos=1)]
    await store.start(generation(1), last)
    with pytest.raises(LimitReached):
        await store.start(generation(2), last)
    await granted(store, hold(cost=Cost(videos=1)))
    await store.start(generation(2), last)
    with pytest.raises(LimitReached) as refusal:
        await store.start(generation(3), last)

    assert ("videos", 2, 2) == (refusal.value.unit, refusal.value.used, refusal.value.limit)


@pytest.mark.parametrize("unit", ["videos", "seconds", "credits"])
async def test_a_grant_comes_before_anything_is_used(store, unit):
    """A limit of nothing and a grant of one film are one film, in each unit."""
    limited = replace(hold(), limit=replace(Limit(), **{unit: 0}))
    await granted(store, hold(cost=Cost(**{unit: getattr(COST, unit)})))
    await store.start(generation(1), [limited])

    with pytest.raises(LimitReached):
        await store.start(generation(2), [limited])


async def test_grants_add_up_and_leave_what_is_used(store):
    """Two grants are both; other members' and periods' counters are theirs."""
    await store.start(generation(1), [hold()])
    assert await granted(store, hold(cost=MORE))
    assert await granted(store, hold(cost=Cost(seconds=1)), id_="2")
    other = [hold("ben"), replace(hold(), period="2026-11")]

    assert ((COST, Cost(1, 6, COST.credits)), (Cost(), Cost()), (Cost(), Cost())) == await Grants(
        store.engine
    ).standing([hold(), *other])


async def test_the_same_grant_is_given_once(store):
    """An interaction that comes twice, even at once."""
    outcomes = await asyncio.gather(*(granted(store, hold(cost=MORE)) for _ in range(5)))

    assert Counter({False: 4, True: 1}) == Counter(outcomes)
    assert ((Cost(), MORE),) == await Grants(store.engine).standing([hold()])


async def test_a_grant_in_the_middle_of_a_race_is_one_place(store):
    """Of twenty at once on the last one, with a grant in between, two get through: no more, no less."""
    last = [hold(videos=1)]

    async def a_start(number):
        while True:
            try:
                return await store.start(generation(number), last)
            except LimitReached as refusal:
                if (refusal.used, refusal.limit) == (2, 2):
                    return refusal
                await asyncio.sleep(0)

    starts = [asyncio.create_task(a_start(number)) for number in range(20)]
    await asyncio.sleep(0)
    await granted(store, hold(cost=Cost(videos=1)))
    outcomes = await asyncio.gather(*starts)

    assert Counter({"LimitReached": 18, "Generation": 2}) == Counter(
        type(outcome).__name__ for outcome in outcomes
    )
    assert ((Cost(2, 10, 2 * COST.credits), Cost(videos=1)),) == await Grants(store.engine).standing([hold()])
