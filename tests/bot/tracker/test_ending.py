"""Laws of `bot.tracker.ending`: last cards and notices."""

from __future__ import annotations

from datetime import timedelta

from bot.errors import (
    InputRejected,
)
from bot.models import Notice, Status
from tests.fakes import BEN


async def test_a_notice_that_may_stand_is_looked_for_first(world):
    """The answer to the notice was lost: no second one."""
    world.delivery.remembers = timedelta(0)
    world.providers["maxapi"].submits.append(InputRejected("maxapi"))
    generation = await world.ask()
    await world.tracker.tick()
    await world.rest()
    world.delivery.messages.clear()
    other = await world.ask(BEN)
    world.providers["maxapi"].submits.append(InputRejected("maxapi"))
    world.delivery.faults.append(None)
    world.delivery.lose_answers = 2

    ended = await world.until(other, Status.REFUSED)

    assert Notice.TOLD is ended.notice
    assert len(world.delivery.notices(other.id)) == 1
    assert generation.id != other.id
