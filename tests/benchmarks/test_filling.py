"""Laws of the crowd that benchmarks stand on: the store reads it as its own, and its books are in order."""

from datetime import timedelta

import pytest

from benchmarks import filling, postgres
from benchmarks.filling import EACH, NOW, PROVIDER, USER, Crowd, fill_postgres, fill_sqlite
from bot.models import Cost, Hold, Status
from bot.store import open_store

FIRST = Crowd(delivered=40, waiting=20, due=3)
MORE = Crowd(delivered=60, waiting=10)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def crowd(request, database_url, tmp_path, monkeypatch):
    """Return a store that was filled in two steps, as curves of growth are."""
    if database_url is not None:
        server = request.getfixturevalue("postgres_server")
        monkeypatch.setitem(postgres._running, "server", server)
    for first, part in ((0, FIRST), (FIRST.size, MORE)):
        if database_url is None:
            await fill_sqlite(tmp_path, part, first=first)
        else:
            await fill_postgres(database_url, part, tmp_path, first=first)
    store = await open_store(database_url, tmp_path)
    yield store
    await store.close()


async def test_a_crowd_is_what_the_store_would_have_written(crowd):
    """Due, waiting and delivered, each read back whole; the next is due in hours."""
    claimed = await crowd.claim(NOW, lease=MINUTE, most=100)

    assert FIRST.due == len(claimed)
    counts = await crowd.counts()
    assert (100, 33) == (counts[Status.DELIVERED], counts[Status.RUNNING])
    assert FIRST.due + FIRST.waiting + MORE.waiting == await crowd.at_provider(PROVIDER)
    later = await crowd.next_due(NOW)
    assert NOW + MINUTE == later, "when the leases end"
    assert EACH == len(await crowd.history(USER, most=EACH + 1))
    (newest, *_) = await crowd.history(USER + 1)
    assert (USER + 1, filling.WAITING.place) == (newest.requester.user_id, newest.place)


async def test_its_books_are_in_order(crowd):
    """Places taken are those of what runs, and every member's counter is what their rows cost."""
    member = f"{0:032x}"

    places, day = await crowd.used(
        [Hold("provider", PROVIDER, "now", Cost()), Hold("user", member, "2026-11-21", Cost())]
    )

    assert 33 == places.videos
    assert Cost(EACH, 5 * EACH, 250_000 * EACH) == day


def test_a_quotation_mark_in_a_text_stays_one():
    """Rows are written as literals."""
    assert "'it''s'" == filling._literal("it's", filling.SQLITE)
