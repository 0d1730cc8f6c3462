"""What the bot holds while it lives: memory, files, threads, rows and bytes; and whether it grows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MIB = 1024 * 1024
WARMING = 60.0
"""Seconds of a life that aren't looked at: it is still filling what it keeps."""


@dataclass(frozen=True, slots=True)
class Beat:
    """One look."""

    at: float
    """Seconds since the beginning of everything."""
    age: float
    """Seconds since the life began."""
    memory: float
    """Resident, in MiB, with all children."""
    files: float
    """Descriptors."""
    threads: float
    open_rows: float
    """Generations that are under way; what is unclear rightly waits for hours."""
    half_done: float
    """MiB in files that a download or an encoding hasn't finished with."""


@dataclass(frozen=True, slots=True)
class Bound:
    """How much more of something there may be at the end of the second half than at its beginning."""

    what: str
    unit: str
    growth: float
    """Along the straight line through all looks of that half."""
    ceiling: float
    """What it must never be over, however flat."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one bound."""

    bound: Bound
    highest: float
    growth: float

    @property
    def flat(self) -> bool:
        """Whether it stayed within its bound."""
        return self.growth <= self.bound.growth and self.highest <= self.bound.ceiling

    def __str__(self) -> str:
        bound, unit = self.bound, self.bound.unit
        verdict = "flat" if self.flat else "NOT FLAT"
        return (
            f"{bound.what.replace('_', ' '):10} {verdict:8} grew {self.growth:+.1f}{unit} in the second half "
            f"(≤ {bound.growth:g}), at most {self.highest:.1f}{unit} (≤ {bound.ceiling:g})"
        )


BOUNDS = (
    Bound("memory", " MiB", 25, 600),
    Bound("files", "", 20, 400),
    Bound("threads", "", 8, 60),
    Bound("open_rows", "", 15, 80),
    Bound("half_done", " MiB", 5, 50),
)


def look(
    pid: int, films: Path, *, at: float, age: float, open_rows: int, marks: Sequence[str]
) -> Beat | None:
    """Look at a living process; None if it has just died."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        memory = sum(each.memory_info().rss for each in family) / MIB
        files, threads = process.num_fds(), process.num_threads()
    except psutil.Error:
        return None
    half_done = [path for path in films.glob("*") if any(mark in path.name for mark in marks)]
    size = sum(path.stat().st_size for path in half_done if path.is_file()) / MIB
    return Beat(at, age, memory, files, threads, open_rows, size)


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the steepness of the straight line nearest to the points (least squares)."""
    count = len(points)
    across = sum(x for x, _ in points) / count
    up = sum(y for _, y in points) / count
    width = sum((x - across) ** 2 for x, _ in points)
    return sum((x - across) * (y - up) for x, y in points) / width if width else 0.0


def judged(beats: Sequence[Beat]) -> list[Finding]:
    """Return what became of each bound.

    Growth is that of the second half, and of each life only what comes after it has warmed up: in minutes
    nothing can be said of it.
    """
    half = (beats[0].at + beats[-1].at) / 2
    late = [beat for beat in beats if beat.at >= half and beat.age >= WARMING]
    return [
        Finding(
            bound,
            highest=max(getattr(beat, bound.what) for beat in beats),
            growth=growth([(beat.at, getattr(beat, bound.what)) for beat in late]),
        )
        for bound in BOUNDS
    ]


def growth(points: Sequence[tuple[float, float]]) -> float:
    """Return how much the nearest straight line rises from the first point to the last; 0 without any."""
    return slope(points) * (points[-1][0] - points[0][0]) if points else 0.0
