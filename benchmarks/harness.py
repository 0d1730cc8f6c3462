"""What a row of the table is made of: ways to do the same, and figures that compare them.

It needs the standard library alone, since what runs in the benchmark's own environment imports it too.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

CHECKOUT: Final = Path(__file__).parents[1]
PEERS: Final = CHECKOUT / "build" / "bench" / "bin" / "python"
"""The Python of the benchmark's own environment, which `make bench` installs."""
Python = Literal["own", "bench"]


class NotMeasured(Exception):
    """Why a way could not be taken here: a peer or a program is missing. The table tells the reason."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How large one round of one way may be, and where it may write."""

    quick: bool
    """Whether it shall only be seen to run, in seconds, with figures that say nothing."""
    directory: Path
    """Fresh, empty, on the disk that is measured; deleted afterwards."""
    round: int
    """The first is 1."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to do what a row asks about: ours, the base, a peer, or a control."""

    name: str
    run: Callable[[Scale], Mapping[str, float]]
    """One round: a plain function, which returns values by name and may raise `NotMeasured`."""
    python: Python = "own"
    """Where its imports live: without the benchmark's own environment a peer is told as not measured."""
    control: bool = False
    """Whether it is wrong on purpose, to prove that the measure can fail."""
    beside: bool = False
    """Whether others of the kind may run beside it: it counts, and doesn't time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _FigureKeywords:
    base: str | None = None
    """The way it is divided by, within the same round; without one the value stands by itself."""
    base_value: str | None = None
    """What is taken of the base; the same as of the way, if not said."""
    target: float | None = None
    better: Literal["less", "more"] = "less"
    worst: bool = False
    """Whether the worst round is judged, and not the median: for what must never be."""
    unit: str = ""
    """What the value is measured in; a ratio to a base has none, one that the way itself has made has ×."""
    invert: bool = False
    """Whether the base is divided by the way instead."""
    note: str = ""
    peer: bool = False
    """Whether it is shown beside ours, without a target."""
    control: bool = False
    """Whether it must miss the target, which proves that the measure can fail."""


@dataclass(frozen=True, slots=True)
class Figure(_FigureKeywords):
    """One line of the table: `Figure("50 callers", way="ours, 50", value="per_s", base="raw", target=8)`."""

    name: str
    way: str
    value: str

    def of(self, found: Mapping[str, Mapping[str, float]]) -> float:
        """Return it from the values of one round, by way. Raises `KeyError` for a value that isn't there."""
        value = found[self.way][self.value]
        if self.base is None:
            return value
        base = found[self.base][self.base_value or self.value]
        return base / value if self.invert else value / base

    def reached(self, median: float) -> bool:
        """Return whether a median is as good as the target, or better."""
        if self.target is None:
            return True
        return median >= self.target if self.better == "more" else median <= self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One question of the table. Raises `ValueError` for a figure of a way that the row doesn't have."""

    number: str
    name: str
    question: str
    ways: Sequence[Way]
    figures: Sequence[Figure]
    timed: bool = True
    """Whether it is about time, so that the load of others spoils it; what is counted isn't."""
    named: bool = False
    """Whether it is only taken where it is named: it takes another row apart, and has no target."""

    def __post_init__(self) -> None:
        names = [way.name for way in self.ways]
        asked = {figure.way for figure in self.figures}
        asked |= {figure.base for figure in self.figures if figure.base is not None}
        if len(set(names)) != len(names) or asked - set(names):
            raise ValueError(f"row {self.number}: ways {names}, but figures of {sorted(asked)}")


def in_process(
    module: str, given: Mapping[str, object], *, python: Python = "own", patience: float = 600
) -> dict[str, Any]:
    """Run `python -m module` in a fresh process and return the JSON object that it printed.

    What is given arrives by `given()`, and is answered by `answer()`. All that it started ends with it.
    Raises `NotMeasured` where the environment is missing, `RuntimeError` with its last words if it fails,
    and `subprocess.TimeoutExpired` after so many seconds.
    """
    command = [interpreter(python), "-m", module, json.dumps(given)]
    process = subprocess.Popen(
        command,
        cwd=CHECKOUT,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        said, complained = process.communicate(timeout=patience)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.returncode:
        raise RuntimeError(f"{module} ended with {process.returncode}: {complained[-2000:]}")
    answered: dict[str, Any] = json.loads(said.strip().splitlines()[-1])
    if "not_measured" in answered:
        raise NotMeasured(answered["not_measured"])
    return answered


def interpreter(python: Python) -> str:
    """Return the Python of an environment. Raises `NotMeasured` where it isn't installed."""
    if python == "own":
        return sys.executable
    if not PEERS.exists():
        raise NotMeasured("the benchmark's own environment isn't installed: make bench does it")
    return str(PEERS)


def given() -> dict[str, Any]:
    """Return, in such a process, what it was given."""
    asked: dict[str, Any] = json.loads(sys.argv[1])
    return asked


def answer(**values: object) -> None:
    """Answer, in such a process; the last line that it prints counts."""
    print(json.dumps(values), flush=True)
