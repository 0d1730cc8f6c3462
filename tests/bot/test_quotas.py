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
from bot.orders import Standing
from bot.servers import LimitRule, Scope, ServerRules
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
    lambda status, watch, full, refunded, guild: replace(
        GENERATION,
        status=status,
        watch=watch,
        counts_in_full=full,
        refunded=refunded,
        place=Place(500, guild),
    ),
    st.sampled_from(Status),
    st.booleans(),
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


@given(generations, generations)
def test_only_some_fields_decide_what_is_held(before, after):
    """Whatever else a transition changes, it takes and gives back nothing."""
    deciding = {name: getattr(before, name) for name in quotas.HOLDING}
    changed = replace(after, asks=3, body="b", film=None, reason="r", storyboard_id=before.storyboard_id)

    assert quotas.held(before) == quotas.held(replace(changed, **deciding))
    assert len(quotas.held(before)) == len({*quotas.held(before)})


@given(generations)
def test_it_counts_until_it_ended_without_a_film(generation):
    """A generation counts in every state but an end without a film that isn't charged, or when refunded."""
    made = generation.status not in WITHOUT_FILM or generation.counts_in_full
    expected = made and not generation.refunded

    assert expected == any(hold.cost == generation.cost for hold in quotas.held(generation))


@given(generations)
def test_a_place_is_free_when_the_provider_is_done(generation):
    """A member's place is taken from the command until the provider is done, not until the delivery."""
    expected = generation.status in AT_PROVIDER | {Status.QUEUED} or generation.watch

    assert expected == any((hold.scope, hold.period) == ("user", "now") for hold in quotas.held(generation))


def test_a_shot_takes_a_place_when_it_is_released():
    """A storyboard of six is possible where two may be under way; its price is held from the start."""
    waiting = replace(GENERATION, storyboard_id="b" * 16, shot=2)
    released = replace(waiting, released_at=NOON)
    place = Hold("user", "anna", "now", Cost(videos=1))

    assert ([False, True], [True, True]) == (
        [place in quotas.held(one) for one in (waiting, released)],
        [quotas.counts(one) for one in (waiting, released)],
    )


def test_a_joined_film_costs_nothing_of_its_own():
    """Its shots have counted, whatever becomes of it."""
    joined = replace(GENERATION, storyboard_id="b" * 16)

    assert [[], []] == [
        quotas.held(replace(joined, status=status)) for status in (Status.RENDERED, Status.FAILED)
    ]


def test_a_generation_counts_for_its_member_its_server_and_the_bot():
    """In a server: eight counters of amounts, by day and by month, and a place of each of the two."""
    found = {(hold.scope, hold.subject, hold.period) for hold in quotas.held(GENERATION)}

    assert {
        ("user", "anna", "2026-11-21"),
        ("user", "anna", "2026-11"),
        ("server", "400", "2026-11-21"),
        ("server", "400", "2026-11"),
        ("bot", "", "2026-11-21"),
        ("bot", "", "2026-11"),
        ("member", "400:anna", "2026-11-21"),
        ("member", "400:anna", "2026-11"),
        ("user", "anna", "now"),
        ("server", "400", "now"),
    } == found


def test_each_counter_has_its_own_limit():
    """A limit belongs to a scope and a length of time."""
    limits = quotas.Limits(server_month=Limit(videos=99), at_once=3, server_at_once=7)
    cost = Cost(videos=1)

    assert (
        Limit(videos=10, seconds=100) == quotas.limited(Hold("user", "a", "2026-11-21", cost), limits).limit
    )
    assert Limit(videos=99) == quotas.limited(Hold("server", "4", "2026-11", cost), limits).limit
    assert Limit(videos=3) == quotas.limited(Hold("user", "a", "now", cost), limits).limit
    assert Limit(videos=7) == quotas.limited(Hold("server", "4", "now", cost), limits).limit
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


rule_sets = st.lists(
    st.builds(
        LimitRule,
        st.sampled_from(Scope),
        st.integers(0, 4),
        st.builds(Limit, st.none() | st.integers(0, 9), st.none() | st.integers(0, 9), st.none()),
        st.builds(Limit, st.none() | st.integers(0, 9)),
        st.none() | st.integers(0, 9),
    ),
    unique_by=lambda rule: (rule.scope, rule.subject),
    max_size=9,
)


@given(rule_sets, st.lists(st.integers(1, 4), unique=True), st.integers(1, 4))
def test_the_narrowest_rule_applies_whole(limits, roles, user_id):
    """The one on the member, else on the highest role with one, else on everyone; the server's besides."""
    found = quotas.rules_for(ServerRules(limits=tuple(limits)), user_id, Standing(tuple(roles)))
    by_subject = {(rule.scope, rule.subject): rule for rule in limits}
    wanted = [(Scope.USER, user_id), *((Scope.ROLE, role) for role in roles), (Scope.EVERYONE, 0)]

    assert (
        next((by_subject[each] for each in wanted if each in by_subject), quotas.FOR_ANYBODY) == found.member
    )
    assert by_subject.get((Scope.SERVER, 0), quotas.FOR_THE_SERVER) == found.server


@given(rule_sets, st.lists(st.integers(1, 4), unique=True))
def test_no_rule_of_a_server_widens_what_the_operator_allows(limits, roles):
    """Each counter keeps to both limits; an operator keeps to their own alone."""
    own = quotas.Limits(server_day=Limit(videos=4), at_once=2)
    rules = ServerRules(limits=tuple(limits))
    bound = quotas.rules_for(rules, 1, Standing(tuple(roles)))
    free = quotas.rules_for(rules, 1, Standing(tuple(roles), operator=True))
    for hold in quotas.held(GENERATION):
        before = quotas.limited(hold, own).limit
        after = quotas.limited(hold, own, bound).limit
        for unit in ("videos", "seconds", "credits"):
            most, now = getattr(before, unit), getattr(after, unit)
            assert most is None or (now is not None and now <= most)
        assert before == quotas.limited(hold, own, free).limit


def test_a_servers_rules_limit_their_own_counters():
    """The member's rule what they make there and at once; the server's what all make there."""
    member = LimitRule(Scope.USER, 1, Limit(videos=1), Limit(seconds=2), 3)
    server = LimitRule(Scope.SERVER, 0, Limit(videos=4), Limit(seconds=5), 6)
    rules, limits = quotas.Rules(member, server), quotas.Limits(quotas.UNLIMITED, at_once=None)
    found = {
        (hold.scope, hold.period): quotas.limited(hold, limits, rules).limit
        for hold in quotas.held(GENERATION)
    }

    assert {
        ("member", "2026-11-21"): Limit(videos=1),
        ("member", "2026-11"): Limit(seconds=2),
        ("user", "now"): Limit(videos=3),
        ("server", "2026-11-21"): Limit(videos=4),
        ("server", "2026-11"): Limit(seconds=5),
        ("server", "now"): Limit(videos=6),
    } == {counter: limit for counter, limit in found.items() if limit != Limit()}


@pytest.mark.parametrize("rule", ["member", "server"])
@pytest.mark.parametrize("period", ["day", "month"])
def test_a_rule_on_credits_is_one_on_credits(rule, period):
    """An unknown price matters there, too."""
    limit = LimitRule(Scope.EVERYONE, **{period: Limit(credits=0)})

    assert not quotas.NO_RULES.on_credits
    assert replace(quotas.NO_RULES, **{rule: limit}).on_credits
    assert not quotas.any_on_credits(ServerRules(limits=(LimitRule(Scope.ROLE, 1, Limit(videos=1)),)))
    assert quotas.any_on_credits(ServerRules(limits=(limit,)))


@given(generations)
def test_only_what_is_final_is_refunded(generation):
    """A film, or what was cancelled where the provider doesn't confirm it."""
    final = {Status.RENDERED, Status.FETCHED, Status.POSTING, Status.DELIVERED}

    assert quotas.settled(generation) is (generation.status in final or generation.counts_in_full)


@pytest.mark.parametrize(("guild_id", "subjects"), [(None, ["anna"]), (400, ["anna", "400:anna"])])
def test_a_member_has_a_counter_everywhere_and_one_on_each_server(guild_id, subjects):
    """Away from servers only the first is looked at."""
    assert subjects == [hold.subject for hold in quotas.of_member("anna", guild_id, "2026-11-21")]


amounts = st.integers(0, 20)
stands = st.tuples(amounts, amounts, st.none() | amounts)


@given(st.lists(stands, min_size=1, max_size=4))
def test_the_tightest_counter_is_told(counters):
    """Whoever takes what is left by it passes no counter; without limits it is told what is used."""
    pairs = [(Cost(videos=used), Cost(videos=granted)) for used, granted, _ in counters]
    used, most = quotas.tightest("videos", pairs, [Limit(videos=limit) for _, _, limit in counters])
    lefts = [limit + granted - counted for counted, granted, limit in counters if limit is not None]
    if lefts:
        assert min(lefts) == most - used
    else:
        assert (counters[0][0], None) == (used, most)
