"""Dies at every moment of a scenario, at each pair and at sampled triples, and looks what is left."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from tests.faults.simulation.invariants import Findings
from tests.faults.simulation.scenarios import SCENARIOS, Scenario

if TYPE_CHECKING:
    from tests.faults.simulation.world import Stage, World

GAPS: Final = (1.0, 600.0)
"""Seconds until the next start: at once, or when nonces are forgotten and callbacks have gone by."""
A_SEED: Final = 280
"""Schedules that one seed stands for."""
SOMETIMES: Final = 8
"""One in so many is a pair, as long as there are moments that haven't been tried alone."""
MANY: Final = 300
"""Of a scenario with more moments than this, pairs are sampled like triples."""
DEEP: Final = 16
"""Every so many schedules everything that is written is read through."""


@dataclass(frozen=True)
class Schedule:
    """When to die in which scenario, and for how long."""

    scenario: Scenario
    at: tuple[int, ...]
    gap: float

    def run(self, stage: Stage, *, deep: bool = True) -> tuple[World, list[str]]:
        """Run it to rest; return the world and what is wrong in it."""
        world = self.scenario.staged(stage, self.at, self.gap)
        rested = world.rest()
        found = Findings(world, deep=deep).look()
        if not rested:
            found.append("I3: something never comes to rest")
        for row in world.rows():
            if (row.status.value, row.reason) not in self.scenario.possible(world.deaths):
                found.append(f"I3: {row.id} ended as {row.status.value}, {row.reason}")
        return world, found

    def __str__(self) -> str:
        return f"{self.scenario.name}: dead at {self.at} for {self.gap:g} s"


class Sweep:
    """All schedules, in an order in which every part of them is a fair one."""

    def __init__(self, stage: Stage) -> None:
        self.moments = [self._count(stage, scenario) for scenario in SCENARIOS]
        """How many moments each scenario has in which nobody dies."""
        singles = [
            (number, (moment,), gap)
            for gap in GAPS
            for number, count in enumerate(self.moments)
            for moment in range(count)
        ]
        Random(0).shuffle(singles)
        self._singles = sorted(singles, key=lambda one: self.moments[one[0]] >= MANY)  # the longest come last
        self._pairs = sum(count * (count - 1) // 2 for count in self.moments if count < MANY)

    @staticmethod
    def _count(stage: Stage, scenario: Scenario) -> int:
        world = scenario.staged(stage)
        assert world.rest(), f"{scenario.name} never comes to rest"
        return len(world.outside.points.names)

    def schedules(self, seed: int) -> list[Schedule]:
        """Return those that a seed stands for."""
        return [self._schedule(number) for number in range(seed * A_SEED, (seed + 1) * A_SEED)]

    def _schedule(self, number: int) -> Schedule:
        turns, turn = divmod(number, SOMETIMES)
        single = number - turns - 1
        if turn and single < len(self._singles):
            which, at, gap = self._singles[single]
            return Schedule(SCENARIOS[which], at, gap)
        number = turns if single < len(self._singles) else number - len(self._singles)
        if number < self._pairs:
            which, at = self._pair(number * self._stride % self._pairs)
            return Schedule(SCENARIOS[which], at, GAPS[number % len(GAPS)])
        chance = Random(number)
        which = chance.randrange(len(SCENARIOS))
        most = 2 + chance.randrange(2) if self.moments[which] >= MANY else 3
        at = tuple(sorted(chance.sample(range(self.moments[which]), most)))
        return Schedule(SCENARIOS[which], at, chance.choice(GAPS))

    @functools.cached_property
    def _stride(self) -> int:
        """A step that comes by every pair once, and never by neighbours in a row."""
        prime = 1_000_003
        assert self._pairs % prime
        return prime

    def _pair(self, number: int) -> tuple[int, tuple[int, int]]:
        """Return the scenario and the two moments of a pair by its number."""
        for which, count in enumerate(self.moments):
            pairs = count * (count - 1) // 2 if count < MANY else 0
            if number < pairs:
                first = 0
                while number >= count - 1 - first:
                    number -= count - 1 - first
                    first += 1
                return which, (first, first + 1 + number)
            number -= pairs
        raise AssertionError("there are no more pairs")
