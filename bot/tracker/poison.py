"""Steps that never come to their end: in the end a person must look, and everything else goes on.

A step is counted before its work, by the claim itself (`Generation.begun`): so one that takes the whole
process down with it is known to the next process.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.errors import Conflict, StoreUnavailable
from bot.models import TERMINAL, Status
from bot.schedule import backoff
from bot.tracker.context import log, transition
from bot.values import but

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.errors import FilesUnavailable
    from bot.models import Generation
    from bot.tracker.context import Context

MOST = 5
"""Steps of one generation in a row that may fail to end."""
SUSPECT = 3
"""From so many on it may be what takes the process down, and is stepped without another suspect beside it."""
LONGEST_STEP = timedelta(hours=1)
"""Far more than a download, an encoding and a post together take: what is longer hangs."""
LONGEST_WAIT = timedelta(minutes=10)
NEXT_SUSPECT = timedelta(seconds=5)
SPARING = timedelta(seconds=0.5)
"""What there is time for at the end."""


def is_suspect(generation: Generation) -> bool:
    """Return whether it may be what takes the process down, as far as its row says."""
    return generation.begun >= SUSPECT


class Suspicion:
    """What this process knows of steps that were begun and haven't ended."""

    def __init__(self) -> None:
        self._excused: Counter[str] = Counter()
        """Steps of a generation that failed for reasons which lie elsewhere: the database."""
        self._harmless: set[str] = set()
        """Generations whose step failed here without taking the process down."""
        self._suspect: str | None = None
        """The suspect that is being stepped."""

    def admits(self, generation: Generation) -> bool:
        """Return whether its step may begin now: of suspects one at a time, so that the guilty is known."""
        begun = generation.begun - self._excused[generation.id]
        if begun < SUSPECT or generation.id in self._harmless:
            return True
        if self._suspect is not None:
            return False
        self._suspect = generation.id
        return True

    def is_poison(self, generation: Generation, *, unended: int) -> bool:
        """Return whether, with `unended` steps that didn't end, it has had all its chances."""
        return unended - self._excused[generation.id] >= MOST

    def excuse(self, generation: Generation) -> None:
        """Hold nothing against a generation whose step the database has failed."""
        self._excused[generation.id] += 1
        self._done(generation)

    async def pardon(self, context: Context, generation: Generation) -> Generation:
        """Write down what is excused, as soon as that can be: the next process doesn't know of it.

        Raises `StoreUnavailable` if it still can't.
        """
        excused = self._excused[generation.id]
        if not excused:
            return generation
        pardoned = but(generation, begun=max(1, generation.begun - excused))
        await context.store.note(generation.id, version=generation.version, begun=pardoned.begun)
        del self._excused[generation.id]
        context.leases[generation.id] = pardoned
        return pardoned

    def accuse(self, generation: Generation) -> None:
        """Note that its step has failed, and that this process is still there."""
        self._harmless.add(generation.id)
        self._done(generation)

    def acquit(self, generation: Generation) -> None:
        """Forget everything: a step has come to its end."""
        self._excused.pop(generation.id, None)
        self._harmless.discard(generation.id)
        self._done(generation)

    def _done(self, generation: Generation) -> None:
        if self._suspect == generation.id:
            self._suspect = None


async def put_back(context: Context, generation: Generation) -> None:
    """Let a suspect wait for its turn; that step doesn't count, since it hasn't begun."""
    await _wait(context, generation, NEXT_SUSPECT, begun=generation.begun - 1)


async def put_off(context: Context, generation: Generation, error: FilesUnavailable) -> None:
    """Let one wait until its files can be kept or had again; it has missed nothing and costs nothing."""
    log.warning("waits for its files", generation=generation.id, status=generation.status, error=str(error))
    await _wait(context, generation, backoff(error.misses, context.random, most=LONGEST_WAIT))


async def _wait(context: Context, generation: Generation, wait: timedelta, **changes: Any) -> None:
    """Let nobody take it up before that time has passed."""
    later = context.clock() + wait
    ready_at = None if generation.ready_at is None else max(later, generation.ready_at)
    with contextlib.suppress(Conflict, StoreUnavailable):  # else its lease runs out
        await transition(context, generation, due_at=later, ready_at=ready_at, **changes)


async def spare(context: Context, cut_off: Sequence[Generation]) -> None:
    """Let a step not count that an orderly end has cut off: a bot may be started anew many times."""
    note = context.store.note
    notes = [note(one.id, version=one.version, begun=max(0, one.begun - 1)) for one in cut_off]
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SPARING.total_seconds()):
            await asyncio.gather(*notes, return_exceptions=True)  # else they count


async def push_back(context: Context, generation: Generation, *, poison: bool) -> None:
    """Try a step again that failed as nobody expected; where it is `poison`, give the generation up."""
    reference = secrets.token_hex(3)
    log.exception("step failed", generation=generation.id, status=generation.status, error_id=reference)
    if poison:
        await give_up(context, generation, reference)
        return
    wait = backoff(generation.begun, context.random, most=LONGEST_WAIT)
    with contextlib.suppress(Conflict, StoreUnavailable):
        await transition(context, generation, due_at=context.clock() + wait, begun=generation.begun)


async def give_up(context: Context, generation: Generation, reference: str | None = None) -> None:
    """Let a person look at one that has had all its chances; an end stays an end, and rests."""
    log.error(
        "given up",
        generation=generation.id,
        status=generation.status,
        error_id=reference or secrets.token_hex(3),
        steps=generation.begun,
    )
    with contextlib.suppress(Conflict, StoreUnavailable):
        if generation.status in TERMINAL | {Status.PARKED}:
            await transition(context, generation, due_at=None, watch=False)
        else:
            now = context.clock()
            await transition(context, generation, due_at=now, status=Status.PARKED, reason="unknown")
