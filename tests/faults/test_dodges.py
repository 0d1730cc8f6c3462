"""Ways around a limit, and around what keeps a provider's penalties down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app.parts import gate
from bot.errors import ModerationRejected, QuotaExceeded, RequestRefused
from bot.models import Limit, Place, Requester, Status
from bot.providers.health import LONGEST_PAUSE
from bot.providers.refusals import BEARABLE, LOOKED_AT, REST
from bot.quotas import Limits
from bot.settings import read_settings
from tests.bot.desk import Desk
from tests.bot.tracker.conftest import a_world
from tests.fakes import ANNA, BEN, CINEMA, FakeProvider

pytestmark = pytest.mark.usefixtures("on_both")
CONTEXTS = {
    "channel": CINEMA,
    "thread": replace(CINEMA, channel_id=501, parent_id=CINEMA.channel_id),
    "other server": Place(600, 401),
    "direct message": Place(700),
    "own install": Place(800, member_only=True),
    "own install on a server": Place(801, 402, member_only=True),
}


@pytest.fixture
def opened(store, tmp_path):
    """Return a function that puts a desk onto one store; all of them share it."""
    return lambda limits, price=None: Desk(store, tmp_path, limits, price)


@pytest.mark.parametrize(
    "limits",
    [
        Limits(user_day=Limit(videos=1)),
        Limits(user_day=Limit(), user_month=Limit(seconds=5)),
        Limits(user_day=Limit(), at_once=1),
    ],
    ids=["a day", "a month", "at once"],
)
@pytest.mark.parametrize("first", CONTEXTS)
async def test_a_limit_is_the_same_wherever_a_member_asks(opened, limits, first):
    """Used up in one kind of place, it is used up in all; another member's isn't touched (T-20)."""
    desk = opened(limits)
    await desk.start(place=CONTEXTS[first])
    for place in CONTEXTS.values():
        with pytest.raises(QuotaExceeded):
            await desk.start(place=place)
        with pytest.raises(QuotaExceeded):
            await desk.start(Requester(ANNA.user_id, "Somebody else", "zh-CN"), place=place)

    assert 1 == len(await desk.store.history(ANNA.user_id))
    assert await desk.start(BEN, place=CONTEXTS[first])


# the provider's penalty

PEOPLE = [Requester(2000 + number, f"Member {number}") for number in range(60)]


async def test_three_refusals_a_day_are_followed_by_no_call(opened):
    """With the operator's defaults; the refused command writes nothing that could ever be sent (T-25)."""
    desk = opened(Limits(user_day=Limit(), at_once=None))
    desk.generations._admission = replace(desk.admission, gate=gate(read_settings({}, env_file=None)))
    for place in (CINEMA, Place(1), Place(2, 401)):
        refused = await desk.start(place=place)
        await desk.finish(refused, status=Status.REFUSED, reason="moderation", finished_at=desk.clock())
    for place in CONTEXTS.values():
        with pytest.raises(RequestRefused, match="struck_out"):
            await desk.start(place=place)

    assert 3 == len(await desk.store.history(ANNA.user_id))
    assert await desk.start(BEN)


@pytest.mark.parametrize("late", [False, True], ids=["at the door", "afterwards"])
async def test_a_provider_that_refuses_most_films_gets_a_rest(tmp_path, late, capsys):
    """A crowd of members that share one account stops by itself, and the operator is called (T-25)."""
    provider = FakeProvider()
    async with a_world(tmp_path, provider) as world:
        if late:
            provider.last_fetch = replace(provider.last_fetch, status="refused", reason="moderation_prompt")
        else:
            provider.submits.extend(ModerationRejected("maxapi", reason="moderation") for _ in PEOPLE)
        rows = [await world.ask(each) for each in PEOPLE]
        end = world.clock() + REST
        await world.rest()
        while world.clock() < end:
            due = await world.store.next_due(world.clock())
            world.clock.now = min(end, max(due or end, world.clock() + timedelta(seconds=1)))
            if world.clock() < end:
                await world.rest()
        most = BEARABLE + provider.concurrency

        assert BEARABLE < len(provider.sent) <= most
        assert len(PEOPLE) - most <= [(await world.now(row)).status for row in rows].count(Status.QUEUED)
        assert "most films are refused" in capsys.readouterr().out


async def test_a_provider_that_makes_films_again_is_sent_all(tmp_path):
    """The rest ends by itself, and what was made meanwhile makes up for refusals (T-25)."""
    provider = FakeProvider()
    async with a_world(tmp_path, provider) as world:
        provider.submits.extend(
            ModerationRejected("maxapi", reason="moderation") for _ in range(BEARABLE + 1)
        )
        rows = [await world.ask(each) for each in PEOPLE[: 2 * LOOKED_AT]]
        for row in rows:
            await world.until(row, Status.DELIVERED, Status.REFUSED)
        ended = [(await world.now(row)).status for row in rows]

        assert BEARABLE + 1 == ended.count(Status.REFUSED)
        assert len(rows) == ended.count(Status.REFUSED) + ended.count(Status.DELIVERED)


def test_a_rest_is_one_that_the_bot_keeps():
    """Longer pauses are taken for a clock that was set back."""
    assert REST <= LONGEST_PAUSE
