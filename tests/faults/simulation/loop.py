"""An event loop whose time jumps to the next timer as soon as nothing is left to do."""

from __future__ import annotations

import asyncio
import heapq
from asyncio import events
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Died(SystemExit):
    """The process is gone. No `except Exception` holds it up, and a task lets it through to the loop."""


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs what is due, in the order in which it was asked for, without waiting and without threads."""

    def __init__(self) -> None:
        super().__init__()
        self.moment = 0.0
        self.broken: list[dict[str, Any]] = []
        """What nobody handled."""
        self.set_exception_handler(self._broke)

    def _broke(self, _: object, context: dict[str, Any]) -> None:
        if not isinstance(context.get("exception"), Died):
            self.broken.append(context)

    def time(self) -> float:
        """Return seconds since the beginning."""
        return self.moment

    def _write_to_self(self) -> None:
        """Nobody sleeps, so nobody has to be woken."""

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *arguments: Any) -> Any:
        """Do it here and now: a thread's order couldn't be repeated."""
        del executor
        done = self.create_future()
        try:
            done.set_result(func(*arguments))
        except Exception as error:  # noqa: BLE001 - it is the caller's
            done.set_exception(error)
        return done

    def forward(self, until: float) -> None:
        """Run everything that is due until a moment. Raises `Died` as soon as the process does."""
        events._set_running_loop(self)
        try:
            while True:
                while self._ready:
                    handle = self._ready.popleft()
                    if not handle._cancelled:
                        handle._run()
                if not self._next_timer(until):
                    break
        finally:
            events._set_running_loop(None)
        self.moment = max(self.moment, until)

    def _next_timer(self, until: float) -> bool:
        while self._scheduled:
            if self._scheduled[0]._when > until and not self._scheduled[0]._cancelled:
                return False
            timer = heapq.heappop(self._scheduled)
            timer._scheduled = False
            if not timer._cancelled:
                self.moment = max(self.moment, timer._when)
                self._ready.append(timer)
                return True
        return False

    @property
    def next_timer(self) -> float | None:
        """When something happens by itself next."""
        return min((timer._when for timer in self._scheduled if not timer._cancelled), default=None)

    def wipe(self) -> None:
        """Drop everything that was ever begun, as it is: nothing of it runs again."""
        events._set_running_loop(self)
        try:
            while tasks := asyncio.all_tasks(self):  # some begin another one on their way down
                for task in tasks:
                    task._log_destroy_pending = False
                    _close(task.get_coro())
                    asyncio.tasks._unregister_task(task)
        finally:
            events._set_running_loop(None)
        self._ready.clear()
        self._scheduled.clear()
        self._timer_cancelled_count = 0


def _close(work: Any) -> None:
    """End a coroutine where it stands; what it would still wait for on its way out ends there too."""
    for _ in range(99):
        try:
            work.throw(Died)
        except BaseException:  # noqa: BLE001 - nobody hears it any more
            return
