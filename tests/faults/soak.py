"""A real hour in bad weather: `python -m tests.faults.soak 60m`.

The bot is a process of its own, and here are the modelled Discord, the three providers and the members. Every
request and every task meets a fault with a chance of one in twenty. In the first half the bot is killed every
few minutes; the second half is one long life, in which nothing may grow. Each minute is a line, and the
verdict the last ones; the exit code is 1 if a film was lost or doubled, if anything was charged twice, or if
something grew.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import re
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot.hosting import HALF_DONE
from bot.models import OPEN
from tests.e2e.member import Member
from tests.faults.killing.books import UNCLEAR
from tests.faults.killing.pulse import Beat, judged, look
from tests.faults.killing.theatre import Props, Theatre
from tests.faults.killing.weather import Weather

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.killing.books import Verdict
    from tests.faults.killing.evening import Evening
    from tests.faults.killing.nursery import Life

SHARE = 0.05
"""Of all requests and tasks that meet a fault."""
ASK_EVERY = 3.0
KILL_EVERY = 180.0
FORGE_EVERY = 5.0
LOOK_EVERY = 5.0
TOLD_EVERY = 60.0
FILMS_PER_MEMBER = 5
"""A member whom content rules refuse too often has to wait for tomorrow."""
SETTLING = 300.0
"""Seconds in which everything comes to its end once the weather has cleared up."""
MINUTE = 60.0


def length(words: str) -> float:
    """Return the seconds of `60m`, `90s` or `1h`. Raises `ValueError`."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", words)
    if found is None:
        raise ValueError(f"{words}: write a number with s, m or h, like 60m")
    return float(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2]]


@dataclass
class Soak:
    """One long evening."""

    evening: Evening
    weather: Weather
    seconds: float
    say: Callable[[str], object]
    beats: list[Beat] = field(default_factory=list)
    kills: int = 0
    asks: int = 0
    begun: float = field(default_factory=time.monotonic)
    born: float = 0.0

    @property
    def kill_every(self) -> float:
        """Seconds between two kills: less in a short one."""
        return min(KILL_EVERY, self.seconds / 12)

    @property
    def at(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.begun

    async def run(self) -> Verdict:
        """Let the time pass, then let everything come to its end, and judge."""
        life = await self._live()
        due = {"ask": 0.0, "forge": 0.0, "look": 0.0, "tell": TOLD_EVERY, "kill": self.kill_every}
        while self.at < self.seconds:
            if life.over:
                raise AssertionError(f"the bot ended by itself\n{self.evening.nursery.tail}")
            now = self.at
            if now >= due["ask"]:
                due["ask"] = now + ASK_EVERY
                self._ask()
            if now >= due["forge"]:
                due["forge"] = now + FORGE_EVERY
                await self.weather.forge(self.evening.settings["PUBLIC_URL"])
            if now >= due["look"]:
                due["look"] = now + LOOK_EVERY
                await self._look(life)
            if now >= due["tell"]:
                due["tell"] += TOLD_EVERY
                self._tell()
            if now >= due["kill"] and now < self.seconds / 2:
                due["kill"] += self.kill_every
                life = await self._kill(life)
            await asyncio.sleep(0.1)
        self.weather.share = 0.0
        await self.evening.stop(life)
        return await self.evening.ended(SETTLING)

    async def _live(self) -> Life:
        self.born = self.at
        return await self.evening.live()

    def _ask(self) -> None:
        if self.asks % FILMS_PER_MEMBER == 0:
            self.evening.members[:] = [Member(self.evening.wire, f"Member {self.asks}")]
        self.evening.ask(f"boat {self.asks}")
        self.asks += 1

    async def _kill(self, life: Life) -> Life:
        await self.evening.kill(life)
        self.kills += 1
        born = await self._live()
        await self.evening.ask_again()
        return born

    async def _look(self, life: Life) -> None:
        rows = await self.evening.standing()
        under_way = sum(row["status"] in set(OPEN) - UNCLEAR for row in rows)
        films = self.evening.data_dir / "films"
        beat = look(
            life.pid, films, at=self.at, age=self.at - self.born, open_rows=under_way, marks=HALF_DONE
        )
        if beat is not None:
            self.beats.append(beat)

    def _tell(self) -> None:
        beat = self.beats[-1]
        done = f"{self.asks} asked, {len(self.evening.wire.films())} films, {self.weather.struck} faults"
        size = f"{beat.memory:.0f} MiB, {beat.files:.0f} files, {beat.threads:.0f} threads"
        rest = f"{beat.open_rows:.0f} under way, {beat.half_done:.1f} MiB half done"
        self.say(f"{self.at / MINUTE:4.0f} min | {done}, {self.kills} kills | {size}, {rest}")


def told(soak: Soak, verdict: Verdict) -> tuple[list[str], bool]:
    """Return the verdict in words, and whether all is well."""
    findings = judged(soak.beats)
    made = f"{soak.asks} asked, {verdict.delivered} films, {verdict.unsent} never sent"
    twice = f"doubled {len(verdict.doubled)}, charges doubled {len(verdict.paid_twice)}"
    lines = [
        f"{made}, {soak.weather.struck} faults, {soak.kills} kills",
        f"films lost {len(verdict.lost)}, {twice}, other faults {len(verdict.wrong)}",
        *verdict.faults,
        *map(str, findings),
    ]
    return lines, not verdict.faults and all(finding.flat for finding in findings)


async def soak(
    seconds: float, *, seed: int, address: str | None, say: Callable[[str], object], props: Props
) -> bool:
    """Run it, say what happened, and return whether all is well."""
    with tempfile.TemporaryDirectory(prefix="matinee-soak-") as folder:
        async with Theatre(Path(folder), props) as theatre:
            evening = await theatre.evening("soak", address, pace=(1.0, 15.0), LOG_LEVEL="WARNING")
            weather = Weather(SHARE, random.Random(seed))
            weather.over_providers(evening.stand_ins)
            weather.over_discord(evening.wire)
            one = Soak(evening, weather, seconds, say)
            verdict = await one.run()
            lines, well = told(one, verdict)
            for line in lines:
                say(line)
            if not well:
                say(evening.nursery.tail)
            return well


def main() -> int:
    """Run it for as long as told."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("length", nargs="?", default="60m", type=length, help="like 60m, 90s, 2h")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--database", help="a PostgreSQL's address; left out: SQLite")
    told_ = parser.parse_args()

    def say(line: str) -> None:
        print(line, flush=True)  # noqa: T201

    logging.getLogger("aiohttp.server").disabled = True  # requests that a killed bot leaves unsaid are meant
    say(f"{told_.length / MINUTE:g} minutes, seed {told_.seed}")
    props = Props()
    well = asyncio.run(soak(told_.length, seed=told_.seed, address=told_.database, say=say, props=props))
    props.nurse.close()
    say("All is well." if well else "NOT well.")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
