"""The table, in a terminal and for docs/performance.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.table import Table

from benchmarks import results

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.judging import Found

HEADINGS: Final = ("#", "figure", "median", "least – most", "target", "")
COLOURS: Final = {"reached": "green", "missed": "bold red", "void": "yellow", "not measured": "yellow"}
BEGIN: Final = "<!-- the newest results: python -m benchmarks --write-docs -->"
END: Final = "<!-- until here -->"
RATIO: Final = "×"
Line = tuple[str, str, str, str, str, str]


def number(value: float | None, unit: str = "") -> str:
    """Return a figure in three digits, with its unit."""
    if value is None:
        return "–"
    size = abs(value)
    text = f"{value:,.0f}" if size >= 100 else f"{value:.3g}"
    return f"{text}{'' if unit in {'', RATIO} else ' '}{unit}"


def lines(kept: dict[str, Any]) -> list[Line]:
    """Return the lines of one row that was kept: ours, then the peers and controls beside it."""
    found = sorted(results.figures(kept), key=lambda each: each.figure.peer + 2 * each.figure.control)
    return [_line(kept, each, first=place == 0) for place, each in enumerate(found)]


def _line(kept: dict[str, Any], each: Found, *, first: bool) -> Line:
    figure = each.figure
    unit = figure.unit or (RATIO if figure.base else "")
    kind = "peer: " if figure.peer else "control: " if figure.control else ""
    name = f"{kept['name']}: {figure.name}" if first else f"{kind}{figure.name}"
    apart = "–" if each.median is None else f"{number(each.least)} – {number(each.most)}"
    sign = "≥" if figure.better == "more" else "≤"
    target = "" if figure.target is None else f"{sign} {number(figure.target, unit)}"
    said = "" if each.verdict == "peer" else each.verdict
    why = "; ".join(part for part in (each.why, figure.note) if part)
    return (
        kept["number"] if first else "",
        name,
        number(each.median, unit),
        apart,
        target,
        f"{said}{': ' if said and why else ''}{why}",
    )


def rows(kept: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a run, in the order of their numbers."""
    return sorted(kept["rows"].values(), key=lambda row: (int(row["number"]), row["name"]))


def show(kept: dict[str, Any], console: Console | None = None) -> None:
    """Print the table of a run."""
    table = Table(caption="\n".join([about(kept), *runs(kept)]), caption_justify="left")
    for heading in HEADINGS:
        table.add_column(
            heading, justify="right" if heading in {"median", "least – most", "target"} else "left"
        )
    for row in rows(kept):
        for place, line in enumerate(lines(row)):
            table.add_row(*line[:-1], _coloured(line[-1]), end_section=place == len(row["figures"]) - 1)
    (console or Console(width=150)).print(table)


def _coloured(words: str) -> str:
    colour = COLOURS.get(words.partition(":")[0])
    return f"[{colour}]{words}[/]" if colour else words


def about(kept: dict[str, Any]) -> str:
    """Return in a sentence where and with what rows were taken."""
    machine, versions = kept["machine"], kept["versions"]
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"Taken on {machine['cores']} cores of {machine['processor']}, {machine['memory_gb']} GB, "
        f"{machine['system']}; the newest row with {named}."
    )


def runs(kept: dict[str, Any]) -> list[str]:
    """Return a line for each run: which rows are left of it, when it began and at which commit, the disk."""
    found: dict[tuple[str, str, int], list[str]] = {}
    for row in rows(kept):
        found.setdefault((row["taken"], row["commit"], row["flushes_per_s"]), []).append(row["number"])
    return [
        f"{'Row' if len(numbers) == 1 else 'Rows'} {', '.join(numbers)}: {taken} at {commit or 'no commit'}, "
        f"the disk confirming {flushes:,} writes of 4 KiB a second."
        for (taken, commit, flushes), numbers in sorted(found.items())
    ]


def markdown(kept: dict[str, Any]) -> str:
    """Return the table of a run for a page."""
    out = [about(kept), "", f"| {' | '.join(HEADINGS)} |", "|---|---|--:|--:|--:|---|"]
    out += [f"| {' | '.join(_plain(line))} |" for row in rows(kept) for line in lines(row)]
    return "\n".join([*out, "", *(f"- {each}" for each in runs(kept))])


def _plain(line: Sequence[str]) -> list[str]:
    return [part.replace("|", "\\|") for part in line]


def write(page: Path, kept: dict[str, Any]) -> None:
    """Put the table of a run between the marks on a page. Raises `ValueError` where they are missing."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{page.name} lacks the marks between which the table goes")
    page.write_text(f"{before}{begin}\n{markdown(kept)}\n{end}{after}", encoding="utf-8")
