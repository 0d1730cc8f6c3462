"""The pause that we keep when Discord has shut our address out.

Too many refused calls, 10,000 within ten minutes, and Cloudflare answers in Discord's place for a while: 429
without the header `Via` (topics/rate-limits, "Invalid Request Limit"). Whoever goes on calling stays out.

With a proxy between us and Discord a 429 without `Via` may be its own, or Discord's whose `Via` it dropped.
The API's 429s name their scope (`X-RateLimit-Scope`, ibid.), and so does what nirn-proxy makes up when it is
busy; what came from Cloudflare bears its `CF-RAY`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import aiohttp
import discord
import structlog
from discord.http import Route
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from types import SimpleNamespace

LEAST: Final = timedelta(minutes=10)
"""The next call after this tells whether it is over."""
TOO_MANY: Final = 429
ITS_HOST: Final = "discord.com"
log = structlog.get_logger(__name__)


class Ban:
    """Sees every answer of Discord's, and lets no call out while we are shut out."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._until: datetime | None = None

    @property
    def left(self) -> timedelta:
        """How long no call goes out; nothing: we aren't shut out, as far as is known."""
        now = self._clock()
        if self._until is None or self._until <= now:
            return timedelta(0)
        self._until = min(self._until, now + LEAST)  # the clock may be set back
        return self._until - now

    def watch(self) -> aiohttp.TraceConfig:
        """Return what discord.py's one session is to be built with; its sockets to the gateway stay."""
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._before)
        trace.on_request_end.append(self._after)
        return trace

    async def _before(
        self, _: aiohttp.ClientSession, __: SimpleNamespace, request: aiohttp.TraceRequestStartParams
    ) -> None:
        """Raise `RateLimited` instead of making a call."""
        if self.left and _is_discord(request.url):
            raise discord.RateLimited(self.left.total_seconds())

    async def _after(
        self, _: aiohttp.ClientSession, __: SimpleNamespace, answer: aiohttp.TraceRequestEndParams
    ) -> None:
        """Begin the pause, and say so once."""
        response = answer.response
        if response.status != TOO_MANY or not _is_discord(answer.url) or not _shuts_out(response.headers):
            return
        if not self.left:
            log.error("the operator is needed", error="Discord has shut out this address")
        self._until = self._clock() + LEAST


def _shuts_out(headers: Mapping[str, str]) -> bool:
    """Return whether it is Cloudflare that answers 429, not the API, nor a proxy of the operator's."""
    names = {name.lower() for name in headers}
    if "via" in names or "x-ratelimit-scope" in names:
        return False
    return URL(Route.BASE).host == ITS_HOST or "cf-ray" in names


def _is_discord(url: URL) -> bool:
    """Return whether it is Discord's API that is called, not where it keeps files, nor its gateway."""
    return str(url).startswith(Route.BASE)
