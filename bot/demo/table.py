"""The outcome of the script as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from bot.demo.script import Ask
    from bot.demo.verdict import Verdict

COLUMNS = ("Provider", "Model", "Mode", "Asked for", "Card", "Film", "File", "Size", "Length", "Pixels")
"""Card and film: the time from the command to each."""
FIGURES = frozenset({"Card", "Film", "Size", "Length", "Pixels"})


def table(verdicts: Iterable[Verdict]) -> Table:
    """Return one row for each command; rows with faults are red."""
    shown = Table(box=SIMPLE, show_edge=False)
    for column in COLUMNS:
        shown.add_column(column, justify="right" if column in FIGURES else "left", overflow="fold")
    for verdict in verdicts:
        shown.add_row(*row(verdict), style="red" if verdict.faults else None)
    return shown


def row(verdict: Verdict) -> tuple[str, ...]:
    """Return one row's cells."""
    outcome, facts = verdict.outcome, verdict.facts
    ask = outcome.ask
    return (
        ask.provider,
        ask.model,
        ask.use,
        asked_for(ask),
        "-" if outcome.card_after is None else f"{outcome.card_after.total_seconds():.2f} s",
        _seconds(outcome.film_after),
        ask.file_name if outcome.film else "-",
        f"{facts.size / 1024:.0f} KiB" if facts else "-",
        _seconds(facts.duration) if facts else "-",
        f"{facts.width} × {facts.height}" if facts else "-",
    )


def asked_for(ask: Ask) -> str:
    """Return the options in a few words."""
    sound = {None: None, True: "sound", False: "silent"}[ask.sound]
    files = (
        f"{len(ask.files)} files" if len(ask.files) > 1 else f"{len(ask.files)} file" if ask.files else None
    )
    words = (ask.ratio, ask.resolution, f"{ask.seconds} s", sound, files)
    return ", ".join(word for word in words if word)


def _seconds(span: timedelta | None) -> str:
    return "-" if span is None else f"{span.total_seconds():.1f} s"
