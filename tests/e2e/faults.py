"""Points at which the modelled Discord misbehaves, or waits for the test."""

from __future__ import annotations

import asyncio
import fnmatch
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


@dataclass(slots=True)
class Call:
    """One REST request of the bot, and what it was answered."""

    method: str
    path: str
    """Without the API's prefix, for example `/channels/1/messages`."""
    body: Any
    params: dict[str, str]
    files: tuple[tuple[str, int], ...]
    """Names and sizes in bytes."""
    at: datetime
    status: int | None = None
    """None: the answer was never sent."""
    code: int | None = None
    """Discord's own error code, if any."""

    @property
    def films(self) -> tuple[str, ...]:
        """Names of the films that this request uploads."""
        return tuple(name for name, _ in self.files if name.endswith(".mp4"))


def any_call(_call: Call) -> bool:
    """Match everything."""
    return True


def with_film(call: Call) -> bool:
    """Match requests that upload a film."""
    return bool(call.films)


@dataclass(slots=True)
class Fault:
    """What happens to the next requests that match; `times` None: to all of them.

    `refuse` answers an error and does nothing. `late` waits for `release`, and then nothing happens if the
    caller is gone, as with an upload that was broken off. The others come after it has taken effect: `lie`
    answers the error all the same, `drop` cuts the connection, `hold` waits for `release`, which may never
    come.
    """

    method: str
    path: str
    """A pattern as of `fnmatch`."""
    kind: Literal["refuse", "late", "lie", "drop", "hold"]
    times: int | None = 1
    where: Callable[[Call], bool] = any_call
    status: int = 500
    code: int = 0
    message: str = "500: Internal Server Error"
    retry_after: float | None = None
    via: bool = True
    """Whether a 429 comes from Discord; else from Cloudflare, which stands before it."""
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def takes(self, call: Call) -> bool:
        """Tell whether this fault concerns a request, and count it if so."""
        if self.method not in (call.method, "*") or not fnmatch.fnmatch(call.path, self.path):
            return False
        if self.times == 0 or not self.where(call):
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def release(self) -> None:
        """Let a held answer go."""
        self.released.set()
