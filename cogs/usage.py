"""/usage: what is left, and what runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot.i18n import later
from bot.messages import usage
from cogs import asking

if TYPE_CHECKING:
    from bot.client import Matinee


class Usage(commands.Cog):
    """A member's limits."""

    @app_commands.command(description=later("Show what you have used of your limits, and what is under way"))
    async def usage(self, interaction: asking.Interaction) -> None:
        """Show what you have used of your limits, and what is under way."""
        await asking.privately(interaction, self._show)

    async def _show(self, interaction: asking.Interaction) -> None:
        used = await interaction.client.generations.usage(
            interaction.user.id, interaction.guild_id, asking.standing_of(interaction)
        )
        await asking.answer(interaction, usage.usage(used, asking.say_to(interaction)))


async def setup(bot: Matinee) -> None:
    """Add the command; called by discord.py."""
    await bot.add_cog(Usage())
