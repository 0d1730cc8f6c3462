"""Starts as `/video` makes them on a server under the default settings, ready to be written down."""

from __future__ import annotations

import gc
import random
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

from benchmarks.filling import NOW, REQUEST
from bot import quotas
from bot.models import Cost, Generation, Limit, Place, Requester, Status
from bot.store.sqlite import connect, run
from bot.store.store import starting

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from bot.models import Hold

MEMBERS: Final = 1_000
SERVERS: Final = 5
PLENTY: Final = 10**9
LIMITS: Final = quotas.Limits(user_day=Limit(videos=PLENTY, seconds=PLENTY), at_once=PLENTY)
"""On what they are by default, only so high that none is reached: each is compared all the same."""
Command = tuple[Generation, list["Hold"]]


@cache
def commands(count: int) -> list[Command]:
    """Return generations of many members, and what each takes from ten counters; the same in each round."""
    chance = random.Random(5)
    made = []
    for number in range(count):
        at = NOW + timedelta(milliseconds=number)
        member = chance.randrange(MEMBERS)
        generation = Generation(
            id=f"{chance.getrandbits(64):016x}",
            status=Status.QUEUED,
            asked=replace(REQUEST, provider=None, model=None),
            request=REQUEST,
            requester=Requester(10**17 + member, "Anna"),
            member=f"{member * 7919:032x}",
            place=Place(10**17 + member % SERVERS, 10**17 + member % SERVERS),
            cost=Cost(1, 5, 250_000),
            interaction_id=10**18 + number,
            created_at=at,
            updated_at=at,
            due_at=at,
            version=0,
        )
        made.append((generation, [quotas.limited(hold, LIMITS) for hold in quotas.held(generation)]))
    gc.freeze()  # they belong to the measure, not to what is measured
    return made


def transaction(connection: sqlite3.Connection, command: Command) -> None:
    """Write one start down as `Store.start` does, by itself, in a commit of its own."""
    connection.execute("BEGIN IMMEDIATE")
    run(connection, starting(*command))
    connection.execute("COMMIT")


def opened(directory: Path) -> sqlite3.Connection:
    """Open the file as the bot's writer does: WAL, FULL."""
    return connect(directory / "matinee.db")
