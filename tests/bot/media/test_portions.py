"""Laws of `bot.media.portions`: never more than there is, and nobody waits for ever."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.media.portions import Portions


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 130), max_size=20))
def test_never_more_than_there_is_and_all_get_it(sizes):
    """Whatever is asked for, together it stays within the bytes that there are, and everybody has a turn."""
    portions, held = Portions(100), []

    async def one(size):
        async with portions.take(size):
            held.append(min(size, 100))
            assert sum(held) <= 100
            await asyncio.sleep(0)
            held.remove(min(size, 100))

    async def everybody():
        await asyncio.wait_for(asyncio.gather(*map(one, sizes)), 10)

    asyncio.run(everybody())


async def test_a_large_one_is_not_passed_for_ever():
    """Small ones that come later wait behind a large one that waits."""
    portions, order = Portions(100), []

    async def one(size):
        async with portions.take(size):
            order.append(size)

    async with portions.take(50):
        waiting = [asyncio.create_task(one(size)) for size in (90, 10, 20)]
        await asyncio.sleep(0)
        assert [] == order
    await asyncio.gather(*waiting)

    assert [90, 10, 20] == order


async def test_who_gives_up_holds_nothing():
    """A command that is cancelled while it waits, or while it loads, leaves everything to the others."""
    portions = Portions(100)

    async def one():
        async with portions.take(100):
            await asyncio.Event().wait()

    tasks = [asyncio.create_task(one()) for _ in range(2)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(10), portions.take(100):
        pass

    with pytest.raises(ZeroDivisionError):
        async with portions.take(100):
            raise ZeroDivisionError
    async with asyncio.timeout(10), portions.take(100):
        pass
