"""A film once more, for one person alone: as a direct message, as a link, or how it was made."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import TYPE_CHECKING

import discord

from bot.delivery import BY_DEFAULT
from bot.delivery.marks import file_name
from bot.errors import RequestRefused
from bot.messages import CardFacts, phrases
from bot.messages.buttons import continued
from bot.messages.details import details as every_detail
from bot.messages.details import whole_prompt
from bot.messages.film import copy
from cogs import asking

if TYPE_CHECKING:
    from pathlib import Path

    from bot.messages import Draft
    from bot.models import Generation

CLOSED = 50007
"""Discord's code where somebody takes no direct messages (topics/opcodes-and-status-codes)."""


async def send(interaction: asking.Interaction, generation: Generation) -> None:
    """Send the film to the presser's direct messages, or a link where it is too large. Raises a `Refused`."""
    house, say = interaction.client.house, asking.say_to(interaction)
    draft = copy(generation, CardFacts(generation.finished_at or house.clock()), interaction.user.id, say)
    try:
        async with house.keepsakes.borrowed(
            interaction.client, generation, interaction.message, most=BY_DEFAULT
        ) as film:
            await _post(interaction, generation, draft, film)
    except RequestRefused as refused:
        link = await house.generations.link(generation)
        if link is None or refused.code == "dm_closed":
            raise
        await _post(interaction, generation, draft, link)
    await asking.answer(interaction, say("It is in your direct messages."))


async def _post(
    interaction: asking.Interaction, generation: Generation, draft: Draft, film: Path | str
) -> None:
    """Send the film's file, or a link to it. Raises `RequestRefused` where direct messages are closed."""
    content = draft.content or ""
    files: list[discord.File] = []
    if isinstance(film, str):
        content = f"{content}\n{film}"
    else:
        spoiler = generation.place.spoiler
        name = file_name(generation)
        files.append(await asyncio.to_thread(discord.File, film, filename=name, spoiler=spoiler))
    assert draft.view is not None
    try:
        channel = await interaction.user.create_dm()
        await channel.send(content, files=files, view=draft.view, allowed_mentions=draft.allowed_mentions)
    except discord.Forbidden as error:
        if error.code != CLOSED:
            raise
        raise RequestRefused("dm_closed") from error


async def link(interaction: asking.Interaction, generation: Generation) -> None:
    """Tell where the file is: as it was made if it is kept, else as it was posted. Raises a `Refused`."""
    house, say = interaction.client.house, asking.say_to(interaction)
    ours = await house.generations.link(generation)
    if ours is not None:
        await asking.answer(interaction, say("The original file: {link}", link=ours))
        return
    attached = await house.keepsakes.at_discord(interaction.client, generation, interaction.message)
    smaller = generation.film is not None and attached.size != generation.film.size
    words = say("The original file, for about a day: {link}", link=attached.url)
    if smaller:
        words = say("It was posted smaller than it was made. For about a day: {link}", link=attached.url)
    await asking.answer(interaction, words)


async def details(interaction: asking.Interaction, generation: Generation) -> None:
    """Tell how a film was made, with its whole prompt as a file where it is too long to be shown."""
    house, say = interaction.client.house, asking.say_to(interaction)
    original = continued(generation)
    film = await house.generations.any(original) if original else None
    facts = CardFacts(house.clock(), continues=phrases.where(film) if film else None)
    prompt = whole_prompt(generation)
    files = [discord.File(BytesIO(prompt.encode()), filename="prompt.txt")] if prompt else []
    draft = every_detail(generation, facts, say)
    await asking.answer(interaction, "", embed=draft.embed, attachments=files)
