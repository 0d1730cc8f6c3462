"""Laws of `bot.tracker.watchdog`: a blocked loop is told, a dead one ends the process."""

from __future__ import annotations

import asyncio
import os
import threading

import structlog
from structlog.testing import capture_logs

from bot.tracker import watchdog
from bot.tracker.watchdog import DEAD, Watchdog, watched


def looked(*beats):
    """Return what a watchdog logs and how it ends, for a beat or none before each look."""
    codes: list[int] = []
    dog = Watchdog(threading.get_ident(), end=codes.append)
    with capture_logs() as lines:
        for beat in beats:
            if beat:
                dog.beat()
            dog.look()
    return [line["event"] for line in lines], codes, lines


def test_a_loop_that_goes_round_is_nothing_to_tell():
    """A beat at every second look is health."""
    assert ([], []) == looked(*[True, False] * 50)[:2]


def test_a_blocked_loop_is_told_once_with_the_place():
    """Who blocks it is named by file, line and function, without values; so is the end of it (S-07)."""
    events, codes, lines = looked(True, *[False] * (DEAD - 1), True)

    assert ["the event loop is blocked", "the event loop goes round again"] == events
    assert [] == codes
    assert any(__file__ in call and call.endswith(" looked") for call in lines[0]["where"])


def test_a_dead_loop_ends_the_process():
    """After two minutes without a beat the process ends with 70, once, so that a fresh one goes on (S-07)."""
    events, codes, _ = looked(*[False] * 2 * DEAD)

    assert ["the event loop is blocked", "the event loop is dead"] == events
    assert [70] == codes


async def test_the_running_loop_is_watched(monkeypatch):
    """A call that blocks the loop is told from another thread while it still blocks (S-07)."""
    told = threading.Event()
    monkeypatch.setattr(watchdog, "BLOCKED", 3)
    lines = []

    def hear(_logger, _name, event):
        lines.append(event)
        told.set()
        raise structlog.DropEvent

    structlog.configure(processors=[hear])
    try:
        async with watched(every=0.01):
            assert told.wait(10)
    finally:
        structlog.configure(processors=BEFORE)
    assert "the event loop is blocked" == lines[0]["event"]


BEFORE = structlog.get_config()["processors"]


def test_the_process_really_ends():
    """What it calls is the system's own exit, which no blocked thread can hold up."""
    assert os._exit is Watchdog(0)._end


async def test_a_loop_that_goes_round_beats(monkeypatch):
    """Without being asked to, for as long as it is watched."""
    beats, enough = [], asyncio.Event()

    def beat(dog):
        beats.append(dog)
        if len(beats) == 3:
            enough.set()

    monkeypatch.setattr(Watchdog, "beat", beat)
    async with watched(every=0.001) as dog:
        await asyncio.wait_for(enough.wait(), 10)

    assert ({dog}, False) == (set(beats), dog.is_alive())
