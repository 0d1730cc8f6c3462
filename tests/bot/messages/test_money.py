"""Laws of `bot.messages.money`."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import speaker
from bot.messages import money
from bot.messages.text import width
from bot.models import Cost, Limit, Status
from bot.quotas import FOR_ANYBODY, Rules, Stand
from bot.servers import LimitRule, Scope, ServerRules
from bot.store.books import Account, Line
from tests.bot.store.examples import NOON

SAY = speaker("en-US")
LINE = Line(
    generation_id="0" * 16,
    at=NOON,
    guild_id=400,
    member="a" * 32,
    user_id=1001,
    name="Anna",
    provider="maxapi",
    model="seedance-2.0",
    resolution="720p",
    seconds=5,
    status=Status.DELIVERED,
    counted=Cost(1, 5, 1_250_000),
    refunded=False,
    charged=None,
)


def read(lines):
    """Return a sheet as a spreadsheet reads it."""
    data = money.sheet(lines)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(StringIO(data.decode("utf-8-sig"), newline="")))


def test_a_sheet_has_a_row_for_each_film():
    """With whole amounts, and nothing where nothing is known."""
    (row,) = read([LINE])

    assert {
        "generation": "0" * 16, "time_utc": "2026-11-21 12:00:00", "server": "400", "member": "a" * 32,
        "user_id": "1001", "name": "Anna", "provider": "maxapi", "model": "seedance-2.0",
        "resolution": "720p", "film_seconds": "5", "state": "delivered", "videos": "1", "seconds": "5",
        "credits": "1.25", "refunded": "no", "charged_credits": "",
    } == row  # fmt: skip


def test_a_member_of_whom_nothing_is_left_is_a_pseudonym():
    """In a direct message there is no server either."""
    (row,) = read([replace(LINE, user_id=None, name="", guild_id=None, refunded=True, charged=300_000)])

    assert ("", "", "", "a" * 32, "yes", "0.3") == tuple(
        row[name] for name in ("user_id", "name", "server", "member", "refunded", "charged_credits")
    )


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "＝1", "\t=1", "\r=1", " =1"])
def test_no_name_is_a_formula(name):
    """A spreadsheet shows it and runs nothing."""
    (row,) = read([replace(LINE, name=name)])

    assert row["name"].startswith("'")


@given(st.text(max_size=60))
def test_any_name_stays_in_its_cell(name):
    """Quotes, commas and line ends are text, and the columns stay where they are."""
    (row,) = read([replace(LINE, name=name)])

    assert ("a" * 32, "maxapi") == (row["member"], row["provider"])
    assert not row["name"].startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize(
    ("micros", "words"),
    [(0, "0 credits"), (1_000_000, "1 credit"), (1_250_000, "1.25 credits"), (10**13, "10000000 credits")],
)
def test_credits_are_written_out(micros, words):
    """Whole ones without a fraction, and none with an exponent."""
    assert words == money.amounts(Limit(credits=micros), SAY)


def test_limits_are_listed_narrowest_first():
    """As they apply, with everything that each says."""
    rules = ServerRules(
        limits=(
            LimitRule(Scope.SERVER, 0, Limit(videos=1)),
            LimitRule(Scope.EVERYONE, 0, at_once=2),
            LimitRule(Scope.ROLE, 5, Limit(1, 2, 3_000_000), Limit(seconds=60), 1),
            LimitRule(Scope.USER, 6, Limit(videos=0)),
        )
    )

    assert [
        "- <@6>: 0 videos a day",
        "- <@&5>: 1 video, 2 seconds, 3 credits a day; 60 seconds a month; 1 at once",
        "- every member: 2 at once",
        "- the server as a whole: 1 video a day",
    ] == money.limits(rules, SAY).splitlines()[:-1]


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_many_limits_and_members_fit(locale):
    """Discord takes 2000 characters, and 4096 in an embed."""
    say = speaker(locale)
    most = Limit(10**6, 10**6, 10**12 + 1)
    rules = ServerRules(limits=tuple(LimitRule(Scope.USER, 2**63 - n, most, most, 100) for n in range(50)))
    accounts = [
        Account("f" * 32, n % 2 and 2**63, Cost(10**9, 10**9, 10**15 + 1), 1, 10**6, 10**6) for n in range(99)
    ]
    embed = money.usage(accounts, ("2026-11-01", "2026-11-30"), say, most=25)

    assert width(money.limits(rules, say)) <= 2000
    assert width(embed.description) <= 4096
    assert len(embed) <= 6000


def test_what_applies_to_a_member():
    """Their rule, what they used, and what was granted where something was."""
    rule = LimitRule(Scope.ROLE, 5, Limit(videos=3))
    stands = [
        Stand("day", Cost(1, 5, 0), Cost(videos=2), rule.day),
        Stand("month", Cost(4, 20, 0), Cost(), rule.month),
    ]

    assert [
        "To <@6> applies the limit of <@&5>: 3 videos a day.",
        "Used today: 1 video, 5 seconds, 0 credits. Granted on top: 2 videos.",
        "Used this month: 4 videos, 20 seconds, 0 credits.",
    ] == money.standing(6, Rules(rule), stands, SAY).splitlines()
    assert "No limit of this server applies to <@6>." == money.standing(6, Rules(FOR_ANYBODY), [], SAY)


def test_usage_shows_the_first_and_counts_all():
    """The rest is in the sum, and in the file."""
    accounts = [Account("f" * 32, n, Cost(1, 5, 0), 1, 0, 0) for n in range(1, 4)]
    embed = money.usage(
        [*accounts, replace(accounts[0], user_id=None)], ("2026-11-21", "2026-11-21"), SAY, most=2
    )

    assert "2026-11-21" == embed.title
    assert [
        "**4 members in all: 4 videos, 20 seconds, 0 credits**",
        "- <@1> · 1 video, 5 seconds, 0 credits",
        "- <@2> · 1 video, 5 seconds, 0 credits",
        "and 2 more",
    ] == embed.description.splitlines()
    (whole,) = money.usage(
        [replace(accounts[0], user_id=None)], ("a", "b"), SAY, most=2
    ).description.splitlines()[1:]
    assert whole.startswith(f"- `{'f' * 32}` · ")
