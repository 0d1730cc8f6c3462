"""Submitting: the intent and the exact body are written, then the one call that costs money is made."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.errors import (
    Conflict,
    CreditExhausted,
    InputRejected,
    KeyRejected,
    LimitReached,
    ModerationRejected,
    NotSent,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    Rejected,
    StoreUnavailable,
)
from bot.models import Status
from bot.providers.interface import Submission
from bot.schedule import backoff
from bot.tracker import queueing
from bot.tracker.context import go_on, log, transition
from bot.tracker.media import AttachmentExpired, media_urls
from bot.tracker.money import credits_charged
from bot.tracker.pacing import expected, until_ask
from bot.tracker.routing import reroute
from bot.tracker.watching import deadline

if TYPE_CHECKING:
    from bot.models import Generation, ProviderTask
    from bot.tracker.context import Context

TRIES = 3
"""Submits that surely weren't accepted, before it is called a failure."""
TOKEN_MARK = "\x01token\x01"  # noqa: S105 - no secret: what stands for one, and can't stand in JSON
WRITES = 20
"""Tries to write down the task of a submit that was accepted: some minutes, before it is called unknown."""
FULL = timedelta(seconds=5)
"""How long to leave it when the provider's places went to others."""


async def submit(context: Context, generation: Generation) -> Generation:
    """Send a queued generation to its provider."""
    ended = await queueing.end(context, generation)
    if ended is not None:
        return ended
    if (await context.switches.now()).pauses(generation.request.provider or ""):
        return await transition(context, generation, due_at=context.clock())
    try:
        submission = await _written(context, generation)
    except AttachmentExpired:
        return await _end(context, generation, Status.FAILED, "attachment_expired")
    except ProviderError as error:
        return await _not_accepted(context, generation, error)
    now = context.clock()
    try:
        intended = await transition(
            context,
            generation,
            due_at=now,
            keep=True,
            status=Status.SUBMITTING,
            body=submission.body.replace(_token(context, generation), TOKEN_MARK),
            attempts=generation.attempts + 1,
            submitted_at=now,
        )
    except LimitReached:
        return await transition(context, generation, due_at=now + FULL, ready_at=now)
    if intended.cancel_wished:  # it came while the files were brought there; nothing has been sent yet
        return await _requeue(context, intended, now, misses=intended.misses)
    return await _send(context, intended, submission)


async def _written(context: Context, generation: Generation) -> Submission:
    """Write the body; one that was turned away before goes out again as it was: one key, one body."""
    if generation.body is not None:
        return _unmarked(context, generation, generation.body)
    provider = context.provider_of(generation)
    return provider.prepare(
        generation.request,
        media_urls=await media_urls(context, generation),
        user=generation.member,
        callback_url=context.hosting.callback_url(provider.name, generation.id),
    )


def _unmarked(context: Context, generation: Generation, body: str) -> Submission:
    return Submission(body.replace(TOKEN_MARK, _token(context, generation)))


async def resume(context: Context, generation: Generation) -> Generation:
    """Go on after a submit without a clear answer: the same key and body once more at most, else wait.

    Where a callback has named the task meanwhile, asking for that is enough.
    """
    repeatable = context.capabilities_of(generation).idempotent and generation.named_task_id is None
    if not repeatable or generation.attempts > 1 or generation.body is None:
        return await _uncertain(context, generation)
    submission = _unmarked(context, generation, generation.body)
    again = await transition(
        context, generation, due_at=context.clock(), keep=True, attempts=generation.attempts + 1
    )
    return await _send(context, again, submission)


def _token(context: Context, generation: Generation) -> str:
    return context.hosting.signer.callback_token(generation.request.provider or "", generation.id)


async def _send(context: Context, generation: Generation, submission: Submission) -> Generation:
    """Make the call and write down what came of it."""
    provider = context.provider_of(generation)
    context.health.trying(provider.name)
    try:
        task = await context.counted(provider, "submit", provider.submit(submission, key=generation.id))
    except ProviderError as error:
        log.info("submit", generation=generation.id, error=type(error).__name__, detail=error.detail)
        if generation.attempts > 1:  # the first try may have been accepted, whatever the second says
            return await _uncertain(context, generation)
        return await _failed(context, generation, error)
    context.health.accepted(provider.name)
    return await _accepted(context, generation, task)


async def _accepted(context: Context, generation: Generation, task: ProviderTask) -> Generation:
    """Write the task down, whatever it takes: nothing else knows of it."""
    for tries in range(1, WRITES):
        try:
            return await _running(context, generation, task)
        except Conflict:
            # The lease was lost during a long call, and it may be uncertain now: name the task, as a
            # callback would.
            its = generation.request.provider
            await context.store.wake(generation.id, context.clock(), provider=its, task_id=task.id)
            raise
        except StoreUnavailable as error:
            log.error("task not written down yet", generation=generation.id, task=task.id, error=str(error))
            wait = backoff(tries, context.random, most=timedelta(seconds=30)) if tries > 1 else timedelta()
            await asyncio.sleep(wait.total_seconds())
    return await _running(context, generation, task)


async def _running(context: Context, generation: Generation, task: ProviderTask) -> Generation:
    now = context.clock()
    usual, worst = await expected(context, generation, task.remaining)
    wait = await until_ask(context, generation, 0, end=deadline(context, generation))
    return await go_on(
        context,
        generation,
        status=Status.RUNNING,
        task_id=task.id,
        task_status=task.status,
        used_model=task.model,
        progress=task.progress,
        charged=credits_charged(task.credits),
        expected_at=now + usual,
        worst_at=now + worst,
        ask_at=now + wait,
        misses=0,
    )


async def _failed(context: Context, generation: Generation, error: ProviderError) -> Generation:
    match error:
        case OutcomeUnknown():
            context.health.failed(error.provider)
            if context.capabilities_of(generation).idempotent:
                return await transition(context, generation, due_at=context.clock() + timedelta(seconds=1))
            return await _uncertain(context, generation)
        case ModerationRejected():
            return await _end(context, generation, Status.REFUSED, _culprit(generation, error))
        case InputRejected():
            return await _end(context, generation, Status.REFUSED, "input")
        case _:
            return await _not_accepted(context, generation, error)


async def _not_accepted(context: Context, generation: Generation, error: ProviderError) -> Generation:
    """Go back to the queue, or to another provider, or end it: it was surely not accepted."""
    now = context.clock()
    misses = generation.misses + 1
    wait = backoff(misses, context.random)
    if isinstance(error, ProviderUnavailable):
        until = now + (error.retry_after or max(wait, context.bounds.shortest))
        context.health.pause(error.provider, until)
        return await _requeue(context, generation, until, misses=0)
    if isinstance(error, KeyRejected | CreditExhausted):
        context.call_operator(error)
    context.health.failed(error.provider)
    moved = await reroute(context, generation)
    if moved is not None:
        return moved
    if isinstance(error, NotSent) and misses < TRIES:
        return await _requeue(context, generation, now + wait, misses=misses)
    return await _end(context, generation, Status.FAILED, _reason(error))


def _culprit(generation: Generation, error: ModerationRejected) -> str:
    """Return what the content rules refuse at the door: without files, it can only be the prompt."""
    words_alone = error.reason == "moderation" and not generation.request.media
    return "moderation_prompt" if words_alone else error.reason


def _reason(error: ProviderError) -> str:
    match error:
        case KeyRejected():
            return "key"
        case CreditExhausted():
            return "credit"
        case Rejected():
            return "provider"
        case _:
            return "unreachable"


async def _requeue(
    context: Context, generation: Generation, ready_at: datetime, *, misses: int
) -> Generation:
    keyed = context.capabilities_of(generation).idempotent
    return await transition(
        context,
        generation,
        due_at=context.clock(),
        status=Status.QUEUED,
        ready_at=ready_at,
        misses=misses,
        attempts=0,
        body=generation.body if keyed else None,
        submitted_at=None,
    )


async def _uncertain(context: Context, generation: Generation) -> Generation:
    """Nobody knows whether it was accepted: hold everything, and let a callback name the task."""
    context.metrics.uncertain(generation.request.provider or "")
    moved = await transition(context, generation, due_at=context.clock(), status=Status.UNCERTAIN)
    log.warning("outcome of a submit unknown", generation=moved.id, provider=moved.request.provider)
    return moved


async def _end(context: Context, generation: Generation, status: Status, reason: str) -> Generation:
    return await transition(context, generation, due_at=context.clock(), status=status, reason=reason)
