"""Laws of `bot.administration.audit`."""

from __future__ import annotations

import pytest

from bot.administration.audit import LONGEST_DETAIL, Audit
from bot.store.audit import Deeds
from tests.fakes import Clock


@pytest.fixture
def audit(store):
    """Return a log with nothing in it."""
    return Audit(Deeds(store.engine), Clock())


async def test_an_action_is_recorded_with_its_moment(audit):
    """Who, where, when and what."""
    said = {"id": "7", "guild_id": 8, "actor_id": 42, "actor": "Ann", "action": "block", "detail": "user: 9"}
    await audit.record(audit.deed(**said))
    (deed,) = await audit.entries(8)

    assert said | {"at": audit.clock()} == {name: getattr(deed, name) for name in (*said, "at")}


async def test_hostile_text_is_bounded(audit):
    """A log that anybody could fill up would be of no use."""
    long = "x" * 100_000
    await audit.record(audit.deed(id="7", guild_id=8, actor_id=42, actor=long, action="block", detail=long))
    (deed,) = await audit.entries(8)

    assert (80, LONGEST_DETAIL) == (len(deed.actor), len(deed.detail))


async def test_entries_come_in_pages(audit):
    """Newest first, from before a moment on, and of one server."""
    for number in range(3):
        said = {"id": str(number), "guild_id": 8, "actor_id": 42, "actor": "Ann", "action": "pause"}
        await audit.record(audit.deed(**said, detail=str(number)))
        audit.clock.forward(seconds=1)
    newest, second = await audit.entries(8, most=2)

    assert ("2", "1") == (newest.detail, second.detail)
    assert ["0"] == [one.detail for one in await audit.entries(8, before=second.at)]
    assert () == await audit.entries(9)
