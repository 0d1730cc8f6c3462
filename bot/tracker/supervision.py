"""Keeps a loop running that must never end: a failure is logged and it is begun again, but not for ever."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from bot.errors import KeepsFailing
from bot.tracker.context import log

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

MOST: Final = 5
"""Failures within `WITHIN` after which a fresh process is the better hope."""
WITHIN: Final = timedelta(minutes=5)


async def supervised(
    name: str,
    work: Callable[[], Coroutine[Any, Any, None]],
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Do the work until it ends by itself, and anew whenever it fails, after 1, 2, 4 and 8 seconds.

    Raises `KeepsFailing` at the fifth failure within five minutes. `clock` is in seconds and never goes back.
    """
    failures: deque[float] = deque()
    while True:
        try:
            return await work()
        except Exception:  # noqa: BLE001 - whatever it was, films are waiting
            now = clock()
            failures.append(now)
            while now - failures[0] > WITHIN.total_seconds():
                failures.popleft()
            log.exception("a loop failed", loop=name, failures=len(failures))
        if len(failures) >= MOST:
            text = f"The {name} failed {MOST} times within {WITHIN.seconds // 60} minutes; the log says why."
            raise KeepsFailing(text)
        await sleep(2.0 ** (len(failures) - 1))
