"""What comes twice, or a hundred times, is done once: commands, presses, cancels, answers to a question."""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

import pytest

from bot.errors import RequestRefused
from bot.members.ordering import Ordering
from bot.models import Limit, Status
from bot.orders import Order
from bot.quotas import Limits
from bot.store import open_store
from bot.store.orders import Orders
from tests.bot.desk import Desk
from tests.bot.store.examples import entries, sizes
from tests.bot.tracker.conftest import a_world
from tests.fakes import ANNA, BEN, CINEMA, RUNNING, FakeProvider, a_request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.models import Generation, Requester

pytestmark = pytest.mark.usefixtures("on_both")
TIMES = 100
ONE = Limits(user_day=Limit(videos=2), at_once=2)
"""Room for one film beside the first."""


@pytest.fixture
async def desks(store, database_url, tmp_path) -> AsyncIterator[list[Desk]]:
    """Give who takes commands: one process on SQLite, two machines on PostgreSQL."""
    if database_url is None:
        yield [Desk(store, tmp_path, ONE)]
        return
    other = await open_store(database_url, tmp_path)
    yield [Desk(store, tmp_path, ONE), Desk(other, tmp_path, ONE, random=Random(1))]
    await other.close()


async def again(desk: Desk, film: Generation, who: Requester, interaction: int) -> Generation:
    """Press Again below a film."""
    asked = await desk.generations.asked_again(film.id)
    return await desk.generations.start(
        asked, who, CINEMA, interaction_id=interaction, parent_id=film.id, press=f"again:{film.id}"
    )


async def test_an_interaction_is_one_generation_however_often_it_comes(desks):
    """A hundred at once, and once more after a day: the same generation, reserved once (T-19, D-13)."""

    async def command(number: int) -> Generation:
        generations = desks[number % len(desks)].generations
        return await generations.start(a_request(prompt=f"take {number}"), ANNA, CINEMA, interaction_id=77)

    came = await asyncio.gather(*map(command, range(TIMES)))
    (first,) = {each.id for each in came}
    await desks[0].finish(came[0], status=Status.FAILED)
    for desk in desks:
        desk.clock.forward(days=1)
    late = await command(TIMES)
    assert (first, Status.FAILED) == (late.id, late.status)
    assert ((1, 1), ["reserve"]) == (
        await sizes(desks[0].store),
        [entry[0] for entry in await entries(desks[0].store, first)],
    )


async def test_a_button_that_is_pressed_a_hundred_times_makes_one_film_for_each(desks):
    """Each press is an interaction of its own, and all of one member within seconds mean the same (T-19)."""
    film = await desks[0].start()
    presses = [(who, number) for number in range(TIMES) for who in (ANNA, BEN)]
    made = await asyncio.gather(
        *(
            again(desks[number % len(desks)], film, who, 1000 * who.user_id + number)
            for who, number in presses
        )
    )
    by_member = Counter((who.name, one.id) for (who, _), one in zip(presses, made, strict=True))
    assert {"Anna": TIMES, "Ben": TIMES} == {name: times for (name, _), times in by_member.items()}
    assert (2, (3, 3)) == (len(by_member), await sizes(desks[0].store))


async def test_a_question_that_is_answered_a_hundred_times_begins_one_film(desks):
    """Who presses Confirm again, or Cancel beside it, reads that it was answered (T-19)."""
    ordering = [
        Ordering(
            desk.generations, desk.admission, Orders(desk.store.engine), desk.store, desk.clock, Random(3)
        )
        for desk in desks
    ]
    id_ = await ordering[0].keep(Order(a_request(), CINEMA), ANNA.user_id)

    async def confirm(number: int) -> Generation:
        order = await ordering[number % len(desks)].take(id_, ANNA.user_id)
        generations = desks[number % len(desks)].generations
        return await generations.start(
            order.asked, ANNA, order.place, interaction_id=number, press=f"order:{id_}"
        )

    outcomes = await asyncio.gather(*map(confirm, range(TIMES)), return_exceptions=True)
    refused = [one for one in outcomes if isinstance(one, RequestRefused)]
    assert (TIMES - 1, {"order_gone"}) == (len(refused), {one.code for one in refused})
    assert (1, 1) == await sizes(desks[0].store)


@pytest.mark.parametrize(
    ("reached_first", "end", "entry", "films", "places"),
    [
        (Status.QUEUED, Status.CANCELLED, "release", 0, 0),
        (Status.RUNNING, Status.CANCELLED, "settle", 0, 1),
        (Status.DELIVERED, Status.DELIVERED, "settle", 1, 0),
    ],
)
async def test_a_cancel_that_comes_a_hundred_times_is_one(tmp_path, reached_first, end, entry, films, places):
    """Before and between the tracker's steps: one end, one entry that ends the money, one word of it (T-19).

    Where the provider confirms no cancel, it counts, and the place stays taken until it is done there.
    """
    provider = FakeProvider()
    async with a_world(tmp_path, provider) as world:
        generation = await world.ask()
        if reached_first is not Status.QUEUED:
            await world.rest()
        if reached_first is Status.DELIVERED:
            await world.until(generation, Status.DELIVERED)
        provider.last_fetch = RUNNING
        for number in range(TIMES):
            await world.store.wish_cancel(generation.id, world.clock())
            if number % 10 == 0:
                await world.rest()
        row, books = await world.now(generation), await entries(world.store, generation.id)
        held, delivery = await world.at_once(), world.delivery
    assert (end, {"reserve", entry}, 2) == (row.status, {each[0] for each in books}, len(books))
    assert (films, places) == (len(delivery.films(row.id)), held)
    assert [] == delivery.notices(row.id) == provider.cancelled
    assert (reached_first is not Status.QUEUED) == len(provider.sent)
