"""/videos, and the buttons on cards, films and notices: they work whenever the message was sent."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import RequestRefused
from bot.i18n import later
from bot.messages import buttons, library
from cogs import asking

if TYPE_CHECKING:
    from bot.client import Matinee
    from bot.models import Generation

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Button: TypeAlias = discord.ui.Button[discord.ui.View]
PATIENCE = 2.0
"""Seconds for the one read before a modal, which can't be deferred: Discord waits three."""


class Press(discord.ui.DynamicItem[Button], template=r"matinee:"):
    """A pressed button: what it means stands in its custom_id, so it works whenever it was sent."""

    def __init__(self, item: Button, found: re.Match[str]) -> None:
        super().__init__(item)
        self.found = found

    @classmethod
    async def from_custom_id(cls, _: Any, item: Any, match: re.Match[str], /) -> Self:
        """Return the pressed button, as discord.py found it."""
        return cls(item, match)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer privately, and do what the button says."""
        await asking.privately(interaction, self.press)

    async def press(self, interaction: asking.Interaction) -> None:
        """Do what the button says."""
        raise NotImplementedError


class Again(Press, template=buttons.AGAIN):
    """Makes the same anew, at the cost of whoever presses."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Start it."""
        await _again(interaction, self.found["id"])


class Edit(Press, template=buttons.EDIT):
    """Opens the prompt for another try."""

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Show the modal, filled in: it is itself the first answer."""
        try:
            async with asyncio.timeout(PATIENCE):
                generation = await interaction.client.generations.any(self.found["id"])
            await interaction.response.send_modal(library.edit_modal(generation, asking.say_to(interaction)))
        except TimeoutError:
            await interaction.client.tell(interaction, RequestRefused("slow"))
        except Exception as error:  # noqa: BLE001 -- the last place before discord.py's log
            await interaction.client.tell(interaction, error)


class Delete(Press, template=buttons.DELETE):
    """Removes the film's message."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Delete it, for its owner or a moderator."""
        if interaction.user.id != int(self.found["user_id"]) and not asking.is_moderator(
            interaction, interaction.guild_id
        ):
            raise RequestRefused("not_yours")
        if interaction.message:
            await interaction.message.delete()
        say = asking.say_to(interaction)
        await asking.answer(interaction, say("Deleted. It has counted all the same."))


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


BUTTONS = (Again, Edit, Delete, Cancel, Older, Get)


class Library(commands.Cog):
    """A member's own generations."""

    @app_commands.command(
        description=later("Show your own videos: how they stand, where they are, and Cancel")
    )
    async def videos(self, interaction: asking.Interaction) -> None:
        """Show your own videos: how they stand, where they are, and Cancel."""
        await asking.privately(interaction, _show)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: asking.Interaction) -> None:
        """Take an edited prompt, whenever its modal was opened: discord.py forgets modals at a restart."""
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        data: dict[str, Any] = dict(interaction.data or {})
        found = re.fullmatch(buttons.EDITED, data.get("custom_id", ""))
        if not found:
            return
        prompt = library.edited_prompt(data)
        await asking.privately(interaction, partial(_again, generation_id=found["id"], prompt=prompt))


async def _again(interaction: asking.Interaction, generation_id: str, **changes: Any) -> None:
    asking.demand_permissions(interaction)
    asked = await interaction.client.generations.asked_again(generation_id, **changes)
    press = None if changes else f"again:{generation_id}"  # a modal can't be sent twice
    await asking.begin(interaction, asked, parent_id=generation_id, press=press)


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
