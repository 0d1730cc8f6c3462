"""By what our own messages are known again, whoever asks and however much later."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import discord

    from bot.models import Generation


def file_name(generation: Generation) -> str:
    """Return how a film's file is called at Discord, which puts `SPOILER_` before a hidden one's."""
    return f"matinee-{generation.id}.mp4"


def is_card(message: discord.Message, generation: Generation) -> bool:
    """Return whether a message of ours is this generation's card."""
    return any(embed.footer.text == generation.id for embed in message.embeds)


def is_film(message: discord.Message, generation: Generation) -> bool:
    """Return whether a message of ours brings this generation's film, as a file or as a link."""
    attached = any(generation.id in attachment.filename for attachment in message.attachments)
    return attached or f"/films/{generation.id}/" in message.content


def is_notice(message: discord.Message, generation: Generation) -> bool:
    """Return whether a message of ours says that this generation has no film."""
    if is_card(message, generation) or is_film(message, generation):
        return False
    return any(
        generation.id in (getattr(part, "custom_id", None) or "")
        for row in message.components
        for part in getattr(row, "children", ())
    )
