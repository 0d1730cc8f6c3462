"""Years of operation in minutes: `python -m tests.faults.simulation.years --years 1`.

Members ask for films day after day, and every fault comes with a chance of one in twenty. At the end of each
month the weather clears up, everything comes to rest, and I1 to I10 are looked at; each month is a line. The
exit code is 1 if anything was lost, doubled or charged wrongly, or if something grew between the middle and
the end that must not: memory, open files, half-done files, rows that no film accounts for, and all other rows
if the middle is well beyond `KEEP_HISTORY`. What is parked is kept until somebody decides: once a month.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from bot.hosting import HALF_DONE
from bot.models import Status
from tests.databases import TABLES
from tests.faults.simulation import discord
from tests.faults.simulation.invariants import Findings
from tests.faults.simulation.outside import Fate, Outside
from tests.faults.simulation.process import KEEP_HISTORY
from tests.faults.simulation.seeds import KINDS, Deeds
from tests.faults.simulation.world import Stage, World

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

SHARE: Final = 0.05
"""How likely each fault is, each time that it could come."""
RARELY: Final = {"death": 0.0002, "database away": 0.002, "answer of a commit lost": 0.002, discord.GONE: 0.0}
"""What could come at every commit comes less often: still every day."""
DAY: Final = 86_400.0
MONTH: Final = 30
"""Days."""
GROWTH: Final = 24 << 20
"""Bytes of memory, besides the database's own, that may come on top between the middle and the end."""
MORE_FILES: Final = 2
PER_FILM: Final = {"generations", "ledger", "counters", "storyboards", "audit"}
"""Tables that keep something of every film, day or decision: history, bills and limits."""
SETTLED: Final = KEEP_HISTORY.days + 31 + MONTH
"""Days after which as much history is deleted as is added: counters go by whole months."""


@dataclass(frozen=True)
class Measured:
    """What there is at the end of a month."""

    films: int
    memory: int
    """Bytes, without the database, which lies in memory here."""
    files: int
    """Open ones."""
    database: int
    """Bytes."""
    rows: int
    """Rows in tables that don't keep something of every film."""
    half_done: int
    """Files that a download or an encoding hasn't finished with."""
    history: int = 0
    """Rows in tables that do."""
    day: int = 0


@dataclass
class Years:
    """A bot that runs for years, and what becomes of it."""

    stage: Stage
    seed: int
    films: int
    """Asked for each day."""
    month: int = MONTH
    """Days after which everything is looked at."""
    say: Callable[[str], None] = print
    months: list[Measured] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world = World(self.stage, Outside(self.seed), gap=5.0)
        self.world.outside.points = Fate(self.world.outside)
        self._deeds = Deeds(self.world)
        deeds = self._deeds
        self._daily = {deeds.cancel: 3, deeds.again: 2, deeds.refund: 1, deeds.forge: 5, deeds.storyboard: 1}
        self._paid = 0

    def run(self, days: int) -> bool:
        """Let so many days pass; return whether all is well."""
        begun = self.world.clock()
        for day in range(1, days + 1):
            self._day()
            if day % self.month == 0 or day == days:
                self._look(begun, day)
                begun = self.world.clock()
        for each in self.wrong[:20]:
            self.say(f"WRONG {each}")
        grown = self.grown()
        for each in grown:
            self.say(f"GROWN {each}")
        self.say(self._flat())
        drift = sum(" I1: " in each or " I6: " in each for each in self.wrong)
        self.say(
            f"{days} days, {self.world.deaths} deaths, {self._paid} films paid at providers;"
            f" money drift {drift}, violations {len(self.wrong)}"
        )
        return not (self.wrong or grown)

    def _day(self) -> None:
        world, chance = self.world, self.world.outside.chance
        world.outside.likely = dict.fromkeys(KINDS, SHARE) | RARELY
        now = world.loop.moment
        for _ in range(self.films):
            world.at(now + chance.uniform(0, DAY), self._deeds.ask)
        for event, times in self._daily.items():
            for _ in range(chance.randint(0, times)):
                world.at(now + chance.uniform(0, DAY), event)
        world.run(now + DAY)

    def _look(self, begun: datetime, day: int) -> None:
        """Let everything come to rest, look at what has happened since then, and forget the world outside."""
        world = self.world
        world.outside.likely = {}
        world.at(world.loop.moment + 3600.0, self._deeds.decide)
        if not world.rest():
            self.wrong.append(f"day {day}: I3: something never comes to rest")
        looking = Findings(world, strict=False, deep=False, since=begun)
        self.wrong += [f"day {day}: {each}" for each in looking.look()]
        self._paid += sum(len(looking.paid(row)) for row in looking.rows)
        self._clear_up(day)
        self._let_go()
        self.months.append(self._measured(day))
        self.say(self._line(day))

    def _clear_up(self, day: int) -> None:
        """Let an operator give up what is parked: till then it is kept, however old it is."""
        for row in self.world.rows():
            if row.status is Status.PARKED:
                self._deeds.people.give_up(row)
        self.world.run(self.world.loop.moment + 60.0)
        if not self.world.rest():
            self.wrong.append(f"day {day}: I3: something that was given up never comes to rest")

    def _let_go(self) -> None:
        """Drop what the world outside remembers: it isn't ours that would grow."""
        world = self.world
        for studio in world.studios.values():
            studio.tasks.clear()
            studio.keys.clear()
        backend = world.server.backend
        for messages in backend.messages.values():
            messages.clear()
        for each in (world.server._nonces, backend._reserved_ids, backend._sequences, backend.cdn._blobs):
            each.clear()
        world.server.calls.clear()
        world.outside.points.names.clear()
        world.outside.wrongs.clear()
        self.stage.loop.broken.clear()
        world.prompts.clear()

    def _measured(self, day: int) -> Measured:
        gc.collect()
        select = self.stage.database.select
        (pages,), (size,) = (select(f"PRAGMA {name}")[0] for name in ("page_count", "page_size"))
        counts = {name: select(f"SELECT count(*) FROM {name}")[0][0] for name in TABLES}
        here = psutil.Process()
        found = (path.name for name in ("media", "films") for path in (self.stage.folder / name).iterdir())
        return Measured(
            films=counts["generations"],
            memory=here.memory_info().rss - pages * size,
            files=here.num_fds(),
            database=pages * size,
            rows=sum(count for name, count in counts.items() if name not in PER_FILM),
            half_done=sum(any(mark in name for mark in HALF_DONE) for name in found),
            history=sum(counts[name] for name in PER_FILM),
            day=day,
        )

    def _line(self, day: int) -> str:
        now = self.months[-1]
        return (
            f"day {day:5}: {now.films} films, {now.memory / 2**20:.0f} MiB of memory, {now.files} open files,"
            f" {now.database / 2**20:.1f} MiB of database, {now.history} rows of history, {now.rows} others,"
            f" {now.half_done} half done"
        )

    def _flat(self) -> str:
        middle, end = self._halves()
        if middle.day < SETTLED:
            return f"history isn't compared before day {2 * SETTLED}"
        return f"rows of history: {middle.history} on day {middle.day}, {end.history} on day {end.day}"

    def _halves(self) -> tuple[Measured, Measured]:
        return self.months[len(self.months) // 2], self.months[-1]

    def grown(self) -> list[str]:
        """Return what has grown between the middle and the end and must not."""
        middle, end = self._halves()
        bounds = {"memory": GROWTH, "files": MORE_FILES, "rows": self.films * 2, "half_done": 0}
        if middle.day >= SETTLED:
            bounds["history"] = middle.history // 4  # they rise for a month, then counters go by the month
        return [
            f"{name}: {getattr(middle, name)} in the middle, {getattr(end, name)} at the end"
            for name, most in bounds.items()
            if getattr(end, name) - getattr(middle, name) > most
        ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it as the arguments say; return the exit code."""
    parser = argparse.ArgumentParser(description="Lets simulated years pass.")
    parser.add_argument("--years", type=float, default=1.0)
    parser.add_argument("--films", type=int, default=10, help="films a day")
    parser.add_argument("--seed", type=int, default=0)
    said = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder)).set_up() as stage:
        return 0 if Years(stage, said.seed, said.films).run(round(said.years * 365)) else 1


if __name__ == "__main__":
    sys.exit(main())
