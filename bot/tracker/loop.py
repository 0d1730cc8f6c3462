"""The tracker's rounds: claim what is due, advance each by one step, sleep until the next."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from bot.errors import Conflict, FilesUnavailable, StoreUnavailable
from bot.models import AT_PROVIDER, Generation, Status
from bot.schedule import backoff
from bot.store.timekeeping import Timekeeping
from bot.tracker import cards, places, poison, shooting
from bot.tracker.advance import advance
from bot.tracker.context import LEASE, MANY, Context, log, transition
from bot.tracker.draining import Drain
from bot.tracker.sleeping import Sleep
from bot.tracker.submitting import submit
from bot.tracker.timekeeping import Calendar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from datetime import datetime

    from bot.shots import Storyboard

    Step = Callable[[Context, Generation], Coroutine[None, None, Generation]]

AT_ONCE = 64
"""Steps in progress in this process, besides those that bring films home."""
BRINGING = frozenset({Status.RENDERED, Status.FETCHED, Status.POSTING})
"""Downloads, encodings and posts take minutes: however many there are, cards, submits and asks go on."""
BROUGHT_AT_ONCE = 16
BOARD = "storyboard "
"""How the steps of storyboards are named among the others; a storyboard and its film share their id."""
LONGEST_SLEEP = timedelta(seconds=30)
TOGETHER = timedelta(milliseconds=20)
"""With `MANY` steps under way, films aside, a round waits for more to claim with it."""
STANDSTILL = timedelta(minutes=5)


class Tracker:
    """Runs the rounds. `nudge` makes the next one start at once."""

    def __init__(self, context: Context, nudged: asyncio.Event | None = None) -> None:
        self._context = context
        self._steps: dict[str, asyncio.Task[None]] = {}
        self._boards: dict[str, Storyboard] = {}
        """The storyboards among them, as claimed."""
        self._cut_off: list[Generation] = []
        """Whose steps the end has cut off."""
        self._bringing = asyncio.Semaphore(BROUGHT_AT_ONCE)
        self._suspicion = poison.Suspicion()
        self._extended_at = context.clock()
        self._calendar = Calendar()
        self._nudged = nudged or asyncio.Event()
        self._sleep = Sleep(context, self._nudged)
        self._drain = Drain()
        self._board_due: datetime | None = None
        """When the next storyboard is due, as the last round has seen it."""
        self.running = False
        """Whether rounds are being run."""
        self._rounded_at = 0.0

    @property
    def stands_still(self) -> bool:
        """Whether a round has been under way for far longer than any takes, waits for locks included."""
        return self.running and monotonic() - self._rounded_at > STANDSTILL.total_seconds()

    def nudge(self) -> None:
        """Say that something may be due."""
        self._nudged.set()

    async def run(self) -> None:
        """Run rounds until `stop`; one that fails for want of a database only slows it down."""
        self._sleep.listen()
        heartbeat = asyncio.create_task(self._heartbeat())
        misses, resting, self._rounded_at = 0, False, monotonic()
        self.running = True
        try:
            while not self._context.stopping.is_set():
                self._nudged.clear()
                try:
                    if resting and not await self._sleep.is_waited_for():  # there is no reason but time
                        await self._calendar.look(self._context, self._context.clock())
                    else:
                        await self.tick()
                    wait = timedelta() if self._nudged.is_set() else await self._until_next()
                    look = await self._drain.look(self._context, idle=not self._steps)
                    wait = wait if look is None else min(wait, look)
                    misses = 0
                except StoreUnavailable as error:
                    misses += 1
                    wait = backoff(misses, self._context.random)
                    log.error("round failed", error=str(error), misses=misses)
                self._rounded_at = monotonic()
                woken = await self._sleep.for_(wait, looking=self._free() > 0)
                resting = not (woken or wait < LONGEST_SLEEP or self._context.leases)
                if AT_ONCE - self._free() > MANY and not self._context.stopping.is_set():
                    await asyncio.sleep(TOGETHER.total_seconds())
        finally:
            self.running = False
            heartbeat.cancel()

    async def _until_next(self) -> timedelta:
        now = self._context.clock()
        due = await self._context.store.next_due(now)
        board_due = self._board_due if self._free_for_boards() > 0 else None
        if self._free() <= 0:
            return LONGEST_SLEEP
        moments = [self._context.health.paused_until(name) for name in self._context.providers]
        waits = [moment - now for moment in (due, board_due, *moments) if moment is not None]
        return min(LONGEST_SLEEP, max(timedelta(milliseconds=1), min(waits, default=LONGEST_SLEEP)))

    def _free(self) -> int:
        held = self._context.leases.values()
        return max(0, AT_ONCE - sum(one.status not in BRINGING for one in held))

    def _free_for_boards(self) -> int:
        return shooting.AT_ONCE - sum(key.startswith(BOARD) for key in self._steps)

    async def tick(self) -> int:
        """Run one round: start a step for everything that is due and free. Return how many."""
        context = self._context
        now = context.clock()
        if now - self._extended_at >= LEASE / 3:  # the clock has jumped, or the process was held up
            await self._extend(now)
        started = 0
        taken: list[tuple[Generation, Step]] = []
        try:
            most = self._free()
            for generation in await context.store.claim(now, lease=LEASE, most=most) if most > 0 else ():
                context.leases[generation.id] = generation
                taken.append((generation, advance))
            if not any(poison.is_suspect(generation) for generation, _ in taken):  # nobody need be put back
                started, taken = await self._begin(taken), []
            await self._claim_ready(now, taken)
        finally:  # whatever failed: what was claimed before it is begun
            started += await self._begin(taken)
        await self._calendar.look(context, now)  # no sooner: a process's first reads every row that waits
        return started + await self._direct(now)

    async def _claim_ready(self, now: datetime, taken: list[tuple[Generation, Step]]) -> None:
        """Take for each provider what may be sent."""
        context = self._context
        for name in context.providers:
            if not await Timekeeping(context.store.engine).is_ready(name, now):
                continue
            most = min(await places.free(context, name), self._free())
            if most <= 0:
                continue
            for generation in await context.store.claim_ready(name, now, lease=LEASE, most=most):
                context.sending[generation.id] = name
                context.leases[generation.id] = generation
                taken.append((generation, submit))

    async def _begin(self, taken: Sequence[tuple[Generation, Step]]) -> int:
        """Begin steps, unless the end has come: leases run out, or the next process clears them.

        Suspects are put back before anything is begun that may take the process down.
        """
        admitted = [(one, step) for one, step in taken if self._suspicion.admits(one)]
        ids = {generation.id for generation, _ in admitted}
        for generation, _ in taken:
            if generation.id not in ids:
                _let_go(self._context, generation)
                await poison.put_back(self._context, generation)
        if self._context.stopping.is_set():
            for generation, _ in admitted:
                _let_go(self._context, generation)
            await poison.spare(self._context, [generation for generation, _ in admitted])
            return 0
        for generation, step in admitted:
            if (late := self._steps.get(generation.id)) is not None:  # ours too, but it has lost its lease
                late.cancel()
            name = f"{step.__name__} {generation.id}"
            self._steps[generation.id] = asyncio.create_task(self._step(generation, step), name=name)
        return len(admitted)

    async def _direct(self, now: datetime) -> int:
        """Begin a step for every storyboard that is due. Return how many."""
        boards, most = self._context.storyboards, self._free_for_boards()
        if self._context.stopping.is_set() or most <= 0:
            return 0
        self._board_due = await boards.next_due(now)
        if self._board_due is None or self._board_due > now:  # a look costs no commit
            return 0
        due = await boards.claim(now, lease=LEASE, most=most)
        self._board_due = await boards.next_due(now)
        for board in due:
            key = f"{BOARD}{board.id}"
            self._boards[key] = board
            self._steps[key] = task = asyncio.create_task(shooting.step(self._context, board), name=key)
            task.add_done_callback(partial(self._directed, key))
        return len(due)

    def _directed(self, key: str, task: asyncio.Task[None]) -> None:
        if self._steps.get(key) is task:  # and no later one, which has taken over what this one lost
            del self._steps[key], self._boards[key]
        self.nudge()

    async def settle(self) -> None:
        """Run rounds until nothing is due now and no step is in progress: for tests and for order."""
        self.nudge()
        while self._nudged.is_set():  # a step that ends while a round looks around sees to another
            self._nudged.clear()
            if await self.tick() or self._steps:
                await asyncio.gather(*self._steps.values())
                self.nudge()

    async def _step(self, generation: Generation, step: Step) -> None:
        suspicion = self._suspicion
        try:
            await self._context.precedence.give_way()
            generation = await suspicion.pardon(self._context, generation)
            if suspicion.is_poison(generation, unended=generation.begun - 1):  # it took processes down
                await poison.give_up(self._context, generation)
            else:
                await self._walk(generation, step)
        except asyncio.CancelledError:
            self._cut_off.append(self._latest(generation))
            raise
        except Conflict as error:
            suspicion.excuse(generation)
            log.info("moved by somebody else", generation=generation.id, statement=error.statement)
        except StoreUnavailable as error:
            suspicion.excuse(generation)
            log.error("not written down", generation=generation.id, error=str(error))
        except FilesUnavailable as error:
            suspicion.excuse(generation)
            await poison.put_off(self._context, self._latest(generation), error)
        except Exception:  # noqa: BLE001 - a step that fails must not take the others along
            suspicion.accuse(generation)
            latest = self._latest(generation)
            hopeless = suspicion.is_poison(latest, unended=latest.begun)
            await poison.push_back(self._context, latest, poison=hopeless)
        else:
            suspicion.acquit(generation)
        finally:
            if self._is_held(generation):
                _let_go(self._context, generation)
                del self._steps[generation.id]
            self.nudge()

    def _is_held(self, generation: Generation) -> bool:
        """Return whether the step that asks is the one that works on it, and no later one."""
        return self._steps.get(generation.id) is asyncio.current_task()

    def _latest(self, generation: Generation) -> Generation:
        """Return what the step that asks has written last."""
        return (
            self._context.leases.get(generation.id, generation) if self._is_held(generation) else generation
        )

    async def _walk(self, generation: Generation, step: Step) -> None:
        """Take a step, and those that follow from it at once while its lease is kept for them."""
        context = self._context
        while True:
            turn = self._bringing if generation.status in BRINGING else contextlib.nullcontext()
            async with turn, asyncio.timeout(poison.LONGEST_STEP.total_seconds()):
                went = await _taken(context, generation, step)
            if went is generation or context.leases.get(went.id) is not went:
                return
            self._suspicion.acquit(generation)
            if self._context.stopping.is_set():  # whoever is free goes on
                await transition(context, went, due_at=context.clock())
                return
            if generation.status in AT_PROVIDER and went.status not in AT_PROVIDER:
                self.nudge()  # another may have its place, long before this film is there
            await context.precedence.give_way()
            generation, step = went, advance

    async def _heartbeat(self) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            try:
                await self._extend(self._context.clock())
            except Exception as error:  # noqa: BLE001 - without it long steps would lose their leases
                log.warning("leases not extended", error=str(error))

    async def _extend(self, now: datetime) -> None:
        held = [(generation.id, generation.version) for generation in self._context.leases.values()]
        if held:
            await self._context.store.extend(held, now + LEASE)
        if self._boards:
            await self._context.storyboards.extend(self._boards.values(), now + LEASE)
        self._extended_at = now

    async def stop(self, grace: timedelta) -> None:
        """Start nothing new, let steps finish within the grace, then cut them off.

        A step that is cut off is one that crashed: its written intent says what to do next time.
        """
        self._context.stopping.set()
        self.nudge()
        steps = list(self._steps.values())
        if steps:
            _, late = await asyncio.wait(steps, timeout=grace.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
            await poison.spare(self._context, self._cut_off)


def _let_go(context: Context, generation: Generation) -> None:
    """Forget what its step held."""
    context.leases.pop(generation.id, None)
    context.edited.pop(generation.id, None)
    context.sending.pop(generation.id, None)


async def _taken(context: Context, generation: Generation, step: Step) -> Generation:
    """Take a step, and write down what no transition of it has. Where it is cut off, that is done again."""
    try:
        went = await step(context, generation)
    except Conflict:  # the card may show an old word, and nothing else is written now
        await cards.catch_up(context, generation.id)
        raise
    await cards.catch_up(context, generation.id)
    return went
