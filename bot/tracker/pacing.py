"""When a generation's provider is asked next: by what past ones of its kind have taught."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.errors import StoreError
from bot.schedule import ENOUGH_PAST, Bounds, Timetable, learned, usual_and_worst, wait_before_ask

if TYPE_CHECKING:
    from datetime import datetime

    from bot.models import Generation
    from bot.tracker.context import Context

    Kind = tuple[str, str, str, int]

KEPT = timedelta(minutes=5)
"""What was learned of a kind is taken as it is for so long, before its past is read again."""
KINDS = 64
"""So many kinds are remembered, those that were asked for last."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the past of one kind has taught: nothing, if there is too little of it."""

    at: datetime
    timetable: Timetable | None = None
    times: tuple[timedelta, timedelta] | None = None
    """How long it takes usually, and at worst."""


class Lessons:
    """What this process has learned, by provider, model, resolution and seconds; nothing is written down."""

    def __init__(self) -> None:
        self._lessons: OrderedDict[Kind, Lesson] = OrderedDict()

    async def of(self, context: Context, generation: Generation) -> Lesson:
        """Return what is known of a generation's kind. Never raises for the store's sake."""
        request, now = generation.request, context.clock()
        kind = (request.provider or "", request.model or "", request.resolution or "", request.seconds or 0)
        known = self._lessons.pop(kind, None) or Lesson(now - KEPT)
        if timedelta() <= now - known.at < KEPT:
            self._lessons[kind] = known
            return known
        # whoever comes while it is read, or while it can't be, goes by what is known
        self._lessons[kind] = Lesson(now, known.timetable, known.times)
        while len(self._lessons) > KINDS:
            self._lessons.popitem(last=False)
        with suppress(StoreError):
            self._lessons[kind] = await _learn(context, generation, kind)
        return self._lessons.get(kind, known)


async def _learn(context: Context, generation: Generation, kind: Kind) -> Lesson:
    now = context.clock()
    past = await context.store.durations(*kind)
    least = max(context.bounds.shortest, context.provider_of(generation).pace.first)
    bounds = Bounds(min(least, context.bounds.longest), context.bounds.longest)
    callbacks = context.hosting.public_url is not None
    times = usual_and_worst(past, (timedelta(), timedelta())) if len(past) >= ENOUGH_PAST else None
    return Lesson(now, learned(past, bounds, callbacks=callbacks), times)


async def expected(
    context: Context, generation: Generation, remaining: timedelta | None
) -> tuple[timedelta, timedelta]:
    """Return how long it is likely to take, usually and at worst; `remaining` is the provider's estimate."""
    usual, worst = context.capabilities_of(generation).expected
    lesson = await context.lessons.of(context, generation)
    return lesson.times or usual_and_worst((), (remaining or usual, worst))


async def until_ask(context: Context, generation: Generation, asks: int, *, end: datetime) -> timedelta:
    """Return how long from now to ask for a task that isn't done, after `asks` earlier asks.

    That is at `end` at the latest: something waits for this ask then. Where callbacks have brought all the
    latest of its kind, there is one late ask, for a callback that is lost. With too little of a past it goes
    by the provider's own pace.
    """
    pace = context.provider_of(generation).pace
    timetable = (await context.lessons.of(context, generation)).timetable
    now = context.clock()
    if timetable is None:
        wait = wait_before_ask(pace, asks, context.bounds, context.random)
    else:
        age = max(timedelta(), now - (generation.submitted_at or generation.created_at))
        wait = (timetable.long_wait if timetable.called else timetable.wait)(age, context.random)
    return min(wait, max(end - now, context.bounds.shortest))


def next_look(context: Context, generation: Generation, ask_at: datetime) -> datetime:
    """Return when its step is due before an ask: in a long silence, as soon as its card's words change."""
    now = context.clock()
    if ask_at - now <= context.bounds.longest:
        return ask_at
    turns = (generation.expected_at, generation.worst_at)
    return min([ask_at, *(turn for turn in turns if turn is not None and turn > now)])
