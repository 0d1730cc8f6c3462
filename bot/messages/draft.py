"""What a Discord message will be, before anybody sends it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    from datetime import datetime

    from bot.providers.mends import Mend


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to post or to edit in: hand all four to discord.py, `None` included when editing."""

    content: str | None = None
    embed: discord.Embed | None = None
    view: discord.ui.View | None = None
    allowed_mentions: discord.AllowedMentions = field(default_factory=discord.AllowedMentions.none)


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a message says beyond the generation's own row."""

    now: datetime
    place: int | None = None
    """In the queue, from 1."""
    paused: bool = False
    """Queued for a provider that is sent nothing."""
    busy: bool = False
    """Queued for a provider that asked to be left alone for a while."""
    out_of_order: bool = False
    """Queued for a provider that isn't reached, or that only the operator can mend."""
    arrived: int | None = None
    """Bytes of its film that are here, where the download is slow."""
    expected: datetime | None = None
    """When it is likely to be ready."""
    worst: datetime | None = None
    """When it should be ready even if it takes as long as it seldom does."""
    film_link: str | None = None
    """A signed link to the kept film, where there is one."""
    continues: str | None = None
    """Where the film is that this one goes on from."""
    mends: tuple[Mend, ...] = ()
    """What one press may change, where there is no film."""


def card_digest(draft: Draft) -> str:
    """Return a short digest of everything that people would see: the same digest needs no edit."""
    shown = {
        "content": draft.content,
        "embed": draft.embed.to_dict() if draft.embed is not None else None,
        "components": draft.view.to_components() if draft.view else [],
    }
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:32]
