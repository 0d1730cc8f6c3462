"""When to ask a provider again, and when to try again what failed."""

from bot.schedule.pace import (
    CALLBACK_SPACING,
    ENOUGH_PAST,
    Bounds,
    backoff,
    usual_and_worst,
    wait_before_ask,
)
from bot.schedule.timetable import Timetable, learned

__all__ = [
    "CALLBACK_SPACING",
    "ENOUGH_PAST",
    "Bounds",
    "Timetable",
    "backoff",
    "learned",
    "usual_and_worst",
    "wait_before_ask",
]
