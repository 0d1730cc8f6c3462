"""What the rounds of a row come to: the median, how far they lie apart, and whether they count."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.harness import Figure, Row

WIDEST: Final = 0.30
"""Spread of a base, (most - least) / median, above which a ratio says nothing."""
BUSIEST: Final = 0.10
"""Cores taken by others during a round, above which it doesn't count."""
Verdict = Literal["reached", "missed", "void", "peer", "measured", "misses, as it must", "not measured"]


@dataclass(frozen=True, slots=True)
class Round:
    """What every way of a row gave in one round, and what others took of the machine meanwhile."""

    values: Mapping[str, Mapping[str, float]]
    """By way, then by name. What could not be measured is missing."""
    others: float
    """Cores."""

    @property
    def quiet(self) -> bool:
        """Whether it counts."""
        return self.others <= BUSIEST


@dataclass(frozen=True, slots=True)
class Found:
    """A figure, over all rounds."""

    figure: Figure
    median: float | None
    least: float | None
    most: float | None
    verdict: Verdict
    why: str = ""


def judged(row: Row, rounds: Sequence[Round], missing: Mapping[str, str]) -> list[Found]:
    """Return what became of each figure of a row; `missing` has why a way wasn't measured."""
    return [_judged(figure, rounds, missing, timed=row.timed) for figure in row.figures]


def _judged(figure: Figure, rounds: Sequence[Round], missing: Mapping[str, str], *, timed: bool) -> Found:
    for way in (figure.way, figure.base):
        if way in missing:
            return Found(figure, None, None, None, "not measured", missing[way])
    try:
        values = [figure.of(each.values) for each in rounds]
    except (KeyError, ZeroDivisionError) as error:
        return Found(figure, None, None, None, "not measured", f"no such value: {error}")
    median = statistics.median(values)
    judged_by = _worst(figure, values) if figure.worst else median
    doubt = (load(rounds) if timed else "") or _unsteady(figure, rounds)
    verdict: Verdict
    if figure.peer or figure.target is None:
        verdict = "peer" if figure.peer else "measured"
    elif doubt:
        verdict = "void"
    elif figure.control:
        reached = figure.reached(judged_by)
        doubt = "a control that reaches the target: the measure proves nothing" if reached else ""
        verdict = "missed" if reached else "misses, as it must"
    else:
        verdict = "reached" if figure.reached(judged_by) else "missed"
    return Found(figure, median, min(values), max(values), verdict, doubt)


def _worst(figure: Figure, values: Sequence[float]) -> float:
    return min(values) if figure.better == "more" else max(values)


def load(rounds: Sequence[Round]) -> str:
    """Return why rounds don't count because of others, or nothing."""
    most = max(each.others for each in rounds)
    return "" if most <= BUSIEST else f"others took up to {most:.0%} of a core"


def spread(values: Sequence[float]) -> float:
    """Return how far values lie apart, as a part of their median: infinitely, where that is nothing."""
    width, median = max(values) - min(values), abs(statistics.median(values))
    if not width:
        return 0.0
    return width / median if median else math.inf


def _unsteady(figure: Figure, rounds: Sequence[Round]) -> str:
    if figure.base is None:
        return ""
    name = figure.base_value or figure.value
    apart = spread([each.values[figure.base][name] for each in rounds])
    if apart <= WIDEST:
        return ""
    return "the base spreads around nothing" if math.isinf(apart) else f"the base spreads over {apart:.0%}"


def exit_code(found: Sequence[Found]) -> int:
    """Return 1 if a target was missed, 2 if a figure that has one doesn't count, else 0.

    A peer that wasn't measured is told in the table, and fails nothing.
    """
    verdicts = {each.verdict for each in found if not each.figure.peer}
    if "missed" in verdicts:
        return 1
    return 2 if verdicts & {"void", "not measured"} else 0
