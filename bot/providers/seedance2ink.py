"""seedance2.ink's Open API: flat bodies, five states, credits told at submit, a cancel.

Source: www.seedance2.ink/docs/api-reference and its pages text-to-video and image-to-video. One error code is
documented (`unauthorized`); the callback's body isn't, so only an id is taken from it.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bot.errors import InputRejected, OutcomeUnknown, TaskNotFound
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
    fault_of_words,
    reason_of_words,
    utc_now,
)
from bot.providers.capabilities import CAPABILITIES
from bot.providers.interface import Pace, Provider, Submission
from bot.providers.moderation import MODERATION, culprit_of_words

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import httpx

    from bot.models import VideoRequest

_STATUSES = {
    "queued": TaskStatus.QUEUED,
    "processing": TaskStatus.RUNNING,
    "succeeded": TaskStatus.SUCCEEDED,
    "failed": TaskStatus.FAILED,
    "cancelled": TaskStatus.CANCELLED,
}
_GENERATIONS = "/api/open/v1/video/generations"
_NO_TASK = "req_0000000000"


class _Error(Told):
    code: Soft[str] = None
    message: Soft[str] = None


class _Output(Told):
    url: Soft[str] = None


class _Task(Told):
    success: Soft[bool] = None
    requestId: Soft[str] = None  # noqa: N815 - the wire's own names
    status: Soft[str] = None
    creditsCharged: Soft[float] = None  # noqa: N815
    model: Soft[str] = None
    prompt: Soft[str] = None
    output: Soft[_Output] = None
    error: Soft[str | _Error] = None
    """Null, words, or a code with a message: the page doesn't say which."""

    @property
    def words(self) -> str:
        if isinstance(self.error, _Error):
            return " ".join(word for word in (self.error.code, self.error.message) if word)
        return self.error or ""

    @property
    def code(self) -> str:
        """The code, or the words where they say more: that of content rules."""
        if fault_of_words(self.words) is Fault.MODERATION or not isinstance(self.error, _Error):
            return self.words
        return self.error.code or ""


class _Wrapped(Told):
    data: Soft[_Task] = None


class _Its(Told):
    requestId: Soft[str] = None  # noqa: N815 - the wire's own name


class _Named(_Its):
    """A task of which nothing is wanted but its name: a callback's."""

    data: Soft[_Its] = None


class _Models(Told):
    data: Soft[list[Any]] = None


def _complaint(body: object) -> Complaint | None:
    told = _Task.read(body)
    spelled_out = isinstance(told.error, _Error) and bool(told.words)
    if told.status is not None or (told.success is not False and not spelled_out):
        return None  # what has a state is a task, failed or not
    return Complaint(fault_of_words(told.code) or Fault.INPUT, told.words)


def _begun(body: object) -> bool:
    told = _Task.read(body)
    status = _STATUSES.get((told.status or "").strip().lower(), TaskStatus.FAILED)
    return task_id(told.requestId) is not None and status is not TaskStatus.FAILED


class Seedance2ink(Provider):
    """seedance2.ink. Charges at submit; takes no key that would make a repeat safe."""

    name = "seedance2ink"
    pace = Pace(first=timedelta(seconds=15), growth=1.5, slowest=timedelta(seconds=60))  # ours

    def __init__(
        self,
        api_key: str,
        base_url: str = "https://www.seedance2.ink",
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        concurrency: int = 3,
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
        body = {
            "model": request.model,
            # no syntax for references to files is promised, so they go as they are
            "prompt": references.without_ids(request.prompt),
            **({"mediaUrls": list(media_urls)} if media_urls else {}),
            "aspectRatio": request.ratio,
            "duration": request.seconds,
            "resolution": request.resolution,
            **({"webhookUrl": callback_url} if callback_url else {}),
            "metadata": {"user": user},
        }
        return Submission(write(body))

    async def submit(self, submission: Submission, *, key: str) -> ProviderTask:
        """Send it, once. The key is of no use here."""
        del key
        answer = await self._wire.send(Call.SUBMIT, "POST", _GENERATIONS, body=submission.body)
        told = _Task.read(answer.body)
        if task_id(told.requestId) is None:
            raise self._wire.broken(Call.SUBMIT, answer)
        return _task(told, "", silent=TaskStatus.QUEUED)

    async def fetch(self, task_id: str) -> ProviderTask:
        """Ask for a task."""
        answer = await self._wire.send(Call.TASK, "GET", f"{_GENERATIONS}/{quote(task_id, safe='')}")
        told = _Task.read(answer.body)
        if told.requestId not in {None, task_id} or (told.requestId is None and told.status is None):
            raise self._wire.broken(Call.TASK, answer)
        return _task(told, task_id)

    async def cancel(self, task_id: str) -> ProviderTask:
        """Ask for a task to be stopped; whatever isn't a clear yes is answered by the task's real state."""
        try:
            path = f"{_GENERATIONS}/{quote(task_id, safe='')}/cancel"
            answer = await self._wire.send(Call.CANCEL, "POST", path)
        except (InputRejected, OutcomeUnknown):
            return await self.fetch(task_id)
        told = _Task.read(answer.body)
        task = _task(told, task_id)
        stopped = task.status is TaskStatus.CANCELLED and told.requestId in {None, task_id}
        return task if stopped else await self.fetch(task_id)

    async def probe(self) -> str:
        """Read the models, then a task that can't be: the page's call for models shows no key."""
        answer = await self._wire.send(Call.ACCOUNT, "GET", "/api/open/v1/models")
        with suppress(TaskNotFound):
            await self.fetch(_NO_TASK)
        return f"the key is accepted, {len(_Models.read(answer.body).data or ())} models"

    @classmethod
    def named_task(cls, body: object) -> str | None:
        """Return `requestId`, at the top or under `data`."""
        told = _Named.read(body)
        return task_id(told.requestId) or (task_id(told.data.requestId) if told.data else None)

    @property
    def clock_off(self) -> timedelta | None:
        """Return how far we were ahead of its clock."""
        return self._wire.drift.off

    async def close(self) -> None:
        """Let go of connections."""
        await self._wire.close()


def _task(told: _Task, asked: str, *, silent: TaskStatus = TaskStatus.UNKNOWN) -> ProviderTask:
    word = (told.status or "").strip().lower()
    status, reason = _STATUSES.get(word, TaskStatus.UNKNOWN) if word else silent, None
    if status is TaskStatus.FAILED:
        reason = reason_of_words(told.code)
        if reason in MODERATION:
            reason, status = culprit_of_words(told.words), TaskStatus.REFUSED
    url = (told.output or _Output()).url
    return ProviderTask(
        id=asked or told.requestId or "",
        status=status,
        urls=links([url]) if status is TaskStatus.SUCCEEDED else (),
        reason=reason,
        retryable=False,  # nothing is said about what a failure costs
        credits=told.creditsCharged,
        model=model_name(told.model),
        prompt=told.prompt,
        detail=words(told.status, told.words),
    )
