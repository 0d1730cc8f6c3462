"""One seed, one run: everybody and everything does whatever the dice say, then all calms down."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from bot.models import TERMINAL, UNTIL_PROVIDER_IS_DONE
from tests.faults.simulation import discord, files, providers
from tests.faults.simulation.invariants import Findings
from tests.faults.simulation.outside import Fate, Outside
from tests.faults.simulation.people import People
from tests.faults.simulation.process import PUBLIC
from tests.faults.simulation.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.models import Generation
    from tests.faults.simulation.world import Stage

ON: Final = 0.25
"""How likely a kind of fault belongs to a run at all."""
STRIKES: Final = 0.25
"""How likely it then comes, each time that it could."""
RARELY: Final = {
    "death": 0.004,
    "database away": 0.03,
    "answer of a commit lost": 0.03,
    "task never ends": 0.1,
    discord.GONE: 0.02,
}
"""What could come at every commit, or takes the simulation long, comes less often."""
KINDS: Final = tuple(dict.fromkeys((*providers.KINDS, *discord.KINDS, *files.KINDS, *RARELY)))
STORM: Final = 900.0
"""Seconds after which nothing goes wrong any more."""
JUMPS: Final = tuple(timedelta(hours=hours) for hours in (1, -1, 24, -24))
MEMBERS: Final = 3
LATELY: Final = timedelta(days=3)
"""What was asked for before isn't thought of any more."""
DECIDED: Final = 0.9
"""How likely members say what becomes of a storyboard whose shot has failed; else it waits a week."""
A_SEED: Final = 50
"""Runs that one seed of a whole proof stands for."""
HARMLESS: Final = frozenset({discord.LOST, discord.LIE})
"""What Discord does to us that still lets everybody be reached."""


class Deeds:
    """What people, strangers and accidents do to a world, as its dice have it."""

    def __init__(self, world: World) -> None:
        self.world, self.chance = world, world.outside.chance
        self.people = People(world)

    def ask(self) -> None:
        """Ask for a film, to be brought to some place."""
        chance, people, world = self.chance, self.people, self.world
        more: dict[str, Any] = chance.choice(
            [{}, {}, {"thread": True}, {"deliver": "dm"}, {"deliver": "both"}, {"spoiler": True},
             {"film_channel_id": world.server.gallery.id}, {"member_only": True}]
        )  # fmt: skip
        named = {"provider": chance.choice(world.providers)} if chance.random() < 0.3 else {}
        picture = chance.random() < 0.2
        people.ask(chance.randrange(MEMBERS), picture=picture, place=people.place(**more), **named)

    def some(self, *, ended: bool) -> Generation | None:
        """Return one that has ended, or that may still be cancelled."""
        standing = TERMINAL if ended else UNTIL_PROVIDER_IS_DONE
        lately = self.world.clock() - LATELY
        rows = [row for row in self.world.rows(lately) if row.status in standing and row.requester.user_id]
        return self.chance.choice(rows) if rows else None

    def cancel(self) -> None:
        """Cancel one."""
        if row := self.some(ended=False):
            self.people.cancel(row)

    def again(self) -> None:
        """Ask for one once more."""
        row = self.some(ended=True)
        if row is not None and row.storyboard_id is None:
            self.people.again(row, self.chance.randrange(MEMBERS))

    def refund(self) -> None:
        """Give back what one cost."""
        if row := self.some(ended=True):
            self.people.refund(row)

    def forget(self) -> None:
        """Have everything of a member deleted."""
        self.people.forget(self.chance.randrange(MEMBERS))

    def storyboard(self) -> None:
        """Ask for a storyboard."""
        self.people.storyboard(self.chance.randrange(MEMBERS), continuous=self.chance.random() < 0.5)

    def decide(self) -> None:
        """Let members of storyboards that wait for them have enough."""
        for row in self.world.rows(self.world.clock() - 20 * LATELY):
            if row.shot == 1 and row.storyboard_id is not None:
                self.people.enough(row.storyboard_id, row.requester.user_id)

    def jump(self) -> None:
        """Set our clock wrong, or right again."""
        self.world.skew += self.chance.choice(JUMPS)
        self.world.outside.note("clock", self.world.skew)

    def crash(self) -> None:
        """Pull the plug."""
        if self.world.processes:
            self.world.crash()

    def away(self) -> None:
        """Take the database away for some minutes."""
        likely = self.world.outside.likely
        before = likely.get("database away", 0.0)
        likely["database away"] = 1.0
        self.world.at(
            self.world.loop.moment + self.chance.uniform(1, 200),
            lambda: likely.update({"database away": before}),
        )

    def forge(self) -> None:
        """Somebody calls back who isn't the provider: with another task, with nonsense, or with a guess.

        On a true address nobody names EvoLink's tasks: it doesn't tell whose prompt a task has.
        """
        world, chance = self.world, self.chance
        rows = world.rows(world.clock() - LATELY)
        if world.process is None or not rows:
            return
        row = chance.choice(rows)
        provider = row.request.provider or ""
        token = world.stage.premises.signer.callback_token(provider, row.id)
        guessed = chance.random() < 0.3
        if guessed:
            token = token[::-1]
        studios = [studio for name, studio in world.studios.items() if guessed or name != "evolink"]
        tasks = [task for studio in studios for task in studio.tasks.values()]
        body: object = chance.choice([None, [], {"id": "task-unified-1", "data": {"taskId": "nonsense"}}])
        if tasks and chance.random() < 0.6:
            task = chance.choice(tasks)
            body = world.studios[task.provider].told(task, stage=2)
        world.process.called_back(f"{PUBLIC}/callbacks/{provider}/{token}", body)


class Storm:
    """A run, as its seed has it."""

    def __init__(self, stage: Stage, seed: int) -> None:
        outside = Outside(seed)
        chance = self.chance = outside.chance
        outside.likely = {kind: RARELY.get(kind, STRIKES) for kind in KINDS if chance.random() < ON}
        outside.laziness = chance.choice([0.0, 0.05, 2.0])
        outside.points = Fate(outside)
        some = [name for name in providers.NAMES if chance.random() < 0.8] or [chance.choice(providers.NAMES)]
        public, gap = chance.random() < 0.7, chance.choice([1.0, 5.0, 200.0])
        self.world = World(stage, outside, providers=some, public=public, gap=gap)
        self.deeds = Deeds(self.world)
        for studio in self.world.studios.values():
            studio.takes = (5.0, 400.0)
        if chance.random() < 0.1:
            self.world.server.upload_limits[self.world.server.channel.id] = 1_000
        self._plan()

    def _plan(self) -> None:
        """Lay down what will happen, and when the storm is over."""
        chance, world = self.chance, self.world
        for _ in range(chance.randint(1, 4)):
            world.at(chance.uniform(0, STORM / 2), self.deeds.ask)
        often: dict[Callable[[], Any], float] = {
            self.deeds.cancel: 0.4,
            self.deeds.again: 0.2,
            self.deeds.refund: 0.2,
            self.deeds.forget: 0.1,
            self.deeds.forge: 0.3,
            self.deeds.storyboard: 0.1,
            self.deeds.jump: 0.15,
            self.deeds.away: 0.15,
            self.deeds.crash: 0.3,
            self.world.second_process: 0.1,
        }
        for event, likely in often.items():
            if chance.random() < likely:
                world.at(chance.uniform(0, STORM), event)
        world.at(STORM, self._calm)

    def _calm(self) -> None:
        self.world.outside.likely = {}
        self.world.outside.laziness = 0.0
        if self.chance.random() < DECIDED:
            self.world.at(2 * STORM, self.deeds.decide)

    # what must be true then

    def findings(self) -> list[str]:
        """Let it come to rest and return what is wrong."""
        world = self.world
        rested = world.rest()
        refused = set(world.outside.struck) & {*discord.KINDS} - HARMLESS
        found = Findings(world, strict=not refused, deep=world.outside.seed % 5 == 0).look()
        if not rested:
            found.append("I3: something never comes to rest")
        return found


def seeds_of(seed: int) -> range:
    """Return the runs that one seed of a whole proof stands for."""
    return range(seed * A_SEED, (seed + 1) * A_SEED)
