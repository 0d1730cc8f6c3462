"""A small HTTP and gateway server that puts SimCord's modelled Discord on the wire, in real time."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeVar

import discord
from aiohttp import web
from simcord.backend import serializers
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from .faults import Call, Fault, any_call
from .wire_gateway import WireGateway
from .wire_rest import MIB, PREFIX, WireRest
from .world import new_backend

if TYPE_CHECKING:
    from collections.abc import Callable

    from simcord.backend.models import Message

TOKEN = "MTA1.canary-discord-token.9f2c61d07b"
EPHEMERAL = 1 << 6
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Button:
    """A button as a member sees it."""

    label: str
    custom_id: str | None
    url: str | None
    disabled: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as it stands now."""

    id: int
    channel_id: int
    author_id: int
    content: str
    embeds: tuple[dict[str, Any], ...]
    buttons: tuple[Button, ...]
    attachments: tuple[tuple[str, bytes], ...]
    pings: tuple[int, ...]
    """The members whom this message notifies: mentioned and allowed."""
    ephemeral: bool
    edited: bool

    @property
    def text(self) -> str:
        """Everything that is readable: content, then the embeds' words."""
        words = [self.content]
        for embed in self.embeds:
            words += [embed.get("title") or "", embed.get("description") or ""]
            words += [f"{f['name']}\n{f['value']}" for f in embed.get("fields", ())]
            words.append((embed.get("footer") or {}).get("text") or "")
        return "\n".join(word for word in words if word)

    @property
    def films(self) -> tuple[tuple[str, bytes], ...]:
        """Attached films: name and bytes."""
        return tuple((name, data) for name, data in self.attachments if name.endswith(".mp4"))


def _buttons(rows: list[dict[str, Any]]) -> list[Button]:
    found = []
    for component in rows:
        if component.get("type") == 2:
            found.append(
                Button(
                    component.get("label") or "",
                    component.get("custom_id"),
                    component.get("url"),
                    bool(component.get("disabled")),
                )
            )
        found += _buttons(component.get("components") or [])
    return found


class WireDiscord:
    """One modelled Discord with one server (`Playhouse`) and one channel (`films`), on loopback ports."""

    def __init__(self, token: str = TOKEN, listen: str = "127.0.0.1") -> None:
        self.token = token
        self._listen = listen
        self.backend, self.clock, self._cdn = new_backend()
        self.guild = self.backend.create_guild("Playhouse")
        self.channel_id = self.channel("films")
        self.gateway = WireGateway(self.backend, token, self._notify)
        self.rest = WireRest(self.backend, self.clock, token, self._notify)
        self.attachment_size_limit = 10 * MIB
        self.host = ""
        self.attachment_reads: list[str] = []
        self._runner: web.AppRunner | None = None
        self._news = asyncio.Event()

    # ---------------------------------------------------------------- listening

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=256 * MIB)
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/gateway/", self.gateway.serve)
        app.router.add_get(f"{PREFIX}/gateway", self._gateway_address)
        app.router.add_get(f"{PREFIX}/gateway/bot", self._gateway_address)
        app.router.add_get("/attachments/{channel}/{id}/{name}", self._attachment)
        app.router.add_route("*", PREFIX + "/{path:.*}", self.rest.serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._listen, 0)
        await site.start()
        self.host = f"{self._listen}:{self._runner.addresses[0][1]}"
        self.gateway.url = f"ws://{self.host}/gateway"
        self._cdn.base = f"http://{self.host}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.rest.drain()
        await self.gateway.disconnect(1001)
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def api_url(self) -> str:
        """The REST base for `DISCORD_API_URL`."""
        return f"http://{self.host}{PREFIX}"

    @property
    def gateway_url(self) -> str:
        """The gateway's address for `DISCORD_GATEWAY_URL`."""
        return self.gateway.url

    async def _gateway_address(self, _request: web.Request) -> web.Response:
        limits = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        body = {"url": self.gateway.url, "shards": 1, "session_start_limit": limits}
        return web.json_response(body, headers={"Content-Type": "application/json"})

    async def _attachment(self, request: web.Request) -> web.Response:
        self.attachment_reads.append(request.path)
        data = self._cdn.fetch(request.path, request.query.get("ex", "0"), request.query.get("hm", ""))
        if data is None:
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=data)

    # ---------------------------------------------------------------- waiting

    def _notify(self) -> None:
        self._news.set()

    async def until(self, look: Callable[[], Found], *, within: float = 25.0, what: str = "it") -> Found:
        """Wait until `look` returns something true, and return that. It looks after each event, or 50 ms.

        Raises `AssertionError` when `within` seconds are over.
        """
        deadline = time.monotonic() + within
        while True:
            self._news.clear()
            if found := look():
                return found
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {within} s in vain for {what}\n{self.story()}")
            try:
                async with asyncio.timeout(0.05):
                    await self._news.wait()
            except TimeoutError:
                continue

    def story(self) -> str:
        """Tell what happened here, for a failed test."""
        lines = [
            f"{call.at:%T.%f} {call.method} {call.path} {call.files or ''} -> {call.status} {call.code or ''}"
            for call in self.rest.calls[-40:]
        ]
        said = [f"[{'private' if m.ephemeral else m.channel_id}] {m.text!r}" for m in self.messages(None)]
        return "\n".join([*lines, *said, *self.rest.gaps])

    # ---------------------------------------------------------------- the world

    def channel(self, name: str) -> int:
        """Open a text channel and return its id."""
        return self.backend.create_channel(self.guild.id, name).id

    def forbid(self, channel_id: int, *permissions: str) -> None:
        """Take permissions away from the bot in one channel, and announce it."""
        denied = discord.Permissions(**dict.fromkeys(permissions, True)).value
        overwrite = Overwrite(self.backend.bot_user.id, OverwriteType.MEMBER, deny=denied)
        self.backend.set_overwrite(channel_id, overwrite)

    def dm_of(self, user_id: int) -> int:
        """Return the id of a member's private channel with the bot."""
        return self.backend.get_dm_channel(user_id).id

    def messages(self, channel_id: int | None = 0) -> list[Seen]:
        """Return a channel's messages, oldest first: `films` by default, of every channel with None."""
        channels = list(self.backend.messages) if channel_id is None else [channel_id or self.channel_id]
        return [self._seen(m) for c in channels for m in self.backend.messages[c].values()]

    def films(self, channel_id: int | None = None) -> list[Seen]:
        """Return the messages with a film, of one channel or of all."""
        return [message for message in self.messages(channel_id) if message.films]

    def _seen(self, message: Message) -> Seen:
        raw = serializers.message_payload(self.backend, message)
        files = tuple((a["filename"], self._cdn.get(a["url"]) or b"") for a in raw["attachments"])
        return Seen(
            id=message.id,
            channel_id=message.channel_id,
            author_id=message.author_id,
            content=message.content,
            embeds=tuple(dict(embed) for embed in raw["embeds"]),
            buttons=tuple(_buttons(message.components)),
            attachments=files,
            pings=tuple(message.ping_user_ids),
            ephemeral=bool(message.flags & EPHEMERAL),
            edited=message.edited_timestamp is not None,
        )

    def seen(self, channel_id: int, message_id: int) -> Seen | None:
        """Return one message as it stands, if it is still there."""
        message = self.backend.messages.get(channel_id, {}).get(message_id)
        return None if message is None else self._seen(message)

    # ---------------------------------------------------------------- faults and records

    def fault(self, method: str, path: str, kind: Any, **more: Any) -> Fault:
        """Arm a fault: see `faults.Fault`. The newest comes first."""
        fault = Fault(method, path, kind, **more)
        self.rest.faults.insert(0, fault)
        return fault

    def calls(self, method: str, path: str = "*", *, where: Callable[[Call], bool] = any_call) -> list[Call]:
        """Return the requests that match, oldest first."""
        probe = Fault(method, path, "hold", times=None, where=where)
        return [call for call in self.rest.calls if probe.takes(call)]
