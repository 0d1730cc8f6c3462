"""A server is left a window after its last portion."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.media.pace import Pace, Steps

PACE = Pace(rate=100, window=timedelta(seconds=50))
"""5,000 bytes in each window."""


async def test_each_portion_gives_another_window():
    """A byte less gives nothing, and what is over isn't counted again."""
    async with asyncio.timeout(1) as stall:
        await asyncio.sleep(0)
        begun, steps, moved = stall.when(), Steps(PACE, stall), []
        for size in (2_000, 2_999, 1, 4_999, 9_000):
            steps.came(size)
            moved.append(stall.when() != begun)
            stall.reschedule(begun)
    assert [False, False, True, False, True] == moved


async def test_a_window_is_as_long_as_it_says():
    """It begins with the portion's last byte."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(1) as stall:
        await asyncio.sleep(0)
        Steps(PACE, stall).came(5_000)
        assert loop.time() + 50 == pytest.approx(stall.when(), abs=1)


async def test_what_comes_too_late_is_no_error():
    """Bytes still come while whoever left waits for the disk."""

    async def late() -> None:
        async with asyncio.timeout(0) as stall:
            try:
                await asyncio.sleep(60)
            finally:
                Steps(PACE, stall).came(1 << 20)

    with pytest.raises(TimeoutError):
        await late()
