"""Laws of `bot.quotas`."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import quotas
from bot.models import (
    AT_PROVIDER,
    WITHOUT_FILM,
    Cost,
    Generation,
    Hold,
    Limit,
    Mode,
    Place,
    Status,
    VideoRequest,
)
from tests.fakes import ANNA, CINEMA, NOON

GENERATION = Generation(
    id="0" * 16,
    status=Status.QUEUED,
    asked=VideoRequest("a cat", Mode.TEXT),
    request=VideoRequest("a cat", Mode.TEXT, provider="maxapi", model="seedance-2.0", seconds=5),
    requester=ANNA,
    member="anna",
    place=CINEMA,
    cost=Cost(videos=1, seconds=5),
    interaction_id=1,
    created_at=NOON,
    updated_at=NOON,
    due_at=NOON,
    version=0,
)
generations = st.builds(
    lambda status, watch, full, guild: replace(
        GENERATION, status=status, watch=watch, counts_in_full=full, place=Place(500, guild)
    ),
    st.sampled_from(Status),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, 400]),
)


@given(st.lists(generations, min_size=2, max_size=8))
def test_every_way_through_the_states_adds_up(path):
    """Whatever the way, what was taken less what was given back is what the last state holds."""
    stands = Counter(quotas.held(path[0]))
    for before, after in pairwise(path):
        take, give = quotas.difference(quotas.held(before), quotas.held(after))
        stands.update(take)
        stands.subtract(give)

    assert Counter(quotas.held(path[-1])) == +stands
    assert all(count >= 0 for count in stands.values())


@given(generations)
def test_it_counts_until_it_ended_without_a_film(generation):
    """A generation counts in every state but an end without a film that isn't charged."""
    expected = generation.status not in WITHOUT_FILM or generation.counts_in_full

    assert expected == any(hold.cost == generation.cost for hold in quotas.held(generation))


@given(generations)
def test_a_place_is_free_when_the_provider_is_done(generation):
    """A member's place is taken from the command until the provider is done, not until the delivery."""
    expected = generation.status in AT_PROVIDER | {Status.QUEUED} or generation.watch

    assert expected == any((hold.scope, hold.period) == ("user", "now") for hold in quotas.held(generation))


def test_a_generation_counts_for_its_member_its_server_and_the_bot():
    """In a server: six counters of amounts, by day and by month, and one place."""
    found = {(hold.scope, hold.subject, hold.period) for hold in quotas.held(GENERATION)}

    assert {
        ("user", "anna", "2026-11-21"),
        ("user", "anna", "2026-11"),
        ("server", "400", "2026-11-21"),
        ("server", "400", "2026-11"),
        ("bot", "", "2026-11-21"),
        ("bot", "", "2026-11"),
        ("user", "anna", "now"),
    } == found


def test_each_counter_has_its_own_limit():
    """A limit belongs to a scope and a length of time."""
    limits = quotas.Limits(server_month=Limit(videos=99), at_once=3)
    cost = Cost(videos=1)

    assert (
        Limit(videos=10, seconds=100) == quotas.limited(Hold("user", "a", "2026-11-21", cost), limits).limit
    )
    assert Limit(videos=99) == quotas.limited(Hold("server", "4", "2026-11", cost), limits).limit
    assert Limit(videos=3) == quotas.limited(Hold("user", "a", "now", cost), limits).limit
    assert Limit() == quotas.limited(Hold("bot", "", "2026-11", cost), limits).limit


def test_a_provider_has_as_many_places_as_it_is_given():
    """Only a provider's counter is bounded by its concurrency."""
    hold = Hold("provider", "maxapi", "now", quotas.PLACE)

    assert Limit(videos=5) == quotas.slots(hold, {"maxapi": 5}).limit
    assert Limit() == quotas.slots(replace(hold, scope="user"), {"maxapi": 5}).limit


TOKYO = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    ("moment", "day", "month"),
    [
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "2027-01-01", "2027-01-01"),
        (datetime(2024, 2, 28, 12, tzinfo=UTC), "2024-02-29", "2024-03-01"),
        (datetime(2026, 3, 1, 1, tzinfo=TOKYO), "2026-03-01", "2026-03-01"),
    ],
)
def test_days_and_months_are_utc(moment, day, month):
    """Counters begin anew at UTC midnight, whatever zone a moment is written in."""
    assert datetime.fromisoformat(f"{day}T00:00Z") == quotas.next_day(moment)
    assert datetime.fromisoformat(f"{month}T00:00Z") == quotas.next_month(moment)


def test_a_limit_at_once_has_no_hour_at_which_it_resets():
    """A place is free when something ends; days and months have their own moments."""
    assert quotas.resets("now", NOON) is None
    assert datetime(2026, 11, 22, tzinfo=UTC) == quotas.resets("2026-11-21", NOON)
    assert datetime(2026, 12, 1, tzinfo=UTC) == quotas.resets("2026-11", NOON)


def test_credits_are_limited_if_any_limit_says_so():
    """An unknown price matters as soon as one limit counts credits."""
    assert not quotas.Limits().on_credits
    assert quotas.Limits(bot_month=Limit(credits=0)).on_credits
