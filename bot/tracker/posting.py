"""How long a post may take, and how soon it is tried again, so that two posts never make two messages.

Whoever posts has just looked, or knows that nobody has posted before. What another process (or one that is
gone) was sending at that time may still arrive, but then Discord gets our own copy so soon after it that it
still knows the nonce. So a post is broken off before that could be over.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from bot.delivery import NONCE_WINDOW
from bot.errors import DiscordUnavailable
from bot.schedule import backoff

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from datetime import datetime

    from bot.tracker.context import Context

WITHIN = NONCE_WINDOW - timedelta(seconds=20)
"""From the look to the end of the post; the rest is for clocks and for what is on its way."""
LOOK_AGAIN = timedelta(seconds=10)
"""A look that is older is done again before posting, so that the post has its time."""
Answer = TypeVar("Answer")


async def in_time(context: Context, since: datetime, post: Coroutine[None, None, Answer]) -> Answer:
    """Post, and be done `WITHIN` after `since`, the moment of the last look.

    Raises `DiscordUnavailable` if that takes too long, and as the post does.
    """
    left = min(WITHIN, since + WITHIN - context.clock())
    if left <= timedelta(0):
        post.close()
        raise DiscordUnavailable("too late to begin")
    try:
        async with asyncio.timeout(left.total_seconds()):
            return await post
    except TimeoutError as error:
        raise DiscordUnavailable("broken off", out_of_time=True) from error


def wait(context: Context, misses: int, error: Exception | None, *, most: timedelta) -> timedelta:
    """Return when to try again: as Discord says, else after a wait that grows up to `most`."""
    told = error.retry_after if isinstance(error, DiscordUnavailable) else None
    return max(told or timedelta(0), backoff(misses, context.random, most=most))
