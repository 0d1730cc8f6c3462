"""How long past generations took, as far as anybody could see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.store.rows import MICROSECOND

if TYPE_CHECKING:
    from datetime import timedelta

    from bot.store.statements import Row


@dataclass(frozen=True, slots=True)
class Took:
    """From its submit until its provider was done with it.

    Who asks now and then sees a film later than it is done. What they know is when it wasn't done yet.
    """

    by: timedelta
    """It was seen to be done after this time."""
    since: timedelta
    """It wasn't done yet after this time; the same as `by` where that is the very moment."""
    called: bool = False
    """Whether a callback brought it before its next ask."""


def took(row: Row) -> Took:
    """Read a row: submitted, rendered, last asked before that, next ask as it was planned."""
    begin, end, asked, planned = (None if value is None else int(value) for value in row)
    by = (end or 0) - (begin or 0)
    called = planned is not None and planned > (end or 0)
    since = by if called else max(0, min(by, (asked or 0) - (begin or 0)))
    return Took(by * MICROSECOND, since * MICROSECOND, called)
