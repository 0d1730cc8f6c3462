"""Laws of `bot.providers.refusals`."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.providers.refusals import BEARABLE, LOOKED_AT, WITHIN, Refusals
from tests.fakes import NOON

FEW, MANY = [True] * BEARABLE, [True] * (BEARABLE + 1)
MADE = [False]


@pytest.mark.parametrize(
    ("ended", "too_many"),
    [
        (FEW, False),
        (MANY, True),
        ([*MANY, *MADE], False),
        ([*FEW, *MADE * 9, True], True),
        ([*FEW, *MADE * 10, True], False),
        ([*MANY, *MADE * 9, True], True),
        (MADE * LOOKED_AT * 2, False),
    ],
    ids=str,
)
def test_one_refusal_too_many_among_the_last_is_told(ended, too_many):
    """More than half of the last twenty; what was made counts against it (T-25)."""
    refusals = Refusals()
    *_, last = [refusals.noted("maxapi", NOON, refused=each) for each in ended]

    assert too_many == last


def test_providers_and_days_are_told_apart():
    """Another provider's refusals, and those of yesterday, are none of its own."""
    refusals = Refusals()
    for _ in MANY:
        refusals.noted("maxapi", NOON, refused=True)

    assert not refusals.noted("evolink", NOON, refused=True)
    assert refusals.noted("maxapi", NOON + timedelta(hours=1), refused=True)
    assert not refusals.noted("maxapi", NOON + WITHIN, refused=True)
