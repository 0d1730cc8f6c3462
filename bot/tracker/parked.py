"""Parked: what a person may decide about a generation of which nobody knows how it stands."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bot.errors import RequestRefused
from bot.models import Status
from bot.schedule import CALLBACK_SPACING
from bot.tracker.context import log, move
from bot.tracker.money import settled

if TYPE_CHECKING:
    from datetime import datetime

    from bot.models import Generation
    from bot.servers import Deed
    from bot.store import Store
    from bot.tracker.context import Context

DOUBTED = "absurd_charge"
"""Why one is parked whose film is made, for a price that can't be right."""


class Act(StrEnum):
    """What may be decided."""

    ASK = "ask"
    """Ask its provider for the task once more, at once."""
    TAKE = "take"
    """Take the film, whatever its provider says that it charged."""
    GO_ON = "go_on"
    """Go on where it stood: nothing of it is unclear."""
    SEND = "send"
    """Send it again, though it may have been accepted: it may be paid twice."""
    GIVE_UP = "give_up"
    """End it without a film; it counts nothing, whatever the provider charges."""


def possible(generation: Generation) -> tuple[Act, ...]:
    """Return what may be decided about one, the likeliest first; nothing about one that isn't parked."""
    if generation.status is not Status.PARKED:
        return ()
    return (*_ways_on(generation), Act.GIVE_UP)


def _ways_on(generation: Generation) -> tuple[Act, ...]:
    if generation.rendered_at is not None:
        return (Act.GO_ON,)
    if generation.task_id is not None:
        made = generation.reason == DOUBTED and generation.urls
        return (Act.TAKE, Act.ASK) if made else (Act.ASK,)
    if generation.submitted_at is None:
        return (Act.GO_ON,)
    return (Act.ASK, Act.SEND) if generation.named_task_id else (Act.SEND,)


def is_called(context: Context, generation: Generation) -> bool:
    """Return whether a callback has woken one whose task can be asked for, so that it is checked by itself.

    A price that can't be right stays a person's business, however often the provider calls.
    """
    return (
        generation.woken > 0
        and generation.reason != DOUBTED
        and generation.request.provider in context.providers
        and Act.ASK in possible(generation)
    )


async def wake(context: Context, generation: Generation) -> Generation:
    """Ask its provider again. Raises `Conflict` if it was moved since it was seen."""
    log.info("parked, and called back", generation=generation.id, reason=generation.reason)
    return await decide(context.store, generation, Act.ASK, context.clock())


async def decide(
    store: Store,
    generation: Generation,
    act: Act,
    now: datetime,
    *,
    keyed: bool = False,
    deed: Deed | None = None,
) -> Generation:
    """Do what was decided, and write down who did.

    `keyed`: its provider makes one task of one key and body, however often they are sent. The place that it
    takes again isn't refused it: what its provider has, it has. Raises `RequestRefused` if that isn't
    possible (any more), and `Conflict` if it was moved since it was seen.
    """
    if act not in possible(generation):
        raise RequestRefused("act_gone")
    changes = _changes(generation, act, now, keyed=keyed)
    moved = await move(store, generation, now, due_at=now, deed=deed, **changes)
    log.info(
        "moved", generation=moved.id, before=generation.status, after=moved.status, reason=moved.reason,
        provider=moved.request.provider, model=moved.request.model, task=moved.task_id,
    )  # fmt: skip
    return moved


def _changes(generation: Generation, act: Act, now: datetime, *, keyed: bool) -> dict[str, Any]:
    fresh: dict[str, Any] = {"reason": None, "misses": 0}
    match act:
        case Act.ASK:
            named = generation.task_id is None
            status = Status.UNCERTAIN if named else Status.RUNNING
            asked_at = generation.asked_at if generation.woken else None  # a person needn't wait
            soonest = now if asked_at is None else max(now, asked_at + CALLBACK_SPACING)
            return {**fresh, "status": status, "task_status": None, "ask_at": soonest, "asked_at": asked_at}
        case Act.TAKE:
            cost = settled(generation.cost, generation.charged)
            return {**fresh, "status": Status.RENDERED, "cost": cost, "rendered_at": now}
        case Act.GO_ON if generation.rendered_at is not None:
            return {**fresh, "status": _of_film(generation)}
        case Act.GO_ON | Act.SEND:
            body = generation.body if keyed else None
            unsent = dict.fromkeys(("submitted_at", "named_task_id", "asked_at", "task_status"))
            return {
                **fresh, **unsent, "status": Status.QUEUED, "body": body, "attempts": 0,
                "ready_at": now, "released_at": now,
            }  # fmt: skip
        case Act.GIVE_UP:  # pragma: no branch - mypy knows that nothing else is left
            return {"status": Status.FAILED, "reason": "given_up"}


def _of_film(generation: Generation) -> Status:
    """Return where a film stood that is paid: on the disk or not, and perhaps posted already."""
    if generation.film is None:
        return Status.RENDERED
    return Status.FETCHED if generation.posting_since is None else Status.POSTING
