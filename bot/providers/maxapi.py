"""maxapi.io: one submit for all models, an envelope around every answer, no cancel, no balance.

Source: docs.maxapi.io/api-reference (submit-task, query-task, webhook, and the pages seedance-video/* and
jimeng-video/*). Its pages call a failure both an HTTP 400 and a body with `code` other than 0: either counts.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID

from bot.errors import TaskNotFound
from bot.models import ProviderTask, TaskStatus
from bot.providers import references
from bot.providers._answers import Soft, Told, links, model_name, task_id, words, write
from bot.providers._http import (
    PATIENCE,
    Call,
    Complaint,
    Fault,
    Patience,
    Wire,
    fault_of_status,
    fault_of_words,
    utc_now,
)
from bot.providers.capabilities import CAPABILITIES, OLDER_FORM
from bot.providers.interface import Pace, Provider, Submission

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import httpx

    from bot.models import VideoRequest

_STATUSES = {
    "PENDING": TaskStatus.QUEUED,
    "PROCESSING": TaskStatus.RUNNING,
    "SUBMITTED": TaskStatus.RUNNING,  # handed upstream: after PROCESSING
    "SUCCESS": TaskStatus.SUCCEEDED,
    "FAILURE": TaskStatus.FAILED,
    "TIMEOUT": TaskStatus.FAILED,
    "CANCELLED": TaskStatus.CANCELLED,
}
_FAILURES = {"INVALID_PARAMETERS": "input", "INSUFFICIENT_POINTS": "credit"}
_NO_TASK = str(UUID(int=0))
_REJECTED_BY_MODERATION = "content rejected by moderation"


class _Input(Told):
    model: Soft[str] = None
    prompt: Soft[str] = None


class _Result(Told):
    urls: Soft[list[Any]] = None


class _Data(Told):
    taskId: Soft[str] = None  # noqa: N815 - the wire's own name
    status: Soft[str] = None
    input: Soft[_Input] = None
    result: Soft[_Result] = None
    failure_reason: Soft[str] = None
    failReason: Soft[str] = None  # noqa: N815 - a public client guards against this spelling
    flagged: Soft[bool] = None
    categories: Soft[dict[str, Any]] = None


class _Envelope(Told):
    code: Soft[int] = None
    msg: Soft[str] = None
    data: Soft[_Data] = None


class _Its(Told):
    taskId: Soft[str] = None  # noqa: N815 - the wire's own name


class _Named(Told):
    """An answer of which nothing is wanted but whose it is: a callback's."""

    data: Soft[_Its] = None


def _complaint(body: object) -> Complaint | None:
    told = _Envelope.read(body)
    data = told.data or _Data()
    if not told.code or data.status is not None:  # what has a status is a task, whatever is around it
        return None
    detail = f"code {told.code}: {told.msg}"
    if data.taskId is not None:
        return Complaint(Fault.UNCLEAR, detail)
    message = (told.msg or "").strip().lower()
    if data.flagged or message == _REJECTED_BY_MODERATION:
        named = tuple(name for name, hit in (data.categories or {}).items() if hit is True)
        return Complaint(Fault.MODERATION, detail, named)
    return Complaint(_fault(told.code, message), detail)


def _begun(body: object) -> bool:
    return task_id((_Envelope.read(body).data or _Data()).taskId) is not None


def _fault(code: int, message: str) -> Fault:
    by_code = fault_of_status(code) if 400 <= code < 600 else None  # noqa: PLR2004 - HTTP's own numbers
    if by_code not in {None, Fault.INPUT}:
        return by_code or Fault.INPUT
    return Fault.CREDIT if fault_of_words(message) is Fault.CREDIT else Fault.INPUT


class Maxapi(Provider):
    """maxapi.io. Nothing it takes can be repeated safely, cancelled, or asked for its price."""

    name = "maxapi"
    # "Continuous polling is not recommended"; the numbers are ours.
    pace = Pace(first=timedelta(seconds=60), growth=1.25, slowest=timedelta(seconds=300))

    def __init__(
        self,
        api_key: str,
        base_url: str = "https://api.maxapi.io",
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        concurrency: int = 5,
        patience: Patience = PATIENCE,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.capabilities = CAPABILITIES[self.name]
        self.concurrency = concurrency
        self._wire = Wire(self.name, api_key, base_url, _complaint, _begun, transport, patience, now)

    def prepare(
        self,
        request: VideoRequest,
        *,
        media_urls: tuple[str, ...],
        user: str,
        callback_url: str | None,
    ) -> Submission:
        """Write the body; the mode follows from the number and kinds of the files."""
        older = request.model in OLDER_FORM
        files = {"imageUrls" if older else "mediaUrls": list(media_urls)} if media_urls else {}
        body = {
            "model": request.model,
            **({"callBackUrl": callback_url} if callback_url else {}),
            "user_id": user,
            "input": {
                "prompt": references.as_positions(references.without_ids(request.prompt)),
                **files,
                "ratio": request.ratio,
                **({} if request.resolution is None else {"resolution": request.resolution}),
                "duration": request.seconds,
                **({} if request.fallback is None else {"fallback": request.fallback}),
            },
        }
        return Submission(write(body))

    async def submit(self, submission: Submission, *, key: str) -> ProviderTask:
        """Send it, once. The key is of no use here."""
        del key
        answer = await self._wire.send(Call.SUBMIT, "POST", "/api/v1/task/submit", body=submission.body)
        data = _Envelope.read(answer.body).data or _Data()
        if task_id(data.taskId) is None:
            raise self._wire.broken(Call.SUBMIT, answer)
        task = _task(data, "")
        return task if data.status is not None else ProviderTask(task.id, TaskStatus.QUEUED)

    async def fetch(self, task_id: str) -> ProviderTask:
        """Ask for a task."""
        answer = await self._wire.send(Call.TASK, "GET", f"/api/v1/task/{quote(task_id, safe='')}")
        data = _Envelope.read(answer.body).data
        if data is None or (data.taskId or task_id).lower() != task_id.lower():
            raise self._wire.broken(Call.TASK, answer)
        return _task(data, task_id)

    async def probe(self) -> str:
        """Prove the key by asking for a task that can't be: there is no other call that only reads."""
        with suppress(TaskNotFound):
            await self.fetch(_NO_TASK)
        return "the key is accepted"

    @classmethod
    def named_task(cls, body: object) -> str | None:
        """Return `data.taskId`."""
        data = _Named.read(body).data
        return task_id(data.taskId) if data else None

    @property
    def clock_off(self) -> timedelta | None:
        """Return how far we were ahead of its clock."""
        return self._wire.drift.off

    async def close(self) -> None:
        """Let go of connections."""
        await self._wire.close()


def _task(data: _Data, asked: str) -> ProviderTask:
    word = (data.status or "").strip().upper()
    cause = data.failure_reason or data.failReason
    status, reason = _STATUSES.get(word, TaskStatus.UNKNOWN), None
    if status is TaskStatus.FAILED:
        reason = "timeout" if word == "TIMEOUT" else _FAILURES.get(cause or "", "provider")
        if cause == "CONTENT_MODERATION":
            status, reason = TaskStatus.REFUSED, "moderation"
    told = data.input or _Input()
    return ProviderTask(
        id=asked or data.taskId or "",
        status=status,
        urls=links((data.result or _Result()).urls or ()) if status is TaskStatus.SUCCEEDED else (),
        reason=reason,
        retryable=reason == "credit",  # no refund is promised for any other failure
        model=model_name(told.model),
        prompt=told.prompt,
        detail=words(data.status, cause),
    )
