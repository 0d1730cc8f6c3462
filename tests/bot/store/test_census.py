"""Laws of the census: it is true when it is cheap, and never takes more than a thousandth of the time."""

from __future__ import annotations

import pytest

from bot.errors import StoreUnavailable
from bot.models import Status
from bot.store.census import Census


class CountingStore:
    """Takes some seconds for a count, and says how often it counted."""

    def __init__(self, takes):
        self.takes = takes
        self.counted = 0
        self.now = 0.0
        self.broken = False

    async def counts(self):
        """Count."""
        if self.broken:
            raise StoreUnavailable("gone")
        self.counted += 1
        self.now += self.takes
        return {Status.QUEUED: self.counted}


@pytest.mark.parametrize(("takes", "holds"), [(0.001, 1.0), (0.2, 200.0), (10.0, 300.0)])
async def test_a_count_holds_a_thousand_times_as_long_as_it_took(takes, holds):
    """But for five minutes at most."""
    store = CountingStore(takes)
    census = Census(store, lambda: store.now)

    assert {Status.QUEUED: 1} == await census.counts()
    store.now += holds - 0.001
    assert {Status.QUEUED: 1} == await census.counts()
    store.now += 0.002
    assert {Status.QUEUED: 2} == await census.counts()


async def test_what_fails_is_told_and_tried_again():
    """No old count is passed off as a new one, and the next asks anew."""
    store = CountingStore(0.001)
    census = Census(store, lambda: store.now)
    await census.counts()
    store.now += 2
    store.broken = True

    with pytest.raises(StoreUnavailable):
        await census.counts()
    store.broken = False
    assert {Status.QUEUED: 2} == await census.counts()
