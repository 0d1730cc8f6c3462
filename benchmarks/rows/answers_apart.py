"""Row 9 taken apart: what each part of the fire does to commands alone, and what is left without it."""

from __future__ import annotations

from functools import partial
from typing import Final

from benchmarks.harness import Figure, Row, Way
from benchmarks.rows.answers import BURNING, DUE, GIGABIT, IDLE, answered

FILMS: Final = "films"
PARTS: Final = {
    "moves": {"transactions": BURNING["transactions"]},
    FILMS: {"films": BURNING["films"], "rate": GIGABIT // 4},
    "recovery run": {"due": DUE},
    "look at the file": {"inspect": True},
}
ALL: Final = {name: value for part in PARTS.values() for name, value in part.items()}
WAYS: Final = (
    Way(IDLE, answered),
    *(Way(f"{name} alone", partial(answered, **part)) for name, part in PARTS.items()),
    *(
        Way(f"all but {name}", partial(answered, **{one: ALL[one] for one in ALL if one not in part}))
        for name, part in PARTS.items()
    ),
    Way("all", partial(answered, **ALL)),
)
ROW = Row(
    number="9",
    name="the fire's parts",
    question="Which part of the fire is it that commands wait for?",
    ways=WAYS,
    figures=tuple(
        Figure(f"{value}: {way.name}", way=way.name, value=value, unit="ms")
        for value in ("p99", "p50")
        for way in WAYS
    ),
    named=True,
)
