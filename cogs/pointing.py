"""What a message holds that a film can be made of, and which film of ours it shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import discord

from bot.models import MediaKind
from bot.orders import Offered
from cogs.files import DISCORD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.client import Matinee

_KINDS = {
    MediaKind.IMAGE: frozenset({"png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff", "heic", "heif"}),
    MediaKind.VIDEO: frozenset({"mp4", "mov", "webm", "mkv", "m4v", "avi"}),
    MediaKind.AUDIO: frozenset({"mp3", "wav", "ogg", "m4a", "aac", "flac", "opus"}),
}
_FILM = re.compile(r"matinee-([0-9a-f]{16})(?:\.|-)")
_ID = re.compile(r"[0-9a-f]{16}")
_BUTTON = re.compile(r"matinee:(?:again|edit|extend|frame|more|cancel|get|delete):([0-9a-f]{16})(?::.*)?")


@dataclass(frozen=True, slots=True)
class Found:
    """A file in a message."""

    offered: Offered
    kind: MediaKind
    """As its name or Discord says; its bytes are looked at when it is loaded."""


def found(message: discord.Message) -> tuple[Found, ...]:
    """Return the pictures, clips and sounds that people see in a message, or in one that it forwards."""
    seen: dict[str, Found] = {}
    sources: list[discord.Message | discord.MessageSnapshot] = [message, *message.message_snapshots]
    for source in sources:
        for file in (*_attached(source.attachments), *_shown(source.embeds), *_stuck(source.stickers)):
            seen.setdefault(file.offered.url, file)
    return tuple(seen.values())


def _attached(attachments: Iterable[discord.Attachment]) -> Iterator[Found]:
    for each in attachments:
        kind = _kind(each.filename, each.content_type or "")
        if kind is not None:
            yield Found(Offered(each.filename, each.url, each.size), kind)


def _shown(embeds: Iterable[discord.Embed]) -> Iterator[Found]:
    """Return the pictures below links and in embeds, from Discord's own copy of them."""
    for embed in embeds:
        for picture in (embed.image, embed.thumbnail):
            url = picture.proxy_url if picture else None
            if url and (urlsplit(url).hostname or "").endswith(DISCORD):  # and not where the link leads
                path = unquote(urlsplit(picture.url or url).path)
                name = path.rpartition("/")[2] or "picture"
                yield Found(Offered(name, url, 0), MediaKind.IMAGE)
                break


def _stuck(stickers: Iterable[discord.StickerItem]) -> Iterator[Found]:
    for each in stickers:
        if each.format is discord.StickerFormatType.png:
            yield Found(Offered(f"{each.name}.png", each.url, 0), MediaKind.IMAGE)


def _kind(name: str, content_type: str) -> MediaKind | None:
    told = content_type.partition("/")[0]
    if told in set(MediaKind):
        return MediaKind(told)
    ending = name.rpartition(".")[2].lower()
    return next((kind for kind, endings in _KINDS.items() if ending in endings), None)


def is_ours(message: discord.Message, client: Matinee) -> bool:
    """Return whether the bot itself wrote a message: nobody else's may name a film of ours."""
    return client.user is not None and message.author.id == client.user.id


def generation_id(message: discord.Message) -> str | None:
    """Return which generation a message of ours shows: in its film's name, its card or its buttons.

    What people wrote is not looked at: it may name any.
    """
    for file in message.attachments:
        if named := _FILM.match(file.filename.removeprefix("SPOILER_")):
            return named[1]
    for embed in message.embeds:
        if _ID.fullmatch(embed.footer.text or ""):
            return embed.footer.text
    return next(_in_buttons(message), None)


def _in_buttons(message: discord.Message) -> Iterator[str]:
    for row in message.components:
        for item in getattr(row, "children", ()):
            if pressed := _BUTTON.fullmatch(getattr(item, "custom_id", None) or ""):
                yield pressed[1]
