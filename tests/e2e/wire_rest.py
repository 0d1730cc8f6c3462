"""REST over SimCord's routes, with the rules that SimCord leaves to us.

Added here: the token, nonces (180 s), upload limits (413/40005), at most ten files, ATTACH_FILES, the page
that `after` begins, dead interaction tokens (401/50027), and faults on demand.
"""

from __future__ import annotations

import asyncio
import io
import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from aiohttp import BodyPartReader, web
from simcord.backend import errors, serializers
from simcord.backend.errors import BackendError
from simcord.http import router
from simcord.http import routes as _routes  # noqa: F401  importing it fills the route table

from .faults import Call, Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from simcord.backend import Backend

    from .world import WireClock

PREFIX = "/api/v10"
NONCE_LIFE = 180.0
"""Seconds; docs: message resource, create message, `enforce_nonce`: "in the past few minutes"."""
MIB = 1024 * 1024
MOST_FILES = 10


@dataclass(slots=True)
class Answer:
    """What goes back: a status and a body that is sent as `application/json`, exactly."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def _refusal(status: int, code: int, message: str, **more: Any) -> Answer:
    return Answer(status, {"code": code, "message": message, **more})


async def _read(request: web.Request) -> tuple[Any, list[SimpleNamespace]]:
    """Return the JSON body and the uploaded files of a request, multipart or not."""
    if not request.content_type.startswith("multipart/"):
        text = await request.text()
        return (json.loads(text) if text else None), []
    body: Any = None
    files = []
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        data = bytes(await part.read())
        if part.name == "payload_json":
            body = json.loads(data)
        else:
            files.append(
                SimpleNamespace(fp=io.BytesIO(data), filename=part.filename, description=None, size=len(data))
            )
    return body, files


class WireRest:
    """The REST listener over a modelled Discord."""

    def __init__(self, backend: Backend, clock: WireClock, token: str, changed: Callable[[], None]) -> None:
        self.calls: list[Call] = []
        self.gaps: list[str] = []
        """Routes and fields that the model lacks: a test that meets one proves nothing."""
        self.faults: list[Fault] = []
        self.upload_limits: dict[int, int] = {}
        """Bytes per file, by channel; 10 MiB elsewhere."""
        self.request_limit = 25 * MIB
        self._backend = backend
        self._clock = clock
        self._token = token
        self._changed = changed
        self._nonces: dict[tuple[int, str], tuple[int, float]] = {}

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one request of the bot."""
        body, files = await _read(request)
        call = Call(
            request.method,
            request.path.removeprefix(PREFIX),
            body,
            dict(request.query),
            tuple((file.filename, file.size) for file in files),
            self._clock.now(),
        )
        self.calls.append(call)
        fault = next((fault for fault in self.faults if fault.takes(call)), None)
        if fault is not None and fault.kind == "late" and not await self._arrives(request, fault):
            return web.Response()
        if fault is not None and fault.kind == "refuse":
            answer = self._fault_answer(fault)
        else:
            answer = self._answer(call, files, request.headers.get("Authorization"))
        self._changed()
        if fault is not None:
            fault.reached.set()
            if fault.kind == "hold":
                await fault.released.wait()
            if fault.kind == "lie":
                answer = self._fault_answer(fault)
            if fault.kind == "drop" and request.transport is not None:
                request.transport.abort()
                return web.Response()
        call.status = answer.status
        call.code = (
            answer.body.get("code") if isinstance(answer.body, dict) and answer.status >= 400 else None
        )
        self._changed()
        if answer.status == 204:
            return web.Response(status=204)
        # discord.py reads an answer as JSON only if its type is this to the letter
        content = json.dumps(answer.body).encode()
        return web.Response(
            status=answer.status, body=content, content_type="application/json", headers=answer.headers
        )

    async def _arrives(self, request: web.Request, fault: Fault) -> bool:
        """Wait for the rest of an upload; return whether it comes."""
        fault.reached.set()
        self._changed()
        await fault.released.wait()
        return request.transport is not None and not request.transport.is_closing()

    def _fault_answer(self, fault: Fault) -> Answer:
        answer = _refusal(fault.status, fault.code, fault.message)
        if fault.status == 429:
            answer.body |= {"retry_after": fault.retry_after or 0.1, "global": False}
            via = {"Via": "1.1 wire"} if fault.via else {"Server": "cloudflare", "CF-RAY": "8f0-AMS"}
            answer.headers = {**via, "Retry-After": str(fault.retry_after or 0.1)}
        return answer

    def _answer(self, call: Call, files: list[SimpleNamespace], authorization: str | None) -> Answer:
        try:
            self._check(call, files, authorization)
            earlier = self._repeated(call)
            body = earlier if earlier is not None else self._dispatch(call, files)
        except (router.RouteNotImplemented, router.UnsupportedField) as gap:
            self.gaps.append(str(gap))
            return _refusal(501, 0, str(gap))
        except BackendError as error:
            return Answer(error.status, error.to_json())
        return Answer(204) if body is None else Answer(200, body)

    def _check(self, call: Call, files: list[SimpleNamespace], authorization: str | None) -> None:
        parts = call.path.strip("/").split("/")
        if parts[0] not in ("interactions", "webhooks") and authorization != f"Bot {self._token}":
            raise BackendError(401, 0, "401: Unauthorized")
        if parts[0] == "webhooks":
            self._check_interaction_token(parts[2])
        if len(files) > MOST_FILES:
            raise errors.invalid_form_body("attachments: Must be 10 or fewer in length")
        limit = self.upload_limits.get(self._channel_of(parts), 10 * MIB)
        if any(file.size > limit for file in files) or sum(f.size for f in files) > self.request_limit:
            raise BackendError(413, 40005, "Request entity too large")
        if files and parts[0] == "channels":
            self._require_attach_files(int(parts[1]))

    def _check_interaction_token(self, token: str) -> None:
        try:
            self._backend.interaction_by_token(token)
        except BackendError as error:
            raise BackendError(401, 50027, "Invalid Webhook Token") from error

    def _channel_of(self, parts: list[str]) -> int:
        if parts[0] == "channels":
            return int(parts[1])
        token = parts[2] if len(parts) > 2 else ""
        interaction = self._backend.interactions.get(self._backend.interaction_tokens.get(token, 0))
        return interaction.channel_id if interaction is not None else 0

    def _require_attach_files(self, channel_id: int) -> None:
        channel = self._backend.get_channel(channel_id)
        self._backend.require_permissions(
            channel.guild_id, self._backend.bot_user.id, channel_id, "attach_files"
        )

    def _repeated(self, call: Call) -> dict[str, Any] | None:
        """Return the first message of a nonce that is used again in time."""
        key = self._nonce_of(call)
        if key is None or key not in self._nonces:
            return None
        message_id, at = self._nonces[key]
        if self._clock.now().timestamp() - at > NONCE_LIFE:
            return None
        message = self._backend.messages[key[0]].get(message_id)
        if message is None:
            return None
        return {**serializers.message_payload(self._backend, message), "nonce": key[1]}

    def _nonce_of(self, call: Call) -> tuple[int, str] | None:
        parts = call.path.strip("/").split("/")
        if call.method != "POST" or parts[0] != "channels" or parts[2:] != ["messages"]:
            return None
        if not isinstance(call.body, dict) or not call.body.get("enforce_nonce"):
            return None
        nonce = call.body.get("nonce")
        if nonce is None:
            return None
        if len(str(nonce)) > 25:
            raise errors.invalid_form_body("nonce: Must be 25 or fewer in length")
        return int(parts[1]), str(nonce)

    def _dispatch(self, call: Call, files: list[SimpleNamespace]) -> Any:
        params: dict[str, Any] = dict(call.params)
        if "/messages" in call.path and call.method == "GET" and "limit" in params:
            limit = int(params["limit"])
            if not 1 <= limit <= 100:
                raise errors.invalid_form_body("limit: Must be between 1 and 100")
            if "after" in params:  # the page begins at `after`; the model's ends at the newest
                page = router.dispatch(self._backend, "GET", call.path, params={**params, "limit": 10**6})
                return page[-limit:]
        body = router.dispatch(
            self._backend, call.method, call.path, json=call.body, params=params, files=files
        )
        key = self._nonce_of(call)
        if key is not None:
            self._nonces[key] = (int(body["id"]), self._clock.now().timestamp())
            body = {**body, "nonce": key[1]}
        return body

    async def drain(self) -> None:
        """Let go of every held answer."""
        for fault in self.faults:
            fault.release()
        await asyncio.sleep(0)
