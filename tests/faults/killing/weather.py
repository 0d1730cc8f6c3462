"""Faults by chance, everywhere at once: what the bot's surroundings do to it in a bad season."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from bot.demo.stand_ins.faults import FaultBook
from bot.demo.stand_ins.records import Fault, FaultKind
from tests.e2e.faults import Fault as WireFault
from tests.e2e.house import PROVIDERS

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from bot.demo.stand_ins import StandIns
    from tests.e2e.faults import Call
    from tests.e2e.wire import WireDiscord

AT_REQUESTS: Final = (
    {"kind": FaultKind.SLOW, "seconds": 1.5},
    {"kind": FaultKind.SLOW, "seconds": 0.7, "charged": True},
    {"kind": FaultKind.RATE_LIMIT, "retry_after": "1"},
    {"kind": FaultKind.RATE_LIMIT},
    {"kind": FaultKind.ERROR, "status": 500},
    {"kind": FaultKind.ERROR, "status": 503, "retry_after": "1"},
    {"kind": FaultKind.ERROR, "status": 502, "charged": True},
    {"kind": FaultKind.CLOSE},
    {"kind": FaultKind.CLOSE, "charged": True},
    {"kind": FaultKind.GARBAGE},
    {"kind": FaultKind.GARBAGE, "charged": True},
)
AT_TASKS: Final = (
    {"kind": FaultKind.REVIEW},
    {"kind": FaultKind.FAILURE},
    {"kind": FaultKind.TIMEOUT},
    {"kind": FaultKind.UNKNOWN_STATUS},
    {"kind": FaultKind.LOST_CALLBACK},
    {"kind": FaultKind.DOUBLE_CALLBACK},
    {"kind": FaultKind.LATE_CALLBACK, "seconds": 5},
    {"kind": FaultKind.EXPIRED_RESULT, "downloads": 1},
    {"kind": FaultKind.TRUNCATED_RESULT, "downloads": 1},
    {"kind": FaultKind.TRUNCATED_RESULT, "downloads": 1, "admitted": True, "share": 0.9},
)
AT_DISCORD: Final = (
    ("refuse", {"status": 429, "retry_after": 0.3}),
    ("refuse", {"status": 500}),
    ("refuse", {"status": 503}),
    ("refuse", {"status": 403, "code": 50013, "message": "Missing Permissions"}),
    ("refuse", {"status": 413, "code": 40005, "message": "Request entity too large"}),
    ("lie", {"status": 502}),
    ("drop", {}),
)
CALMED: Final = ("/users/@me", "/gateway", "/oauth2")
"""What a start asks for: one that is refused there ends with its reason, which is proved elsewhere."""


class Weather:
    """Rolls dice for every request and task; `share` of them meet a fault. At 0 it has cleared up."""

    def __init__(self, share: float, dice: random.Random) -> None:
        self.share = share
        self.struck: int = 0
        self._dice = dice

    def _strikes(self) -> bool:
        struck = self._dice.random() < self.share
        self.struck += struck
        return struck

    def over_providers(self, stand_ins: StandIns) -> None:
        """Let it come over the providers, besides what is ordered there."""
        book = stand_ins.faults
        book.at_request = self._chance(book, FaultBook.at_request, AT_REQUESTS)  # type: ignore[method-assign]
        book.at_task = self._chance(book, FaultBook.at_task, AT_TASKS)  # type: ignore[method-assign]

    def _chance(
        self, book: FaultBook, ordered: Callable[..., list[Fault]], kinds: tuple[dict[str, Any], ...]
    ) -> Callable[..., list[Fault]]:
        def faults(*what: str) -> list[Fault]:
            by_chance = [Fault(**self._dice.choice(kinds))] if self._strikes() else []
            return ordered(book, *what) + by_chance

        return faults

    def over_discord(self, wire: WireDiscord) -> None:
        """Let it come over Discord."""
        for kind, more in AT_DISCORD:
            fault = WireFault("*", "*", kind, times=None, where=self._of(len(AT_DISCORD)), **more)
            wire.rest.faults.append(fault)

    def _of(self, many: int) -> Callable[[Call], bool]:
        """Return what strikes one of so many kinds."""

        def where(call: Call) -> bool:
            struck = not call.path.startswith(CALMED) and self._dice.random() < self.share / many
            self.struck += struck
            return struck

        return where

    async def forge(self, public_url: str) -> None:
        """Send a callback that no provider has sent; whether anybody is there doesn't matter."""
        body = self._dice.choice((b"{}", b'{"taskId": "t1", "status": "SUCCESS"}', b"\xff" * 99, b"[" * 999))
        address = f"{public_url}/callbacks/{self._dice.choice(PROVIDERS)}/{secrets.token_urlsafe(24)}"
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(3)) as session:
            try:
                async with session.post(address, data=body) as answer:
                    assert answer.status >= 400, f"a forged callback was answered {answer.status}"
            except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError):
                return
