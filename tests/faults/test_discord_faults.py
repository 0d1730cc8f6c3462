"""Whatever Discord answers to a post: the film comes once, and Discord is asked as seldom as it wants."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.delivery.ban import LEAST
from bot.models import Notice, ProviderTask, Status, TaskStatus
from tests.e2e.faults import with_film
from tests.faults.lobby import a_lobby, another_process

MESSAGES = "/channels/*/messages"
DISCORDS_MEMORY = timedelta(seconds=180)


@pytest.fixture
async def lobby(on_both, tmp_path, monkeypatch):
    """Yield a member, a channel and the bot."""
    async with a_lobby(tmp_path, monkeypatch) as opened:
        yield opened


def without_film(call):
    """Match what uploads nothing."""
    return not call.films


async def test_a_film_that_must_wait_keeps_no_other_waiting(lobby):
    """A limit of an hour on one channel: another one's film comes now, and this one's when told (D-01)."""
    lobby.wire.fault("POST", f"/channels/{lobby.wire.channel_id}/messages", "refuse", status=429,
                     retry_after=3600, where=with_film)  # fmt: skip
    held = await lobby.ask()
    await lobby.world.rest()
    other = await lobby.ask(channel_id=lobby.wire.channel("other"))
    assert Status.DELIVERED is (await lobby.delivered(other, hours=0.5)).status
    assert Status.POSTING is (await lobby.world.now(held)).status

    ended = await lobby.delivered(held)

    assert Status.DELIVERED is ended.status
    assert ended.finished_at >= held.created_at + timedelta(hours=1)
    assert 2 == len(lobby.films())
    assert 30 == lobby.client.http.max_ratelimit_timeout


async def test_while_discord_shuts_us_out_no_call_is_made_at_all(lobby):
    """Ten minutes without a call whatever is due, one word to the operator, then everything comes (D-02)."""
    lobby.wire.fault("POST", MESSAGES, "refuse", status=429, via=False, where=with_film)
    first = await lobby.ask()
    with capture_logs() as logged:
        await lobby.world.rest()
        begun, calls = lobby.clock(), len(lobby.wire.rest.calls)
        second = await lobby.ask()
        while lobby.clock() < begun + LEAST - timedelta(seconds=11):
            await lobby.world.rest()
            lobby.clock.forward(seconds=10)
        assert calls == len(lobby.wire.rest.calls)
        assert any("shut out" in each for each in lobby.client.troubles)
        ended = [await lobby.delivered(each) for each in (first, second)]

    assert [Status.DELIVERED] * 2 == [each.status for each in ended]
    assert 2 == len(lobby.films())
    assert not any("shut out" in each for each in lobby.client.troubles)
    assert 1 == [each["event"] for each in logged].count("the operator is needed")


async def test_a_call_that_was_refused_again_begins_the_pause_anew(lobby):
    """Discord needs longer than ten minutes: one call more each time, and nothing is lost (D-02)."""
    lobby.wire.fault("*", "*", "refuse", status=429, via=False, times=None)
    asked = await lobby.ask()
    begun = lobby.clock()
    while lobby.clock() < begun + 6 * LEAST:
        await lobby.world.rest()
        lobby.clock.forward(seconds=30)
    lobby.wire.rest.faults.clear()

    ended = await lobby.delivered(asked)

    calls = [call for call in lobby.wire.rest.calls if call.status == 429]
    assert len(calls) <= 8
    assert (Status.DELIVERED, 1) == (ended.status, len(lobby.films()))


@pytest.mark.parametrize("status", [500, 502, 504, 524])
async def test_a_post_that_was_taken_and_called_an_error_is_repeated_with_its_nonce(lobby, status):
    """discord.py tries again at once, with the same nonce: one message (D-03)."""
    lobby.wire.fault("POST", MESSAGES, "lie", status=status, times=2, where=with_film)
    ended = await lobby.delivered(await lobby.ask())

    assert Status.DELIVERED is ended.status
    assert 3 == len(lobby.posts())
    assert 1 == len({call.body["nonce"] for call in lobby.posts()})
    assert [ended.message_id] == [message.id for message in lobby.films()]


@pytest.mark.parametrize("kind", ["refuse", "lie", "drop"])
@pytest.mark.parametrize("later", [timedelta(0), timedelta(minutes=10)])
async def test_a_post_without_an_answer_is_looked_for_before_it_is_repeated(lobby, kind, later):
    """503 or a reset, before or after it was taken; even where its nonce is long forgotten (D-04, D-18)."""
    lobby.wire.fault("POST", MESSAGES, kind, status=503, where=with_film)
    asked = await lobby.ask()
    await lobby.world.rest()
    assert Status.POSTING is (await lobby.world.now(asked)).status
    lobby.clock.now += later

    ended = await lobby.delivered(asked)

    assert Status.DELIVERED is ended.status
    assert [ended.message_id] == [message.id for message in lobby.films()]
    assert (2 if kind == "refuse" else 1) == len(lobby.posts())


@pytest.fixture
async def passing(lobby, monkeypatch):
    """Return what lets time pass for the tracker, for Discord and for the event loop."""
    loop, passed = asyncio.get_running_loop(), [0.0]
    real = loop.time
    monkeypatch.setattr(loop, "time", lambda: real() + passed[0])

    def is_asked():
        """Tell whether PostgreSQL is just being asked for something, which would be late then."""
        engine = lobby.world.store.engine
        if engine.alone:
            return False
        return engine._pool.get_idle_size() < engine._pool.get_size() or engine._wakeups._turn.locked()

    async def forward(seconds):
        await lobby.wire.until(lambda: not is_asked(), what="the database to have answered")
        lobby.clock.forward(seconds=seconds)
        passed[0] += seconds
        for _ in range(20):
            await asyncio.sleep(0)

    return forward


@pytest.mark.parametrize("later", [timedelta(seconds=10), DISCORDS_MEMORY + timedelta(seconds=1)])
async def test_an_upload_that_outlives_its_lease_makes_no_second_film(lobby, passing, later):
    """Another process has posted: it arrives soon and bears the same nonce, or is broken off (D-04)."""
    slow = lobby.wire.fault("POST", MESSAGES, "late", where=with_film)
    asked = await lobby.ask()
    uploading = asyncio.create_task(lobby.world.tracker.settle())
    await lobby.wire.until(slow.reached.is_set, what="an upload")
    await passing(61)  # nothing extends the lease
    async with another_process(lobby) as other:
        await other.settle()
    assert Status.DELIVERED is (await lobby.world.now(asked)).status
    await passing(later.total_seconds())
    slow.release()
    async with asyncio.timeout(30):
        await uploading

    assert 1 == len(lobby.films())


async def test_an_upload_that_hangs_is_broken_off_and_looked_for(lobby, passing):
    """It was taken after all: found, and not posted again (D-04)."""
    hang = lobby.wire.fault("POST", MESSAGES, "hold", where=with_film)
    asked = await lobby.ask()
    uploading = asyncio.create_task(lobby.world.tracker.settle())
    await lobby.wire.until(hang.reached.is_set, what="an upload")
    await passing(101)
    async with asyncio.timeout(30):
        await uploading

    ended = await lobby.delivered(asked)

    assert (Status.DELIVERED, 1, 1) == (ended.status, len(lobby.posts()), len(lobby.films()))


async def test_a_film_that_the_line_does_not_carry_in_time_goes_in_a_smaller_edition(lobby, passing):
    """Three uploads are broken off; then less is sent, and it comes (D-04)."""
    lobby.world.downloader.size = 9_000_000
    asked = await lobby.ask()
    for _ in range(3):
        slow = lobby.wire.fault("POST", MESSAGES, "late", where=with_film)
        uploading = asyncio.create_task(lobby.world.tracker.settle())
        await lobby.wire.until(slow.reached.is_set, what="an upload")
        await passing(101)
        async with asyncio.timeout(30):
            await uploading
        lobby.clock.forward(minutes=1)
        slow.release()

    ended = await lobby.delivered(asked)

    ((_, film),) = lobby.films()[0].films
    assert (Status.DELIVERED, 1) == (ended.status, len(lobby.films()))
    assert 7_000_000 < len(film) < 9_000_000


async def test_a_card_whose_answer_is_lost_is_posted_once(lobby):
    """It is looked for before it is posted again (D-18)."""
    lobby.wire.fault("POST", MESSAGES, "drop", where=without_film)
    asked = await lobby.ask()
    lobby.clock.forward(minutes=10)
    await lobby.delivered(asked)

    cards = [message for message in lobby.wire.messages() if message.embeds]
    assert 1 == len(cards)


@pytest.mark.parametrize("wish", ["here", "both"])
async def test_a_notice_or_a_copy_whose_answer_is_lost_is_sent_once(lobby, wish):
    """A copy in person, and the news that there is no film: each follows the film's own rule (D-18)."""
    if wish == "here":
        failed = ProviderTask("t1", TaskStatus.FAILED, reason="provider")
        lobby.world.providers["maxapi"].last_fetch = failed
    asked = await lobby.ask(deliver=wish)
    place = lobby.wire.channel_id if wish == "here" else lobby.wire.dm_of(lobby.ada.id)
    lost = lobby.wire.fault("POST", f"/channels/{place}/messages", "drop")
    await lobby.world.rest()
    assert lost.reached.is_set()
    lobby.clock.forward(minutes=10)

    ended = await lobby.world.until(asked, Status.FAILED, Status.DELIVERED)

    if wish == "here":
        assert Notice.TOLD is ended.notice
        assert 1 == len([each for each in lobby.wire.messages() if lobby.ada.id in each.pings])
    else:
        assert Notice.TOLD is ended.copy
        assert 1 == len(lobby.in_person())


@pytest.mark.parametrize(("status", "code"), [(429, 20016), (429, 20028), (429, 30046)])
async def test_slow_mode_and_write_limits_are_waited_out_as_long_as_told(lobby, status, code):
    """Two hours of slow mode: no call for it within them, then the film (D-12)."""
    lobby.wire.fault("POST", MESSAGES, "refuse", status=status, code=code, retry_after=7200, where=with_film)
    asked = await lobby.ask()
    await lobby.world.rest()
    waiting = await lobby.world.now(asked)
    assert waiting.due_at >= lobby.clock() + timedelta(hours=2)

    ended = await lobby.delivered(asked)

    assert (Status.DELIVERED, 2, 1) == (ended.status, len(lobby.posts()), len(lobby.films()))
