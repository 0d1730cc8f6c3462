"""Laws of `bot.store.orders`, on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.errors import LimitReached
from bot.models import Cost, Mode, Place, VideoRequest
from bot.orders import Offered, Order
from bot.store.orders import Orders, trial
from tests.bot.store.examples import NOON, generation, hold, second, sizes, used

ORDER = Order(
    VideoRequest("a cat", Mode.REFERENCE, seconds=5),
    Place(500, 400),
    parent_id="0" * 16,
    offered=(Offered("cat.png", "https://cdn.example/cat.png", 9),),
)


async def test_an_order_comes_back_to_its_member_alone(store):
    """Whoever knows its number can't send another's."""
    orders = Orders(store.engine)
    await orders.put("a" * 16, 1001, ORDER, NOON)

    assert await orders.get("a" * 16, 1002) is None
    assert await orders.take("a" * 16, 1002) is None
    assert ORDER == await orders.get("a" * 16, 1001)


async def test_old_orders_are_forgotten(store):
    """What is older goes, what is younger stays."""
    orders = Orders(store.engine)
    await orders.put("a" * 16, 1001, ORDER, NOON)
    await orders.put("b" * 16, 1001, ORDER, second(2))
    await orders.sweep(second(1))

    assert [await orders.get(letter * 16, 1001) for letter in "ab"] == [None, ORDER]


async def test_one_press_makes_one(store):
    """Many at once with different interactions: one is written and taken for, everybody gets that one."""
    started = await asyncio.gather(
        *(store.start(generation(number), [hold()], press="1001:again") for number in range(1, 11))
    )

    assert len({one.id for one in started}) == 1
    assert (1, 1) == await sizes(store)
    assert (await used(store, hold())).videos == 1


async def test_a_later_press_is_another(store):
    """Ten seconds later somebody means it."""
    first = await store.start(generation(1), [hold()], press="1001:again")
    later = generation(2, created_at=NOON + timedelta(seconds=10))

    assert (await store.start(later, [hold()], press="1001:again")).id != first.id


async def test_a_refused_press_leaves_no_trace(store):
    """What no limit lets through may be pressed again at once."""
    with pytest.raises(LimitReached):
        await store.start(generation(1), [hold(videos=0)], press="1001:again")
    again = await store.start(generation(2), [hold()], press="1001:again")

    assert generation(2).id == again.id


async def test_of_two_takers_one_gets_it(store):
    """An order is good for one film, however often and by whomever it is pressed."""
    orders = Orders(store.engine)
    await orders.put("a" * 16, 1001, ORDER, NOON)

    assert await orders.take("a" * 16, 1002) is None
    taken = await asyncio.gather(*(orders.take("a" * 16, 1001) for _ in range(5)))
    assert [ORDER] == [order for order in taken if order]
    assert await orders.get("a" * 16, 1001) is None


async def test_what_is_forgotten_is_handed_over(store):
    """Somebody must look after its files."""
    orders = Orders(store.engine)
    await orders.put("a" * 16, 1001, ORDER, NOON)

    assert await orders.sweep(NOON) == ()
    assert await orders.sweep(second(1)) == (ORDER,)
    assert await orders.sweep(second(1)) == ()


async def test_a_trial_takes_nothing(store):
    """It says whether there is room, and leaves the counters as they are."""
    await trial(store.engine, [hold(videos=1), hold("ben")])
    assert await used(store, hold()) == Cost()

    await store.start(generation(1), [hold(videos=1)])
    with pytest.raises(LimitReached):
        await trial(store.engine, [hold(videos=1)])
    assert (await used(store, hold())).videos == 1
