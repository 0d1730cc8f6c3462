"""Laws of `bot.administration.queue`."""

from __future__ import annotations

import pytest

from bot.administration.queue import Queue
from bot.errors import Conflict, RequestRefused
from bot.models import Status
from bot.servers import Deed
from bot.store.overview import Overview
from bot.tracker.parked import Act
from tests.bot.desk import Desk
from tests.fakes import CINEMA, NOON

HERE = CINEMA.guild_id
DEED = Deed("1", HERE, NOON, 7, "mia", "queue", "act: ask")


@pytest.fixture
def desk(store, tmp_path):
    """Return everything behind a command."""
    return Desk(store, tmp_path)


@pytest.fixture
def queue(desk):
    """Return what is under way."""
    return Queue(Overview(desk.store.engine), desk.store, desk.generations, desk.clock, desk.nudge)


@pytest.fixture
def parked(desk):
    """Return a function that parks one whose outcome is unknown."""

    async def park(**said):
        sent = await desk.finish(
            await desk.start(**said), status=Status.SUBMITTING, body="{}", submitted_at=NOON
        )
        return await desk.finish(sent, status=Status.PARKED, reason="uncertain")

    return park


async def test_one_is_found_where_it_belongs(queue, desk):
    """None is told of what is elsewhere, has ended, or never was."""
    row = await desk.start()
    assert row == await queue.one(row.id, HERE) == await queue.one(row.id, None)
    await desk.finish(other := await desk.start(), status=Status.CANCELLED)

    for id_, where in ((row.id, 9), (other.id, HERE), ("f" * 16, None)):
        with pytest.raises(RequestRefused, match="queue_gone"):
            await queue.one(id_, where)


async def test_a_cancel_is_the_member_s(queue, desk):
    """Wished, and obeyed by the tracker."""
    row = await desk.start()

    assert (await queue.cancel(row)).cancel_wished
    with pytest.raises(RequestRefused, match="too_late"):
        await queue.cancel(await desk.finish(row, status=Status.CANCELLED))


async def test_a_decision_is_written_down_with_what_it_changes(queue, desk, parked):
    """Or not at all, when somebody was faster."""
    row = await parked()
    moved = await queue.decide(row, Act.GIVE_UP, DEED)
    assert (Status.FAILED, (DEED,)) == (moved.status, await desk.deeds.latest(None, before=None, most=9))
    with pytest.raises(Conflict):
        await queue.decide(row, Act.GIVE_UP, Deed("2", HERE, NOON, 7, "mia", "queue", "act: ask"))

    assert 1 == len(await desk.deeds.latest(None, before=None, most=9))


@pytest.mark.parametrize(("provider", "body"), [("maxapi", None), ("evolink", "{}")])
async def test_a_body_is_kept_for_whoever_takes_a_key(queue, parked, provider, body):
    """There the same key and body make one task, however often they are sent."""
    moved = await queue.decide(await parked(provider=provider), Act.SEND)

    assert (Status.QUEUED, body) == (moved.status, moved.body)
