"""Laws of `bot.members.ordering`, on a real store."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from bot.errors import NotFound, NothingCovers, QuotaExceeded, RequestRefused
from bot.members.ordering import LIFE, Ordering
from bot.models import Mode, Status
from bot.orders import Order
from bot.servers import ServerRules
from bot.store.forgetting import blank
from bot.store.orders import Orders
from tests.bot.desk import Desk
from tests.fakes import ANNA, BEN, CINEMA, a_request


@pytest.fixture
def desk(store, tmp_path):
    """Yield a desk with an ordering on it."""
    desk = Desk(store, tmp_path)
    desk.ordering = Ordering(
        desk.generations, desk.admission, Orders(store.engine), store, desk.clock, Random(0)
    )
    return desk


async def test_an_order_is_its_members_until_it_is_taken(desk):
    """Nobody else gets it, and nobody gets it twice."""
    order = Order(a_request(), CINEMA)
    id_ = await desk.ordering.keep(order, ANNA.user_id)

    assert order == await desk.ordering.look(id_, ANNA.user_id)
    with pytest.raises(RequestRefused, match="order_gone"):
        await desk.ordering.take(id_, BEN.user_id)
    assert order == await desk.ordering.take(id_, ANNA.user_id)
    with pytest.raises(RequestRefused, match="order_gone"):
        await desk.ordering.look(id_, ANNA.user_id)


async def test_a_day_later_it_is_forgotten_with_its_files(desk):
    """Files that only a forgotten order had are deleted, those of a generation stay."""
    names = ("alone.mp4", "shared.mp4", "frame.mp4", "orphan.mp4")
    kept = [await desk.generations.keep(name, "", b"x") for name in names]
    alone, shared, frame, orphan = kept
    parent = await desk.start(mode=Mode.REFERENCE, media=(shared,))
    for media, parent_id in (((alone,), None), ((shared, frame), parent.id), ((orphan,), "f" * 16)):
        asked = a_request(mode=Mode.REFERENCE, media=media)
        await desk.ordering.keep(Order(asked, CINEMA, parent_id), ANNA.user_id)
    await desk.ordering.sweep(desk.clock() + LIFE)
    before = [desk.hosting.media_path(file).exists() for file in kept]
    await desk.ordering.sweep(desk.clock() + LIFE + timedelta(seconds=1))
    after = [desk.hosting.media_path(file).exists() for file in kept]

    assert (before, after) == ([True] * 4, [False, True, False, True])


async def test_a_file_that_a_film_under_way_needs_outlives_an_order(desk):
    """Ben asked twice for Anna's film, confirmed once, and Anna had everything of hers deleted meanwhile."""
    file = await desk.generations.keep("shared.mp4", "", b"x")
    said = {"mode": Mode.REFERENCE, "media": (file,)}
    annas = await desk.start(**said)
    await desk.ordering.keep(Order(a_request(**said), CINEMA, annas.id), BEN.user_id)
    bens = await desk.start(BEN, **said)
    ended = await desk.finish(annas, status=Status.FAILED)
    await desk.store.move(ended, desk.clock(), due_at=None, **blank(ended, Random(0)))
    await desk.ordering.sweep(desk.clock() + LIFE + timedelta(seconds=1))

    assert Status.QUEUED is bens.status
    assert desk.hosting.media_path(file).exists()


@pytest.mark.parametrize(
    ("refusal", "said", "expected"),
    [
        (NothingCovers([]), {"seconds": 60}, ((("seconds", 15),),)),
        (RequestRefused("seconds"), {"seconds": 60}, ((("seconds", 15),),)),
        (QuotaExceeded("quota", unit="seconds", left=6), {"seconds": 9}, ((("seconds", 6),),)),
        (QuotaExceeded("quota", unit="seconds", left=2), {"seconds": 9}, ()),
        (QuotaExceeded("quota", unit="videos", left=0), {"seconds": 9}, ()),
        (QuotaExceeded("at_once", used=2, limit=2), {}, ()),
        (RequestRefused("price_unknown"), {"seconds": 60}, ()),
        (RequestRefused("words"), {"seconds": 60}, ()),
        (RequestRefused("blocked"), {"seconds": 60}, ()),
        (NotFound("not_found"), {"seconds": 60}, ()),
    ],
)
async def test_what_is_offered_instead(desk, refusal, said, expected):
    """Where options are what is wrong, the nearest; where it is something else, nothing."""
    assert expected == await desk.ordering.mends(a_request(**said), CINEMA.guild_id, refusal)


async def test_nothing_is_offered_that_the_server_forbids(desk):
    """Its longest film is the longest that is offered."""
    rules = ServerRules(longest=8)
    await desk.servers.change(CINEMA.guild_id, lambda _: rules, desk.clock())
    refusal = RequestRefused("long_for_server")

    assert ((("seconds", 8),),) == await desk.ordering.mends(a_request(seconds=12), CINEMA.guild_id, refusal)
    assert ((("seconds", 15),),) == await desk.ordering.mends(a_request(seconds=60), None, refusal)


async def test_the_time_it_takes_is_the_providers_word_at_first(desk):
    """Usually and at worst, of the model that it goes to."""
    generation = await desk.start(provider="evolink")
    (model,) = (
        one
        for one in desk.generations.capabilities()
        if (one.provider, one.model) == ("evolink", generation.request.model)
    )
    assert model.expected == await desk.ordering.expected(generation)


async def test_a_film_is_begun_though_nobody_can_say_how_long_it_takes(desk):
    """A database that fails just then changes nothing of what was written."""
    generation = await desk.start(provider="evolink")
    await desk.store.close()

    usual, worst = await desk.ordering.expected(generation)
    assert timedelta() < usual <= worst
