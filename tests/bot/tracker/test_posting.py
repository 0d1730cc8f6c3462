"""Laws of `bot.tracker.posting`: a post is over before Discord may forget its nonce."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.delivery import NONCE_WINDOW
from bot.errors import DiscordUnavailable, TooLarge
from bot.tracker import posting


class Posts:
    """A post that takes as long as it is told, in the loop's own time."""

    def __init__(self, monkeypatch):
        self.loop = asyncio.get_running_loop()
        self.began = self.loop.time()
        self.passed = 0.0
        real = self.loop.time
        monkeypatch.setattr(self.loop, "time", lambda: real() + self.passed)

    async def lasting(self, seconds):
        """Return the seconds, if nobody breaks off."""
        self.passed += seconds
        await asyncio.sleep(0.001)  # the loop looks at the time
        return seconds


async def at_once(outcome):
    """End at once."""
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


@pytest.mark.parametrize(
    ("ago", "lasts", "in_time"), [(0, 99, True), (0, 101, False), (60, 39, True), (60, 41, False)]
)
async def test_a_post_is_broken_off_before_its_nonce_may_be_forgotten(
    world, monkeypatch, ago, lasts, in_time
):
    """Counted from the look before it, however long that was ago: 100 s, then it may stand there (D-04)."""
    since = world.clock() - timedelta(seconds=ago)
    post = posting.in_time(world.context, since, Posts(monkeypatch).lasting(lasts))

    if in_time:
        assert lasts == await post
        return
    with pytest.raises(DiscordUnavailable) as caught:
        await post
    assert caught.value.out_of_time


async def test_a_look_that_is_too_old_lets_nothing_be_posted(world):
    """There is no time left in which the nonce would hold."""
    since = world.clock() - NONCE_WINDOW
    with pytest.raises(DiscordUnavailable) as caught:
        await posting.in_time(world.context, since, at_once("posted"))

    assert not caught.value.out_of_time


async def test_a_clock_that_was_set_back_gives_no_more_time(world, monkeypatch):
    """The look seems to come from the future."""
    since = world.clock() + timedelta(hours=1)
    with pytest.raises(DiscordUnavailable):
        await posting.in_time(world.context, since, Posts(monkeypatch).lasting(101))


async def test_what_discord_says_is_passed_on(world):
    """An error of the post is the post's."""
    with pytest.raises(TooLarge):
        await posting.in_time(world.context, world.clock(), at_once(TooLarge("413")))


@pytest.mark.parametrize(
    ("error", "least", "most"),
    [
        (DiscordUnavailable("503"), 0.5, 60),
        (DiscordUnavailable("20016", retry_after=timedelta(hours=2)), 7200, 7200),
        (None, 0.5, 60),
    ],
)
def test_discords_own_word_on_when_to_come_again_is_kept(world, error, least, most):
    """However long: a slow mode lasts up to six hours (D-12)."""
    for misses in (1, 5, 50):
        waited = posting.wait(world.context, misses, error, most=timedelta(minutes=1))
        assert least <= waited.total_seconds() <= most
