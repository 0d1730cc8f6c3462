"""What every step needs, and the one way to change a generation's state."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from bot import quotas
from bot.errors import ProviderError, ProviderUnavailable, TaskNotFound
from bot.media.frames import last_frame
from bot.media.join import join
from bot.models import AT_PROVIDER, TERMINAL, Status
from bot.precedence import Precedence
from bot.providers.moderation import MODERATION
from bot.providers.refusals import REST, Refusals
from bot.store import Entry
from bot.store.storyboards import Storyboards
from bot.tracker.budget import Budget
from bot.tracker.pacing import Lessons
from bot.values import but

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path
    from random import Random

    from bot.delivery import Delivery
    from bot.errors import CreditExhausted, KeyRejected
    from bot.hosting import Hosting
    from bot.media.download import Downloader
    from bot.media.probe import Prober
    from bot.metrics import Metrics
    from bot.models import Capabilities, Generation, Hold, ProviderTask, VideoRequest
    from bot.providers.health import Health
    from bot.providers.interface import Provider
    from bot.providers.router import Router
    from bot.schedule import Bounds
    from bot.servers import Deed, ServerRules
    from bot.store import Store
    from bot.store.switches import Switches

LEASE = timedelta(seconds=60)
MANY = 16
"""With more under way than these, nobody notices whether one of them goes on some milliseconds later."""
MENDING = timedelta(minutes=5)
"""How long a provider is sent nothing for what only the operator can mend, before one more try."""
log = structlog.get_logger("matinee.tracker")


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that a step may use. Nothing in it belongs to one generation."""

    store: Store
    providers: Mapping[str, Provider]
    router: Router
    switches: Switches
    rules: Callable[[int | None], Awaitable[ServerRules]]
    """What a server's admins have decided, as it is just now."""
    health: Health
    price: Callable[[VideoRequest], int | None]
    credits_limited: bool
    """Whether any limit counts credits, so that a price must be known and reserved."""
    delivery: Delivery
    downloader: Downloader
    prober: Prober
    hosting: Hosting
    bounds: Bounds
    queue_max: timedelta
    clock: Callable[[], datetime]
    random: Random
    metrics: Metrics
    join: Callable[[Sequence[Path], Path], Awaitable[object]] = join
    last_frame: Callable[[Path, Path], Awaitable[None]] = last_frame
    budget: Budget = field(default_factory=Budget)
    """How often the cards of one channel are edited."""
    refusals: Refusals = field(default_factory=Refusals)
    precedence: Precedence = field(default_factory=Precedence)
    """Whether members wait for an answer, before whom no step begins."""
    lessons: Lessons = field(default_factory=Lessons)
    """How long generations take, and when to ask for them."""
    leases: dict[str, Generation] = field(default_factory=dict)
    """What this process holds just now, as last written: what the heartbeat extends."""
    sending: dict[str, str] = field(default_factory=dict)
    """The provider of each that has a place in sight: its step submits it."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once nothing new is to be sent: this process ends."""
    edited: dict[str, tuple[Generation, dict[str, Any]]] = field(default_factory=dict)
    """Whose card was edited just now, and what it shows: the step's next transition writes that down, too."""

    @property
    def storyboards(self) -> Storyboards:
        """Return the storyboards, which lie beside the generations."""
        return Storyboards(self.store.engine)

    def provider_of(self, generation: Generation) -> Provider:
        """Return the provider that a generation is routed to. Raises `KeyError` if it is off."""
        return self.providers[generation.request.provider or ""]

    def offers(self, generation: Generation) -> bool:
        """Return whether its provider is on and still has its model."""
        provider = self.providers.get(generation.request.provider or "")
        return provider is not None and generation.request.model in provider.capabilities

    def capabilities_of(self, generation: Generation) -> Capabilities:
        """Return what the routed model can do. Raises `KeyError` if its provider is off.

        For a model that an update has taken away, which may still be running there: what another can.
        """
        capabilities = self.provider_of(generation).capabilities
        return capabilities.get(generation.request.model or "") or next(iter(capabilities.values()))

    async def fetch(self, generation: Generation, task_id: str) -> ProviderTask:
        """Ask a generation's provider for a task, and note how healthy it is. Raises as `Provider.fetch`."""
        provider = self.provider_of(generation)
        self.metrics.polled(provider.name)
        try:
            task = await self.counted(provider, "fetch", provider.fetch(task_id))
        except TaskNotFound:
            raise
        except ProviderError as error:
            if not (isinstance(error, ProviderUnavailable) and error.busy):
                self.health.failed(provider.name)
            raise
        self.health.succeeded(provider.name)
        return task

    def call_operator(self, error: KeyRejected | CreditExhausted) -> None:
        """Send a provider nothing for a while, and say once that only the operator can mend it."""
        if self.health.stop(error.provider, error.reason, self.clock() + MENDING):
            log.error("the operator is needed", provider=error.provider, error=type(error).__name__,
                      detail=error.detail)  # fmt: skip

    def judge(self, before: Generation, after: Generation) -> None:
        """Send a provider nothing for a while whose content rules refuse most of what it is sent."""
        refused = after.status is Status.REFUSED and after.reason in MODERATION
        if before.status not in AT_PROVIDER or not (refused or after.status is Status.RENDERED):
            return
        provider, now = after.request.provider or "", self.clock()
        if self.refusals.noted(provider, now, refused=refused):
            self.health.pause(provider, now + REST)
            log.error("the operator is needed", provider=provider, error="most films are refused")

    async def counted(
        self, provider: Provider, call: str, work: Coroutine[None, None, ProviderTask]
    ) -> ProviderTask:
        """Make a call to a provider and count how it ended."""
        try:
            task = await work
        except ProviderError as error:
            self.metrics.requested(provider.name, call, type(error).__name__)
            raise
        self.metrics.requested(provider.name, call, "ok")
        return task

    @property
    def concurrency(self) -> dict[str, int]:
        """Return how many tasks at once each provider is given."""
        return {name: provider.concurrency for name, provider in self.providers.items()}


def _entry(before: Generation, after: Generation) -> Entry | None:
    if after.status is Status.RENDERED and not quotas.settled(before):
        return Entry("settle", after.cost)
    if after.counts_in_full and not before.counts_in_full:
        return Entry("settle", after.cost)
    if quotas.counts(before) and not quotas.counts(after):
        return Entry("refund" if quotas.settled(before) else "release", before.cost)
    return None


async def move(
    store: Store,
    generation: Generation,
    now: datetime,
    *,
    due_at: datetime | None,
    lease_until: datetime | None = None,
    concurrency: Mapping[str, int] | None = None,
    deed: Deed | None = None,
    patient: bool = False,
    **changes: Any,
) -> Generation:
    """Change a generation's state, its money and its places in one transaction.

    `concurrency`: the places that providers have; without it, one is taken even where none is free.
    `deed`: the action of an admin that it is. `patient`: it may wait some milliseconds for others.
    Raises `Conflict` if somebody else moved it first and `LimitReached` if its provider is full.
    """
    take: Sequence[Hold] = ()
    give: Sequence[Hold] = ()
    entry = None
    if changes.keys() & quotas.HOLDING:
        after = but(generation, **changes)
        if after.status in TERMINAL and generation.status not in TERMINAL:
            # what failed on the way says nothing of the last card and the notice
            changes |= {"finished_at": now, "misses": 0}
        take, give = quotas.difference(quotas.held(generation), quotas.held(after))
        entry = _entry(generation, after)
    return await store.move(
        generation,
        now,
        due_at=due_at,
        lease_until=lease_until,
        take=[quotas.slots(hold, concurrency or {}) for hold in take],
        give=give,
        entry=entry,
        deed=deed,
        patient=patient,
        **changes,
    )


async def transition(
    context: Context,
    generation: Generation,
    *,
    due_at: datetime | None,
    keep: bool = False,
    **changes: Any,
) -> Generation:
    """Change a generation's state, its money and its places in one transaction.

    `keep` holds on to the lease, for a step that goes on after its written intent. What the card was edited
    to meanwhile is written down as well.
    Raises `Conflict` if somebody else moved it first and `LimitReached` if its provider is full.
    """
    now = context.clock()
    _, edited = context.edited.get(generation.id, (generation, {}))
    moved = await move(
        context.store,
        generation,
        now,
        due_at=due_at,
        lease_until=now + LEASE if keep else None,
        concurrency=context.concurrency,
        patient=len(context.leases) > MANY,
        **edited | changes,
    )
    context.edited.pop(generation.id, None)
    if moved.status in TERMINAL and generation.status not in TERMINAL:
        context.metrics.ended(moved.status, moved.request.provider or "")
    if moved.status is not generation.status:
        context.judge(generation, moved)
        log.info(
            "moved",
            generation=moved.id,
            before=generation.status,
            after=moved.status,
            reason=moved.reason,
            provider=moved.request.provider,
            model=moved.request.model,
            task=moved.task_id,
        )
    if keep:
        context.leases[moved.id] = moved
    return moved


async def go_on(context: Context, generation: Generation, **changes: Any) -> Generation:
    """Change its state, and keep the lease for the step that follows from it at once.

    That step is counted before its work, as by a claim. Raises as `transition`.
    """
    return await transition(context, generation, due_at=context.clock(), keep=True, begun=1, **changes)
