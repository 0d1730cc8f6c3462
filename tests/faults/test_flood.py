"""Ten thousand commands in a minute: each is answered, and none of it grows without end."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from random import Random

import psutil
import pytest

from bot.app.parts import gate, limits
from bot.errors import Refused
from bot.messages import words_for
from bot.models import Place, Requester
from bot.settings import read_settings
from tests.bot.desk import Desk
from tests.databases import SQLITE

COMMANDS = 10_000
MEMBERS = 4_000
SERVERS = 12
AT_ONCE = 250
"""Commands whose answers are waited for together."""
MEBIBYTE = 1024 * 1024
SETTINGS = read_settings({}, env_file=None)
HOUSE = gate(SETTINGS)


@pytest.fixture
async def desk(tmp_path):
    """Return a desk with the limits that hold where the operator set none."""
    store = await SQLITE.open(tmp_path)  # it is the house that is flooded, and its memory that is looked at
    desk = Desk(store, tmp_path, limits(SETTINGS))
    desk.generations._admission = replace(desk.admission, gate=HOUSE)
    yield desk
    await store.close()


async def answered(desk, number, dice):
    """Give a command as one of many members; return what its giver reads."""
    who = Requester(1 + dice.randrange(MEMBERS), "x")
    place = Place(1, dice.choice([1, 2, 3, 3 + dice.randrange(SERVERS)]))
    try:
        started = await desk.start(who, place, prompt=f"{number} " + "x" * 1900)
    except Refused as refused:
        return words_for(refused), refused.code
    return started.id, "begun"


async def test_a_flood_is_answered_and_bounded(desk):
    """Refused at once with a reason, or begun with a place; no queue beyond its bound (T-37)."""
    dice, codes = Random(1), Counter()
    process = psutil.Process()
    before = process.memory_info().rss
    for first in range(0, COMMANDS, AT_ONCE):
        desk.clock.now += timedelta(seconds=60 * AT_ONCE / COMMANDS)
        told = await asyncio.gather(*(answered(desk, first + n, dice) for n in range(AT_ONCE)))
        assert all(words for words, _ in told)
        codes.update(code for _, code in told)
    grown = process.memory_info().rss - before
    waiting = (await desk.store.counts())["queued"]

    assert COMMANDS == codes.total()
    assert {"begun", "queue_full", "at_once_here", "at_once"} == set(codes)
    assert waiting == codes["begun"] <= HOUSE.queue + AT_ONCE
    assert grown < 64 * MEBIBYTE
