"""Row 7: how often a provider is asked for a film, beside the fewest asks that find it as soon."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from benchmarks.harness import Figure, Row, Scale, Way
from benchmarks.ways import asking
from benchmarks.ways.asked import through_the_tracker
from benchmarks.ways.asking import ALL, LOG_NORMAL, LOG_UNIFORM, Films
from tests.databases import SQLITE, chosen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Measured = Mapping[str, float]
    Measure = Callable[[Films, Random, int], Measured]

PASTS = 12
"""So often a past is seen by what the one before it has taught."""


def learned(films: Films, random: Random, count: int) -> Measured:
    """Ask as 200 past films have taught."""
    timetable = asking.taught(asking.past_of(films, random))
    return asking.told(films, asking.by(timetable.wait), random, count)


def learned_by_asking(films: Films, random: Random, count: int, *, believed: bool) -> Measured:
    """Ask as a past has taught that was itself seen by asking."""
    timetable = asking.taught(asking.seen_by_asking(films, random, PASTS, believed=believed))
    return asking.told(films, asking.by(timetable.wait), random, count)


def with_callbacks(films: Films, random: Random, count: int) -> Measured:
    """Ask where every callback comes, which is the last ask; `late`: how long a lost one goes unnoticed."""
    timetable = asking.taught(asking.past_of(films, random, called=True), callbacks=True)
    polls, late = asking.counted(films, asking.by(timetable.long_wait), random, count)
    return {"polls": polls, "late": late}


def naive(ask: asking.Ask) -> Measure:
    """Ask without knowing anything; a tenth of the films will do, since there are so many asks."""
    return lambda films, random, count: asking.told(films, ask, random, max(200, count // 10))


MEASURES: Mapping[str, Measure] = {
    "learned": learned,
    "learned from what was seen by asking": partial(learned_by_asking, believed=False),
    "what was seen taken for the moment": partial(learned_by_asking, believed=True),
    "with callbacks": with_callbacks,
    "every 10 s": naive(asking.fixed(10)),
    "every 60 s": naive(asking.fixed(60)),
    "x1.5, 5 to 300 s": naive(asking.growing),
}


def _measured(films: Films, measure: Measure, scale: Scale) -> Measured:
    return measure(films, Random(scale.round), 200 if scale.quick else 20_000)


def _tracked(scale: Scale, *, callbacks: bool) -> Measured:
    """Let the real tracker, on SQLite, do the asking of a few; and the timetable alone that of as many."""
    random = Random(scale.round)
    past = asking.past_of(LOG_NORMAL, random, called=callbacks, count=20 if scale.quick else 200)
    lengths = [timedelta(seconds=LOG_NORMAL.draw(random)) for _ in range(3 if scale.quick else 150)]
    with chosen(SQLITE):
        return asyncio.run(through_the_tracker(scale.directory, past, lengths, callbacks=callbacks))


def _ways() -> list[Way]:
    ways = [
        Way(
            f"{name}: {films.name}",
            partial(_measured, films, measure),
            control=name == "x1.5, 5 to 300 s",
        )
        for name, measure in MEASURES.items()
        for films in ALL
    ]
    ways += [
        Way("through the tracker", partial(_tracked, callbacks=False)),
        Way("through the tracker, with callbacks", partial(_tracked, callbacks=True)),
    ]
    return ways


def _of(name: str, films: Films, label: str, value: str = "of_optimum", **said: object) -> Figure:
    return Figure(f"{label}, {films.name}", way=f"{name}: {films.name}", value=value, **said)  # type: ignore[arg-type]


def _figures(films: Films) -> list[Figure]:
    optimum = "polls / the fewest for the same mean delay"
    first, seen, believed, called, *others = MEASURES
    shown = [(first, "learned", False), (seen, "learned by asking", False)]
    shown += [(believed, "taken for the moment", True), *((name, name, True) for name in others)]
    return [
        _of(first, films, "polls", target=1.3, unit="×", note=optimum),
        _of(seen, films, "learned by asking", target=1.3, unit="×",
            note="from 200 that were seen by asking only"),
        _of(called, films, "polls with callbacks", value="polls", target=1.2, unit="polls"),
        _of(called, films, "a lost callback is noticed after", value="late", unit="s"),
        _of(others[-1], films, others[-1], target=1.3, unit="×", control=True),
        *(_of(name, films, f"{label}: polls of one", value="polls", unit="polls", peer=peer)
          for name, label, peer in shown),
        *(_of(name, films, f"{label}: mean delay", value="delay", unit="s", peer=peer)
          for name, label, peer in shown),
    ]  # fmt: skip


ROW = Row(
    number="7",
    name="polling",
    question="How often is a provider asked for one film, beside the fewest asks that find it as soon?",
    ways=_ways(),
    figures=(
        *_figures(LOG_UNIFORM),
        *_figures(LOG_NORMAL),
        Figure(
            "through the real tracker, log-normal",
            way="through the tracker",
            value="ratio",
            unit="×",
            note="polls / the timetable's own, 150 films",
        ),
        Figure(
            "through the real tracker, polls with callbacks",
            way="through the tracker, with callbacks",
            value="polls",
            target=1.2,
            unit="polls",
            note="log-normal, 150 films",
        ),
    ),
)
