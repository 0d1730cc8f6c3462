"""Laws of `bot.store.switches`, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.store.switches import ALL, DRAIN, FRESH, Switched, Switches
from tests.fakes import Clock


@pytest.fixture
def clock():
    """Return time to turn."""
    return Clock()


async def test_what_is_turned_off_stays_so(store, clock):
    """For whoever looks later, as after a restart, until it is turned on."""
    switches = Switches(store.engine, clock)
    for name in ("maxapi", "maxapi", DRAIN):
        await switches.turn_off(name, by=7)
    later = Switches(store.engine, clock)

    assert Switched(frozenset({"maxapi", DRAIN})) == await later.now()
    await later.turn_on("maxapi")
    assert Switched(frozenset({DRAIN})) == await later.now()
    await later.turn_on("maxapi")
    await later.turn_on()
    assert Switched() == await later.now()


async def test_others_see_it_within_seconds(store, clock):
    """Not at every look, though: that would be a read for each command."""
    one, other = (Switches(store.engine, clock) for _ in range(2))
    await other.now()
    await one.turn_off(ALL, by=7)

    assert (await one.now()).everything
    assert not (await other.now()).everything
    clock.forward(seconds=FRESH.total_seconds())
    assert (await other.now()).everything


async def test_a_clock_that_goes_back_hides_nothing(store, clock):
    """What was read in the future is read again."""
    one, other = (Switches(store.engine, clock) for _ in range(2))
    await other.now()
    await one.turn_off(DRAIN, by=7)
    clock.now -= timedelta(hours=1)

    assert (await other.now()).draining


@pytest.mark.parametrize(
    ("names", "everything", "draining", "providers", "pauses"),
    [
        ((), False, False, (), False),
        ((ALL,), True, False, (), True),
        ((DRAIN,), False, True, (), False),
        (("maxapi", "evolink"), False, False, ("evolink", "maxapi"), True),
        (("evolink", DRAIN), False, True, ("evolink",), False),
    ],
)
def test_what_is_sent_nothing(names, everything, draining, providers, pauses):
    """A paused provider, and any while everything is paused; a drain finishes what is begun."""
    switched = Switched(frozenset(names))

    assert (everything, draining, providers) == (switched.everything, switched.draining, switched.providers)
    assert pauses is switched.pauses("maxapi")
