"""/videos, and the buttons in it and on cards: they work whenever the message was sent."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import RequestRefused
from bot.i18n import later
from bot.messages import buttons, library
from cogs import asking
from cogs.presses import Press

if TYPE_CHECKING:
    from bot.client import Matinee
    from bot.models import Generation

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Cancel(Press, template=buttons.CANCEL):
    """Wishes an end. If that now costs as much as the film and the button didn't say so, it asks first."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Cancel, for its owner or a moderator."""
        say = asking.say_to(interaction)
        generations = interaction.client.generations
        in_full = self.found["full"] is not None
        generation = await generations.any(self.found["id"])
        moderator = asking.is_moderator(interaction, generation.place.guild_id)
        if generation.requester.user_id != interaction.user.id and not moderator:
            raise RequestRefused("not_yours")
        if generations.cancel_is_charged(generation) and not in_full:
            asked = buttons.row(buttons.cancel(generation.id, say, charged=True))
            await asking.answer(
                interaction, say("The provider doesn't stop what it has. Cancel anyway?"), view=asked
            )
            return
        wished = await generations.cancel(self.found["id"], interaction.user.id, moderator=moderator)
        counts = wished.counts_in_full or generations.cancel_is_charged(wished)
        await asking.answer(interaction, library.cancelled(wished, say, in_full=counts), view=None)


class Older(Press, template=buttons.OLDER):
    """Turns a page of `/videos`."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Show the presser's own older generations."""
        await _show(interaction, before=EPOCH + timedelta(microseconds=int(self.found["before"])))


class Get(Press, template=buttons.GET):
    """Hands over a film that could be posted nowhere."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Send it privately, to its requester alone."""
        generations = interaction.client.generations
        generation = await generations.find(self.found["id"], interaction.user.id)
        path = generations.film_path(generation)
        if path is None or generation.film is None:
            raise RequestRefused("film_gone")
        if generation.film.size > interaction.filesize_limit:
            raise RequestRefused("film_large", value=generation.film.size, most=interaction.filesize_limit)
        file = await asyncio.to_thread(discord.File, path, filename=f"matinee-{generation.id}.mp4")
        say = asking.say_to(interaction)
        await asking.answer(interaction, say("Here is your film."), attachments=[file])


BUTTONS = (Cancel, Older, Get)


class Library(commands.Cog):
    """A member's own generations."""

    @app_commands.command(
        description=later("Show your own videos: how they stand, where they are, and Cancel")
    )
    async def videos(self, interaction: asking.Interaction) -> None:
        """Show your own videos: how they stand, where they are, and Cancel."""
        await asking.privately(interaction, _show)


async def _show(interaction: asking.Interaction, before: datetime | None = None) -> None:
    generations = interaction.client.generations
    own = await generations.history(interaction.user.id, before=before)
    entries = [await _entry(interaction, generation) for generation in own[: library.PAGE]]
    draft = library.page(entries, asking.say_to(interaction), more=len(own) > library.PAGE)
    await asking.answer(interaction, draft.content or "", embed=draft.embed, view=draft.view)


async def _entry(interaction: asking.Interaction, generation: Generation) -> library.Entry:
    generations = interaction.client.generations
    return library.Entry(
        generation,
        place=await generations.place_in_queue(generation),
        link=generations.link(generation),
        kept=generations.film_path(generation) is not None,
        cancel_charged=generations.cancel_is_charged(generation),
    )


async def setup(bot: Matinee) -> None:
    """Add the command and the buttons; called by discord.py."""
    bot.add_dynamic_items(*BUTTONS)
    await bot.add_cog(Library())


async def teardown(bot: Matinee) -> None:
    """Take the buttons out again; called by discord.py."""
    bot.remove_dynamic_items(*BUTTONS)
