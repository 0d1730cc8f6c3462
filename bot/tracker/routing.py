"""Another provider, where that can neither cost twice nor surprise anybody."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.admission import narrowed
from bot.errors import Refused
from bot.models import Status
from bot.quotas import any_on_credits
from bot.tracker.context import log, transition

if TYPE_CHECKING:
    from bot.models import Generation, VideoRequest
    from bot.tracker.context import Context


async def elsewhere(context: Context, generation: Generation) -> VideoRequest | None:
    """Return the same request for another provider: the same model, and none that was tried.

    What its server allows is read anew: its admins may have changed their minds.

    A provider that the member named is never exchanged. Where credits are limited, another price
    would have to be reserved anew, so only one that costs no more will do.
    """
    if generation.asked.provider is not None:
        return None
    switched = await context.switches.now()
    if switched.everything:
        return None
    tried = {*generation.tried, generation.request.provider or ""}
    asked = replace(generation.asked, model=generation.request.model)
    rules = await context.rules(generation.place.guild_id)
    try:
        request = context.router.route(asked, without=tried, narrow=narrowed(rules, switched.names))
    except Refused:
        return None
    limited = context.credits_limited or any_on_credits(rules)
    if limited and not _is_covered(context.price(request), generation.cost.credits):
        return None
    return request if context.health.healthy(request.provider or "") else None


def _is_covered(price: int | None, reserved: int) -> bool:
    """Return whether what is reserved is enough; an unknown price isn't free."""
    return price is not None and price <= reserved


async def reroute(context: Context, generation: Generation, **changes: Any) -> Generation | None:
    """Queue it for another provider, or return None where there is none.

    Only for one that its provider surely hasn't accepted, or has confirmed as failed and not charged.
    """
    request = await elsewhere(context, generation)
    if request is None:
        return None
    log.info("another provider", generation=generation.id, provider=request.provider)
    now = context.clock()
    fresh: dict[str, Any] = dict.fromkeys(
        (
            "body", "submitted_at", "task_id", "named_task_id", "ask_at", "asked_at", "progress",
            "expected_at", "worst_at", "task_status", "charged", "used_model",
        )
    )  # fmt: skip
    return await transition(
        context,
        generation,
        due_at=now,
        status=Status.QUEUED,
        request=request,
        tried=(*generation.tried, generation.request.provider or ""),
        ready_at=now,
        attempts=0,
        asks=0,
        misses=0,
        **fresh,
        **changes,
    )
