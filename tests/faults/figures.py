"""What the proofs have measured: gathered from all workers and told in one table.

`make test` runs every proof small, `make prove` (PROVE=full) at full length. A proof of many runs is made
over seeds: at full length over 0 to 999, or over those that SEEDS names, so that it can be split.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import pytest

PROPERTY: Final = "figure"
"""Under this name a test's report carries what it measured, from a worker to whoever prints the table."""
SEEDS_IN_FULL: Final = 1000


@dataclass(frozen=True, slots=True)
class Need:
    """One number of a row, and what it must be: small or at full length."""

    sign: str
    quick: float
    full: float
    unit: str = ""
    gather: Callable[[Iterable[float]], float] = sum
    """What the workers' numbers make together."""

    def goal(self, *, full: bool) -> float:
        """Return the number that must be reached, or not be passed."""
        return self.full if full else self.quick

    def holds(self, measured: float, *, full: bool) -> bool:
        """Say whether a number is as it must be."""
        goal = self.goal(full=full)
        return measured >= goal if self.sign == "≥" else measured <= goal if self.sign else measured == goal

    def words(self, number: float) -> str:
        """Return a number with its unit."""
        return f"{number:,.0f}{self.unit}"

    def told(self, *, full: bool) -> str:
        """Say what is needed."""
        return f"{self.sign} {self.words(self.goal(full=full))}".strip()


def least(quick: float, full: float, unit: str = "") -> Need:
    """Return the need for so many together."""
    return Need("≥", quick, full, unit)


def most(quick: float, full: float, unit: str = "") -> Need:
    """Return the need for no more, even at worst."""
    return Need("≤", quick, full, unit, max)


def same(number: float, unit: str = "") -> Need:
    """Return the need for exactly so many together, at either length."""
    return Need("", number, number, unit)


NONE: Final = same(0)
ROWS: Final[Mapping[str, tuple[Need, ...]]] = {
    "crash schedules, in memory; violations": (least(5_000, 200_000), NONE),
    "crash schedules, on PostgreSQL; violations": (least(250, 200_000), NONE),
    "simulation seeds, in memory; violations": (least(1_000, 50_000), NONE),
    "simulation seeds, on PostgreSQL; violations": (least(50, 50_000), NONE),
    "real SIGKILLs; films lost, doubled; charges doubled": (least(60, 2_000), NONE, NONE, NONE),
    "fleet: machines killed, frozen, cut off; films lost, doubled; charges doubled": (
        least(6, 1_000),
        NONE,
        NONE,
        NONE,
    ),
    "bad callbacks; uncaught errors; accepted": (least(50_000, 1_000_000), NONE, NONE),
    "SSRF cases; forbidden connects": (least(2_000, 2_000), NONE),
    "hostile media: kinds, generated; posted; child over 256 MiB or 2 s not stopped": (
        least(40, 40),
        least(5_000, 100_000),
        NONE,
        NONE,
    ),
    "quota race: rounds of 200 commands at once on the last one; overspent": (least(20, 1_000), NONE),
    "stalled clients held; honest callback p99; all cut after": (
        least(200, 1_000),
        most(250, 250, " ms"),
        most(10, 10, " s"),
    ),
    "planted secrets; found under every fault at DEBUG level": (least(30, 30), NONE),
    "defences; without a killing test": (least(200, 200), NONE),
    "shutdowns at any point; longest; lost": (least(1, 1), most(8, 8, " s"), NONE),
}
"""The rows that a proof may fill, in the order in which they are told."""


def in_full() -> bool:
    """Say whether the proofs run at full length."""
    return os.environ.get("PROVE") == "full"


def named_seeds() -> range | None:
    """Return the seeds that SEEDS names (`7` or `0-249`), if it names any."""
    first, _, last = os.environ.get("SEEDS", "").partition("-")
    return range(int(first), int(last or first) + 1) if first else None


def pieces(quick: int, *, each: int) -> list[range]:
    """Return the seeds of a proof in pieces of `each`, one for every test: `quick` seeds, or all in full."""
    seeds = named_seeds() or range(SEEDS_IN_FULL if in_full() else quick)
    return [seeds[at : at + each] for at in range(0, len(seeds), each)]


def named(piece: range) -> str:
    """Return a piece's name in a test's id: what SEEDS has to be to run it alone."""
    return f"{piece[0]}-{piece[-1]}"


def gathered(reports: Iterable[Any]) -> dict[str, list[float]]:
    """Return what all reports of tests say together, by row."""
    parts: dict[str, list[list[float]]] = defaultdict(list)
    for report in reports:
        for name, value in report.user_properties if getattr(report, "when", "") == "call" else ():
            if name == PROPERTY:
                parts[value[0]].append(value[1])
    return {
        what: [need.gather(part[at] for part in parts[what]) for at, need in enumerate(needs)]
        for what, needs in ROWS.items()
        if what in parts
    }


def unmet(found: Mapping[str, Sequence[float]], *, full: bool) -> list[str]:
    """Return the rows in which a number isn't as it must be."""
    return [
        what
        for what, numbers in found.items()
        if not all(need.holds(number, full=full) for need, number in zip(ROWS[what], numbers, strict=True))
    ]


def table(found: Mapping[str, Sequence[float]], *, full: bool) -> list[str]:
    """Return the table's lines: what is needed by either command, and what this one has reached."""
    short = " (not enough)" if named_seeds() is None else " (in part)"
    missed = unmet(found, full=full)
    lines = [("what", "make test", "make prove", "reached by make prove" if full else "reached by make test")]
    for what, numbers in found.items():
        needs = ROWS[what]
        reached = "; ".join(need.words(number) for need, number in zip(needs, numbers, strict=True))
        goals = ("; ".join(need.told(full=length) for need in needs) for length in (False, True))
        lines.append((what, *goals, reached + (short if what in missed else "")))
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    return [
        " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def _found(config: pytest.Config) -> dict[str, list[float]]:
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    return gathered(report for reports in reporter.stats.values() for report in reports) if reporter else {}


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the table, if any proof has run."""
    if found := _found(config):
        terminalreporter.section("proofs")
        for line in table(found, full=in_full()):
            terminalreporter.write_line(line)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run of everything in which a figure wasn't reached, even where no single test failed."""
    config = session.config
    whole = in_full() or config.args_source == config.ArgsSource.TESTPATHS
    part = config.option.keyword or named_seeds() is not None or hasattr(config, "workerinput")
    if whole and not part and unmet(_found(config), full=in_full()):
        session.exitstatus = 1
