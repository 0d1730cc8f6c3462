"""A provider that is busy: waited for as long as it asked, and no longer, by a bot that nobody wakes."""

from __future__ import annotations

import pytest

from bot.demo.stand_ins.records import Fault, FaultKind

ASKED = 2
"""Seconds that the provider names: shorter than any round that the tracker makes by itself."""
MOST = 6.0


@pytest.mark.parametrize("provider", ["maxapi", "evolink"])
async def test_submit_is_repeated_when_the_provider_said(house, provider):
    """After 429 the same body leaves once more, not before `Retry-After` and soon after it."""
    place = await house(provider)
    place.stand_ins.order(
        Fault(provider=provider, kind=FaultKind.RATE_LIMIT, on="submit", retry_after=str(ASKED), times=1)
    )
    place.ada.slash("video", prompt="a patient tortoise", resolution="480p", provider=provider)
    await place.film()
    first, second = place.asked()
    assert first.body == second.body
    assert ASKED <= (second.at - first.at).total_seconds() <= MOST
