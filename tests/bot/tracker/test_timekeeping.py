"""Laws of `bot.tracker.timekeeping`: a clock that was set back is noticed, by whoever comes first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.errors import StoreUnavailable
from bot.store.timekeeping import LATEST
from bot.tracker.budget import Budget, Worth
from bot.tracker.timekeeping import NOTABLE, Calendar
from tests.fakes import RUNNING


async def looked(world, *moves, calendar=None):
    """Look, then move the clock and look again and again; return how often it was told."""
    calendar = calendar or Calendar()
    with capture_logs() as lines:
        await calendar.look(world.context, world.clock())
        for seconds in moves:
            world.clock.forward(seconds=seconds)
            await calendar.look(world.context, world.clock())
    return [line["seconds"] for line in lines]


@pytest.mark.parametrize(
    ("moves", "told"),
    [
        ([1, 3600, 86_400], []),
        ([-1, -60, -59], []),
        ([-NOTABLE.total_seconds() - 1], [121]),
        ([86_400, -86_400], [86_400]),
        ([-3600, 60, 60], [3600]),
        ([-3600, -3600], [3600, 3600]),
    ],
)
async def test_only_a_clock_that_went_back_is_told(world, moves, told):
    """Once for each time; time that passes, and what NTP mends, are nothing to tell (S-06)."""
    assert told == await looked(world, *moves)


async def test_the_next_process_notices_too(world):
    """What an earlier one has written down says how late it was (S-06)."""
    await world.ask()
    world.clock.forward(hours=-1)

    assert [3600] == await looked(world)


async def test_what_could_not_be_mended_is_mended_later(world, monkeypatch):
    """While the database is away nothing is forgotten: the next look does it."""
    calendar = Calendar()
    await looked(world, calendar=calendar)
    real = world.store.engine.write

    async def away(_steps):
        raise StoreUnavailable("away")

    monkeypatch.setattr(world.store.engine, "write", away)
    with pytest.raises(StoreUnavailable):
        await looked(world, -3600, calendar=calendar)
    monkeypatch.setattr(world.store.engine, "write", real)

    assert [3600] == await looked(world, calendar=calendar)


def test_turns_are_forgotten(world):
    """A card that was to come again tomorrow comes again now."""
    budget, now = Budget(), world.clock()
    while budget.turn(1, "a", now) is None:
        budget.take(1, "a", Worth.STATE, now)
    budget.forget()

    assert None is budget.turn(1, "a", now - timedelta(days=1))


async def test_what_is_due_waits_for_no_look_at_all_that_waits(world, monkeypatch):
    """The first round of a process reads every row for the latest moment: by then steps have begun."""
    real, begun = world.store.engine.read, []

    async def noted(statement, parameters):
        if statement is LATEST:
            begun.append(len(world.tracker._steps))
        return await real(statement, parameters)

    monkeypatch.setattr(world.store.engine, "read", noted)
    await world.ask()
    await world.tracker.tick()

    assert [1] == begun
    await world.rest()


async def test_a_clock_that_was_set_back_holds_up_no_round(world):
    """What it makes due is taken by the next one at once, not when the clock has caught up (S-06)."""
    provider = world.providers["maxapi"]
    provider.last_fetch = RUNNING
    await world.ask()
    await world.rest()
    world.clock.forward(hours=-3)
    world.new_tracker()
    await world.tracker.tick()

    assert timedelta(milliseconds=1) == await world.tracker._until_next()
    assert 1 == await world.tracker.tick()
    await world.rest()
    assert ["t1"] == provider.asked
