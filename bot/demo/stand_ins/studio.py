"""Where a provider's tasks live: taken on, moved from state to state, filmed, ended, told of."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import av

from bot.demo.film import FilmOrder, pixel_size
from bot.demo.stand_ins.manners import MODERATED, Failed, Order, Refusal, Task, second_look
from bot.demo.stand_ins.records import Charge, FaultKind, TaskSeen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from datetime import datetime
    from typing import Any

    from bot.demo.stand_ins.callbacks import Caller
    from bot.demo.stand_ins.faults import FaultBook
    from bot.demo.stand_ins.manners import Stage, StandIn
    from bot.demo.stand_ins.material import Fetcher
    from bot.demo.stand_ins.records import Fault, Ledger, Settings


@dataclass(frozen=True, slots=True)
class World:
    """What the three stand-ins share, all of it handed in."""

    clock: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    pace: tuple[float, float]
    """Least and most seconds from submit to film."""
    seed: int
    film: Callable[[FilmOrder], Awaitable[bytes]]
    faults: FaultBook
    ledger: Ledger


class Studio:
    """One provider's tasks."""

    def __init__(
        self, stand_in: StandIn, world: World, settings: Settings, fetcher: Fetcher, caller: Caller
    ) -> None:
        self.stand_in = stand_in
        self.world = world
        self.settings = settings
        self.fetcher = fetcher
        self.tasks: dict[str, Task] = {}
        self.origin = ""
        """Its own address, once it listens."""
        self._caller = caller
        self._lives: dict[str, asyncio.Task[None]] = {}
        self._errands: set[asyncio.Task[None]] = set()
        self._random = random.Random(f"{world.seed}/{stand_in.manners.name}")  # noqa: S311 - a repeatable demo

    @property
    def name(self) -> str:
        """The provider's name."""
        return self.stand_in.manners.name

    @property
    def running(self) -> int:
        """Tasks that haven't ended."""
        return sum(not task.ended for task in self.tasks.values())

    @property
    def balance(self) -> float:
        """Credits left."""
        return round(self.settings.balance - self.world.ledger.of(self.name).charged(), 3)

    def digits(self, bits: int) -> int:
        """Return a random number for an id."""
        return self._random.getrandbits(bits)

    def accept(self, task_id: str, order: Order) -> Task:
        """Take an order on, charge it and begin. Raises `Refusal` when there is no place or no credit."""
        if self.running >= self.settings.concurrent:
            raise Refusal(429, "rate_limited", "Too many tasks at once", retry_after="5")
        if order.credits > self.balance:
            raise Refusal(402, "insufficient_credits", "Not enough credits")
        now, manners = self.world.clock(), self.stand_in.manners
        task = Task(
            id=task_id,
            order=order,
            created_at=now,
            updated_at=now,
            word="",
            takes=self._patience(order.prompt).uniform(*self.world.pace),
            mode=order.mode,
            material=order.material,
            faults=self.world.faults.at_task(self.name, order.prompt),
        )
        self.tasks[task_id] = task
        seen = TaskSeen(
            provider=manners.name,
            id=task_id,
            at=now,
            model=order.model,
            mode=order.mode,
            prompt=order.prompt,
            body=dict(order.body),
            undocumented=list(order.undocumented),
            idempotency_key=order.key,
            statuses=[],
        )
        self.world.ledger.tasks.append(seen)
        task.seen = seen
        self._move(task, "charge", order.credits)
        self._enter(task, manners.stages[0])
        self._lives[task_id] = asyncio.create_task(self._live(task))
        return task

    def _patience(self, prompt: str) -> random.Random:
        """Return the chance that decides a prompt's time, in whatever order prompts come."""
        return random.Random(f"{self.world.seed}/{self.name}/{prompt}")  # noqa: S311 - a repeatable demo

    async def end(self, task: Task, word: str, reason: str | None = None) -> None:
        """End a task now, whatever it is doing; one that has ended stays as it is."""
        life = self._lives.pop(task.id, None)
        if life is not None:
            life.cancel()
            with suppress(asyncio.CancelledError):
                await life
        if not task.ended:
            if word == self.stand_in.manners.succeeded:
                task.film = await self.world.film(commission(task, self.name))
            self._end(task, word, reason)

    def call_back(self, task: Task) -> None:
        """Send a task's callback, as it stands now."""
        self._run_errand(self._caller.tell(task, self.stand_in.describe(task), self.settings))

    async def close(self) -> None:
        """Let go of everything that is under way."""
        under_way = [*self._lives.values(), *self._errands]
        for life in under_way:
            life.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    # a task's life

    async def _live(self, task: Task) -> None:
        manners = self.stand_in.manners
        first, *later = manners.stages
        drawing: asyncio.Task[bytes] | None = None
        try:
            await self.world.sleep(task.takes * first.share)
            if task.order.check:
                await task.order.check(task)
            for stage in later:
                self._enter(task, stage)
                drawing = drawing or asyncio.create_task(self._drawn(task))
                await self.world.sleep(task.takes * stage.share)
            if fault_of(task, FaultKind.ENDLESS):
                await asyncio.Event().wait()
            self._judge(task)
            task.film = await drawing if drawing else b""
            self._end(task, manners.succeeded)
        except Failed as failure:
            self._end(task, self._last_word(failure), failure.reason, failure.message)
        finally:
            if drawing:
                drawing.cancel()
                await asyncio.gather(drawing, return_exceptions=True)

    def _judge(self, task: Task) -> None:
        """Let a task fail that is meant to."""
        refused = second_look(task.order)
        if refused or fault_of(task, FaultKind.REVIEW):
            raise Failed(MODERATED, refused or "Rejected by content review")
        if fault_of(task, FaultKind.TIMEOUT):
            raise Failed("timeout", "Generation timed out")
        if fault_of(task, FaultKind.CANCELLED):
            raise Failed("cancelled", "Cancelled by the operator")
        if fault := fault_of(task, FaultKind.FAILURE):
            raise Failed(fault.reason or "provider", "Generation failed")

    def _last_word(self, failure: Failed) -> str:
        manners = self.stand_in.manners
        return {"timeout": manners.timed_out, "cancelled": manners.cancelled}.get(
            failure.reason or "", manners.failed
        )

    def _enter(self, task: Task, stage: Stage) -> None:
        strange = fault_of(task, FaultKind.UNKNOWN_STATUS)
        task.progress = stage.progress
        self._say(task, strange.word if strange else stage.word)

    def _say(self, task: Task, word: str) -> None:
        task.updated_at = self.world.clock()
        if task.word != word:
            task.word = word
            if task.seen:
                task.seen.statuses.append(word)

    def _end(self, task: Task, word: str, reason: str | None = None, message: str = "") -> None:
        manners = self.stand_in.manners
        self._lives.pop(task.id, None)
        task.ended, task.message = True, message
        task.reason = manners.reasons.get(reason, reason) if reason else None
        if task.seen:
            task.seen.reason = task.reason
        task.progress = 100 if task.succeeded else task.progress
        self._say(task, word)
        if not task.succeeded:
            self._move(task, "refund", self.stand_in.refunded(task))
        if task.order.callback_url:
            self.call_back(task)

    def _move(self, task: Task, kind: str, amount: float) -> None:
        if amount <= 0:
            return
        self.world.ledger.charges.append(
            Charge(
                provider=self.stand_in.manners.name,
                task_id=task.id,
                idempotency_key=task.order.key,
                kind="charge" if kind == "charge" else "refund",
                credits=amount,
                at=self.world.clock(),
            )
        )

    async def _drawn(self, task: Task) -> bytes:
        try:
            return await self.world.film(commission(task, self.name))
        except (OSError, ValueError, av.FFmpegError) as error:
            raise Failed("provider", "The film can't be drawn") from error

    def _run_errand(self, work: Coroutine[Any, Any, None]) -> None:
        errand = asyncio.create_task(work)
        self._errands.add(errand)
        errand.add_done_callback(self._errands.discard)


def fault_of(task: Task, kind: FaultKind) -> Fault | None:
    """Return the fault of this kind that a task was born with."""
    return next((fault for fault in task.faults if fault.kind is kind), None)


def commission(task: Task, provider: str) -> FilmOrder:
    """Return what is to be drawn for a task."""
    order = task.order
    seen = [file.data for file in task.material if file.kind in ("image", "video")]
    sounds = tuple(file.data for file in task.material if file.kind == "audio")
    shape = next(((file.width, file.height) for file in task.material if file.width), None)
    frames = seen if task.mode in ("first_frame", "first_last_frame") else []
    width, height = pixel_size(order.ratio, order.resolution, shape)
    return FilmOrder(
        prompt=order.prompt,
        width=width,
        height=height,
        seconds=order.seconds,
        sound=bool(sounds) if order.sound is None else order.sound,
        label=f"{order.model} · {provider}",
        first=frames[0] if frames else None,
        last=frames[1] if len(frames) > 1 else None,
        references=() if frames else tuple(seen),
        sounds=sounds,
    )
