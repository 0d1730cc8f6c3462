"""/admin: one group of commands, a file for each kind; who may give them is checked in code as well."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.i18n import later
from cogs import asking

if TYPE_CHECKING:
    from bot.client import Matinee

PARTS: tuple[str, ...] = ()
"""The files beside this one; each has a function `add(group)`."""


class Admin(app_commands.Group):
    """What only a server's admins and the bot's operators may do."""

    def __init__(self) -> None:
        super().__init__(
            name="admin",
            description=later("Limits, rules and the state of the bot on this server"),
            default_permissions=discord.Permissions(manage_guild=True),
        )
        for part in PARTS:
            importlib.import_module(f"{__name__}.{part}").add(self)

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let admins and operators in, and nobody else: a server may change who sees the command."""
        asking.demand_admin(interaction)
        return True


async def setup(bot: Matinee) -> None:
    """Add the commands; called by discord.py."""
    bot.tree.add_command(Admin())


async def teardown(bot: Matinee) -> None:
    """Take the commands out again; called by discord.py."""
    bot.tree.remove_command("admin")
