"""Draw what grows with the table, from results that were kept; runs in the benchmark's own environment.

`python -m benchmarks.pictures RESULTS FOLDER` writes growth-*.svg. The ground is white, so that the lines
can be read on a dark page too.
"""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib import pyplot as plt

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DATABASES: Final = {"SQLite": "sqlite", "PostgreSQL": "postgresql"}
SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
VERBS: Final = {
    "claim_ms": ("claim of 100 due", "#0b6e99"),
    "start_ms": ("start", "#b5500f"),
    "wake_ms": ("wake by a callback", "#7a3e9d"),
    "history_ms": ("page of /videos", "#2e7d32"),
    "next_due_ms": ("next due", "#ad1457"),
}
INK: Final = "#24292f"
mpl.use("svg")
mpl.rcParams |= {
    "svg.hashsalt": "matinee",
    "font.size": 10,
    "axes.edgecolor": "#8c959f",
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


def values(row: dict[str, Any], database: str, size: int, name: str) -> list[float]:
    """Return a value of every round in which it was measured."""
    way = f"{database}, {size:,}"
    return [each["values"][way][name] for each in row["rounds"] if way in each["values"]]


def draw(row: dict[str, Any], database: str, axes: Axes) -> None:
    """Draw the median of each verb over the sizes, with a band from the least to the most."""
    for name, (label, colour) in VERBS.items():
        found = [values(row, database, size, name) for size in SIZES]
        middle = [statistics.median(each) for each in found]
        axes.plot(SIZES, middle, color=colour, marker="o", markersize=4, linewidth=1.8, label=label)
        axes.fill_between(SIZES, [min(e) for e in found], [max(e) for e in found], color=colour, alpha=0.12)
    axes.set_ylim(0.01, 1000)
    axes.set_ylabel("milliseconds")
    axes.set_title(f"{database}: what a step takes", loc="left", fontsize=11)


def draw_sizes(row: dict[str, Any], axes: Axes) -> None:
    """Draw how large the database is."""
    for database, colour in zip(DATABASES, ("#0b6e99", "#b5500f"), strict=True):
        middle = [statistics.median(values(row, database, size, "size_mb")) for size in SIZES]
        axes.plot(SIZES, middle, color=colour, marker="o", markersize=4, linewidth=1.8, label=database)
    axes.set_ylabel("MB, indexes included")
    axes.set_title("Size of the database", loc="left", fontsize=11)


def finish(axes: Axes, path: Path) -> None:
    """Name the axes and write the picture."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(SIZES, [f"{size:,}" for size in SIZES])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_xlabel("generations in the table, a tenth of them waiting")
    axes.grid(visible=True, color="#d0d7de", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=9, ncols=2, loc="upper left")
    axes.figure.savefig(path, facecolor="white", metadata={"Date": None}, bbox_inches="tight")


def main(results: Path, folder: Path) -> None:
    """Draw all pictures anew, if the results have what they show."""
    row = json.loads(results.read_text(encoding="utf-8"))["rows"].get("growth")
    if row is None or row["missing"].keys() & {f"{each}, {size:,}" for each in DATABASES for size in SIZES}:
        return
    for database, name in DATABASES.items():
        _, axes = plt.subplots(figsize=(7, 4))
        draw(row, database, axes)
        finish(axes, folder / f"growth-{name}.svg")
    _, axes = plt.subplots(figsize=(7, 3.2))
    draw_sizes(row, axes)
    finish(axes, folder / "growth-size.svg")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
