"""Laws of `bot.providers.drift`: a clock that is wrong is told, once an hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.providers import PROVIDERS
from bot.providers.drift import Drift

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def dated(ahead):
    """Return the Date of an answer when we are so many seconds ahead."""
    return format_datetime(NOON - timedelta(seconds=ahead), usegmt=True)


@pytest.mark.parametrize(("ahead", "told"), [(0, 0), (120, 0), (-120, 0), (121, 1), (-121, 1), (3600, 1)])
def test_two_minutes_are_told(ahead, told):
    """More than 120 s in either direction is an alarm, less is none (S-06)."""
    drift = Drift()
    with capture_logs() as lines:
        drift.note("maxapi", dated(ahead), NOON)

    which = f"{abs(ahead)} s {'ahead of' if ahead > 0 else 'behind'} that of maxapi; set it by NTP"
    said = [("error", f"this machine's clock is {which}")]
    assert said * told == [(line["log_level"], line["event"]) for line in lines]
    assert timedelta(seconds=ahead) == drift.off


def test_it_is_told_once_an_hour():
    """However many answers come, and even if the clock is set back, it is one line an hour."""
    drift = Drift()
    with capture_logs() as lines:
        for minute in [*range(0, 121, 5), -600]:
            drift.note("maxapi", dated(3600 * 24), NOON + timedelta(minutes=minute))

    assert 4 == len(lines)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.none() | st.text(max_size=40) | st.from_regex(r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ [\d:]+ \S*"))
def test_whatever_stands_for_a_date_is_borne(date):
    """A header that is no date says nothing, and breaks nothing."""
    Drift().note("maxapi", date, NOON)


@pytest.mark.parametrize("name", sorted(PROVIDERS))
async def test_every_provider_compares_clocks(name):
    """Each dated answer counts, a refusal too; before the first nothing is known (S-06)."""
    answer = httpx.MockTransport(lambda _: httpx.Response(401, headers={"Date": dated(-500)}, json={}))
    provider = PROVIDERS[name]("key", transport=answer, now=lambda: NOON)
    before = provider.clock_off
    with pytest.raises(Exception, match=name):
        await provider.fetch("task")
    await provider.close()

    assert (None, timedelta(seconds=-500)) == (before, provider.clock_off)
