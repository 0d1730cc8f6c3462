"""One season: members ask, machines die, freeze and are cut off, and at the end the books are read."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bot.demo.stand_ins.records import Fault, FaultKind
from bot.models import TERMINAL
from tests.e2e.member import Member
from tests.faults.fleet.fleet import CALLBACKS, EVERYTHING, GATEWAY, WORKER
from tests.faults.killing.books import UNCLEAR, Database, judge
from tests.faults.killing.evening import Evening, Fate, fate

if TYPE_CHECKING:
    import random

    from tests.faults.fleet.fleet import Fleet, Machine
    from tests.faults.killing.books import Verdict

MEMBERS: Final = 20
LOOK_EVERY: Final = 0.3
UNHEARD: Final = 10.0
"""Seconds after which members ask again for what nobody has taken."""
TRACKING: Final = {WORKER, EVERYTHING}
CONNECTED: Final = {GATEWAY, EVERYTHING}
RESTART: Final = (0.05, 0.8)
"""Seconds until a supervisor has a machine going again."""
TROUBLE_LIFE: Final = (0.3, 2.0)
"""How long a machine is frozen or cut off, in leases."""
OFTEN: Final = {WORKER: 5, CALLBACKS: 2, GATEWAY: 1, EVERYTHING: 5}
"""How often something befalls one of a role."""
STORMY: Final = {-signal.SIGKILL, os.EX_UNAVAILABLE}
"""How a life ends in a storm: by a kill, or at its start, without a line to the database."""
SETTLING: Final = 120.0
"""Seconds in which something more must have come to its end, once there is peace."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens in a season."""

    generations: int
    at_once: int = 100
    """Films that are under way at the same time."""
    trouble_every: float = 5
    """Films between two troubles, so that a slow machine has no more of them; 0: there are none."""
    lease: float = 3.0
    mortality: float = 0.6
    """The share of workers' lives that are told when to die."""
    cuts: bool = False
    moment: str = ""
    """The only one at which lives end by themselves: `after submit`; left out: any that matters."""
    lossy: float = 0.25
    """The share of callbacks that never leave; as many come twice."""


@dataclass(slots=True)
class Season:
    """Runs a plan on a fleet."""

    fleet: Fleet
    plan: Plan
    dice: random.Random
    troubles: Counter[str] = field(default_factory=Counter)
    _evening: Evening = field(init=False)
    _counted: int = 0
    _deaths: int = 0
    """By SIGKILL, during the storm."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _peace: asyncio.Event = field(default_factory=asyncio.Event)
    _restarting: int = 0
    _failed: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        fleet = self.fleet
        self._evening = Evening(
            wire=fleet.wire,
            stand_ins=fleet.stand_ins,
            nursery=fleet.brood,  # type: ignore[arg-type]  all that is asked of it is its tail
            database=Database(fleet.directory / "data" / "matinee.db", fleet.database),
            settings={"DATABASE_URL": fleet.database} if fleet.database else {},
            directory=fleet.directory,
            members=[Member(fleet.wire, f"Member {number}") for number in range(MEMBERS)],
            name="fleet",
        )

    async def run(self) -> dict[str, Any]:
        """Let it pass, then judge. Return what was found, as plain values."""
        begun = time.monotonic()
        book = self.fleet.stand_ins.faults
        ordered = book.at_task
        book.at_task = lambda *what: [*ordered(*what), *self._callback_faults()]  # type: ignore[method-assign]
        await self._begin_all(peaceful=False)
        await self._storm()
        await self._make_peace()
        asked_for = time.monotonic() - begun
        verdict = await self._judged()
        told = asdict(verdict) | {"asked": len(self._evening.asked), "troubles": dict(self.troubles)}
        told["brought"] = self.fleet.brought
        return told | {"deaths": self._deaths, "seconds": time.monotonic() - begun, "storm": asked_for}

    def _callback_faults(self) -> list[Fault]:
        chance = self.dice.random()
        kinds = [FaultKind.LOST_CALLBACK] if chance < self.plan.lossy else []
        kinds += [FaultKind.DOUBLE_CALLBACK] if chance > 1 - self.plan.lossy else []
        return [Fault(kind=kind) for kind in kinds]

    # trouble

    async def _storm(self) -> None:
        """Ask for films and make trouble, until all are asked for and most have come."""
        next_trouble, next_look, asked_again = 0.0, 0.0, time.monotonic()
        plan, evening = self.plan, self._evening
        while True:
            self._raise()
            now = time.monotonic()
            if now >= next_look:
                next_look = now + LOOK_EVERY
                ended = await self._count()
                if now - asked_again > UNHEARD:  # a gateway process that is cut off hears nothing
                    asked_again = now
                    await evening.ask_again(evening.unheard(UNHEARD))
                if len(evening.asked) >= plan.generations and ended >= plan.generations * 0.9:
                    return
                self._ask(ended)
            if plan.trouble_every and self._counted >= next_trouble:
                next_trouble = self._counted + plan.trouble_every * self.dice.uniform(0.5, 1.5)
                self._spawn(self._trouble())
            await asyncio.sleep(0.05)

    def _raise(self) -> None:
        """Raise what has failed meanwhile, where nobody waited for it."""
        if self._failed:
            raise self._failed[0]

    async def _count(self) -> int:
        """Return how many generations have ended, as the database has it."""
        ended = ", ".join(f"'{status}'" for status in sorted({*TERMINAL, *UNCLEAR}))
        query = f"SELECT count(*) AS number FROM generations WHERE status IN ({ended})"
        for row in await self._evening.database.rows(query):
            self._counted = row["number"]
        return self._counted

    def _ask(self, ended: int) -> None:
        """Let members ask, where somebody hears them."""
        evening, plan = self._evening, self.plan
        if not self.fleet.wire.gateway.connected:
            return
        free = plan.at_once - (len(evening.asked) - ended)
        for _ in range(min(free, plan.generations - len(evening.asked))):
            evening.ask(f"boat {len(evening.asked)}")

    async def _trouble(self) -> None:
        """Let something befall one machine, if it is well just now."""
        machines = self.fleet.machines
        (machine,) = self.dice.choices(
            machines, [OFTEN[one.role] / len(self.fleet.crew(one.role)) for one in machines]
        )
        if not machine.lives or machine.frozen or machine.cut:
            return
        kinds = ["kill", "kill", "freeze", *(["cut", "cut"] if self.plan.cuts else [])]
        kind = self.dice.choice(kinds)
        self.troubles[f"{kind} {machine.role}"] += 1
        if kind == "kill":
            machine.send(signal.SIGKILL)  # whoever buries it begins it again
            return
        begin, end = (machine.freeze, machine.thaw) if kind == "freeze" else (machine.cut_off, machine.mend)
        begin()
        try:
            await self._for(self.dice.uniform(*TROUBLE_LIFE) * self.plan.lease)
        finally:
            end()

    async def _for(self, seconds: float) -> None:
        """Wait, or until there is peace."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._peace.wait(), seconds)

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._failed.append(error)

    async def _begin(self, machine: Machine, *, peaceful: bool) -> None:
        """Begin a life, mostly one that is told when to die, and begin another one after its end."""
        mortal = not peaceful and machine.role in TRACKING and self.dice.random() < self.plan.mortality
        life = await machine.begin(self._fate() if mortal else None)
        self._spawn(self._attend(machine, life))

    def _fate(self) -> Fate:
        if not self.plan.moment:
            return fate(self.dice)
        return Fate(f"{self.plan.moment}#{self.dice.randint(1, 4)}")

    async def _attend(self, machine: Machine, life: Any) -> None:
        code = await life.ending
        self._deaths += code == -signal.SIGKILL and not self._peace.is_set()
        if life.moments:
            self.troubles[f"death {machine.role}"] += 1
        self.fleet.forget_sessions()
        if code == os.EX_UNAVAILABLE:
            self.troubles[f"start in vain {machine.role}"] += 1
        assert code in STORMY or self._peace.is_set(), (
            f"{machine.name} ended with {code}\n{self.fleet.brood.tail}"
        )
        if code == os.EX_UNAVAILABLE or not self._peace.is_set():
            self._restarting += 1
            try:
                await self._restart(machine)
            finally:
                self._restarting -= 1

    async def _restart(self, machine: Machine) -> None:
        """Be the supervisor, and the members who ask again for what nobody has heard."""
        await self._for(self.dice.uniform(*RESTART))
        known = frozenset(self.fleet.wire.gateway.sessions)
        begun = time.monotonic()
        await self._begin(machine, peaceful=self._peace.is_set())
        if machine.role in CONNECTED:
            await self.fleet.gateway_is_there(known)
            await self._evening.ask_again(  # not what the new life is just taking
                [prompt for prompt, at in self._evening.asked_at.items() if at < begun]
            )

    # peace

    async def _make_peace(self) -> None:
        """Let nothing happen any more, and every machine be there."""
        self._peace.set()
        await self.fleet.until(
            lambda: (
                not any(machine.frozen or machine.cut for machine in self.fleet.machines)
                and not self._restarting
            ),
            within=SETTLING,
            what="the end of all troubles",
        )
        for machine in self.fleet.machines:
            machine.send(signal.SIGKILL)  # it may have been told to die, and be about to
        for machine in self.fleet.machines:
            assert machine.life is not None
            await machine.life.end(within=20)
        await self._begin_all()

    async def _begin_all(self, *, peaceful: bool = True) -> None:
        """Begin a life everywhere, and wait until commands and callbacks are heard."""
        gone = frozenset(self.fleet.wire.gateway.sessions)
        for machine in self.fleet.machines:
            await self._begin(machine, peaceful=peaceful)
        await self.fleet.gateway_is_there(gone)
        await self.fleet.callbacks_are_heard()

    async def _judged(self) -> Verdict:
        """Let everything come to its end, if need be after an operator's look, and judge."""
        evening = self._evening
        for studio in self.fleet.stand_ins.studios.values():  # what is lost for good is a person's business
            for task in studio.tasks.values():
                task.faults.clear()
        await evening.ask_again()
        await self._rest()
        while await evening.decide():
            await self._begin_all()
            await self._rest()
        verdict = await judge(evening.database, self.fleet.wire, self.fleet.stand_ins, evening.data_dir)
        strays = self.fleet.strays({row["id"] for row in await evening.standing()})
        verdict.wrong += [*evening.broken, *self.fleet.wire.rest.gaps, *strays]
        return verdict

    async def _rest(self) -> None:
        """Wait until nothing is under way any more, then stop every machine as a supervisor does."""
        try:
            await self._evening.rest(SETTLING)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{await self._callbacks()}") from None
        for machine in self.fleet.machines:
            machine.send(signal.SIGTERM)
        for machine in self.fleet.machines:
            assert machine.life is not None
            code = await machine.life.end(within=20)
            assert code == 0, f"{machine.name} ended with {code}\n{self.fleet.brood.tail}"

    async def _callbacks(self) -> str:
        """Tell what became of the callbacks of those that don't come to rest."""
        open_ = {row["prompt"] for row in await self._evening.standing() if row["status"] not in TERMINAL}
        theirs = self.fleet.stand_ins.ledger
        tasks = {task.id: task.prompt for task in theirs.tasks if task.prompt in open_}
        sent = [one for one in theirs.callbacks if one.task_id in tasks]
        return "\n".join(
            f"callback {tasks[one.task_id]!r} {one.at:%T.%f} {one.status} {one.error}" for one in sent
        )
