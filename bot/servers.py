"""What a server's admins have decided: one frozen value per server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.models import Limit
from bot.wording import WordRules


class FilmPlace(StrEnum):
    """Where a server wants its films."""

    SAME = "same"
    """Where they were asked for."""
    GALLERY = "gallery"
    """In one channel that the admins chose."""
    THREAD = "thread"
    """In a thread of its own below each card."""


class Scope(StrEnum):
    """Whom a rule on limits is about."""

    SERVER = "server"
    """All members together."""
    EVERYONE = "everyone"
    """Each member that no narrower rule is about."""
    ROLE = "role"
    """Each member whose highest role with a rule is this one."""
    USER = "user"
    """One member, whatever their roles."""


NONE = Limit()
NO_WORDS = WordRules()


@dataclass(frozen=True, slots=True)
class LimitRule:
    """How much may be made on this server by whoever the rule is about."""

    scope: Scope
    subject: int = 0
    """The role's or the user's id; 0 for the server and for everyone."""
    day: Limit = NONE
    month: Limit = NONE
    at_once: int | None = None


@dataclass(frozen=True, slots=True)
class Strikes:
    """After how many refusals by a provider's moderation in one day a member must pause, and how long."""

    refusals: int = 0
    """0: never."""
    pauses: tuple[timedelta, ...] = (timedelta(hours=1), timedelta(hours=2), timedelta(hours=10))
    """The first, the second, …; the last one stands for all that follow."""


@dataclass(frozen=True, slots=True)
class ServerRules:
    """Everything that a server's admins have decided; the defaults forbid nothing."""

    limits: tuple[LimitRule, ...] = ()
    channels: tuple[int, ...] = ()
    """Where the bot may be used, threads in them included; none: everywhere."""
    film_place: FilmPlace = FilmPlace.SAME
    gallery_id: int | None = None
    log_channel_id: int | None = None
    """Where admin actions are told, besides the log itself."""
    providers: tuple[str, ...] = ()
    """Those that may be used; none named: all. The same for models and resolutions."""
    models: tuple[str, ...] = ()
    resolutions: tuple[str, ...] = ()
    longest: int | None = None
    """Seconds of one film."""
    words: WordRules = NO_WORDS
    strikes: Strikes = Strikes()
    age_restricted: bool = False
    """Whether the bot works in age-restricted channels only."""
    spoiler: bool = False
    paused: bool = False
    paused_providers: tuple[str, ...] = ()


EVERYWHERE = 0
"""The server of a block that holds everywhere, in direct messages too."""


@dataclass(frozen=True, slots=True)
class Block:
    """Somebody may not make films on a server, or may again."""

    guild_id: int
    user_id: int
    until: datetime | None
    """None: for good. Once it is over, what was refused before `at` is forgiven."""
    reason: str
    """As the admin wrote it, or nothing; its member reads it. Hostile text."""
    actor_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, in a refusal's facts: people read its name."""

    id: int

    def __str__(self) -> str:
        """Return what Discord shows as the channel's name."""
        return f"<#{self.id}>"


REPORT = "report"
"""The action in the log for a film that a member reported; `actor` is who did."""
WORD_RULE = "word rule"
"""What is in the place of an action when somebody's prompt broke one: no admin did it."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One action of an admin, as the log keeps it."""

    id: str
    """The interaction's: the same press is one deed."""
    guild_id: int | None
    """None: it was about no server, or about all."""
    at: datetime
    actor_id: int
    actor: str
    """Their display name then: hostile text."""
    action: str
    """The command without `/admin`, as it is typed: `words add`."""
    detail: str
    """What was said with it, in no language: `word: rude`. Hostile text."""
