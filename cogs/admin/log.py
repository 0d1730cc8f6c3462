"""/admin log: what admins did here, and where they are told of it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.i18n import later
from bot.messages import admin_log
from bot.store.rows import moment
from cogs import asking
from cogs.admin import deciding
from cogs.presses import Press

if TYPE_CHECKING:
    from datetime import datetime


class Earlier(Press, template=admin_log.EARLIER):
    """Turns a page of the log."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Show what was done before, to an admin of this server or an operator."""
        before = moment(int(self.found["before"]))
        await _show(interaction, before=before, everywhere=self.found["where"] == "all")


BUTTONS = (Earlier,)


def add(group: app_commands.Group) -> None:
    """Define the command."""

    @group.command(name="log", description=later("What admins did here, and where it is told"))
    @app_commands.describe(
        channel=later("Tell every action in this channel, too"),
        off=later("Tell it in no channel any more"),
        everywhere=later("Show all servers (operators only)"),
    )
    async def log(
        interaction: asking.Interaction,
        channel: discord.TextChannel | None = None,
        off: bool = False,
        everywhere: bool = False,
    ) -> None:
        if channel or off:
            work = partial(_tell_in, channel=None if off else channel)
        else:
            work = partial(_show, everywhere=everywhere)
        await asking.privately(interaction, work)


async def _show(
    interaction: asking.Interaction, *, before: datetime | None = None, everywhere: bool = False
) -> None:
    where, house = deciding.where(interaction, everywhere=everywhere), interaction.client.house
    deeds = await house.audit.entries(where, before, admin_log.PAGE + 1)
    rules = await house.rules.of(deciding.guild_of(interaction))
    words, view = admin_log.page(
        deeds, asking.say_to(interaction), told_in=rules.log_channel_id, everywhere=everywhere
    )
    await asking.answer(interaction, words, view=view)


async def _tell_in(interaction: asking.Interaction, *, channel: discord.TextChannel | None) -> None:
    guild_id, house = deciding.guild_of(interaction), interaction.client.house
    if channel:
        asking.demand_posting(interaction, channel)
    chosen = channel.id if channel else None
    said = deciding.detail(channel=channel and channel.name, off=None if channel else True)
    told_before = (await house.rules.of(guild_id)).log_channel_id
    deed = asking.deed_of(interaction, "log", said)
    await house.rules.change(guild_id, lambda rules: replace(rules, log_channel_id=chosen), deed)
    await asking.tell_log(interaction, deed, besides=told_before)
    await _show(interaction)
