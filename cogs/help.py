"""/help: what one can do, in short."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.admission import narrowed
from bot.i18n import later
from bot.messages import help as words
from cogs import asking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.client import Matinee


class Help(commands.Cog):
    """What one can do."""

    def __init__(self) -> None:
        self._ids: Mapping[str, int] | None = None

    @app_commands.command(
        description=later("Show what the bot can do, with examples, and where your words go")
    )
    async def help(self, interaction: asking.Interaction) -> None:
        """Show what the bot can do, with examples, and where your words go."""
        await asking.privately(interaction, self._show)

    async def _show(self, interaction: asking.Interaction) -> None:
        rules = await interaction.client.house.admission.rules(interaction.guild_id)
        narrow = narrowed(rules)
        helped = words.Helped(
            models=[one for one in interaction.client.generations.capabilities() if narrow(one)],
            commands={command.name for command in interaction.client.tree.get_commands()},
            ids=await self._known(interaction),
            admin=asking.is_admin(interaction),
        )
        draft = words.help(helped, asking.say_to(interaction))
        await asking.answer(interaction, draft.content or "", embed=draft.embed)

    async def _known(self, interaction: asking.Interaction) -> Mapping[str, int]:
        """Return Discord's ids of the commands, asked for once; none where it doesn't tell them just now."""
        if self._ids is None:
            try:
                self._ids = {each.name: each.id for each in await interaction.client.tree.fetch_commands()}
            except (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError):
                return {}
        return self._ids


async def setup(bot: Matinee) -> None:
    """Add the command; called by discord.py."""
    await bot.add_cog(Help())
