"""The bench, set up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.demo.stand_ins import StandIns

from .bench import FILM, Bench, Listener, Time

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.demo.film import FilmOrder


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """Run the stand-ins in a time of their own, with a projector that costs nothing; a film takes 100 s."""
    time, ordered = Time(), []

    async def film(order: FilmOrder) -> bytes:
        ordered.append(order)
        return FILM

    async with (
        Listener() as listener,
        StandIns(pace=100.0, seed=1, clock=time.clock, sleep=time.sleep, film=film) as stand_ins,
        aiohttp.ClientSession() as session,
    ):
        yield Bench(stand_ins, session, time, listener, ordered)
