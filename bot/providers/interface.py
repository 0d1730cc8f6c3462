"""What a provider is to the rest of the house."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from bot.models import Capabilities, ProviderTask, VideoRequest


@dataclass(frozen=True, slots=True)
class Pace:
    """How a provider likes to be asked."""

    first: timedelta
    """From submit to the first ask."""
    growth: float
    """Each wait is this times the one before."""
    slowest: timedelta


@dataclass(frozen=True, slots=True)
class Submission:
    """A submit as it will leave: written down before it is sent, byte for byte."""

    body: str


class Provider(ABC):
    """A hosted service that makes videos.

    Every method raises only `bot.errors.ProviderError` and its children.
    """

    name: ClassVar[str]
    capabilities: Mapping[str, Capabilities]
    """By model."""
    pace: ClassVar[Pace]
    concurrency: int
    """Tasks at once that we give it."""

    @abstractmethod
    def prepare(
        self,
        request: VideoRequest,
        *,
        media_urls: tuple[str, ...],
        user: str,
        callback_url: str | None,
    ) -> Submission:
        """Write the body for a routed request.

        `media_urls` are in the order of `request.media`; `user` is a pseudonym (an HMAC), never a Discord id.
        """

    @abstractmethod
    async def submit(self, submission: Submission, *, key: str) -> ProviderTask:
        """Send it, once. Raises `NotSent`, `OutcomeUnknown` or `Rejected`.

        `key` is sent where the provider takes an idempotency key: the same key and body never make two tasks.
        """

    @abstractmethod
    async def fetch(self, task_id: str) -> ProviderTask:
        """Ask for a task. Raises `TaskNotFound`, `ProviderUnavailable` or `Rejected`."""

    async def cancel(self, task_id: str) -> ProviderTask:
        """Ask for a task to be stopped, where `Capabilities.cancel` says that this is possible."""
        raise NotImplementedError

    async def upload(self, name: str, data: bytes) -> str | None:
        """Keep a file at the provider and return its address, or None where there is no such thing."""
        del name, data
        return None

    async def balance(self) -> float | None:
        """Return the credits left, or None where the provider doesn't tell."""
        return None

    @property
    def clock_off(self) -> timedelta | None:
        """Return how far our clock was ahead of the provider's at its last answer; None: not known."""
        return None

    @abstractmethod
    async def probe(self) -> str:
        """Prove the key with a read-only call and return a short fact for the operator."""

    @classmethod
    @abstractmethod
    def named_task(cls, body: object) -> str | None:
        """Return the task id that a callback's JSON names, if it has the right shape."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of connections."""
