"""What a provider says it charged, and whether that can be."""

from __future__ import annotations

import math

from bot.models import Cost

MICRO = 1_000_000
ABSURD = 10
"""A charge of more than this times the reserved price is a person's business.

Prices drift, and a film that is made must not wait for a table that is a little old."""


def credits_charged(reported: float | None) -> int | None:
    """Return a provider's report in millionths, or −1 for one that is no amount at all."""
    if reported is None:
        return None
    if not math.isfinite(reported) or not 0 <= reported <= MICRO * MICRO:
        return -1
    return round(reported * MICRO)


def absurd(charged: int, reserved: int) -> bool:
    """Return whether a report can't be right: no amount, or far over what was reserved."""
    return charged < 0 or (reserved > 0 and charged > reserved * ABSURD)


def settled(cost: Cost, charged: int | None) -> Cost:
    """Return what counts in the end: what the provider reports, where credits were reserved."""
    if charged is None or not cost.credits:
        return cost
    return Cost(cost.videos, cost.seconds, charged)
