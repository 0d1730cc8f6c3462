"""One step of one generation: one `match` over its status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.models import AT_PROVIDER, Status
from bot.tracker import ending, finishing, queueing, submitting, watching

if TYPE_CHECKING:
    from bot.models import Generation
    from bot.tracker.context import Context


async def advance(context: Context, generation: Generation) -> Generation:
    """Do whatever is next for a generation that is due, and say when it is due again."""
    if generation.status in AT_PROVIDER and generation.request.provider not in context.providers:
        return await watching.without_provider(context, generation)
    return await _step(context, generation)


async def _step(context: Context, generation: Generation) -> Generation:
    match generation.status:
        case Status.QUEUED:
            waiting = await queueing.wait(context, generation)
            return await submitting.submit(context, waiting) if waiting.id in context.sending else waiting
        case Status.SUBMITTING:
            return await submitting.resume(context, generation)
        case Status.UNCERTAIN:
            return await watching.clear_up(context, generation)
        case Status.RUNNING:
            return await watching.watch(context, generation)
        case Status.RENDERED:
            return await finishing.fetch(context, generation)
        case Status.FETCHED:
            return await finishing.post(context, generation)
        case Status.POSTING:
            return await finishing.resume(context, generation)
        case Status.DELIVERED | Status.PARKED:
            return await ending.rest(context, generation)
        # mypy knows that nothing else is left
        case Status.FAILED | Status.REFUSED | Status.CANCELLED | Status.EXPIRED:  # pragma: no branch
            return await ending.tell(context, generation)
