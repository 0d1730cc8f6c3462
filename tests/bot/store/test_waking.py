"""Laws of `bot.store.waking`: each of many wakes does what it does alone, and all are on the disk at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.errors import StoreUnavailable
from bot.store.waking import wake_all
from tests.bot.store.examples import NOON, generation

if TYPE_CHECKING:
    from bot.store import Store


async def test_each_finds_its_own(store: Store):
    """Told in their order which there are; of two for the same one both count, and the latest name stands."""
    for number in (1, 2, 3):
        await store.start(generation(number, task_id=None, due_at=None), [])
    one, two = generation(1).id, generation(2).id
    wakes = [("maxapi", two, "b"), ("maxapi", "f" * 16, "x"), ("maxapi", one, "a"), ("maxapi", two, "c")]
    found = await wake_all(store.engine, wakes, NOON)
    rows = [await store.get(generation(number).id) for number in (1, 2, 3)]

    assert [True, False, True, True] == found
    assert [(NOON, 1, "a"), (NOON, 2, "c"), (None, 0, None)] == [
        (row.due_at, row.woken, row.named_task_id) for row in rows
    ]


async def test_a_database_that_is_away_takes_none(store: Store):
    """Whoever asked hears it for all of them."""
    await store.close()

    with pytest.raises(StoreUnavailable):
        await wake_all(store.engine, [("maxapi", "f" * 16, None)], NOON)
