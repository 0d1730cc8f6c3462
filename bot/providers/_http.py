"""The only place where an HTTP answer, or the lack of one, becomes one of our errors.

What may cost money goes over httpx's own transport, whose exceptions tell whether a connection was ever made:
only then is a call surely *not sent*. What is only asked goes over aiohttp's, which bears hundreds of calls
at once, and whose exceptions don't tell.
"""

from __future__ import annotations

import asyncio
import json
import re
import string
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

import httpx
from httpx_aiohttp import AiohttpTransport

from bot.authorities import trusted_soon
from bot.errors import (
    CreditExhausted,
    InputRejected,
    KeyRejected,
    ModerationRejected,
    NotSent,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    SettingsError,
    TaskNotFound,
)
from bot.providers.drift import Drift
from bot.providers.health import LONGEST_PAUSE
from bot.providers.moderation import culprit_of_words, plain

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

LARGEST_ANSWER = 2 * 1024 * 1024
"""Bytes of an answer that are read; a longer one is as good as unreadable."""
_KEPT_FOR_THE_LOG = 2048
"""Characters."""
_NEVER_LEFT = (
    httpx.ConnectError,  # refused, no such host, TLS
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
_SECRETS = re.compile(r"[0-9a-fA-F]{32,}|(?i:bearer)\s+[^\s\"']+|(?<=\?)[^\s\"'<>]+")
"""Callback tokens and file ids, keys, and signatures in addresses."""
_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]+")


class Call(Enum):
    """What is asked for: it decides what a doubtful answer means."""

    SUBMIT = auto()
    CANCEL = auto()
    UPLOAD = auto()
    TASK = auto()
    ACCOUNT = auto()
    """Balance, models: reading that belongs to no task."""


class Fault(Enum):
    """What is wrong, in an order of ours."""

    INPUT = auto()
    MODERATION = auto()
    CREDIT = auto()
    KEY = auto()
    BUSY = auto()
    MISSING = auto()
    """No such thing: a task, a model, an address."""
    TROUBLE = auto()
    """The provider's own, or no answer that could be understood."""
    UNCLEAR = auto()
    """The provider says itself that it may have accepted."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a provider's error body says."""

    fault: Fault
    detail: str = ""
    categories: tuple[str, ...] = ()
    reason: str = "moderation"
    """Of a refusal by content rules: what it is about, where the provider says so apart from its words."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: object
    """Parsed JSON, or None."""
    text: str
    """Its beginning, without secrets, for the log."""
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call may take."""

    connect: timedelta = timedelta(seconds=10)
    silence: timedelta = timedelta(seconds=45)
    """Without a byte in either direction."""
    whole: timedelta = timedelta(seconds=90)
    upload: timedelta = timedelta(minutes=5)


PATIENCE = Patience()


def utc_now() -> datetime:
    """Return the time of day that a date in `Retry-After` is compared with."""
    return datetime.now(UTC)


# Codes and types of EvoLink's error bodies (its error-codes page and public clients); seedance2.ink documents
# `unauthorized` alone, and speaks the same way. Unknown words mean nothing: the HTTP status stands.
_WORDS: tuple[tuple[Fault, re.Pattern[str]], ...] = (
    (Fault.UNCLEAR, re.compile(r"idempotency_conflict|outcome_unknown")),
    (
        Fault.MODERATION,
        re.compile(r"moderat|content_?(?:policy|filter|block)|sensitive|risk_?detect|nsfw|prohibited|unsafe"),
    ),
    (Fault.CREDIT, re.compile(r"insufficient|no_credit|payment|balance|arrears|积分不足|余额不足")),
    (Fault.KEY, re.compile(r"unauthori[sz]ed|authentication|api_?key|forbidden|permission")),
    (Fault.BUSY, re.compile(r"rate_?limit|too_?many|throttl")),
    (Fault.MISSING, re.compile(r"not_?found")),
    (Fault.INPUT, re.compile(r"invalid")),
    (Fault.TROUBLE, re.compile(r"internal|server_error|unavailable|upstream|time_?out|service_error")),
)


def fault_of_words(words: str) -> Fault | None:
    """Return what a code such as `insufficient_credits` means, or None if it is none that we know."""
    spelled = plain(words)
    return next((fault for fault, pattern in _WORDS if pattern.search(spelled)), None)


def reason_of_words(words: str) -> str:
    """Return why a task ended, of our own reasons, from its provider's code."""
    match fault_of_words(words):
        case Fault.MODERATION:
            return culprit_of_words(words)
        case Fault.CREDIT:
            return "credit"
        case Fault.INPUT:
            return "input"
        case Fault.TROUBLE if re.search(r"time_?out", words, re.IGNORECASE):
            return "timeout"
        case _:
            return "provider"


def fault_of_status(status: int) -> Fault | None:
    """Return what an HTTP status means, or None for success.

    A redirect is trouble: it is never followed, and nobody knows what became of the call.
    """
    match status:
        case 401 | 403:
            return Fault.KEY
        case 402:
            return Fault.CREDIT
        case 404 | 410:
            return Fault.MISSING
        case 429:
            return Fault.BUSY
        case 408 | 409 | 425 | 499:  # cut short, in conflict with a call under way: perhaps accepted
            return Fault.TROUBLE
        case _ if 200 <= status < 300:  # noqa: PLR2004 - HTTP's own numbers
            return None
        case _ if 400 <= status < 500:  # noqa: PLR2004
            return Fault.INPUT
        case _:
            return Fault.TROUBLE


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Return how long a `Retry-After` asks to wait, at most 15 minutes, or None where it makes no sense.

    Seconds or a date (RFC 9110, section 10.2.3).
    """
    text = (value or "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text, re.ASCII):
        return timedelta(seconds=min(float(text), LONGEST_PAUSE.total_seconds()))
    try:
        moment = parsedate_to_datetime(text)
        wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(max(wait, timedelta()), LONGEST_PAUSE)


@dataclass(slots=True)
class Wire:
    """One provider's address, key and connections. `transport`, if given, carries everything."""

    provider: str
    api_key: str = field(repr=False)
    base_url: str
    complaint: Callable[[object], Complaint | None]
    """Reads an error out of a body of any shape, whatever the HTTP status was."""
    begun: Callable[[object], bool]
    """Whether the body of an error speaks of a task that lives all the same."""
    transport: httpx.AsyncBaseTransport | None = None
    patience: Patience = PATIENCE
    now: Callable[[], datetime] = utc_now
    drift: Drift = field(default_factory=Drift, init=False)
    _clients: dict[bool, httpx.AsyncClient] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.api_key = self.api_key.strip()
        self.base_url = self.base_url.rstrip("/")
        if not _VISIBLE_ASCII.fullmatch(self.api_key):
            raise SettingsError(f"{self.provider}: the API key is empty or holds characters that no key has")

    async def send(
        self,
        call: Call,
        method: str,
        path: str,
        *,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Send once and return a success whose body is JSON. `path` may be a whole address.

        Raises a `ProviderError`; which one in doubt, `call` decides.
        """
        try:
            client = await self._client(reading=call in {Call.TASK, Call.ACCOUNT})
            typed = {"Content-Type": "application/json"} if body is not None else {}
            request = client.build_request(
                method,
                path if "://" in path else self.base_url + path,
                content=None if body is None else body.encode(),
                files=files,
                headers={**typed, **(headers or {})},
            )
            answer = await self._exchange(call, client, request)
        except _NEVER_LEFT as error:
            raise self._unreached(call, f"{type(error).__name__}: {error}") from None
        except Exception as error:  # noqa: BLE001 - whatever it was, bytes may have left
            raise self._error(call, Complaint(Fault.TROUBLE, type(error).__name__)) from None
        complaint = self._complaint(answer)
        if complaint is not None:
            if call is Call.SUBMIT and self.begun(answer.body):  # it says no, and yes
                complaint = Complaint(Fault.UNCLEAR, complaint.detail)
            raise self._error(call, complaint, answer.retry_after)
        return answer

    async def close(self) -> None:
        """Let go of all connections."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    async def _exchange(self, call: Call, client: httpx.AsyncClient, request: httpx.Request) -> Answer:
        whole = self.patience.upload if call is Call.UPLOAD else self.patience.whole
        async with asyncio.timeout(whole.total_seconds()):
            response = await client.send(request, stream=True, follow_redirects=False)
            try:
                return self._answer(response, await _read(response))
            finally:
                await response.aclose()

    def _answer(self, response: httpx.Response, data: bytes) -> Answer:
        try:
            body = json.loads(data) if len(data) <= LARGEST_ANSWER else None
        except (ValueError, RecursionError):
            body = None
        self.drift.note(self.provider, response.headers.get("Date"), self.now())
        return Answer(
            status=response.status_code,
            body=body,
            text=self._beginning(data[: 4 * _KEPT_FOR_THE_LOG].decode("utf-8", "replace")),
            retry_after=retry_after(response.headers.get("Retry-After"), self.now()),
        )

    def _complaint(self, answer: Answer) -> Complaint | None:
        """Of the HTTP status and the body, the one that knows better."""
        by_status = fault_of_status(answer.status)
        said = self.complaint(answer.body)
        if by_status is None:
            if answer.body is None:
                return Complaint(Fault.TROUBLE, f"HTTP {answer.status}, no JSON: {answer.text}")
            return said
        detail = f"HTTP {answer.status}: {said.detail if said else answer.text}"
        if said is not None and _knows_better(said.fault, by_status):
            return Complaint(said.fault, detail, said.categories, said.reason)
        return Complaint(by_status, detail)

    def _unreached(self, call: Call, detail: str) -> ProviderError:
        if call in {Call.SUBMIT, Call.CANCEL}:
            return NotSent(self.provider, self.redact(detail))
        return ProviderUnavailable(self.provider, self.redact(detail))

    def _error(self, call: Call, complaint: Complaint, wait: timedelta | None = None) -> ProviderError:
        name, detail = self.provider, self._beginning(complaint.detail)
        match complaint.fault:
            case Fault.KEY:
                return KeyRejected(name, detail, reason="key")
            case Fault.CREDIT:
                return CreditExhausted(name, detail, reason="credit")
            case Fault.BUSY:
                return ProviderUnavailable(name, detail, retry_after=wait, busy=True)
            case Fault.MODERATION if call in {Call.SUBMIT, Call.UPLOAD}:
                told = culprit_of_words(complaint.detail)
                reason = complaint.reason if told == "moderation" else told
                return ModerationRejected(name, detail, reason=reason, categories=complaint.categories)
            case Fault.MISSING if call in {Call.TASK, Call.CANCEL}:
                return TaskNotFound(name, detail)
            case Fault.INPUT if call is Call.TASK:  # an id that isn't one, or a body-level "no such task"
                return TaskNotFound(name, detail)
            case Fault.INPUT | Fault.MISSING if call is not Call.ACCOUNT:
                return InputRejected(name, detail, reason="input")
            case _ if call in {Call.SUBMIT, Call.CANCEL}:
                return OutcomeUnknown(name, detail)
            case _:
                return ProviderUnavailable(name, detail, retry_after=wait)

    def broken(self, call: Call, answer: Answer) -> ProviderError:
        """Return the error for a success that lacks what it must have."""
        return self._error(call, Complaint(Fault.TROUBLE, f"HTTP {answer.status}, incomplete: {answer.text}"))

    def _beginning(self, text: str) -> str:
        """Return what is kept of an answer for the log; of a secret that its end cuts in two, nothing."""
        kept = text[:_KEPT_FOR_THE_LOG]
        if kept != text:
            halves = (self.api_key[:length] for length in range(len(self.api_key) - 1, 0, -1))
            kept = kept.removesuffix(next(filter(kept.endswith, halves), "")).rstrip(string.hexdigits)
        return self.redact(kept)

    def redact(self, text: str) -> str:
        """Return a text without the key, tokens, file ids and signatures."""
        return _SECRETS.sub("…", text.replace(self.api_key, "…"))

    async def _client(self, *, reading: bool) -> httpx.AsyncClient:
        if reading not in self._clients:
            transport = self.transport or _transport(await trusted_soon(), reading=reading)
            self._clients.setdefault(reading, self._open(transport))  # somebody else may have been quicker
        return self._clients[reading]

    def _open(self, transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
        silence, connect = self.patience.silence.total_seconds(), self.patience.connect.total_seconds()
        return httpx.AsyncClient(
            transport=transport,
            timeout=httpx.Timeout(silence, connect=connect, pool=connect),
            headers={
                "Authorization": f"Bearer {self.api_key}",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": "matinee",
            },
            trust_env=False,  # no proxy by accident: the key goes to the configured address alone
        )


def _knows_better(said: Fault, by_status: Fault) -> bool:
    if said in {Fault.MODERATION, Fault.UNCLEAR}:
        return by_status not in {Fault.TROUBLE, Fault.BUSY}
    return by_status is Fault.INPUT and said is not Fault.TROUBLE


def _transport(tls: ssl.SSLContext, *, reading: bool) -> httpx.AsyncBaseTransport:
    if reading:
        return AiohttpTransport(tls, limits=httpx.Limits(max_connections=100))
    # A kept connection may have been closed at the other end: then nobody knows whether a call went through.
    return httpx.AsyncHTTPTransport(tls, limits=httpx.Limits(max_keepalive_connections=0))


async def _read(response: httpx.Response) -> bytes:
    """Return the body, or a little more than we would take of it."""
    data = bytearray()
    async for chunk in response.aiter_bytes():
        data += chunk
        if len(data) > LARGEST_ANSWER:
            break
    return bytes(data)
