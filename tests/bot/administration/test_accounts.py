"""Laws of `bot.administration.accounts`, on both databases."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import quotas
from bot.administration.accounts import MOST_RULES, Accounts, Told, limiting, unlimiting, without_lost_roles
from bot.errors import QuotaExceeded, RequestRefused
from bot.models import Cost, Status
from bot.quotas import Limits
from bot.servers import LimitRule, Scope, ServerRules
from bot.store import Entry
from bot.store.servers import Servers
from tests.bot.desk import Desk
from tests.bot.store.examples import entries
from tests.fakes import ANNA, BEN, CINEMA

ADMIN = 7


@pytest.fixture
def desk(store, tmp_path):
    """Return a desk at which only a server's admins limit anything."""
    return Desk(store, tmp_path, Limits(quotas.UNLIMITED, at_once=None), price=lambda _: 250_000)


@pytest.fixture
def accounts(desk):
    """Return the accounts of the desk's store."""
    return Accounts.over(desk.store, desk.hosting.signer.pseudonym, desk.clock)


async def decide(desk, change):
    """Change the rules of the server."""
    await Servers(desk.store.engine).change(CINEMA.guild_id, change, desk.clock())


async def grant(accounts, more, *, interaction_id=1, guild_id=CINEMA.guild_id, period="day"):
    """Grant Anna more."""
    return await accounts.grant(
        guild_id, ANNA.user_id, more, period, interaction_id=interaction_id, actor_id=ADMIN
    )


async def finished(desk, requester=ANNA, **changes):
    """Have a film made."""
    one = await desk.start(requester)
    changes = {"status": Status.DELIVERED, **changes}
    _, give = quotas.difference(quotas.held(one), quotas.held(replace(one, **changes)))
    return await desk.finish(one, give=give, entry=Entry("settle", one.cost), **changes)


async def test_twenty_at_once_for_the_last_one_and_a_grant_in_between(desk, accounts):
    """One gets through before the grant, one after it: never three, whatever the order."""
    await decide(desk, limiting(Scope.EVERYONE, 0, Told(videos=1)))
    first = await asyncio.gather(*(desk.start() for _ in range(10)), return_exceptions=True)
    others = [desk.start() for _ in range(10)]
    second = await asyncio.gather(grant(accounts, Cost(videos=1)), *others, return_exceptions=True)
    last = await asyncio.gather(*(desk.start() for _ in range(5)), return_exceptions=True)

    assert 1 == sum(not isinstance(one, QuotaExceeded) for one in first)
    kinds = Counter(type(one).__name__ for one in [*first, *second[1:], *last])
    assert {"Generation": 2, "QuotaExceeded": 23} == kinds
    (stand, _) = await accounts.standing(CINEMA.guild_id, ANNA.user_id, LimitRule(Scope.EVERYONE))
    assert (2, 1) == (stand.used.videos, stand.granted.videos)


LIMITED_TO_THREE = (
    Told(videos=3),
    Told(seconds=15, period="month"),
    Told(credits=750_000),
    Told(at_once=3),
    Told(videos=3, seconds=99, credits=900_000, at_once=9),
)


@pytest.mark.parametrize("told", LIMITED_TO_THREE, ids=repr)
@pytest.mark.parametrize("scope", [Scope.USER, Scope.EVERYONE, Scope.SERVER])
async def test_twenty_at_once_keep_every_kind_of_limit(desk, accounts, scope, told):
    """Three of twenty begin, while one film is refunded; then the counters say what is held, and no more."""
    old = await finished(desk)
    subject = ANNA.user_id if scope is Scope.USER else 0
    await decide(desk, limiting(scope, subject, told))
    starts = (desk.start() for _ in range(20))
    outcomes = await asyncio.gather(accounts.refund(old.id, CINEMA.guild_id), *starts, return_exceptions=True)
    begun = [one for one in outcomes[1:] if not isinstance(one, QuotaExceeded)]
    begun += [
        one
        for one in await asyncio.gather(*(desk.start() for _ in range(5)), return_exceptions=True)
        if not isinstance(one, QuotaExceeded)
    ]

    assert 3 == len(begun)
    expected = Counter()
    for hold in (hold for one in begun for hold in quotas.held(one)):
        expected[hold.scope, hold.subject, hold.period] += hold.cost.videos
    holds = list({(h.scope, h.subject, h.period): h for one in begun for h in quotas.held(one)}.values())
    used = await desk.store.used(holds)
    assert expected == {(h.scope, h.subject, h.period): u.videos for h, u in zip(holds, used, strict=True)}


async def test_the_same_interaction_grants_once(accounts):
    """However often it comes, and at once."""
    await asyncio.gather(*(grant(accounts, Cost(seconds=3)) for _ in range(5)))
    stands = await grant(accounts, Cost(seconds=3), interaction_id=2)

    assert (Cost(), Cost(seconds=6)) == stands


@pytest.mark.parametrize("guild_id", [400, None])
async def test_a_grant_raises_one_counter_only(accounts, desk, guild_id):
    """A server's raises no other server's and not the operator's limit; an operator's raises no server's."""
    await grant(accounts, Cost(videos=1), guild_id=guild_id, period="month")
    member = desk.hosting.signer.pseudonym(ANNA.user_id)
    holds = [
        *quotas.of_member(member, 400, "2026-11"),
        *quotas.of_member(member, 401, "2026-11")[1:],
        *quotas.of_member(member, 400, "2026-11-21"),
    ]
    granted = [more.videos for _, more in await accounts.grants.standing(holds)]

    assert ([1, 0, 0, 0, 0] if guild_id is None else [0, 1, 0, 0, 0]) == granted


async def test_a_refund_gives_back_every_counter(desk, accounts):
    """By day and month, of the member, the server and the bot, on the day of the reservation; once."""
    one = await finished(desk)
    desk.clock.forward(days=20)
    after = await accounts.refund(one.id, CINEMA.guild_id)
    holds = [hold for hold in quotas.held(one) if hold.period != quotas.NOW]

    assert replace(one, refunded=True) == after == await desk.store.get(one.id)
    assert {Cost()} == set(await desk.store.used(holds))
    assert ("refund", 1, 5, 250_000, "2026-11-21") == (await entries(desk.store, one.id))[-1]
    with pytest.raises(RequestRefused, match="refund_twice"):
        await accounts.refund(one.id, CINEMA.guild_id)


async def test_of_many_refunds_at_once_one_is_made(desk, accounts):
    """The others read that it is done."""
    one = await finished(desk)
    outcomes = await asyncio.gather(
        *(accounts.refund(one.id, CINEMA.guild_id) for _ in range(20)), return_exceptions=True
    )

    assert Counter({"refund_twice": 19, "": 1}) == Counter(getattr(each, "code", "") for each in outcomes)


async def test_a_refund_stands_against_a_film_that_is_moving(desk, accounts):
    """Whoever delivers it meanwhile goes on, and what they do next is seen."""
    one = await desk.start()
    _, give = quotas.difference(quotas.held(one), quotas.held(replace(one, status=Status.RENDERED)))
    one = await desk.finish(one, status=Status.RENDERED, give=give, entry=Entry("settle", one.cost))
    await asyncio.gather(accounts.refund(one.id, CINEMA.guild_id), desk.finish(one, status=Status.FETCHED))

    stored = await desk.store.get(one.id)
    assert (True, Status.FETCHED) == (stored.refunded, stored.status)


async def test_a_cancel_that_counts_in_full_can_be_refunded(desk, accounts):
    """Its place at the provider stays taken until that is done."""
    one = await finished(desk, status=Status.CANCELLED, counts_in_full=True, watch=True)
    after = await accounts.refund(one.id, None)

    assert not quotas.counts(after)
    assert {"now"} == {hold.period for hold in quotas.held(after)}


@pytest.mark.parametrize(
    ("status", "code"),
    [(Status.QUEUED, "refund_open"), (Status.PARKED, "refund_open"), (Status.FAILED, "refund_nothing")],
)
async def test_what_is_not_final_is_not_refunded(desk, accounts, status, code):
    """Its release comes by itself, or has come."""
    one = await desk.start()
    if status is not Status.QUEUED:
        await desk.finish(one, status=status)

    with pytest.raises(RequestRefused, match=code):
        await accounts.refund(one.id, CINEMA.guild_id)


async def test_another_servers_films_are_none(desk, accounts):
    """To its admins; an operator finds all."""
    one = await finished(desk)
    for id_, guild_id in ((one.id, 401), ("f" * 16, 400), ("f" * 16, None)):
        with pytest.raises(RequestRefused, match="refund_unknown"):
            await accounts.refund(id_, guild_id)

    assert (await accounts.refund(one.id, None)).refunded


async def test_usage_is_of_a_span_and_most_first(desk, accounts):
    """Today, this month, the month before; each by UTC days, one member or all."""
    await finished(desk, BEN)
    desk.clock.forward(days=1)
    await finished(desk)
    await finished(desk)
    found = {span: await accounts.usage(400, span) for span in ("day", "month", "last_month")}
    members = [desk.hosting.signer.pseudonym(each.user_id) for each in (ANNA, BEN)]

    assert {"day": members[:1], "month": members, "last_month": []} == {
        span: [one.member for one in each] for span, each in found.items()
    }
    assert [BEN.user_id] == [one.user_id for one in await accounts.usage(400, "month", BEN.user_id)]
    assert ["Ben"] == [line.name for line in await accounts.lines(None, "month", BEN.user_id)]


@pytest.mark.parametrize(
    ("now", "days"),
    [
        (datetime(2026, 3, 31, 23, tzinfo=UTC), ("2026-03-01", "2026-03-31", "2026-02-01", "2026-02-28")),
        (datetime(2027, 1, 1, tzinfo=UTC), ("2027-01-01", "2027-01-31", "2026-12-01", "2026-12-31")),
        (datetime(2024, 2, 29, 12, tzinfo=UTC), ("2024-02-01", "2024-02-29", "2024-01-01", "2024-01-31")),
    ],
)
async def test_months_have_their_days(desk, accounts, now, days):
    """Of any length, over the turn of the year."""
    desk.clock.now = now

    assert days == (*accounts.days("month"), *accounts.days("last_month"))


tolds = st.builds(
    Told,
    st.sampled_from(["day", "month"]),
    *(st.none() | st.integers(0, 9) for _ in ("videos", "seconds", "credits", "at_once")),
)
whoms = st.one_of(
    st.tuples(st.just(Scope.SERVER), st.just(0)),
    st.tuples(st.just(Scope.EVERYONE), st.just(0)),
    st.tuples(st.sampled_from([Scope.ROLE, Scope.USER]), st.integers(1, 3)),
)


@given(st.lists(st.tuples(whoms, st.none() | tolds), max_size=12))
def test_each_has_one_limit_and_what_was_said_last_holds(said):
    """Whatever is set and cleared in whatever order: one rule each, the last word on each amount."""
    rules, expected = ServerRules(), {}
    for (scope, subject), told in said:
        if told is None:
            if (scope, subject) in expected:
                rules = unlimiting(scope, subject)(rules)
                del expected[scope, subject]
            else:
                with pytest.raises(RequestRefused, match="limit_missing"):
                    unlimiting(scope, subject)(rules)
            continue
        rules = limiting(scope, subject, told)(rules)
        known = expected.setdefault((scope, subject), {})
        for name in ("videos", "seconds", "credits"):
            if getattr(told, name) is not None:
                known[told.period, name] = getattr(told, name)
        if told.at_once is not None:
            known["at_once"] = told.at_once
    found = {}
    for rule in rules.limits:
        amounts = {
            (period, name): getattr(getattr(rule, period), name)
            for period in ("day", "month")
            for name in ("videos", "seconds", "credits")
        }
        known = {
            name: value for name, value in {**amounts, "at_once": rule.at_once}.items() if value is not None
        }
        assert (rule.scope, rule.subject) not in found
        found[rule.scope, rule.subject] = known

    assert expected == found


def test_a_server_that_is_not_there_loses_no_limit():
    """During Discord's outages nobody knows its roles."""
    rules = limiting(Scope.ROLE, 5, Told(videos=1))(ServerRules())

    assert rules == without_lost_roles(rules, ())
    assert rules == without_lost_roles(rules, {5, 6})
    assert ServerRules() == without_lost_roles(rules, {6})


def test_limits_are_bounded():
    """Each command reads them all; what is there already can still be changed."""
    rules = ServerRules()
    for number in range(MOST_RULES):
        rules = limiting(Scope.USER, number, Told(videos=1))(rules)

    with pytest.raises(RequestRefused, match="limits_many"):
        limiting(Scope.USER, MOST_RULES, Told(videos=1))(rules)
    assert MOST_RULES == len(limiting(Scope.USER, 3, Told(videos=2))(rules).limits)


async def test_an_unknown_price_is_not_free_where_a_server_limits_credits(store, tmp_path):
    """For those whom the limit is about, and for nobody else."""
    desk = Desk(store, tmp_path, Limits())
    await decide(desk, limiting(Scope.USER, ANNA.user_id, Told(credits=10**9)))

    with pytest.raises(RequestRefused, match="price_unknown"):
        await desk.start()
    assert Status.QUEUED is (await desk.start(BEN)).status


async def test_a_member_reads_what_they_have_left_where_they_ask(store, tmp_path):
    """The tightest of all limits there, with what was granted; elsewhere the operator's alone."""
    desk = Desk(store, tmp_path, Limits(at_once=5))
    accounts = Accounts.over(desk.store, desk.hosting.signer.pseudonym, desk.clock)
    await decide(desk, limiting(Scope.EVERYONE, 0, Told(videos=2, seconds=200, at_once=3)))
    await desk.start()
    await grant(accounts, Cost(videos=1))
    here = await desk.generations.usage(ANNA.user_id, CINEMA.guild_id)
    elsewhere = await desk.generations.usage(ANNA.user_id, 401)
    nowhere = await desk.generations.usage(ANNA.user_id)

    assert (1, 3, 5, 100, 3) == (
        here.videos_used, here.videos_limit, here.seconds_used, here.seconds_limit, here.at_once,
    )  # fmt: skip
    for there in (elsewhere, nowhere):
        assert (1, 10, 5) == (there.videos_used, there.videos_limit, there.at_once)
