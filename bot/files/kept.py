"""What the rest may ask of the files that are kept, wherever that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime, timedelta
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Whole:
    """What a file must be, to be the one that is meant."""

    size: int
    """Bytes."""
    sha256: str


@dataclass(frozen=True, slots=True)
class Address:
    """Where the storage is, and what it lets us in with."""

    url: str
    """`s3://bucket/prefix`, or the path of a folder."""
    endpoint: str = ""
    """Where the S3-compatible service is; empty: at Amazon."""
    region: str = "us-east-1"
    access_key: str = ""
    secret_key: str = ""
    path_style: bool = True
    """Whether the bucket stands in the path of an address, and not in its host."""


class Files(Protocol):
    """Keeps files under names such as `films/…/…` and `media/…`, for every process of the bot.

    Everything raises `FilesUnavailable` where they can't be had just now; a name then says nothing. Work on
    a file is done on a copy that lies here: its path is `path(name)`, and `local` makes sure of it.
    """

    @property
    def root(self) -> Path:
        """Where copies lie here, in the folders `media` and `films`."""

    @property
    def shared(self) -> bool:
        """Whether other machines have them too, and what lies here is but a copy."""

    def path(self, name: str) -> Path:
        """Return where a copy lies here, if there is one."""

    async def local(self, name: str, whole: Whole | None = None) -> Path | None:
        """Make sure of a copy here and return it; None: it isn't kept.

        A copy that has to be brought here is compared with `whole`; what differs is as good as not kept.
        """

    async def exists(self, name: str) -> bool:
        """Return whether it is kept."""

    async def keep(self, name: str) -> None:
        """Keep what lies at `path(name)`, for everybody: only then may anybody be told of it."""

    async def touch(self, name: str, whole: Whole, life: timedelta, now: datetime) -> bool:
        """Keep it for another while, of what is kept for `life`; return whether it is still there."""

    async def forget(self, names: Collection[str], folder: str = "") -> None:
        """Delete files, and everything in a folder of that name; what isn't there is no error."""

    async def sweep(self, folder: str, before: datetime) -> int:
        """Delete what has been kept in `media` or `films` since before that time; return how many."""

    async def trouble(self) -> str:
        """Say in one sentence why files can't be kept or had just now; nothing: they can."""
