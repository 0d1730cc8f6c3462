"""Row 1: whole generations, beside the same exchanges by the same clients without a store."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benchmarks.harness import Figure, Row, Scale, Way, in_process

if TYPE_CHECKING:
    from collections.abc import Mapping

EDITS = 3
"""Of one card, as the bot makes them; the figure of the calls shows whether both still make the same."""
CALLS = ("submit", "ask", "film", "message", "edit", "upload")


def _made(scale: Scale, *, store: bool, scripted: bool = False) -> Mapping[str, float]:
    many = 20 if scale.quick else 1_000
    directory = str(scale.directory)
    asked = {"many": many, "directory": directory, "store": store, "scripted": scripted, "edits": EDITS}
    found = in_process("benchmarks.ways.whole", asked)
    calls = {name: float(found[f"n_{name}"]) for name in CALLS}
    return {"per_s": found["per_s"], "cpu_ms": found["cpu_ms"], "calls": sum(calls.values())}


OURS, BARE = "through the bot", "the same by hand, in memory"
FLOOR = "by hand, and the bot's statements written down"
"""Made beforehand: no claim, no read, no value into a row or from one. No store with these costs less."""
ROW = Row(
    number="1",
    name="durability tax",
    question="What do a store, leases and claims cost, where the calls outside are the same?",
    ways=(
        Way(OURS, partial(_made, store=True)),
        Way(FLOOR, partial(_made, store=False, scripted=True)),
        Way(BARE, partial(_made, store=False)),
    ),
    figures=(
        Figure("whole generations", way=OURS, value="per_s", base=BARE, target=0.8, better="more"),
        Figure("their processor time", way=OURS, value="cpu_ms", base=BARE, invert=True, better="more"),
        Figure("by hand with the bot's statements", way=FLOOR, value="per_s", base=BARE),
        Figure("the processor time of that", way=FLOOR, value="cpu_ms", base=BARE, invert=True),
        Figure("through the bot, of that", way=OURS, value="per_s", base=FLOOR),
        Figure("calls outside", way=OURS, value="calls", base=BARE, note="1: both made the same"),
        Figure("through the bot, each second", way=OURS, value="per_s", unit="films/s"),
        Figure("by hand, each second", way=BARE, value="per_s", unit="films/s"),
        Figure("through the bot, processor", way=OURS, value="cpu_ms", unit="ms"),
        Figure("with the bot's statements, processor", way=FLOOR, value="cpu_ms", unit="ms"),
        Figure("by hand, processor", way=BARE, value="cpu_ms", unit="ms"),
    ),
)
