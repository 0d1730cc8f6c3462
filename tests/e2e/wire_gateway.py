"""The gateway: HELLO, IDENTIFY, READY, dispatches by intent, heartbeats, RESUME."""

from __future__ import annotations

import asyncio
import copy
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import discord
from aiohttp import WSMsgType, web
from simcord import intents as intent_rules
from simcord.backend import serializers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from simcord.backend import Backend

HEARTBEAT_MS = 41_250
DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID_SESSION, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11
BAD_TOKEN = 4004


@dataclass(slots=True)
class Session:
    """One IDENTIFY and everything that was dispatched to it: a RESUME replays what was missed."""

    id: str
    intents: discord.Intents
    socket: web.WebSocketResponse | None = None
    shard: tuple[int, int] = (0, 1)
    """Which of how many shards it is."""
    sent: list[str] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def hears(self, event: str, payload: Mapping[str, Any]) -> bool:
        """Tell whether an event is for its shard: by its server, and without one for the first shard.

        (topics/gateway, "Sharding".)
        """
        number, count = self.shard
        guild = payload.get("id") if event.startswith("GUILD_") else None
        return (int(payload.get("guild_id") or guild or 0) >> 22) % count == number

    def dispatch(self, event: str, payload: Mapping[str, Any]) -> None:
        """Queue one event; its sequence number is its place, from 1."""
        frame = {"op": DISPATCH, "t": event, "s": len(self.sent) + 1, "d": payload}
        self.sent.append(json.dumps(frame))
        self.news.set()


class WireGateway:
    """The gateway's listener over a modelled Discord."""

    def __init__(self, backend: Backend, token: str, changed: Callable[[], None]) -> None:
        self.url = ""
        self.sessions: dict[str, Session] = {}
        self.open = asyncio.Event()
        """While it isn't set, nobody who identifies hears READY."""
        self.open.set()
        self.begun = self.resumed = 0
        """IDENTIFYs and RESUMEs that were answered."""
        self.heartbeat_ms = HEARTBEAT_MS
        self._dead: set[web.WebSocketResponse] = set()
        self._backend = backend
        self._token = token
        self._changed = changed
        backend.subscribers.append(self._publish)

    @property
    def connected(self) -> bool:
        """Tell whether a bot is connected and identified."""
        return any(s.socket is not None and not s.socket.closed for s in self.sessions.values())

    def _publish(self, event: str, payload: Mapping[str, Any]) -> None:
        for session in self.sessions.values():
            if session.hears(event, payload):
                self._offer(session, event, payload)
        self._changed()

    def _offer(self, session: Session, event: str, payload: Mapping[str, Any]) -> None:
        gate = intent_rules.required_intent(event, payload)
        if gate is not None and not getattr(session.intents, gate):
            return
        own = copy.deepcopy(dict(payload))
        if event == "GUILD_CREATE":
            intent_rules.prune_guild_create(own, session.intents, self._backend.bot_user.id)
        session.dispatch(event, own)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Talk with one connection until it ends. Answers are plain TEXT frames whatever was asked."""
        socket = web.WebSocketResponse(heartbeat=None, max_msg_size=1 << 20)
        await socket.prepare(request)
        await socket.send_json({"op": HELLO, "d": {"heartbeat_interval": self.heartbeat_ms}})
        writer: asyncio.Task[None] | None = None
        session: Session | None = None
        try:
            async for frame in socket:
                if frame.type is not WSMsgType.TEXT or socket in self._dead:
                    continue
                message = json.loads(frame.data)
                if message["op"] == HEARTBEAT:
                    await socket.send_json({"op": ACK})
                elif message["op"] in (IDENTIFY, RESUME):
                    begun = await self._begin(socket, message)
                    if begun is not None:
                        session, position = begun
                        writer = asyncio.create_task(self._write(session, socket, position))
        finally:
            if writer is not None:
                writer.cancel()
            if session is not None and session.socket is socket:
                session.socket = None
            self._changed()
        return socket

    async def _begin(
        self, socket: web.WebSocketResponse, message: dict[str, Any]
    ) -> tuple[Session, int] | None:
        asked = message["d"]
        if asked["token"].removeprefix("Bot ") != self._token:
            await socket.close(code=BAD_TOKEN, message=b"Authentication failed.")
            return None
        if message["op"] == RESUME:
            return await self._resume(socket, asked)
        await self.open.wait()
        shard = (int(asked.get("shard", (0, 1))[0]), int(asked.get("shard", (0, 1))[1]))
        session = Session(secrets.token_hex(16), discord.Intents._from_value(asked["intents"]), socket, shard)
        self.sessions[session.id] = session
        self.begun += 1
        self._greet(session)
        self._changed()
        return session, 0

    async def _resume(
        self, socket: web.WebSocketResponse, asked: dict[str, Any]
    ) -> tuple[Session, int] | None:
        session = self.sessions.get(asked["session_id"])
        if session is None or asked["seq"] > len(session.sent):
            await socket.send_json({"op": INVALID_SESSION, "d": False})
            return None
        session.socket = socket
        self.resumed += 1
        session.dispatch("RESUMED", {})
        self._changed()
        return session, asked["seq"]

    def _greet(self, session: Session) -> None:
        backend = self._backend
        guilds = [g for g in backend.guilds.values() if session.hears("GUILD_CREATE", {"id": g.id})]
        session.dispatch(
            "READY",
            {
                "v": 10,
                "user": dict(serializers.user_payload(backend.bot_user)),
                "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
                "session_id": session.id,
                "resume_gateway_url": self.url,
                "shard": list(session.shard),
                "application": {"id": str(backend.application_id), "flags": 0},
            },
        )
        for guild in guilds:
            self._offer(session, "GUILD_CREATE", serializers.guild_create_payload(backend, guild))

    async def _write(self, session: Session, socket: web.WebSocketResponse, position: int) -> None:
        while not socket.closed:
            session.news.clear()
            while position < len(session.sent):
                await socket.send_str(session.sent[position])
                position += 1
            await session.news.wait()

    async def disconnect(self, code: int = 4000) -> None:
        """Cut every connection; sessions can be resumed."""
        for session in list(self.sessions.values()):
            if session.socket is not None:
                await session.socket.close(code=code)

    async def tell(self, op: int, data: object = None) -> None:
        """Send everybody who is connected something that is no event."""
        for session in list(self.sessions.values()):
            if session.socket is not None:
                await session.socket.send_json({"op": op, "d": data})

    def fall_silent(self) -> None:
        """Hear nothing any more on the connections that stand, and leave them standing."""
        self._dead |= {session.socket for session in self.sessions.values() if session.socket is not None}

    def hang_up(self) -> None:
        """Cut every connection without a word."""
        for session in self.sessions.values():
            transport = getattr(session.socket, "_req", None)
            if transport is not None and transport.transport is not None:
                transport.transport.abort()

    async def forget_sessions(self) -> None:
        """Cut every connection, and make every later RESUME invalid (op 9)."""
        sockets = [session.socket for session in self.sessions.values()]
        self.sessions.clear()
        for socket in sockets:
            if socket is not None:
                await socket.close(code=4000)
