"""EvoLink: the mode is in the model's name, files in typed lists; it tells progress and credits.

Sources: docs.evolink.ai, "Unified API for all Seedance 2.0 models" and its pages get-task-detail, error-codes
and get-credits; for uploads and `Idempotency-Key`, EvoLink's own public clients (github EvoLinkAI).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bot.models import MediaKind, Mode, ProviderTask, TaskStatus
from bot.providers import references
from bot.providers._answers import (
    Soft,
    Told,
    estimate,
    links,
    model_name,
    percent,
    task_id,
    words,
    write,
)
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
from bot.providers.moderation import MODERATION, culprit_of_words, names_culprit

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import httpx

    from bot.models import VideoRequest

FILES_URL = "https://files-api.evolink.ai"
_SUFFIXES = {
    Mode.TEXT: "text-to-video",
    Mode.FIRST_FRAME: "image-to-video",
    Mode.FIRST_LAST_FRAME: "image-to-video",
    Mode.REFERENCE: "reference-to-video",
}
_WIRE_MODEL = re.compile(r"(.+)-(?:text|image|reference)-to-video")
_STATUSES = {
    "pending": TaskStatus.QUEUED,
    "queued": TaskStatus.QUEUED,
    "processing": TaskStatus.RUNNING,
    "running": TaskStatus.RUNNING,
    "completed": TaskStatus.SUCCEEDED,
    "failed": TaskStatus.FAILED,
    "cancelled": TaskStatus.CANCELLED,
}
_REASONS = {
    "image_processing_error": "input",
    "image_dimension_mismatch": "input",
}
_CULPRITS = {"prompt": "moderation_prompt"} | {f"{kind}_urls": "moderation_file" for kind in MediaKind}
"""By the parameter that an error names (its public clients, "error.param")."""
_RETRYABLE = {  # EvoLink's own client retries these; a failed task isn't charged
    "generation_timeout",
    "quota_exceeded",
    "resource_exhausted",
    "service_error",
    "service_unavailable",
    "upstream_error",
}
_KEY = re.compile(r"[A-Za-z0-9._-]{16,96}", re.ASCII)
_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
}


class _Error(Told):
    code: Soft[str] = None
    message: Soft[str] = None
    type: Soft[str] = None
    param: Soft[str] = None


class _TaskInfo(Told):
    estimated_time: Soft[float] = None


class _Cost(Told):
    credits: Soft[float] = None


class _Usage(Told):
    credits_reserved: Soft[float] = None
    credits_used: Soft[float] = None
    cost: Soft[_Cost] = None


class _Billing(Told):
    charged_credits: Soft[float] = None


class _Film(Told):
    video_url: Soft[str] = None


class _Named(Told):
    """A task of which nothing is wanted but its name: a callback's."""

    id: Soft[str] = None


class _Task(Told):
    id: Soft[str] = None
    model: Soft[str] = None
    status: Soft[str] = None
    progress: Soft[float] = None
    task_info: Soft[_TaskInfo] = None
    usage: Soft[_Usage] = None
    billing: Soft[_Billing] = None
    results: Soft[list[Any]] = None
    result_data: Soft[list[Any] | dict[str, Any]] = None
    output: Soft[_Film] = None
    error: Soft[_Error] = None

    @property
    def films(self) -> list[object]:
        """Where the film may be: `results` is documented, the others were seen."""
        data = self.result_data if isinstance(self.result_data, list) else [self.result_data]
        seen: list[object] = [_Film.read(part).video_url for part in data]
        return [*(self.results or ()), *seen, (self.output or _Film()).video_url]

    @property
    def credits(self) -> float | None:
        """What was charged, else what is set aside for it; a failed task gives that back."""
        usage = self.usage or _Usage()
        charged = (self.billing or _Billing()).charged_credits
        told = [charged, usage.credits_used, (usage.cost or _Cost()).credits]
        if (self.status or "").lower() != "failed":
            told.append(usage.credits_reserved)
        return next((amount for amount in told if amount is not None), None)


class _Balance(Told):
    remaining_credits: Soft[float] = None
    unlimited_credits: Soft[bool] = None


class _Account(Told):
    token: Soft[_Balance] = None
    user: Soft[_Balance] = None


class _Credits(Told):
    data: Soft[_Account] = None


class _File(Told):
    file_url: Soft[str] = None


class _Uploaded(Told):
    data: Soft[_File] = None


class _Refusal(Told):
    status: Soft[str] = None
    success: Soft[bool] = None
    error: Soft[_Error] = None
    message: Soft[str] = None
    msg: Soft[str] = None


def _complaint(body: object) -> Complaint | None:
    told = _Refusal.read(body)
    error = told.error or _Error()
    said = error.message or told.message or told.msg or ""
    spelled_out = bool(error.code or error.message)
    if told.status is not None or (told.success is not False and not spelled_out):
        return None  # what has a state is a task, failed or not
    by_words = Fault.MODERATION if fault_of_words(said) is Fault.MODERATION else Fault.INPUT
    fault = fault_of_words(f"{error.code} {error.type}") or by_words
    reason = _CULPRITS.get((error.param or "").partition("[")[0], "moderation")
    return Complaint(fault, f"{error.code}: {said}", reason=reason)


def _begun(body: object) -> bool:
    told = _Task.read(body)
    status = _STATUSES.get((told.status or "").strip().lower(), TaskStatus.FAILED)
    return task_id(told.id) is not None and status is not TaskStatus.FAILED


class Evolink(Provider):
    """EvoLink. Its idempotency key isn't in its public pages: it is sent, and relied on once at most."""

    name = "evolink"
    # Its client reads every 8 seconds, its guides say 10 to 15 and more; the upper bound is ours.
    pace = Pace(first=timedelta(seconds=10), growth=1.25, slowest=timedelta(seconds=30))

    def __init__(
        self,
        api_key: str,
        base_url: str = "https://api.evolink.ai",
        *,
        files_url: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        concurrency: int = 5,
        patience: Patience = PATIENCE,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.capabilities = CAPABILITIES[self.name]
        self.concurrency = concurrency
        self._wire = Wire(self.name, api_key, base_url, _complaint, _begun, transport, patience, now)
        official = self._wire.base_url == "https://api.evolink.ai"
        self._files_url = (files_url or (FILES_URL if official else self._wire.base_url)).rstrip("/")

    def prepare(
        self,
        request: VideoRequest,
        *,
        media_urls: tuple[str, ...],
        user: str,
        callback_url: str | None,
    ) -> Submission:
        """Write the body. There is no field for a pseudonym."""
        del user
        body = {
            "model": f"{request.model}-{_SUFFIXES[request.mode]}",
            "prompt": references.as_names(references.without_ids(request.prompt), request.media),
            **_typed(request, media_urls),
            "duration": request.seconds,
            "quality": request.resolution,
            "aspect_ratio": request.ratio,
            "generate_audio": request.sound is not False,
            **({} if request.web_search is None else {"model_params": {"web_search": request.web_search}}),
            **({"callback_url": callback_url} if callback_url else {}),
        }
        return Submission(write(body))

    async def submit(self, submission: Submission, *, key: str) -> ProviderTask:
        """Send it, once."""
        headers = {"Idempotency-Key": idempotency_key(key)}
        answer = await self._wire.send(
            Call.SUBMIT, "POST", "/v1/videos/generations", body=submission.body, headers=headers
        )
        told = _Task.read(answer.body)
        if task_id(told.id) is None:
            raise self._wire.broken(Call.SUBMIT, answer)
        # Later answers repeat the estimate, and don't say whether it shrinks: only the first one counts.
        remaining = estimate((told.task_info or _TaskInfo()).estimated_time)
        return replace(_task(told, "", silent=TaskStatus.QUEUED), remaining=remaining)

    async def fetch(self, task_id: str) -> ProviderTask:
        """Ask for a task."""
        answer = await self._wire.send(Call.TASK, "GET", f"/v1/tasks/{quote(task_id, safe='')}")
        told = _Task.read(answer.body)
        if told.id not in {None, task_id} or (told.id is None and told.status is None):
            raise self._wire.broken(Call.TASK, answer)
        return _task(told, task_id)

    async def upload(self, name: str, data: bytes) -> str | None:
        """Keep a file for 72 hours and return its address.

        Raises `InputRejected` for a file that it doesn't take, else `ProviderUnavailable` or `Rejected`.
        """
        safe = re.sub(r"[^A-Za-z0-9._-]", "_", name) or "file"
        extension = "." + safe.rpartition(".")[2].lower()
        files = {"file": (safe, data, _TYPES.get(extension, "application/octet-stream"))}
        path = f"{self._files_url}/api/v1/files/upload/stream"
        answer = await self._wire.send(Call.UPLOAD, "POST", path, files=files)
        stored = _Uploaded.read(answer.body).data or _File()
        kept = links([stored.file_url])
        if not kept:
            raise self._wire.broken(Call.UPLOAD, answer)
        return kept[0]

    async def balance(self) -> float | None:
        """Return the credits left, of the account or of the key, whichever ends first."""
        answer = await self._wire.send(Call.ACCOUNT, "GET", "/v1/credits")
        told = _Credits.read(answer.body).data or _Account()
        token, user = told.token or _Balance(), told.user or _Balance()
        limit = None if token.unlimited_credits else token.remaining_credits
        return min((left for left in (limit, user.remaining_credits) if left is not None), default=None)

    async def probe(self) -> str:
        """Read the balance."""
        left = await self.balance()
        return "the key is accepted" if left is None else f"the key is accepted, {left:g} credits left"

    @classmethod
    def named_task(cls, body: object) -> str | None:
        """Return `id`: a callback has the shape of a task."""
        return task_id(_Named.read(body).id)

    @property
    def clock_off(self) -> timedelta | None:
        """Return how far we were ahead of its clock."""
        return self._wire.drift.off

    async def close(self) -> None:
        """Let go of connections."""
        await self._wire.close()


def idempotency_key(key: str) -> str:
    """Return the same header for the same key, in the 16 to 96 characters that EvoLink's client allows."""
    plain = f"matinee-{key}"
    return plain if _KEY.fullmatch(plain) else f"matinee-{hashlib.sha256(key.encode()).hexdigest()}"


def _typed(request: VideoRequest, media_urls: tuple[str, ...]) -> dict[str, list[str]]:
    lists: dict[str, list[str]] = {f"{kind}_urls": [] for kind in MediaKind}
    for file, url in zip(request.media, media_urls, strict=True):
        lists[f"{file.kind}_urls"].append(url)
    return {name: urls for name, urls in lists.items() if urls}


def _reason(code: str, message: str) -> str:
    """Return why a task failed; the message alone often says what the content rules refuse."""
    reason = _REASONS.get(code.lower()) or reason_of_words(code)
    if reason in MODERATION or names_culprit(message):
        return culprit_of_words(f"{code} {message}")
    return reason


def _task(told: _Task, asked: str, *, silent: TaskStatus = TaskStatus.UNKNOWN) -> ProviderTask:
    word = (told.status or "").strip().lower()
    status, reason = _STATUSES.get(word, TaskStatus.UNKNOWN) if word else silent, None
    error = told.error or _Error()
    code = (error.code or "").lower()
    if status is TaskStatus.FAILED and code == "request_cancelled":
        status = TaskStatus.CANCELLED
    if status is TaskStatus.FAILED:
        reason = _reason(error.code or "", error.message or "")
        if reason in MODERATION:
            status = TaskStatus.REFUSED
    wire = _WIRE_MODEL.fullmatch(told.model or "")
    return ProviderTask(
        id=asked or told.id or "",
        status=status,
        progress=percent(told.progress),
        urls=links(told.films) if status is TaskStatus.SUCCEEDED else (),
        reason=reason,
        retryable=status is TaskStatus.FAILED and code in _RETRYABLE,
        credits=told.credits,
        model=model_name(wire[1] if wire else told.model),
        detail=words(told.status, error.code, error.message),
    )
