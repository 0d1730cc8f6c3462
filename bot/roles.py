"""What one process of the bot does: everything, or one part of it beside others on the same database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from bot.errors import SettingsError
from bot.settings import require_for_running

if TYPE_CHECKING:
    from bot.settings import Settings

MOST_SHARDS: Final = 16_384
_SHARDS: Final = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?", re.ASCII)


class Role(StrEnum):
    """One part of the bot, in a process of its own."""

    GATEWAY = "gateway"
    """Connected to Discord: commands and buttons."""
    WORKER = "worker"
    """Sends, asks, fetches and posts: by Discord's REST calls alone."""
    CALLBACKS = "callbacks"
    """What providers call and fetch from, and members: it knows neither Discord nor a provider's key."""


@dataclass(frozen=True, slots=True)
class Shards:
    """The part of Discord's gateway that one process listens to: servers by `(id >> 22) % of`.

    (topics/gateway, "Sharding".) Direct messages come to shard 0.
    """

    ids: range
    of: int

    def __str__(self) -> str:
        return f"{self.ids[0]}-{self.ids[-1]} of {self.of}"

    @property
    def all(self) -> bool:
        """Whether nothing is left to other processes."""
        return len(self.ids) == self.of


@dataclass(frozen=True, slots=True)
class Duty:
    """What a process does. Without a role: everything."""

    role: Role | None = None
    shards: Shards | None = None
    """Without them one connection, which hears of all servers."""

    @property
    def name(self) -> str:
        """What the log calls it."""
        return self.role or "everything"

    @property
    def connects(self) -> bool:
        """Whether it takes commands."""
        return self.role in {None, Role.GATEWAY}

    @property
    def tracks(self) -> bool:
        """Whether it moves generations."""
        return self.role in {None, Role.WORKER}

    @property
    def receives(self) -> bool:
        """Whether it takes callbacks, and serves files."""
        return self.role in {None, Role.CALLBACKS}

    @property
    def acts(self) -> bool:
        """Whether it needs Discord and the providers, and so the token and the keys."""
        return self.connects or self.tracks

    @property
    def alone(self) -> bool:
        """Whether it leaves nothing to other processes."""
        return self.role is None and (self.shards is None or self.shards.all)


EVERYTHING: Final = Duty()


def read_duty(role: str | None, shards: str | None, of: str | None) -> Duty:
    """Read what was typed after `--role`, `--shards` and `--of`. Raises `SettingsError`."""
    try:
        part = Role(role) if role is not None else None
    except ValueError:
        raise SettingsError(f"--role: write one of {', '.join(Role)}; left out, it is all of them") from None
    duty = Duty(part, _shards(shards, of))
    if duty.shards is not None and not duty.connects:
        raise SettingsError("--shards: only a process that connects to Discord has any; leave it out")
    return duty


def _shards(ids: str | None, of: str | None) -> Shards | None:
    if ids is None and of is None:
        return None
    if ids is None or of is None:
        given, missing = ("--of", "--shards") if ids is None else ("--shards", "--of")
        raise SettingsError(f"{missing}: is missing; {given} needs it, as in --shards 0-3 --of 16")
    if re.fullmatch(r"\d{1,5}", of, re.ASCII) is None or not 1 <= int(of) <= MOST_SHARDS:
        raise SettingsError(f"--of: write the number of all shards, from 1 to {MOST_SHARDS}")
    found = _SHARDS.fullmatch(ids)
    if found is None:
        raise SettingsError("--shards: write the first and the last, as in 0-3, or one alone")
    first, last = int(found[1]), int(found[2] or found[1])
    if first > last:
        raise SettingsError("--shards: the last comes before the first; write the smaller number first")
    if last >= int(of):
        raise SettingsError(f"--shards: of {int(of)} shards the last is {int(of) - 1}; make --of larger")
    return Shards(range(first, last + 1), int(of))


def require(settings: Settings, duty: Duty) -> None:
    """Raise `SettingsError` unless the settings suffice for a duty.

    Where callbacks are taken neither the token nor a key is needed: it faces the world, so better without.
    """
    if unshared := lacks_database(settings, duty):
        raise SettingsError(unshared)
    if duty.acts:
        require_for_running(settings)


def lacks_database(settings: Settings, duty: Duty) -> str:
    """Return the sentence that a duty which leaves work to others needs PostgreSQL; nothing: all is well."""
    if settings.database_url is not None or duty.alone:
        return ""
    remedy = "give postgresql+asyncpg://…, or leave --role and --shards out"
    return f"DATABASE_URL: is missing; several processes need one PostgreSQL: {remedy}"


def lacks_files(settings: Settings, duty: Duty) -> str:
    """Return the sentence that others don't see what a duty keeps for them; nothing: they do, or may."""
    if duty.alone or settings.files_url is not None:
        return ""
    return "films and files are kept in DATA_DIR, where no other machine sees them; set FILES_URL"
