"""Whenever the process is told to end, it does so in time, with 0, and the next one goes on where it was."""

from __future__ import annotations

import asyncio
import random
import signal
import time

import pytest
from aiohttp import web

from bot.demo.stand_ins import results
from bot.demo.stand_ins.records import Fault, FaultKind
from tests.e2e.faults import with_film
from tests.e2e.house import PROVIDERS
from tests.faults.figures import named, pieces
from tests.faults.killing.evening import fate

ROW = "shutdowns at any point; longest; lost"
LONGEST = 8.0
"""Seconds; Docker kills after 10."""
SEEDS_PER_EVENING = 6
HANGS = {
    "upload": "a film's upload whose answer never comes",
    "drip": "a download of which a byte comes now and then",
    "submit": "a provider that takes the order and says nothing",
}


def database_of(request, number):
    """Return SQLite and PostgreSQL in turn: None, or an address."""
    return request.getfixturevalue("postgres_url") if number % 2 else None


@pytest.mark.parametrize("seeds", pieces(24, each=SEEDS_PER_EVENING), ids=named)
async def test_a_bot_that_is_told_to_end_ends_in_time_and_loses_nothing(theatre, request, reached, seeds):
    """SIGTERM or SIGINT at a moment of its own choosing, once or twice: 0, and nothing lost (S-13)."""
    turn = seeds[0] // SEEDS_PER_EVENING
    address = database_of(request, turn)
    evening = await theatre.evening(f"shutdown {named(seeds)}", address, PROVIDERS[turn % len(PROVIDERS)])
    longest = 0.0
    for seed in seeds:
        dice = random.Random(f"shutdown {seed}")
        how = dice.choice(("TERM", "TERM", "INT", "TERM TERM", "TERM INT"))
        life = await evening.live(fate(dice, how))
        await evening.ask_again()
        code, seconds = await evening.until_death(life, signal.SIGTERM)
        longest = max(longest, seconds)
        assert code == 0, evening.nursery.tail
        await evening.after_death()
    verdict = await evening.ended()
    verdict.wrong += [line for line in evening.nursery.said if "_GatheringFuture exception" in line]
    reached(ROW, len(seeds), longest, len(verdict.lost))
    again = f'SEEDS={named(seeds)} make prove ARGS="-n0 -k told_to_end_ends"'
    assert [] == verdict.faults, f"again by: {again}\n{evening.story([])}"
    assert longest <= LONGEST


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
@pytest.mark.parametrize("hang", HANGS, ids=list(HANGS))
async def test_nothing_that_hangs_holds_the_process(theatre, request, reached, monkeypatch, database, hang):
    """It ends in time whatever call it waits in, and the next process finishes that once (S-13)."""
    address = database_of(request, database == "postgres")
    evening = await theatre.evening(f"{hang} {database}", address, "evolink")
    life = await evening.live()
    hung = await begin_to_hang(evening, monkeypatch, hang)
    evening.ask("one boat")
    await evening.wire.until(hung.is_set, what=HANGS[hang])
    code, seconds = await told_to_end(life)
    assert code == 0, evening.nursery.tail
    monkeypatch.undo()
    await evening.after_death()
    verdict = await evening.ended()
    reached(ROW, 1, seconds, len(verdict.lost))
    assert ([], 1) == (verdict.faults, verdict.delivered)
    assert seconds <= LONGEST


async def told_to_end(life):
    """Send SIGTERM, and return the exit code and the seconds that it took."""
    begun = time.monotonic()
    life.send(signal.SIGTERM)
    return await life.end(within=30), time.monotonic() - begun


async def begin_to_hang(evening, monkeypatch, hang):
    """Let something never end; return what is set once the bot waits for it."""
    if hang == "upload":
        return evening.wire.fault("POST", "/channels/*/messages", "hold", where=with_film).reached
    hung = asyncio.Event()
    if hang == "submit":
        slow = Fault(kind=FaultKind.SLOW, provider="evolink", charged=True, seconds=600)
        evening.stand_ins.order(slow)
        accept = evening.stand_ins.studios["evolink"].accept
        monkeypatch.setattr(
            evening.stand_ins.studios["evolink"], "accept", lambda *order: (hung.set(), accept(*order))[1]
        )
        return hung

    async def drip(task, request):
        answer = web.StreamResponse(headers={"Content-Type": "video/mp4"})
        answer.content_length = len(task.film)
        await answer.prepare(request)
        hung.set()
        for byte in task.film:
            await answer.write(bytes([byte]))
            await asyncio.sleep(0.2)
        return answer

    monkeypatch.setattr(results, "send", drip)
    return hung


async def test_a_name_server_that_hangs_does_not_hold_the_process(theatre, reached):
    """A look-up in a thread can't be cancelled, and the process doesn't wait for it (S-13)."""
    evening = await theatre.evening("no names", None, "evolink")
    named_ = evening.settings["DISCORD_API_URL"].replace("127.0.0.1", "localhost")
    nursery = evening.nursery
    before = len(nursery.said)  # by `sync`, which logs in as well
    life = await nursery.begin(
        evening.settings | {"DISCORD_API_URL": named_, "MORTAL_WITHOUT": "names"}, "run"
    )
    await evening.wire.until(
        lambda: life.over or "logging in" in "".join(nursery.said[before:]), what="a login"
    )
    code, seconds = await told_to_end(life)
    reached(ROW, 1, seconds, 0)
    assert (0, True) == (code, seconds <= LONGEST)
