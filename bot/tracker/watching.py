"""Uncertain and running: ask the provider until it has an end, and believe nobody else."""

from __future__ import annotations

import contextlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.errors import Conflict, ProviderError, ProviderUnavailable, TaskNotFound
from bot.models import Status, TaskStatus
from bot.providers.drift import ALARMING
from bot.providers.moderation import MODERATION
from bot.schedule import CALLBACK_SPACING, backoff
from bot.tracker import cards
from bot.tracker.context import go_on, log, transition
from bot.tracker.money import absurd, credits_charged, settled
from bot.tracker.pacing import next_look, until_ask
from bot.tracker.routing import reroute
from bot.values import but

if TYPE_CHECKING:
    from datetime import datetime

    from bot.models import Generation, ProviderTask
    from bot.tracker.context import Context

YOUNG = timedelta(seconds=60)
"""A task may be unknown to its provider's own query for this long after the submit."""
UNKNOWN_TASK_WAIT = timedelta(minutes=2)
UNKNOWN_TASK_MISSES = 5
NO_LINK_MISSES = 4
QUIET_SPREAD = timedelta(seconds=10)
"""After a pause that a provider asked for, its tasks are asked for one after another within this time."""
MARGIN = timedelta(minutes=30)
"""Added to the provider's longest time before a person is called."""
MOST_AHEAD = timedelta(days=2)
"""What is made up for of a clock that was set wrong; a provider whose own is mad is waited for no longer."""
OFF = timedelta(hours=24)
"""How long a provider may be turned off while it works for us, before a person is called."""
OFF_LOOK = timedelta(minutes=10)


def deadline(context: Context, generation: Generation) -> datetime:
    """Return when a generation at its provider becomes a person's business.

    What our clock is ahead of the provider's isn't time that has passed, if it is a day or two.
    """
    ahead = context.provider_of(generation).clock_off or timedelta()
    wrong = min(ahead, MOST_AHEAD) if ahead > ALARMING else timedelta()
    return last(context, generation) + MARGIN + wrong


def last(context: Context, generation: Generation) -> datetime:
    """Return when its provider is done with it at the latest, as far as one may believe it."""
    since = generation.submitted_at or generation.created_at
    return since + context.capabilities_of(generation).longest


async def without_provider(context: Context, generation: Generation) -> Generation:
    """Wait for a provider that the operator has turned off to come back, then call a person."""
    now = context.clock()
    if now >= (generation.submitted_at or generation.created_at) + OFF:
        return await park(context, generation, "unavailable")
    log.error("its provider is turned off", generation=generation.id,
              provider=generation.request.provider, task=generation.task_id)  # fmt: skip
    generation = await cards.refresh(context, generation)
    return await transition(context, generation, due_at=now + OFF_LOOK)


# uncertain


async def clear_up(context: Context, generation: Generation) -> Generation:
    """Adopt the task that a callback named, once the provider has confirmed it; else go on waiting."""
    end = deadline(context, generation)
    now = context.clock()
    if generation.named_task_id is None:
        if now >= end:
            return await park(context, generation, "uncertain")
        generation = await cards.refresh(context, generation)
        turn = cards.next_turn(context, generation) or end
        return await transition(context, generation, due_at=min(end, turn))
    if generation.asked_at is not None and now < generation.asked_at + CALLBACK_SPACING:
        return await transition(context, generation, due_at=generation.asked_at + CALLBACK_SPACING)
    if (later := quiet(context, generation)) is not None:
        return await transition(context, generation, due_at=later)
    try:
        task = await context.fetch(generation, generation.named_task_id)
    except ProviderError as error:
        return await _not_confirmed(context, generation, error, end)
    if not is_ours(generation, task):
        return await _disown(context, generation, end)
    return await _adopt(context, generation, task, end)


def quiet(context: Context, generation: Generation) -> datetime | None:
    """Return when to ask a provider that is asked too often for whatever task, or None: now."""
    until = context.health.quiet_until(generation.request.provider or "")
    return None if until is None else until + context.random.random() * QUIET_SPREAD


async def _not_confirmed(
    context: Context, generation: Generation, error: ProviderError, end: datetime
) -> Generation:
    """Ask again: the callback may be the only one, and its task not yet known to the query."""
    now = context.clock()
    if now >= end:
        return await park(context, generation, "uncertain")
    if isinstance(error, TaskNotFound):
        if not _young(generation, now) and _unknown_in_a_row(generation) >= UNKNOWN_TASK_MISSES:
            return await _disown(context, generation, end)
        wait, changes = _unknown(context, generation, now)
    else:
        wait, changes = wait_after(context, generation, error), _missed(generation)
    return await transition(context, generation, due_at=min(end, now + wait), asked_at=now, **changes)


async def _adopt(context: Context, generation: Generation, task: ProviderTask, end: datetime) -> Generation:
    now = context.clock()
    asked: dict[str, Any] = {"asked_at": now, "asks": generation.asks + 1}
    try:
        adopted = await transition(
            context,
            generation,
            due_at=now,
            keep=True,
            status=Status.RUNNING,
            task_id=task.id,
            ask_at=now,
            misses=0,
        )
    except Conflict:
        current = await context.store.get(generation.id)
        if current is None or current.version != generation.version:
            raise
        return await _disown(context, generation, end)  # another generation has this task already
    if adopted.cancel_wished:
        return await watch(context, adopted)
    return await _heard(context, adopted, task, asked)


async def _disown(context: Context, generation: Generation, end: datetime) -> Generation:
    log.warning("a callback named a task that isn't ours", generation=generation.id)
    provider = generation.request.provider or ""
    await context.store.name_task(generation.id, None, provider=provider, wrong=generation.named_task_id)
    return await transition(
        context, generation, due_at=end, asked_at=context.clock(), task_status=None, misses=0
    )


def is_ours(generation: Generation, task: ProviderTask) -> bool:
    """Return whether a task can be what this generation's submit made: it has the prompt."""
    if task.prompt is None:
        return True
    return json.dumps(task.prompt, ensure_ascii=False) in (generation.body or "")


# running


async def watch(context: Context, generation: Generation) -> Generation:
    """Ask if it is time to, or if somebody woke it; obey a cancel; call a person when it never ends."""
    now = context.clock()
    if generation.cancel_wished and not context.capabilities_of(generation).cancel:
        return await _let_go(context, generation)
    soonest = (generation.asked_at or generation.created_at) + CALLBACK_SPACING
    if generation.woken and now < soonest:
        generation = await cards.refresh(context, generation)
        return await transition(context, generation, due_at=soonest, ask_at=soonest)
    if (later := quiet(context, generation)) is not None:
        return await transition(context, generation, due_at=later, ask_at=later)
    ask_at = generation.ask_at or now
    if not generation.woken and now < ask_at:
        generation = await cards.refresh(context, generation)
        return await transition(context, generation, due_at=next_look(context, generation, ask_at))
    return await _ask(context, generation)


async def _let_go(context: Context, generation: Generation) -> Generation:
    """End it for its member where the provider can't; it counts, and its place stays taken until the end."""
    now = context.clock()
    return await transition(
        context,
        generation,
        due_at=now,
        status=Status.CANCELLED,
        reason="cancelled_charged",
        counts_in_full=True,
        watch=True,
        ask_at=min(generation.ask_at or now, last(context, generation)),
    )


async def _ask(context: Context, generation: Generation) -> Generation:
    assert generation.task_id is not None
    now = context.clock()
    asked: dict[str, Any] = {"asked_at": now, "asks": generation.asks + 1}
    try:
        if generation.cancel_wished:
            await _ask_to_cancel(context, generation)
        task = await context.fetch(generation, generation.task_id)
    except TaskNotFound:
        return await _unknown_there(context, generation, asked)
    except ProviderError as error:
        return await _no_answer(context, generation, asked, error)
    return await _heard(context, generation, task, asked)


async def _ask_to_cancel(context: Context, generation: Generation) -> None:
    """Ask for the end; whatever is answered, the task itself says what became of it."""
    provider = context.provider_of(generation)
    try:
        await context.counted(provider, "cancel", provider.cancel(generation.task_id or ""))
    except ProviderError as error:
        log.info("cancel", generation=generation.id, error=type(error).__name__, detail=error.detail)


async def _heard(
    context: Context, generation: Generation, task: ProviderTask, asked: dict[str, Any]
) -> Generation:
    match task.status:
        case TaskStatus.SUCCEEDED:
            return await _succeeded(context, generation, task, asked)
        case TaskStatus.REFUSED:
            return await _ended(context, generation, Status.REFUSED, task.reason or "moderation", asked)
        case TaskStatus.CANCELLED if generation.cancel_wished:
            return await _ended(context, generation, Status.CANCELLED, "cancelled", asked)
        case TaskStatus.FAILED | TaskStatus.CANCELLED:
            return await _failed(context, generation, task, asked)
        case _:
            return await _goes_on(context, generation, task, asked)


async def _goes_on(
    context: Context, generation: Generation, task: ProviderTask, asked: dict[str, Any]
) -> Generation:
    now = context.clock()
    if now >= deadline(context, generation):
        return await _give_up(context, generation, asked)
    if task.status is TaskStatus.UNKNOWN and generation.task_status is not TaskStatus.UNKNOWN:
        log.warning("a status we don't know", generation=generation.id, detail=task.detail)
    known: dict[str, Any] = {"task_status": task.status, "progress": task.progress}
    if task.remaining is not None:
        known["expected_at"] = now + task.remaining
    if task.model is not None:
        known["used_model"] = task.model
    wait = await until_ask(context, generation, generation.asks, end=deadline(context, generation))
    shown = await cards.refresh(context, but(generation, **known))
    return await _ask_later(context, shown, {**asked, **known, "misses": 0}, wait)


async def _give_up(context: Context, generation: Generation, asked: dict[str, Any]) -> Generation:
    """Stop a task that never ends, where its provider confirms that, or else call a person.

    What is stopped costs its member nothing; what turns out to be done is their film.
    """
    assert generation.task_id is not None
    if context.capabilities_of(generation).cancel and not generation.cancel_wished:
        await _ask_to_cancel(context, generation)
        with contextlib.suppress(ProviderError):
            task = await context.fetch(generation, generation.task_id)
            if task.status is TaskStatus.CANCELLED:
                return await _ended(context, generation, Status.FAILED, "timeout", asked)
            if task.status not in {TaskStatus.QUEUED, TaskStatus.RUNNING, TaskStatus.UNKNOWN}:
                return await _heard(context, generation, task, asked)
    return await park(context, generation, "timeout", **asked)


async def _ask_later(
    context: Context, generation: Generation, asked: dict[str, Any], wait: timedelta
) -> Generation:
    ask_at = context.clock() + wait
    due_at = next_look(context, generation, ask_at)
    return await transition(context, generation, due_at=due_at, ask_at=ask_at, **asked)


async def _no_answer(
    context: Context, generation: Generation, asked: dict[str, Any], error: ProviderError
) -> Generation:
    if context.clock() >= deadline(context, generation):
        return await _give_up(context, generation, asked)
    changes = {**asked, **_missed(generation)}
    return await _ask_later(context, generation, changes, wait_after(context, generation, error))


def wait_after(context: Context, generation: Generation, error: ProviderError) -> timedelta:
    """Return how long to leave a provider alone after an ask that failed."""
    busy = isinstance(error, ProviderUnavailable) and error.busy
    if isinstance(error, ProviderUnavailable) and error.retry_after is not None:
        wait = max(error.retry_after, context.bounds.shortest)
    else:
        wait = backoff(generation.misses + 1, context.random, most=context.bounds.longest)
        wait = context.bounds.clamp(wait)
    if busy:
        context.health.ask_later(error.provider, context.clock() + wait)
    return wait


async def _unknown_there(context: Context, generation: Generation, asked: dict[str, Any]) -> Generation:
    """Be patient with a provider that doesn't know its own task, then call a person."""
    now = context.clock()
    if not _young(generation, now) and (
        now >= deadline(context, generation) or _unknown_in_a_row(generation) >= UNKNOWN_TASK_MISSES
    ):
        return await park(context, generation, "task_unknown", **asked)
    wait, changes = _unknown(context, generation, now)
    return await _ask_later(context, generation, {**asked, **changes}, wait)


def _young(generation: Generation, now: datetime) -> bool:
    return now < (generation.submitted_at or generation.created_at) + YOUNG


def _unknown_in_a_row(generation: Generation) -> int:
    """Return how often in a row the provider hasn't known the task: its status is unknown from then on."""
    return generation.misses if generation.task_status is TaskStatus.UNKNOWN else 0


def _unknown(context: Context, generation: Generation, now: datetime) -> tuple[timedelta, dict[str, Any]]:
    """Return how long to wait for a provider that doesn't know a task, and what to write down."""
    if _young(generation, now):
        return context.bounds.clamp(timedelta(seconds=5)), {}
    misses = _unknown_in_a_row(generation) + 1
    return context.bounds.clamp(UNKNOWN_TASK_WAIT), {"task_status": TaskStatus.UNKNOWN, "misses": misses}


def _missed(generation: Generation) -> dict[str, Any]:
    """Return what to write down of an ask that got no answer: it says nothing of the task."""
    counted = generation.task_status in {TaskStatus.UNKNOWN, TaskStatus.SUCCEEDED}
    known = None if counted else generation.task_status
    return {"misses": generation.misses + 1, "task_status": known}


async def _failed(
    context: Context, generation: Generation, task: ProviderTask, asked: dict[str, Any]
) -> Generation:
    log.info("failed there", generation=generation.id, reason=task.reason, detail=task.detail)
    if task.retryable and not generation.cancel_wished:
        moved = await reroute(context, generation)
        if moved is not None:
            return moved
    reason = task.reason or "provider"
    status = Status.REFUSED if reason in MODERATION | {"input"} else Status.FAILED
    return await _ended(context, generation, status, reason, asked)


async def _ended(
    context: Context, generation: Generation, status: Status, reason: str, asked: dict[str, Any]
) -> Generation:
    return await transition(
        context, generation, due_at=context.clock(), status=status, reason=reason, **{**asked, "misses": 0}
    )


async def _succeeded(
    context: Context, generation: Generation, task: ProviderTask, asked: dict[str, Any]
) -> Generation:
    if not task.urls:
        again = generation.task_status is TaskStatus.SUCCEEDED
        asked = {**asked, "task_status": task.status, "misses": generation.misses + 1 if again else 1}
        if asked["misses"] >= NO_LINK_MISSES:
            log.error("film lost", generation=generation.id, provider=generation.request.provider,
                      task=generation.task_id)  # fmt: skip
            return await _ended(context, generation, Status.FAILED, "result_lost", asked)
        return await _ask_later(context, generation, asked, context.bounds.shortest)
    reported = credits_charged(task.credits)
    charged = generation.charged if reported is None else reported
    if charged is not None and absurd(charged, generation.cost.credits):
        log.error("absurd charge reported", generation=generation.id, credits=task.credits)
        known = charged if charged > 0 else None
        return await park(context, generation, "absurd_charge", urls=task.urls, charged=known, **asked)
    now = context.clock()
    begun = generation.released_at or generation.created_at  # a shot waits for the one before it first
    context.metrics.rendered(generation.request.provider or "", now - begun)
    return await go_on(
        context,
        generation,
        status=Status.RENDERED,
        urls=task.urls,
        task_status=task.status,
        used_model=task.model or generation.used_model,
        charged=charged,
        cost=settled(generation.cost, charged),
        rendered_at=now,
        misses=0,
        **{**asked, "asked_at": generation.asked_at},  # when it wasn't done yet: `bot.store.past`
    )


async def park(context: Context, generation: Generation, reason: str, **changes: Any) -> Generation:
    """Hand it to a person: nothing is spent, nothing is given back."""
    log.error("parked: a person must look", generation=generation.id, reason=reason,
              provider=generation.request.provider, task=generation.task_id)  # fmt: skip
    return await transition(
        context, generation, due_at=context.clock(), status=Status.PARKED, reason=reason, **changes
    )
