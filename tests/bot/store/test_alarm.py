"""Laws of `bot.store.alarm`: trouble is told once a minute, and its end."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from bot.errors import StoreUnavailable
from bot.store.alarm import Alarm, takes_writes
from bot.store.statements import Outcome
from bot.store.switches import TURNED_OFF
from tests.bot.store.examples import generation

FULL = StoreUnavailable("database or disk is full")
REFUSED = "the database takes no writes"
HEALED = "the database takes writes again"


def test_trouble_is_told_once_a_minute():
    """However many writes fail, the log has a line a minute, and one when it is over."""
    now = [0.0]
    alarm = Alarm(lambda: now[0])
    with capture_logs() as lines:
        for second in range(130):
            now[0] = second
            alarm.failed(FULL)
        assert alarm.rings
        alarm.worked([Outcome(1)])
        alarm.worked([Outcome(1)])

    assert [(REFUSED, 0), (REFUSED, 60), (REFUSED, 120), (HEALED, 129)] == [
        (line["event"], line["seconds"]) for line in lines
    ]
    assert not alarm.rings


def test_a_write_that_changes_nothing_proves_nothing():
    """On a full disk a look for what is due works, too: the alarm goes on."""
    alarm = Alarm()
    alarm.failed(FULL)
    alarm.worked([Outcome(0)])

    assert alarm.rings


async def test_a_look_whether_the_store_takes_writes_leaves_nothing(store):
    """It ends the alarm, on either database, and turns nothing off; without one nobody looks (S-01)."""
    store.engine.alarm.failed(FULL)
    assert await takes_writes(store.engine)

    assert not store.engine.alarm.rings
    assert [] == await store.engine.read(TURNED_OFF, {})
    await store.close()
    assert await takes_writes(store.engine)


async def test_a_store_that_takes_no_writes_says_so(store, monkeypatch):
    """From the first failure to the next change, on either database, and closing is no trouble (S-01)."""
    with monkeypatch.context() as broken:
        target = "bot.store.sqlite.commit" if hasattr(store.engine, "_writer") else "bot.store.postgres.run"
        broken.setattr(target, _failing if hasattr(store.engine, "_writer") else _raising)
        with pytest.raises(StoreUnavailable):
            await store.start(generation(1), [])
        assert store.engine.alarm.rings
    await store.start(generation(1), [])

    assert not store.engine.alarm.rings
    await store.close()
    with pytest.raises(StoreUnavailable):
        await store.start(generation(2), [])
    assert not store.engine.alarm.rings


def _failing(_connection, transitions, **_):
    return [FULL for _ in transitions]


async def _raising(*_):
    raise ConnectionResetError
