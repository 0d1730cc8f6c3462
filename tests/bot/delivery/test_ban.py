"""Laws of `bot.delivery.ban`: while Discord shuts us out, nothing goes out."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import discord
import pytest
from discord.http import Route
from yarl import URL

from bot.delivery.ban import LEAST, Ban
from tests.fakes import Clock

HERE = URL(f"{Route.BASE}/channels/1/messages")
ELSEWHERE = URL("https://cdn.discordapp.com/attachments/1/2/a.png")


class Line:
    """A connection that a ban watches."""

    def __init__(self):
        self.clock = Clock()
        self.ban = Ban(self.clock)
        [self.before], [self.after] = (
            self.ban.watch().on_request_start,
            self.ban.watch().on_request_end,
        )

    async def call(self, url, status, **headers):
        """Make a call that is answered so."""
        await self.before(None, None, SimpleNamespace(url=url))
        await self.answered(url, status, **headers)

    async def answered(self, url, status, **headers):
        """Get the answer to a call that was already on its way."""
        answer = SimpleNamespace(status=status, headers=headers)
        await self.after(None, None, SimpleNamespace(url=url, response=answer))


@pytest.fixture
def line():
    """Return a connection."""
    return Line()


async def test_a_ban_lasts_ten_minutes_for_every_call_to_discords_api(line):
    """Files at Discord's other addresses aren't what was called too often (D-02)."""
    await line.call(HERE, 429)
    with pytest.raises(discord.RateLimited) as caught:
        await line.call(HERE, 200)
    assert LEAST.total_seconds() == caught.value.retry_after
    line.clock.forward(minutes=1)
    await line.answered(HERE, 429)
    assert LEAST == line.ban.left
    await line.call(ELSEWHERE, 200)

    line.clock.now += LEAST
    await line.call(HERE, 200)


@pytest.mark.parametrize(
    ("url", "status", "headers"),
    [
        (HERE, 429, {"Via": "1.1 google"}),
        (HERE, 429, {"x-ratelimit-scope": "user"}),
        (ELSEWHERE, 429, {}),
        (HERE, 503, {}),
        (HERE, 200, {}),
    ],
)
async def test_nothing_else_is_a_ban(line, url, status, headers):
    """Discord's own 429 says `Via` and its scope, and is discord.py's business."""
    await line.call(url, status, **headers)

    assert timedelta(0) == line.ban.left


@pytest.mark.parametrize(
    ("headers", "banned"),
    [
        ({}, False),
        ({"generated-by-proxy": "true", "x-ratelimit-scope": "user", "retry-after": "1"}, False),
        ({"x-ratelimit-scope": "global", "cf-ray": "8f0-AMS", "server": "cloudflare"}, False),
        ({"via": "1.1 google", "cf-ray": "8f0-AMS"}, False),
        ({"cf-ray": "8f0-AMS", "server": "cloudflare"}, True),
    ],
)
async def test_behind_a_proxy_only_cloudflares_own_refusal_is_a_ban(line, monkeypatch, headers, banned):
    """Not what the proxy makes up when it is busy, nor what Discord says and the proxy passes on."""
    monkeypatch.setattr(Route, "BASE", "http://127.0.0.1:8080/api/v10")
    await line.call(URL(f"{Route.BASE}/channels/1/messages"), 429, **headers)

    assert banned == bool(line.ban.left)


async def test_a_clock_that_is_set_back_prolongs_no_ban(line):
    """Ten minutes at the most from the moment on at which that is seen (D-02, S-06)."""
    await line.call(HERE, 429)
    line.clock.forward(days=-1)
    assert LEAST == line.ban.left

    line.clock.forward(minutes=9)
    assert timedelta(minutes=1) == line.ban.left
    line.clock.forward(minutes=1)
    assert timedelta(0) == line.ban.left
    await line.call(HERE, 200)
