"""Keep what a run found: one file per day and kind of machine; some rows take their place in it.

Each row says when, at which commit and on how fast a disk it was taken, since rows are kept one by one.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from benchmarks.harness import CHECKOUT, Figure
from benchmarks.judging import Found

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from benchmarks.harness import Row
    from benchmarks.rounds import Taken

RESULTS: Final = CHECKOUT / "benchmarks" / "results"


def kept_as(day: date, machine: str, folder: Path = RESULTS) -> Path:
    """Return where a day's results on a machine are."""
    return folder / f"{day.isoformat()}-{machine}.json"


def newest(folder: Path = RESULTS) -> Path | None:
    """Return the newest results, or None where there are none."""
    return max(folder.glob("*.json"), default=None)


def of_row(row: Row, taken: Taken, found: Sequence[Found], run: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of one row: its run, its figures, and every round's values by way."""
    return {
        **run,
        "number": row.number,
        "name": row.name,
        "question": row.question,
        "disturbed_rounds": taken.disturbed,
        "missing": taken.missing,
        "figures": [asdict(each) for each in found],
        "rounds": [{"others": round(each.others, 4), "values": each.values} for each in taken.rounds],
    }


def keep(path: Path, told: dict[str, Any], rows: dict[str, Any]) -> None:
    """Write rows, by the name of their module, with what is told of machine and versions this time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.exists() else {}
    everything = told | {"rows": before | rows}
    path.write_text(json.dumps(everything, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(path: Path) -> dict[str, Any]:
    """Return what a file keeps."""
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return kept


def figures(kept: dict[str, Any]) -> list[Found]:
    """Return the figures of a row that was kept."""
    return [replace(Found(**each), figure=Figure(**each["figure"])) for each in kept["figures"]]
