"""What every request passes first: the ledger, the key, the limits, and the faults in force."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.demo.stand_ins.manners import MODERATED, Refusal
from bot.demo.stand_ins.records import Fault, FaultKind, RequestSeen

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

    from bot.demo.stand_ins.studio import Studio

LONGEST_BODY = 64 * 1024
"""Bytes of a body that the ledger keeps as text."""
CONTROL = "/control"


class Reception:
    """One provider's front desk, as an aiohttp middleware."""

    def __init__(self, studio: Studio, key: str) -> None:
        self._studio = studio
        self._key = key
        self._times: deque[float] = deque()

    @web.middleware
    async def receive(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let a request through, or not."""
        if request.path.startswith(CONTROL):
            return await handler(request)
        endpoint = (request.match_info.route.name or "unknown").partition("-")[0]
        body = b"" if request.content_type.startswith("multipart/") else await request.read()
        seen = self._note(request, endpoint, body)
        try:
            answer = await self._admitted(request, handler, endpoint, prompt_of(body))
        except Refusal as refusal:
            answer = self._studio.stand_in.turn_away(refusal)
            answer.headers.update(refusal.headers)
        except web.HTTPException as error:
            code = "not_found" if isinstance(error, web.HTTPNotFound) else "error"
            answer = self._studio.stand_in.turn_away(Refusal(error.status, code, error.reason))
        if not isinstance(answer, NoAnswer):
            seen.status = answer.status
        return answer

    async def _admitted(
        self, request: web.Request, handler: Handler, endpoint: str, prompt: str
    ) -> web.StreamResponse:
        if endpoint not in self._studio.stand_in.open_to_all and not self._knows(request):
            raise Refusal(401, "unauthorized", "Invalid API key")
        self._count()
        task = self._studio.tasks.get(request.match_info.get("task_id", ""))
        faults = self._studio.world.faults.at_request(
            self._studio.name, endpoint, task.order.prompt if task else prompt
        )
        return await self._tried(request, handler, faults)

    async def _tried(self, request: web.Request, handler: Handler, faults: list[Fault]) -> web.StreamResponse:
        late = 0.0
        for fault in faults:
            if fault.kind is not FaultKind.SLOW:
                if fault.charged:
                    with suppress(Refusal):
                        await handler(request)
                return self._misbehave(request, fault)
            if fault.charged:
                late += fault.seconds
            else:
                await self._studio.world.sleep(fault.seconds)
        answer = await handler(request)
        if late:
            await self._studio.world.sleep(late)
        return answer

    def _misbehave(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        match fault.kind:
            case FaultKind.RATE_LIMIT:
                raise Refusal(429, "rate_limited", "Too many requests", retry_after=fault.retry_after)
            case FaultKind.ERROR:
                raise Refusal(fault.status, "error", "Something went wrong", retry_after=fault.retry_after)
            case FaultKind.MODERATION:
                raise Refusal(400, MODERATED, "Content rejected by moderation")
            case FaultKind.CLOSE:
                if request.transport:
                    request.transport.abort()
                return NoAnswer()
            case _:
                return web.Response(text=fault.body, content_type="text/html")

    def _knows(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {self._key}"

    def _count(self) -> None:
        limit = self._studio.settings.per_second
        now = asyncio.get_running_loop().time()
        while self._times and self._times[0] <= now - 1:
            self._times.popleft()
        if limit is not None and len(self._times) >= limit:
            raise Refusal(429, "rate_limited", "Too many requests", retry_after="1")
        self._times.append(now)

    def _note(self, request: web.Request, endpoint: str, body: bytes) -> RequestSeen:
        headers = {name: value for name, value in request.headers.items() if name != "Authorization"}
        if scheme := request.headers.get("Authorization", "").partition(" ")[0]:
            headers["Authorization"] = f"{scheme} {'right' if self._knows(request) else 'wrong'}"
        seen = RequestSeen(
            provider=self._studio.stand_in.manners.name,
            at=self._studio.world.clock(),
            method=request.method,
            path=request.path_qs,
            endpoint=endpoint,
            headers=headers,
            body=shown(body),
        )
        self._studio.world.ledger.requests.append(seen)
        return seen


class NoAnswer(web.Response):
    """Given to aiohttp where the connection is already gone."""


def shown(body: bytes) -> str:
    """Return a body as the ledger keeps it."""
    with suppress(UnicodeDecodeError):
        if len(body) <= LONGEST_BODY:
            return body.decode()
    return f"{len(body)} bytes, sha256 {hashlib.sha256(body).hexdigest()}"


def prompt_of(body: bytes) -> str:
    """Return the prompt in a submit's body, if there is one."""
    try:
        fields: Any = json.loads(body)
    except ValueError:
        return ""
    inner = fields.get("input", fields) if isinstance(fields, dict) else None
    prompt = inner.get("prompt") if isinstance(inner, dict) else None
    return prompt if isinstance(prompt, str) else ""


async def fields_of(request: web.Request) -> dict[str, Any]:
    """Return the JSON object in a body. Raises `Refusal`."""
    try:
        fields = json.loads(await request.read())
    except ValueError as error:
        raise Refusal(400, "invalid", "The body isn't JSON") from error
    if not isinstance(fields, dict):
        raise Refusal(400, "invalid", "The body must be a JSON object")
    return fields
