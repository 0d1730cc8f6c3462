"""/privacy: everything that is held of a member, to take along or to have deleted."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import RequestRefused
from bot.i18n import later
from bot.messages import settings
from cogs import asking
from cogs.presses import Press

if TYPE_CHECKING:
    from bot.client import Matinee

ENVELOPE = 0.9
"""Part of the limit that a file may fill: what is sent around it needs the rest."""


class Forget(Press, template=settings.FORGET):
    """Deletes what is held of whoever asked for it, once they have confirmed."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Delete it."""
        if interaction.user.id != int(self.found["user_id"]):
            raise RequestRefused("not_yours")
        left = await interaction.client.house.own.privacy.forget(interaction.user.id)
        await asking.answer(interaction, settings.forgotten(left, asking.say_to(interaction)))


class Privacy(commands.Cog):
    """What is held of a member."""

    privacy = app_commands.Group(
        name="privacy", description=later("What the bot holds of you: take it along, or have it deleted")
    )

    @privacy.command(description=later("Get everything that the bot holds of you, as a file"))
    async def export(self, interaction: asking.Interaction) -> None:
        """Get everything that the bot holds of you, as a file."""
        await asking.privately(interaction, _export)

    @privacy.command(description=later("Delete your prompts, files, settings and ids; it asks first"))
    async def delete(self, interaction: asking.Interaction) -> None:
        """Delete your prompts, files, settings and ids; it asks first."""
        await asking.privately(interaction, _ask)


async def _export(interaction: asking.Interaction) -> None:
    say = asking.say_to(interaction)
    most = int(interaction.filesize_limit * ENVELOPE)
    number = 0
    async for part in interaction.client.house.own.privacy.export(interaction.user.id, most=most):
        number += 1
        file = discord.File(BytesIO(part), f"matinee-{number}.json")
        if number == 1:
            words = say("This is everything that the bot holds of you. The films themselves: `/videos`.")
            await asking.answer(interaction, words, attachments=[file])
        else:
            words = say("Part {number}", number=number)
            await interaction.followup.send(words, file=file, ephemeral=True)


async def _ask(interaction: asking.Interaction) -> None:
    draft = settings.confirm_forgetting(interaction.user.id, asking.say_to(interaction))
    await asking.answer(interaction, draft.content or "", view=draft.view)


async def setup(bot: Matinee) -> None:
    """Add the commands and the button; called by discord.py."""
    bot.add_dynamic_items(Forget)
    await bot.add_cog(Privacy())


async def teardown(bot: Matinee) -> None:
    """Take the button out again; called by discord.py."""
    bot.remove_dynamic_items(Forget)
