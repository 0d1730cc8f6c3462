"""`python -m benchmarks [row …]`: run the rows, print the table, keep the results.

A whole run is kept in benchmarks/results and written into docs/performance.md; a run of some rows is
only printed, unless told to --keep. Ends with 1 if a target was missed, 2 if a figure doesn't count, 3 if
a way broke.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from benchmarks import machine, postgres, results, rows, table
from benchmarks.harness import CHECKOUT, NotMeasured, interpreter
from benchmarks.judging import exit_code, judged
from benchmarks.rounds import take

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.harness import Row
    from benchmarks.judging import Found

PAGE = CHECKOUT / "docs" / "performance.md"
BROKEN = 3
FEWEST = 5
"""Rounds of what is kept: the median of fewer says too little."""


def names() -> list[str]:
    """Return every row there is, by the name of its module."""
    return [module.name for module in iter_modules(rows.__path__)]


def row(name: str) -> Row:
    """Return a row by the name of its module."""
    found: Row = import_module(f"benchmarks.rows.{name}").ROW
    return found


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.formatter_class = argparse.RawTextHelpFormatter
    parser.add_argument(
        "rows", nargs="*", metavar="row", help=f"of {', '.join(names())}; the table's, if none is named"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="one small round: does it run at all?")
    parser.add_argument(
        "--directory", type=Path, default=CHECKOUT / "build", help="on the disk to be measured"
    )
    parser.add_argument("--keep", action="store_true", help="keep the results of some rows too")
    parser.add_argument(
        "--write-docs", action="store_true", help="only write the newest results into the page"
    )
    asked = parser.parse_args(given)
    unknown = sorted({*asked.rows} - {*names()})
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)}")
    asked.keep = not asked.quick and (asked.keep or not asked.rows)
    if asked.keep and asked.rounds < FEWEST:
        parser.error(f"what is kept has {FEWEST} rounds or more: name rows, and leave --keep out, for fewer")
    return asked


def run(asked: argparse.Namespace, directory: Path) -> tuple[dict[str, Any], list[Found], bool]:
    """Run the rows; return what to keep of them, their figures, and whether one of them broke."""
    kept, found, broken = {}, [], False
    begun = {"taken": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", "commit": machine.commit()}
    begun |= machine.disk(directory)
    for name in asked.rows or [name for name in names() if not row(name).named]:
        each = row(name)
        print(f"{each.number}. {each.name}: {each.question}", file=sys.stderr, flush=True)
        taken = take(each, 1 if asked.quick else asked.rounds, directory, quick=asked.quick)
        figures = judged(each, taken.rounds, taken.missing)
        kept[name] = results.of_row(each, taken, figures, begun)
        found += figures
        broken |= taken.failed
    return kept, found, broken


def write_docs(path: Path) -> None:
    """Write what was kept into the page, and draw its pictures, if what draws them is installed."""
    table.write(PAGE, results.read(path))
    with contextlib.suppress(NotMeasured):
        command = [interpreter("bench"), "-m", "benchmarks.pictures", path, PAGE.parent / "pictures"]
        subprocess.run(command, cwd=CHECKOUT, check=True)


def main(given: Sequence[str] | None = None) -> int:
    """Do what was asked for and return how the process ends."""
    asked = arguments(given)
    if asked.write_docs:
        newest = results.newest()
        if newest is None:
            raise SystemExit("there are no results yet: make bench")
        write_docs(newest)
        return 0
    asked.directory.mkdir(parents=True, exist_ok=True)
    today = datetime.now(UTC).date()
    told = {"machine": machine.described(), "versions": machine.versions()}
    with tempfile.TemporaryDirectory(dir=asked.directory, prefix="rounds-") as directory:
        try:
            kept, found, broken = run(asked, Path(directory))
        finally:
            postgres.stop()
    table.show(told | {"rows": kept})
    if asked.keep:
        path = results.kept_as(today, machine.short_name())
        results.keep(path, told, kept)
        write_docs(path)
    if broken:
        return BROKEN
    return 0 if asked.quick else exit_code(found)


if __name__ == "__main__":
    raise SystemExit(main())
