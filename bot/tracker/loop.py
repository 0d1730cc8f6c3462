"""The tracker's rounds: claim what is due, advance each by one step, sleep until the next."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.errors import Conflict, StoreUnavailable
from bot.models import Generation, Status
from bot.schedule import backoff
from bot.tracker.advance import advance
from bot.tracker.context import LEASE, Context, log, transition
from bot.tracker.submitting import submit

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

AT_ONCE = 64
"""Steps in progress in this process."""
LONGEST_SLEEP = timedelta(seconds=30)
POISON = 8
"""Unexpected errors in a row after which a person must look."""


class Tracker:
    """Runs the rounds. `nudge` makes the next one start at once."""

    def __init__(self, context: Context, nudged: asyncio.Event | None = None) -> None:
        self._context = context
        self._steps: dict[str, asyncio.Task[None]] = {}
        self._nudged = nudged or asyncio.Event()
        self._stopping = False
        self.running = False
        """Whether rounds are being run."""

    def nudge(self) -> None:
        """Say that something may be due."""
        self._nudged.set()

    async def run(self) -> None:
        """Run rounds until `stop`; a round that fails, for want of a database say, only slows it down."""
        heartbeat = asyncio.create_task(self._heartbeat())
        misses = 0
        self.running = True
        try:
            while not self._stopping:
                self._nudged.clear()
                try:
                    await self.tick()
                    wait = await self._until_next()
                    misses = 0
                except Exception as error:  # noqa: BLE001 - rounds must go on, whatever happened in one
                    misses += 1
                    wait = backoff(misses, self._context.random)
                    unexpected = None if isinstance(error, StoreUnavailable) else error
                    log.error("round failed", error=str(error), misses=misses, exc_info=unexpected)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._nudged.wait(), wait.total_seconds())
        finally:
            self.running = False
            heartbeat.cancel()

    async def _until_next(self) -> timedelta:
        now = self._context.clock()
        due = await self._context.store.next_due(now)
        if due is None or len(self._steps) >= AT_ONCE:
            return LONGEST_SLEEP
        return min(LONGEST_SLEEP, max(timedelta(milliseconds=1), due - now))

    async def tick(self) -> int:
        """Run one round: start a step for everything that is due and free. Return how many."""
        context = self._context
        now = context.clock()
        started = 0
        for generation in await context.store.claim(now, lease=LEASE, most=AT_ONCE - len(self._steps)):
            self._start(generation, advance)
            started += 1
        for name, provider in context.providers.items():
            if not context.health.healthy(name):
                continue
            free = provider.concurrency - await context.store.at_provider(name)
            most = min(free, AT_ONCE - len(self._steps))
            if most <= 0:
                continue
            for generation in await context.store.claim_ready(name, now, lease=LEASE, most=most):
                self._start(generation, submit)
                started += 1
        return started

    async def settle(self) -> None:
        """Run rounds until nothing is due now and no step is in progress: for tests and for order."""
        while await self.tick() or self._steps:
            await asyncio.gather(*self._steps.values())

    def _start(
        self,
        generation: Generation,
        step: Callable[[Context, Generation], Coroutine[None, None, Generation]],
    ) -> None:
        self._context.leases[generation.id] = generation
        task = asyncio.create_task(self._step(generation, step), name=f"{step.__name__} {generation.id}")
        self._steps[generation.id] = task

    async def _step(
        self,
        generation: Generation,
        step: Callable[[Context, Generation], Coroutine[None, None, Generation]],
    ) -> None:
        try:
            await step(self._context, generation)
        except Conflict as error:
            log.info("moved by somebody else", generation=generation.id, statement=error.statement)
        except StoreUnavailable as error:
            log.error("not written down", generation=generation.id, error=str(error))
        except Exception:  # noqa: BLE001 - a step that fails must not take the others along
            await self._push_back(self._context.leases.get(generation.id, generation))
        finally:
            self._context.leases.pop(generation.id, None)
            self._steps.pop(generation.id, None)
            self.nudge()

    async def _push_back(self, generation: Generation) -> None:
        reference = secrets.token_hex(3)
        log.exception("step failed", generation=generation.id, status=generation.status, error_id=reference)
        misses = generation.misses + 1
        wait = self._context.clock() + backoff(misses, self._context.random, most=timedelta(minutes=10))
        with contextlib.suppress(Conflict, StoreUnavailable):
            if misses < POISON:
                await transition(self._context, generation, due_at=wait, misses=misses)
            else:
                log.error("parked", generation=generation.id, error_id=reference)
                await transition(
                    self._context, generation, due_at=None, status=Status.PARKED, reason="unknown"
                )

    async def _heartbeat(self) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            held = [(generation.id, generation.version) for generation in self._context.leases.values()]
            if held:
                with contextlib.suppress(StoreUnavailable):
                    await self._context.store.extend(held, self._context.clock() + LEASE)

    async def stop(self, grace: timedelta) -> None:
        """Start nothing new, let steps finish within the grace, then cut them off.

        A step that is cut off is one that crashed: its written intent says what to do next time.
        """
        self._stopping = True
        self.nudge()
        steps = list(self._steps.values())
        if steps:
            _, late = await asyncio.wait(steps, timeout=grace.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
