"""Discord outside of the process: the modelled server of the end-to-end tests, below discord.py.

discord.py itself, its HTTP layer with rate limits and repeats included, is the real one down to the session,
which is played.
"""

from __future__ import annotations

import asyncio
import errno
import io
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import discord
from simcord.backend import Backend, serializers

from tests.e2e.faults import Call
from tests.e2e.wire_rest import Answer, WireRest, _refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tests.faults.simulation.outside import Outside

TOKEN: Final = "MTA1.GdIsCo.canary-token-of-the-bot-0123456789"
API: Final = "/api/v10"
REFUSALS: Final = {
    "Discord is down": (503, 0),
    "Discord trips": (502, 0),
    "Discord forbids": (403, 50013),
    "Discord hides": (403, 50001),
    "Discord finds it too large": (413, 40005),
    "Discord's AutoMod": (400, 200000),
    "Discord's slow mode": (400, 20016),
    "Discord finds it malformed": (400, 50035),
}
WRITING: Final = frozenset(kind for kind, (status, _) in REFUSALS.items() if status in {400, 413})
"""Only what writes is refused so."""
BUSY: Final = "Discord is busy"
LOST: Final = "Discord's answer is lost"
LIE: Final = "Discord trips after the deed"
GONE: Final = "Discord's channel is gone"
KINDS: Final = (*REFUSALS, BUSY, LOST, LIE, GONE)


class Clock:
    """What SimCord wants of a clock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self._start = now()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return (self.now() - self._start).total_seconds()

    def advance(self, seconds: float) -> None:
        """SimCord's own timers aren't used."""


class Server(WireRest):
    """One server with a channel, another one for films, and members."""

    def __init__(self, now: Callable[[], datetime], outside: Outside, members: int = 3) -> None:
        clock: Any = Clock(now)
        self.backend = Backend(clock=clock)
        super().__init__(self.backend, clock, TOKEN, lambda: None)
        self._outside = outside
        self.guild = self.backend.create_guild("Matinee")
        self.channel = self.backend.create_channel(self.guild.id, "cinema", announce=False)
        self.gallery = self.backend.create_channel(self.guild.id, "films", announce=False)
        self.members = [self.backend.make_user(f"member{number}").id for number in range(members)]
        for member in self.members:
            self.backend.add_member(self.guild.id, member)
        self.gone: set[int] = set()
        """Channels that were deleted: they don't come back."""

    def admit(self, client: discord.Client, loop: asyncio.AbstractEventLoop) -> None:
        """Let a client in, as `login` and READY would."""
        http: Any = client.http
        http.loop, http.token = loop, TOKEN
        http._HTTPClient__session = self
        http._global_over = asyncio.Event()
        http._global_over.set()
        state: Any = client._connection
        state.user = discord.ClientUser(state=state, data=serializers.user_payload(self.backend.bot_user))
        state._add_guild_from_data(serializers.guild_create_payload(self.backend, self.guild))

    def request(self, method: str, url: str, **options: Any) -> _Exchange:
        """Be discord.py's session."""
        return _Exchange(self, method, url, options)

    async def exchange(self, method: str, url: str, options: dict[str, Any]) -> SimpleNamespace:
        """Answer as aiohttp's session would."""
        self._outside.callback_may(f"{method} at Discord")
        await self._outside.lag("Discord")
        body, files = _read(options.get("data"))
        path = url.split(API, 1)[1].split("?", 1)[0]
        call = Call(method, path, body, dict(options.get("params") or {}), (), self._clock.now())
        answer = self._respond(call, files)
        self._outside.note(f"{method} {path}", answer.status)
        await self._outside.lag("Discord")
        return SimpleNamespace(
            status=answer.status,
            reason="",
            headers={"content-type": "application/json", **answer.headers},
            text=lambda encoding: _later("" if answer.status == 204 else json.dumps(answer.body)),
        )

    def _respond(self, call: Call, files: list[SimpleNamespace]) -> Answer:
        outside = self._outside
        if self._is_gone(call):
            return _refusal(404, 10003, GONE)
        for kind, (status, code) in REFUSALS.items():
            if (kind not in WRITING or call.method != "GET") and outside.fault(kind, call.path):
                return _refusal(status, code, kind)
        if outside.fault(BUSY, call.path):
            answer = _refusal(429, 0, "slow down", retry_after=outside.chance.choice([0.5, 5, 100]))
            answer.headers = {"Via": "1.1 played"}
            return answer
        self._watch(call)
        answer = self._answer(call, files, f"Bot {TOKEN}")
        self.backend.transcript.clear()
        self.backend.http_requests.clear()
        if outside.fault(LIE, call.path):
            return _refusal(502, 0, "the deed is done")
        if outside.fault(LOST, call.path):
            raise OSError(errno.ECONNRESET, "Connection reset by peer")
        return answer

    def _is_gone(self, call: Call) -> bool:
        """Say whether its channel was deleted, perhaps just now; direct messages can't be."""
        parts = call.path.split("/")
        channel = int(parts[2]) if parts[1] == "channels" else 0
        if channel in {self.channel.id, self.gallery.id} and self._outside.fault(GONE, call.path):
            self.gone.add(channel)
        return channel in self.gone

    def _watch(self, call: Call) -> None:
        """I7: nobody is mentioned but, in films and notices, the requester."""
        if call.method not in {"POST", "PATCH"} or "/messages" not in call.path or "threads" in call.path:
            return
        allowed = (call.body or {}).get("allowed_mentions") or {"parse": ["everything"]}
        users = [int(user) for user in allowed.get("users") or ()]
        if (
            allowed.get("parse")
            or allowed.get("roles")
            or len(users) > 1
            or not set(users) <= {*self.members}
        ):
            self._outside.wrongs.append(f"I7: mentions {allowed}")

    def posts(self) -> list[Any]:
        """Return every message of the bot's that stands anywhere, in order."""
        ours = self.backend.bot_user.id
        every = (message for channel in self.backend.messages.values() for message in channel.values())
        return sorted((each for each in every if each.author_id == ours), key=lambda each: each.id)


class _Exchange:
    """A request under way, as discord.py enters it."""

    def __init__(self, server: Server, method: str, url: str, options: dict[str, Any]) -> None:
        self._asked = server, method, url, options

    async def __aenter__(self) -> SimpleNamespace:
        server, method, url, options = self._asked
        return await server.exchange(method, url, options)

    async def __aexit__(self, *_: object) -> None:
        """Nothing is held."""


async def _later(text: str) -> str:
    return text


def _read(data: Any) -> tuple[Any, list[SimpleNamespace]]:
    """Return the JSON body and the files of what discord.py sends."""
    if data is None or isinstance(data, str | bytes):
        return (json.loads(data) if data else None), []
    body, files = None, []
    for options, _, value in data._fields:
        if options["name"] == "payload_json":
            body = json.loads(value)
        else:
            data = value.read()
            file = {"fp": io.BytesIO(data), "filename": options["filename"], "description": None}
            files.append(SimpleNamespace(**file, size=len(data)))
    return body, files
