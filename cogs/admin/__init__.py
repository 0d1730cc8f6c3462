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

PARTS: tuple[str, ...] = ("log", "rules", "words", "people", "money", "running", "queue", "status")
"""The files beside this one; each has a function `add(group)`, and `BUTTONS` where it has any."""


class ForAdmins(app_commands.Group):
    """A group for admins and operators. discord.py asks the innermost group alone, so each has to be one."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let admins and operators in, and nobody else: a server may change who sees the command."""
        try:
            asking.demand_admin(interaction)
        except Exception as error:  # discord.py loses what isn't its own
            assert isinstance(interaction.command, app_commands.Command)
            raise app_commands.CommandInvokeError(interaction.command, error) from error
        return True


class Admin(ForAdmins):
    """What only a server's admins and the bot's operators may do."""

    def __init__(self) -> None:
        super().__init__(
            name="admin",
            description=later("Limits, rules and the state of the bot on this server"),
            default_permissions=discord.Permissions(manage_guild=True),
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=False, private_channel=False
            ),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )
        for part in PARTS:
            importlib.import_module(f"{__name__}.{part}").add(self)


def _buttons() -> list[type[discord.ui.DynamicItem[Any]]]:
    parts = [importlib.import_module(f"{__name__}.{part}") for part in PARTS]
    return [button for part in parts for button in getattr(part, "BUTTONS", ())]


async def setup(bot: Matinee) -> None:
    """Add the commands and their buttons; called by discord.py."""
    bot.tree.add_command(Admin())
    bot.add_dynamic_items(*_buttons())


async def teardown(bot: Matinee) -> None:
    """Take them out again; called by discord.py."""
    bot.tree.remove_command("admin")
    bot.remove_dynamic_items(*_buttons())
