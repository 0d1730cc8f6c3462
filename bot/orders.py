"""What a member is about to ask for, and what is known of them where they ask."""

from __future__ import annotations

from dataclasses import dataclass

from bot.models import Place, VideoRequest  # noqa: TC001 -- read at run time, to read an order back


@dataclass(frozen=True, slots=True)
class Standing:
    """What Discord says of a member at the moment of a command; it isn't stored."""

    roles: tuple[int, ...] = ()
    """Their roles on the server, the highest first, without the one that everybody has."""
    age_restricted: bool = False
    """Whether the channel is for adults only."""
    operator: bool = False
    """Whether they run this bot: nothing that a server decides stands in their way."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A file in Discord that was pointed at and isn't loaded yet."""

    name: str
    url: str
    size: int
    """Bytes, as Discord says."""


@dataclass(frozen=True, slots=True)
class Order:
    """Everything that a press starts a generation with, kept between a question and its answer."""

    asked: VideoRequest
    place: Place
    parent_id: str | None = None
    offered: tuple[Offered, ...] = ()
    """Files that are still to be loaded, in the order in which they will be used."""
