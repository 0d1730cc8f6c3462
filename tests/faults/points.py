"""The moments at which the process may die: before and after every commit and every effect outside.

The places where something leaves the process are few and known by name, so that the very same moments can be
counted in memory, and in a real process that kills itself at one of them.
"""

from __future__ import annotations

import functools
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from discord.http import HTTPClient

from bot.files.storage import Storage
from bot.media.download import Downloader
from bot.providers._http import Wire
from bot.store.postgres import Postgres
from bot.store.sqlite import Sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class Points:
    """Counts moments as they pass, and dies at those that are told.

    `die` is called with a moment's name. In a real process it doesn't return; in memory it raises.
    """

    die: Callable[[str], None]
    at: frozenset[int] = frozenset()
    names: list[str] = field(default_factory=list)
    """What has passed, in order: moment 0 first."""

    def passing(self, name: str) -> None:
        """Count a moment, and die if it is one at which to die."""
        self.names.append(name)
        if len(self.names) - 1 in self.at:
            self.die(name)


def commit(_: object, steps: Any, **__: object) -> str:
    """Name a commit by its first statement."""
    return f"commit {steps[0].statement.name}"


def request(_: object, call: Any, *__: object, **___: object) -> str:
    """Name a call to a provider by what is asked."""
    return call.name.lower()


def message(_: object, route: Any, **__: object) -> str:
    """Name a call to Discord by its route."""
    return f"{route.method} {route.path}"


def film(*_: object, **__: object) -> str:
    """Name a download."""
    return "download"


def kept(*_: object, **__: object) -> str:
    """Name what is sent to the storage that machines share."""
    return "keep"


EDGES: Final = (
    (Sqlite, "write", commit),
    (Postgres, "write", commit),
    (Wire, "send", request),
    (HTTPClient, "request", message),
    (Downloader, "download", film),
    (Storage, "keep", kept),
)
"""Whose method lets something out of the process, and what such a moment is called."""


def _between(method: Any, named: Callable[..., str], points: Callable[[], Points | None]) -> Any:
    @functools.wraps(method)
    async def passed(*arguments: Any, **options: Any) -> Any:
        now = points()
        if now is None:
            return await method(*arguments, **options)
        name = named(*arguments, **options)
        now.passing(f"before {name}")
        outcome = await method(*arguments, **options)
        now.passing(f"after {name}")
        return outcome

    return passed


@contextmanager
def counting(points: Callable[[], Points | None]) -> Iterator[None]:
    """Let every edge of this process count its moments meanwhile. `points` says where, if anywhere."""
    before = [(owner, name, owner.__dict__[name]) for owner, name, _ in EDGES]
    for owner, name, named in EDGES:
        setattr(owner, name, _between(owner.__dict__[name], named, points))
    try:
        yield
    finally:
        for owner, name, method in before:
            setattr(owner, name, method)
