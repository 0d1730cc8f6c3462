"""One evening: members ask for films without a pause while the bot dies again and again."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from bot.models import TERMINAL, Status
from bot.store import open_store
from bot.tracker.parked import Act, decide, possible
from tests.faults.killing.books import UNCLEAR, judge
from tests.faults.killing.mortal import note

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Collection
    from pathlib import Path

    from bot.demo.stand_ins import StandIns
    from tests.e2e.member import Answer, Member
    from tests.e2e.wire import WireDiscord
    from tests.faults.killing.books import Database, Verdict
    from tests.faults.killing.nursery import Life, Nursery

BUSY: Final = 4
"""Films that are always under way while somebody may die."""
PATIENCE: Final = 4.0
"""Seconds after which a moment that didn't come is no longer waited for: then death comes from outside."""
REST: Final = 60.0
"""Seconds in which something more must have come to its end, once nobody dies any more."""
THINKS: Final = 30.0
"""Seconds after which a command that was taken comes to nothing: its database was waited for twice."""
PROMISE: Final = "Reserved:"
"""What an answer says that takes a command; another may say that nothing is taken just now."""
WHEN: Final = (
    "commit start", "commit claim", "commit claim ready", "commit move", "commit note", "commit wake",
    "submit", "task", "download", "POST /channels/{channel_id}/messages",
    "PATCH /channels/{channel_id}/messages/{message_id}",
)  # fmt: skip
"""Before and after each of these a process dies; and at any other moment, by its number alone."""
LATER: Final = ("0", "0", "0", "0.0003", "0.002", "0.01")


@dataclass(frozen=True, slots=True)
class Fate:
    """When a life is told to end, and how."""

    at: str
    later: str = "0"
    signal: str = "KILL"

    @property
    def environment(self) -> dict[str, str]:
        """What a mortal reads."""
        return {"MORTAL_AT": self.at, "MORTAL_LATER": self.later, "MORTAL_SIGNAL": self.signal}


def fate(dice: random.Random, how: str = "KILL") -> Fate:
    """Choose a moment: mostly around something that matters, else any."""
    if dice.random() < 0.75:
        at = f"{dice.choice(('before', 'after'))} {dice.choice(WHEN)}#{dice.randint(1, 3)}"
    else:
        at = f"#{dice.randint(1, 80)}"
    return Fate(at, dice.choice(LATER), how)


@dataclass(slots=True)
class Standstill:
    """Tells that nothing more comes to rest; what comes, however slowly, may take as long as it needs."""

    within: float
    """Seconds."""
    clock: Callable[[], float] = time.monotonic
    _most: int = -1
    _since: float = 0.0

    def lasts(self, at_rest: int) -> bool:
        """Say whether there were never more at rest for so long."""
        now = self.clock()
        if at_rest > self._most:
            self._most, self._since = at_rest, now
        return now - self._since >= self.within


@dataclass(slots=True)
class Evening:
    """A Discord, three providers, a database, members, and lives of one bot."""

    wire: WireDiscord
    stand_ins: StandIns
    nursery: Nursery
    database: Database
    settings: dict[str, str]
    directory: Path
    members: list[Member]
    name: str
    asked: Counter[str] = field(default_factory=Counter)
    """How often each prompt was asked for: again where the bot died before it took it."""
    asked_at: dict[str, float] = field(default_factory=dict)
    """When, for the last time."""
    interactions: dict[str, Answer] = field(default_factory=dict)
    """Each prompt's latest command."""
    broken: list[str] = field(default_factory=list)
    """Commands that were taken in words, but of which nothing is written down."""
    refused: int = 0
    """Commands of which nothing came, and that weren't given again."""
    died: Counter[str] = field(default_factory=Counter)
    """The moments at which lives ended, by name."""

    async def live(self, fate: Fate | None = None, **more: str) -> Life:
        """Begin a life, and wait until the bot has come to Discord, or has died on the way."""
        known = set(self.wire.gateway.sessions)
        told = self.settings | (fate.environment if fate else {}) | more
        life = await self.nursery.begin(told, "run")
        life.ending.add_done_callback(lambda _: self.wire._notify())
        await self.wire.until(
            lambda: life.over or set(self.wire.gateway.sessions) - known,
            within=30,
            what=f"{self.name}: a start",
        )
        return life

    async def until_death(self, life: Life, number: signal.Signals = signal.SIGKILL) -> tuple[int, float]:
        """Keep the bot busy until it is told to end, if need be from outside, and has ended.

        Return its exit code and the seconds that it took.
        """
        deadline = time.monotonic() + PATIENCE
        while not life.over and not life.moments and time.monotonic() < deadline:
            await self.keep_busy()
            await self.look(lambda: life.over or self.under_way() < BUSY, 0.1)
        if not life.over and not life.moments:
            note(str(life.diary), "from outside")
            life.send(number)
        code = await life.end(within=30)
        assert life.moments, f"{self.name} ended by itself with {code}\n{self.nursery.tail}"
        self.died[life.moments[0][1]] += 1
        return code, max(0.0, life.ended_at - life.moments[-1][0])

    async def look(self, sight: Callable[[], bool], seconds: float) -> None:
        """Wait until it is so, or for as long."""
        deadline = time.monotonic() + seconds
        while not sight() and time.monotonic() < deadline:
            self.wire._news.clear()
            try:
                async with asyncio.timeout(0.05):
                    await self.wire._news.wait()
            except TimeoutError:
                continue

    def under_way(self) -> int:
        """Return how many films have been asked for and are not there yet."""
        return len(self.asked) - len(self.wire.films())

    async def keep_busy(self) -> None:
        """Ask for films until enough are under way."""
        held = {row["prompt"] for row in await self.standing() if row["status"] in UNCLEAR}
        for _ in range(BUSY - self.under_way() + len(held)):
            self.ask(f"boat {len(self.asked)} of {self.name}")

    def ask(self, prompt: str) -> None:
        """Let a member ask for a film."""
        member = self.members[len(self.asked) % len(self.members)]
        self.asked[prompt] += 1
        self.asked_at[prompt] = time.monotonic()
        self.interactions[prompt] = member.slash("video", prompt=prompt, seconds=4, resolution="480p")

    async def after_death(self, seconds: float = 0) -> None:
        """Let time pass at Discord while no bot is there, and what the dead one held become free."""
        await self.database.outlive_leases()
        if seconds:
            self.wire.clock.advance(seconds)
            await self.database.grow_older(seconds)

    async def kill(self, life: Life) -> None:
        """End a life from outside, at no moment of its own."""
        life.send(signal.SIGKILL)
        await life.end(within=10)
        await self.after_death()

    async def stop(self, life: Life) -> None:
        """End a life as a supervisor does."""
        life.send(signal.SIGTERM)
        code = await life.end(within=20)
        assert code == 0, f"{self.name} ended with {code}\n{self.nursery.tail}"

    @property
    def data_dir(self) -> Path:
        """Where the bot keeps its files."""
        return self.directory / "data"

    async def ask_again(self, among: Collection[str] | None = None) -> None:
        """Ask again for what a bot didn't take before it died: it can't be taken any more."""
        among = tuple(self.asked) if among is None else among
        for prompt in among:
            self.interactions[prompt].grow_old()
        taken = {row["prompt"] for row in await self.standing()}
        for prompt in [prompt for prompt in among if prompt not in taken]:
            promised = [one.text for one in self.interactions[prompt]._messages() if PROMISE in one.text]
            self.broken += [f"{prompt!r} isn't written down, but was answered: {text}" for text in promised]
            self.ask(prompt)

    def unheard(self, seconds: float) -> list[str]:
        """Return what may be asked for again while bots live, so long after it was asked for.

        Nobody is about to take it any more: nobody has answered, and once they ask again it is too late for
        that; or somebody has, in words, or thinks about it for longer than any database is waited for.
        """
        now = time.monotonic()
        return [
            prompt
            for prompt, answer in self.interactions.items()
            if now - self.asked_at[prompt] > (THINKS if answer.thinks else seconds)
        ]

    async def standing(self) -> list[dict[str, Any]]:
        """Return every generation's row."""
        return await self.database.rows("SELECT * FROM generations")

    async def rest(self, within: float = REST) -> None:
        """Wait until nothing is under way any more: what stands still is told by its provider once more.

        A busy machine takes long: of many steps that have died with their process one is tried at a time.
        """
        standstill = Standstill(within)
        told: set[str] = set()
        while True:
            rows = await self.standing()
            at_rest = sum(self._rests(row) for row in rows)
            if at_rest == len(rows) >= len(self.asked) - self.refused:
                return
            for row in rows:
                if row["status"] in UNCLEAR and row["id"] not in told and self._tell(row["prompt"]):
                    told.add(row["id"])
            still = standstill.lasts(at_rest)
            assert not still, f"{self.name} doesn't come to rest\n{self.story(rows)}"
            await asyncio.sleep(0.1)  # the process has no other way to tell

    async def ended(self, within: float = REST) -> Verdict:
        """Let the last life bring everything to its end, if need be after an operator's look, and judge."""
        undecided = 1
        while undecided:
            life = await self.live()
            await self.ask_again()
            await self.rest(within)
            await self.stop(life)
            undecided = await self.decide()
        verdict = await judge(self.database, self.wire, self.stand_ins, self.data_dir)
        verdict.wrong += [*self.broken, *self.wire.rest.gaps]
        return verdict

    async def decide(self) -> int:
        """Be the operator, while the bot is off: let what was parked go on, where nothing can be paid twice.

        A step that died five times in a row is parked as if it were what kills the process.
        """
        store = await open_store(self.settings.get("DATABASE_URL"), self.data_dir)
        try:
            parked = [row["id"] for row in await self.standing() if row["status"] == Status.PARKED]
            found = [one for one in [await store.get(id_) for id_ in parked] if one is not None]
            mended = [(one, act) for one in found for act in possible(one)[:1] if act in {Act.ASK, Act.GO_ON}]
            for one, act in mended:
                await decide(store, one, act, datetime.now(UTC))
        finally:
            await store.close()
        return len(mended)

    def _rests(self, row: dict[str, Any]) -> bool:
        """Say whether a generation has ended; its card may still wait for its turn to be edited."""
        sent = any(task.prompt == row["prompt"] for task in self.stand_ins.ledger.tasks)
        return row["status"] in TERMINAL | {Status.PARKED} or (row["status"] == "uncertain" and not sent)

    def _tell(self, prompt: str) -> bool:
        """Call back once more for a task whose callback found nobody here."""
        for studio in self.stand_ins.studios.values():
            for task in studio.tasks.values():
                if task.order.prompt == prompt and task.ended:
                    studio.call_back(task)
                    return True
        return False

    def story(self, rows: list[dict[str, Any]]) -> str:
        """Tell what happened, for a failed test."""
        states = [f"{row['id']} {row['status']} due {row['due_at']} {row['prompt']}" for row in rows]
        deaths = [f"{count} × {name}" for name, count in self.died.items()]
        return "\n".join([*states, *deaths, self.wire.story(), "--- the bot", self.nursery.tail])
