"""What chance decides, and what is written down of a run: one seed is one run, step by step the same."""

from __future__ import annotations

import asyncio
import hashlib
from contextvars import ContextVar
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Final

from tests.faults.points import Points
from tests.faults.simulation.loop import Died

if TYPE_CHECKING:
    from collections.abc import Callable

CALLED_BACK: Final[ContextVar[bool]] = ContextVar("called_back", default=False)
"""Whether what runs just now was begun by a callback."""
CALLBACKS_MAY: Final = frozenset({"commit wake"})


@dataclass
class Breath:
    """One process, as long as it lives."""

    dead: bool = False


@dataclass
class Outside:
    """The dice, the diary and the moments at which to die."""

    seed: int = 0
    likely: dict[str, float] = field(default_factory=dict)
    """How likely each kind of fault is just now."""
    laziness: float = 0.0
    """Seconds that a call to the outside takes at the most."""
    at: frozenset[int] = frozenset()
    """The moments at which the process dies."""
    now: Callable[[], float] = lambda: 0.0
    life: Breath = field(default_factory=Breath)
    """The process that runs just now."""
    points: Points = field(init=False)
    chance: Random = field(init=False)
    wrongs: list[str] = field(default_factory=list)
    """What must never happen, and has."""
    struck: dict[str, int] = field(default_factory=dict)
    """How often each kind of fault has come."""
    _diary: hashlib._Hash = field(default_factory=hashlib.sha256)

    def __post_init__(self) -> None:
        self.points = Mortal(self)
        self.chance = Random(self.seed)

    def die(self, name: str) -> None:
        """Be gone. Raises `Died`."""
        self.life.dead = True
        self.note("death", name)
        raise Died

    def passing(self, name: str) -> None:
        """Let a moment pass at which the process may die."""
        self.points.passing(name)

    async def lag(self, _: str) -> None:
        """Take some time, or at least let others have their turn."""
        await asyncio.sleep(self.chance.random() * self.laziness if self.laziness else 0)

    def fault(self, kind: str, detail: str = "") -> bool:
        """Say whether a fault of this kind comes now."""
        likely = self.likely.get(kind, 0.0)
        if not likely or self.chance.random() >= likely:
            return False
        self.struck[kind] = self.struck.get(kind, 0) + 1
        self.note(f"fault: {kind}", detail)
        return True

    def note(self, what: str, detail: object = "") -> None:
        """Write down what has happened, and when."""
        self._diary.update(f"{self.now():.6f} {what} {detail}\n".encode())

    @property
    def trace(self) -> str:
        """A digest of everything that has happened so far, in its order."""
        return self._diary.hexdigest()

    def callback_may(self, name: str) -> None:
        """Hold a callback to what it may do."""
        if CALLED_BACK.get() and name not in CALLBACKS_MAY:
            self.wrongs.append(f"I9: a callback did: {name}")


class Mortal(Points):
    """Counts moments; of what is dead nothing gets out any more, whatever it still does on its way down."""

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside.die, outside.at)
        self._outside = outside

    def passing(self, name: str) -> None:
        """Count, and die if it is time to."""
        if self._outside.life.dead:
            raise Died
        super().passing(name)


class Fate(Mortal):
    """Dies when the dice say so."""

    def passing(self, name: str) -> None:
        """Count, and perhaps die."""
        super().passing(name)
        if self._outside.fault("death", name):
            self.die(name)
