"""What a callback does, however it was read: its token is checked, and its generation woken."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import structlog
from aiohttp import hdrs

from bot.door.door import Letter
from bot.door.plain import plain
from bot.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence
    from datetime import datetime

    from bot.door.door import Line
    from bot.metrics import Metrics
    from bot.signatures import Signer

TOGETHER: Final = 64
"""Callbacks that are written down together, at most."""
UNDER_WAY: Final = 4
"""Hand-overs to the store at once; meanwhile the next one grows."""
ANSWERED: Final = 32
"""Answers at once; before more are given, the event loop turns to others."""
log = structlog.get_logger("matinee.callbacks")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the other side may take."""

    callback: timedelta = timedelta(seconds=5)
    """From a callback's headers to our answer. maxapi waits no longer for it."""
    pause: timedelta = timedelta(seconds=10)
    """On top of what a file takes at the slowest rate."""
    slowest: int = 64 * 1024
    """Bytes per second at which a file must be taken."""


class Bucket:
    """Tokens that trickle in at `rate` per second up to `size`, for each of the `most` latest addresses."""

    def __init__(self, rate: float, size: float, most: int = 4096) -> None:
        self._rate = rate
        self._size = size
        self._most = most
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str, now: float) -> bool:
        """Take a token, if there is one. `now` is in seconds on a clock that never goes back."""
        level, since = self._levels.pop(address, (self._size, now))
        level = min(self._size, level + (now - since) * self._rate)
        enough = level >= 1
        self._levels[address] = (level - 1 if enough else level, now)
        while len(self._levels) > self._most:
            self._levels.popitem(last=False)
        return enough


class Wake(NamedTuple):
    """What a callback asks for: that its generation is due. `task`: which task it names, if it does."""

    provider: str
    generation: str
    task: str | None


class _Call(NamedTuple):
    """A callback whose answer is awaited. `since`: when it came, on the event loop's clock."""

    wake: Wake
    line: Line
    since: float


class Said(NamedTuple):
    """An empty answer, and whether the connection ends with it."""

    status: HTTPStatus
    closing: bool = False


class Hearing:
    """Hears callbacks. Those that a connection's bytes hold as a whole go to the store together.

    What comes in one turn of the event loop is written down at once, and so is what comes while that is
    under way; each is answered after its own commit.
    """

    def __init__(
        self,
        *,
        signer: Signer,
        wake: Callable[[Sequence[Wake]], Awaitable[Sequence[bool]]],
        named_task: Callable[[str, bytes], str | None],
        clock: Callable[[], datetime],
        metrics: Metrics,
        patience: timedelta,
    ) -> None:
        self._signer = signer
        self._wake = wake
        self._named_task = named_task
        self._clock = clock
        self._metrics = metrics
        self.patience = patience.total_seconds()
        self._strangers = Bucket(rate=5, size=20)
        self._crowd = Bucket(rate=200, size=1000, most=1)
        self._gathered: list[_Call] = []
        self._under_way = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def generation(self, provider: str, token: str) -> str | None:
        """Return the generation that a token names; None: the token isn't ours."""
        return self._signer.read_callback_token(provider, token)

    def stranger(self, address: str) -> Said:
        """Answer as if there were nothing; whoever knocks too often must connect anew each time."""
        self._metrics.callback_refused()
        now = asyncio.get_running_loop().time()
        patient = self._strangers.take(address, now)
        return Said(HTTPStatus.NOT_FOUND, closing=not (self._crowd.take("", now) and patient))

    async def heard(self, provider: str, generation: str, body: bytes, address: str) -> Said:
        """Wake the generation, whatever the body says, and return the answer."""
        (status,) = await self._woken([self._wish(provider, generation, body)])
        return self.stranger(address) if status is HTTPStatus.NOT_FOUND else Said(status)

    def _wish(self, provider: str, generation: str, body: bytes) -> Wake:
        task_id = None
        try:
            task_id = self._named_task(provider, body)
        except Exception as error:  # noqa: BLE001  whatever the body holds, the wake must follow
            log.warning(
                "callback_unread", provider=provider, generation=generation, error=type(error).__name__
            )
        return Wake(provider, generation, task_id)

    async def _woken(self, wakes: Sequence[Wake]) -> list[HTTPStatus]:
        try:
            found = await self._wake(wakes)
        except StoreError as error:
            for wake in wakes:
                log.warning("callback_not_stored", generation=wake.generation, error=type(error).__name__)
            return [HTTPStatus.SERVICE_UNAVAILABLE] * len(wakes)
        known = Counter(wake.provider for wake, exists in zip(wakes, found, strict=True) if exists)
        for provider, number in known.items():
            self._metrics.callbacks_accepted(provider, number, self._clock())
        return [HTTPStatus.NO_CONTENT if exists else HTTPStatus.NOT_FOUND for exists in found]

    def read(self, data: bytes) -> Letter | None:
        """Return the plain callback that begins with these bytes."""
        found = plain(data)
        if found is None:
            return None
        try:
            generation = self.generation(found.provider, found.token)
        except Exception:  # noqa: BLE001  the application runs into the same, and tells it
            return None
        return Letter(found.provider, generation, found.start, found.end)

    def take(self, letter: Letter, body: bytes, line: Line, since: float | None = None) -> None:
        """Answer a plain callback on its line, one without a genuine token at once."""
        if letter.generation is None:
            line.say(*self.stranger(line.address))
            return
        loop = asyncio.get_running_loop()
        wish = self._wish(letter.provider, letter.generation, body)
        call = _Call(wish, line, loop.time() if since is None else since)
        if since is not None:  # its time is half over: it neither waits for others nor hurries them
            self._begin(self._answer([call]))
            return
        if not self._gathered:
            loop.call_soon(self._send)
        self._gathered.append(call)

    def _send(self) -> None:
        while self._gathered and self._under_way < UNDER_WAY:
            calls, self._gathered = self._gathered[:TOGETHER], self._gathered[TOGETHER:]
            self._under_way += 1
            self._begin(self._together(calls))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _together(self, calls: list[_Call]) -> None:
        try:
            await self._answer(calls)
        finally:
            self._under_way -= 1
            self._send()

    async def _answer(self, calls: list[_Call]) -> None:
        """Wake what they ask for, in the time that the first of them has, and say so on their lines."""
        closing = True
        try:
            async with asyncio.timeout_at(calls[0].since + self.patience):
                statuses = await self._woken([call.wake for call in calls])
                closing = False
        except TimeoutError:
            statuses = [HTTPStatus.SERVICE_UNAVAILABLE] * len(calls)
        except Exception:
            if len(calls) > 1:  # it may be the fault of one, and the others' no less
                for call in calls:
                    self._begin(self._answer([call]))
                return
            log.exception("request_failed", method=hdrs.METH_POST)
            statuses = [HTTPStatus.INTERNAL_SERVER_ERROR]
        for number, (call, status) in enumerate(zip(calls, statuses, strict=True), 1):
            if status is HTTPStatus.NOT_FOUND:
                call.line.say(*self.stranger(call.line.address))
            else:
                call.line.say(status, closing)
            if not number % ANSWERED:
                await asyncio.sleep(0)

    async def rest(self, seconds: float) -> None:
        """Let what was taken end for so long, and give up the rest."""
        self._send()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        self._gathered.clear()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
