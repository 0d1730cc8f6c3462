"""What passes through the control API, as values: faults to set, settings to change, the ledger to read."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - pydantic reads it at run time
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

ProviderName = Literal["maxapi", "seedance2ink", "evolink"]
Endpoint = Literal["submit", "query", "cancel", "models", "credits", "upload", "result", "any"]


class FaultKind(StrEnum):
    """Ways to misbehave."""

    # towards a request
    SLOW = "slow"
    RATE_LIMIT = "rate_limit"
    ERROR = "error"
    CLOSE = "close"
    GARBAGE = "garbage"
    MODERATION = "moderation"
    # in the life of a task
    REVIEW = "review"
    FAILURE = "failure"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    ENDLESS = "endless"
    UNKNOWN_STATUS = "unknown_status"
    LOST_CALLBACK = "lost_callback"
    DOUBLE_CALLBACK = "double_callback"
    LATE_CALLBACK = "late_callback"
    # with the film
    EXPIRED_RESULT = "expired_result"
    GIANT_RESULT = "giant_result"
    TRUNCATED_RESULT = "truncated_result"


AT_REQUEST = frozenset(
    {
        FaultKind.SLOW,
        FaultKind.RATE_LIMIT,
        FaultKind.ERROR,
        FaultKind.CLOSE,
        FaultKind.GARBAGE,
        FaultKind.MODERATION,
    }
)


class Fault(BaseModel):
    """One order to misbehave. The fields beyond the first five matter to some kinds only."""

    model_config = ConfigDict(extra="forbid")

    kind: FaultKind
    provider: ProviderName | None = None
    """None: all three."""
    on: Endpoint = "submit"
    """Which requests, for the kinds that meet a request. The others meet tasks, when they are created."""
    times: int | None = Field(default=1, ge=1)
    """How many requests or tasks; None: until reset."""
    prompt: str | None = None
    """Only where the prompt contains this text."""
    seconds: float = 1.0
    """slow, late_callback: how long."""
    charged: bool = False
    """slow, error, close, garbage: act on the request first (a submit is charged), then misbehave."""
    status: int = 503
    """error: the HTTP status. expired_result: 403, 404 or 410."""
    retry_after: str | None = None
    """rate_limit, error: this header, as it stands."""
    body: str = "<html><body>Bad gateway</body></html>"
    """garbage: what is sent, with status 200."""
    reason: str | None = None
    """failure: `moderation`, `input`, `credit`, `provider`, or the provider's own word."""
    word: str = "REVIEWING"
    """unknown_status: shown instead of the provider's own words, until the end."""
    megabytes: int = 60
    """giant_result: how large the film is made; it still plays."""
    downloads: int | None = None
    """expired_result, truncated_result: how many downloads go wrong; None: all."""
    share: float = 0.5
    """truncated_result: how much of the film is sent."""
    admitted: bool = False
    """truncated_result: Content-Length is the short one; else the connection breaks early."""


class StandingFault(BaseModel):
    """A fault that is in force."""

    id: int
    fault: Fault
    left: int | None


class Settings(BaseModel):
    """How one provider is set up. The control API can change each of them."""

    model_config = ConfigDict(extra="forbid")

    concurrent: int = 20
    """Tasks at once; one more gets a 429."""
    per_second: int | None = None
    """Requests; None: no limit."""
    balance: float = 100_000.0
    """Credits left; a task that costs more is refused."""
    callback_timeout: float = 10.0
    callback_retries: tuple[float, ...] = ()
    """Seconds between a failure and the next try."""
    error_status: int = 200
    """maxapi: the HTTP status that goes with code 400 in the body; its pages don't say."""
    high_definition: bool = False
    """EvoLink: 1080p on the standard models, as its later guides say."""


class End(BaseModel):
    """How a task is to end, at once."""

    model_config = ConfigDict(extra="forbid")

    outcome: Literal["success", "failure", "timeout", "cancelled"] = "success"
    reason: str | None = None
    """failure: as in `Fault.reason`."""

    @property
    def cause(self) -> str | None:
        """The reason, or the one that goes without saying."""
        plain = {"failure": "provider", "timeout": "timeout", "cancelled": "cancelled"}
        return self.reason or plain.get(self.outcome)


class RequestSeen(BaseModel):
    """A request to a provider. `status` is 0 when no answer was given."""

    provider: ProviderName
    at: datetime
    method: str
    path: str
    endpoint: str
    headers: dict[str, str]
    """Without the value of Authorization: only its scheme, and whether the key was right."""
    body: str
    """As text; long or binary ones as size and digest."""
    status: int = 0


class TaskSeen(BaseModel):
    """A task that was created. `body` is the submit's JSON, `undocumented` its fields that no page names."""

    provider: ProviderName
    id: str
    at: datetime
    model: str
    mode: str
    prompt: str
    body: dict[str, Any]
    undocumented: list[str]
    idempotency_key: str | None = None
    statuses: list[str] = []
    """The provider's words in order; EvoLink's progress isn't in here."""
    reason: str | None = None


class Charge(BaseModel):
    """Credits moved: `charge` at submit, `refund` at the end."""

    provider: ProviderName
    task_id: str
    idempotency_key: str | None
    kind: Literal["charge", "refund"]
    credits: float
    at: datetime


class CallbackSent(BaseModel):
    """One try to call back. `status` is 0 when nobody answered."""

    provider: ProviderName
    task_id: str
    url: str
    attempt: int
    at: datetime
    body: dict[str, Any]
    status: int = 0
    error: str = ""


class MediaFetched(BaseModel):
    """A file that a provider fetched from the address it was given."""

    provider: ProviderName
    url: str
    at: datetime
    status: int
    size: int = 0
    sha256: str = ""
    kind: str = ""
    """image, video, audio; empty when it is none of them."""


class Ledger(BaseModel):
    """Everything that happened, in order."""

    requests: list[RequestSeen] = []
    tasks: list[TaskSeen] = []
    charges: list[Charge] = []
    callbacks: list[CallbackSent] = []
    media: list[MediaFetched] = []

    def of(self, provider: str) -> Ledger:
        """Return one provider's part."""
        return Ledger(
            requests=[entry for entry in self.requests if entry.provider == provider],
            tasks=[entry for entry in self.tasks if entry.provider == provider],
            charges=[entry for entry in self.charges if entry.provider == provider],
            callbacks=[entry for entry in self.callbacks if entry.provider == provider],
            media=[entry for entry in self.media if entry.provider == provider],
        )

    def charged(self, task_id: str | None = None) -> float:
        """Return the credits taken and not given back, by one task or in all."""
        mine = [entry for entry in self.charges if task_id in (None, entry.task_id)]
        return round(sum(entry.credits if entry.kind == "charge" else -entry.credits for entry in mine), 3)
