"""Laws of `bot.store.audit`, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.servers import Deed
from bot.store.audit import Deeds
from tests.bot.store.examples import NOON

DEED = Deed("1", 8, NOON, 42, "Ann", "words add", "word: rude")


async def test_deeds_come_back_newest_first(store):
    """Whole, a page at a time."""
    deeds = Deeds(store.engine)
    done = [replace(DEED, id=str(n), at=NOON + timedelta(seconds=n)) for n in range(3)]
    for one in done:
        await deeds.add(one)

    assert tuple(reversed(done)) == await deeds.latest(8, before=None, most=9)
    assert (done[2], done[1]) == await deeds.latest(8, before=None, most=2)
    assert (done[0],) == await deeds.latest(8, before=done[1].at, most=9)


async def test_no_server_reads_another_ones(store):
    """And who reads all reads what is about no server, too."""
    deeds = Deeds(store.engine)
    other, nowhere = replace(DEED, id="2", guild_id=9), replace(DEED, id="3", guild_id=None)
    for one in (DEED, other, nowhere):
        await deeds.add(one)

    assert (DEED,) == await deeds.latest(8, before=None, most=9)
    assert {DEED, other, nowhere} == set(await deeds.latest(None, before=None, most=9))


async def test_the_same_deed_is_written_once(store):
    """As it was the first time."""
    deeds = Deeds(store.engine)
    for detail in ("first", "second"):
        await deeds.add(replace(DEED, detail=detail))

    assert ["first"] == [one.detail for one in await deeds.latest(8, before=None, most=9)]


async def test_what_no_database_takes(store):
    """Half a character or none doesn't keep a deed out of the log."""
    deeds = Deeds(store.engine)
    await deeds.add(replace(DEED, actor="a\0", detail="\ud800"))

    assert [("a\ufffd", "?")] == [
        (one.actor, one.detail) for one in await deeds.latest(8, before=None, most=9)
    ]
