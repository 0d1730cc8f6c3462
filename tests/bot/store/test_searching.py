"""Laws of `bot.store.searching`, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.models import Requester, Status
from bot.store.searching import STATUSES, Searching, Shown
from tests.bot.store.examples import REQUEST, generation, second


@pytest.fixture
def searching(store):
    """Return the search on either database."""
    return Searching(store.engine)


async def made(store, number, prompt="a cat", **changes):
    """Write one of Anna's down, as old as its number says."""
    asked = replace(REQUEST, prompt=prompt)
    return await store.start(
        generation(number, asked=asked, **({"created_at": second(-number)} | changes)), []
    )


def ids(found):
    """Return the numbers."""
    return [int(one.id, 16) for one in found]


async def test_a_page_is_the_newest_of_ones_own(store, searching):
    """Nobody else's is ever among them."""
    for number in (3, 1, 2):
        await made(store, number)
    await made(store, 4, requester=Requester(1002, "Ben"))

    assert [1, 2] == ids(await searching.page(1001, most=2))
    assert [4] == ids(await searching.page(1002))


async def test_pages_turn_both_ways(store, searching):
    """Also among those that were asked for in the same microsecond."""
    every = [await made(store, number, created_at=second(0)) for number in range(1, 8)]
    first = await searching.page(1001, most=3)
    second_ = await searching.page(1001, most=3, beyond=first[-1])
    third = await searching.page(1001, most=3, beyond=second_[-1])

    assert [7, 6, 5, 4, 3, 2, 1] == ids([*first, *second_, *third])
    assert second_ == await searching.page(1001, most=3, beyond=third[0], newer=True)
    assert first == await searching.page(1001, most=3, beyond=second_[0], newer=True)
    assert () == await searching.page(1001, beyond=every[-1], newer=True)


@pytest.mark.parametrize("shown", Shown)
async def test_each_filter_shows_its_states(store, searching, shown):
    """And no other."""
    for number, status in enumerate(Status, start=1):
        await made(store, number, status=status)
    found = await searching.page(1001, shown=shown)

    assert STATUSES[shown] == {one.status for one in found}


async def test_every_state_has_a_filter():
    """Nothing is found under "all" alone."""
    others = [statuses for shown, statuses in STATUSES.items() if shown is not Shown.ALL]

    assert frozenset(Status) == frozenset().union(*others)


@pytest.mark.parametrize(
    ("searched", "found"),
    [
        ("BOAT", [1]),
        ("straße", [2]),
        ("STRASSE", [2]),
        ("ÄPFEL", [3]),
        ("%", [4]),
        ("_", [4]),
        ("!", [4]),
        ("\\", [5]),
        ("'; --", [5]),
        ("猫", [6]),
        ("\0", [6]),
        ("nothing of it", []),
        ("", [1, 2, 3, 4, 5, 6]),
        (f"{3:016x}", [3]),
    ],
)
async def test_words_are_found_letter_for_letter(store, searching, searched, found):
    """Large and small letters are one; no sign means anything but itself; a whole id finds its own."""
    prompts = ("a paper Boat", "die Straße", "rote Äpfel", "100 %_!", "back\\slash '; --", "猫\0\ud800")
    for number, prompt in enumerate(prompts, start=1):
        await made(store, number, prompt)

    assert found == ids(await searching.page(1001, searched=searched))


async def test_filter_search_and_page_go_together(store, searching):
    """What is left out of one page is left out of all."""
    for number in range(1, 9):
        await made(store, number, "a boat" if number % 2 else "a cat", status=Status.DELIVERED)
    await made(store, 9, "a boat", status=Status.FAILED)
    first = await searching.page(1001, shown=Shown.DONE, searched="boat", most=2)
    rest = await searching.page(1001, shown=Shown.DONE, searched="boat", beyond=first[-1])

    assert ([1, 3], [5, 7]) == (ids(first), ids(rest))
