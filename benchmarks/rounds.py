"""Run a row: every way once a round, the order reversed every second time, and others watched meanwhile."""

from __future__ import annotations

import sys
import tempfile
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.harness import NotMeasured, Scale, interpreter
from benchmarks.judging import Round
from benchmarks.machine import Load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.harness import Row, Way

AT_ONCE: Final = 2
"""Ways that run beside each other."""
SPARE: Final = 2
"""Rounds that others disturbed are taken anew, up to so many."""


@dataclass(slots=True)
class Taken:
    """The rounds of a row, as they were."""

    rounds: list[Round] = field(default_factory=list)
    """Those that count, and where there are too few, the quietest of the others."""
    disturbed: int = 0
    missing: dict[str, str] = field(default_factory=dict)
    """Why a way wasn't measured, by its name."""
    failed: bool = False
    """Whether a way broke, which is a mistake and no result."""


def order(ways: Sequence[Way], number: int) -> list[Way]:
    """Return the ways as they come in a round: what drifts with time hurts none more than another."""
    return list(ways) if number % 2 else list(reversed(ways))


def take(row: Row, count: int, directory: Path, *, quick: bool) -> Taken:
    """Run a row so many times. A way that can't be taken is left out and told, whatever the reason."""
    taken = Taken()
    rounds: list[Round] = []
    for number in range(1, count + (SPARE if row.timed and not quick else 0) + 1):
        if sum(each.quiet for each in rounds) == count or (quick and number > count):
            break
        rounds.append(_round(row, number, directory, taken, quick=quick))
        _tell(f"  round {number}: others took {rounds[-1].others:.0%} of a core")
    taken.disturbed = sum(not each.quiet for each in rounds)
    taken.rounds = sorted(rounds, key=lambda each: each.others * (not each.quiet))[:count]
    return taken


def _round(row: Row, number: int, directory: Path, taken: Taken, *, quick: bool) -> Round:
    load = Load()
    ways = [way for way in order(row.ways, number) if way.name not in taken.missing]

    def found(way: Way) -> Mapping[str, float] | None:
        with tempfile.TemporaryDirectory(dir=directory) as fresh:
            return _run(way, Scale(quick, Path(fresh), number), taken)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        several = [way for way in ways if way.beside]
        values = dict(zip((way.name for way in several), pool.map(found, several), strict=True))
    values |= {way.name: found(way) for way in ways if not way.beside}
    return Round({name: one for name, one in values.items() if one is not None}, load.cores())


def _run(way: Way, scale: Scale, taken: Taken) -> Mapping[str, float] | None:
    """Take one way once; return its values, or None after telling why there are none."""
    try:
        interpreter(way.python)
        values = way.run(scale)
    except NotMeasured as reason:
        taken.missing[way.name] = str(reason)
    except Exception as error:  # noqa: BLE001 - the other ways and rows are still worth their time
        taken.missing[way.name] = f"it broke: {type(error).__name__}"
        taken.failed = True
        traceback.print_exc()
    else:
        shown = ", ".join(f"{name} {value:,.6g}" for name, value in values.items())
        _tell(f"    {way.name}: {shown}")
        return values
    _tell(f"    {way.name}: not measured: {taken.missing[way.name]}")
    return None


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
