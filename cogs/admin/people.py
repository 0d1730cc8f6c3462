"""/admin block and unblock: who may not make films."""

from __future__ import annotations

from functools import partial

import discord
from discord import app_commands

from bot.administration.people import SHOWN
from bot.administration.rules import length_of
from bot.errors import RequestRefused
from bot.i18n import later
from bot.messages import admin_people
from bot.servers import EVERYWHERE
from bot.store.blocks import LONGEST_REASON  # noqa: TC001 -- discord.py reads the annotations
from cogs import asking
from cogs.admin import deciding

_LENGTHS = ("1h", "6h", "1d", "7d", "30d")


def add(group: app_commands.Group) -> None:
    """Define the commands."""

    @group.command(name="block", description=later("Keep somebody from making films, or show who is"))
    @app_commands.describe(
        user=later("Whom; what they have waiting is cancelled"),
        time=later("How long: 30m, 2h, 1d 12h (no end)"),
        reason=later("Why; they can read it"),
        everywhere=later("On all servers (operators only)"),
    )
    async def block(
        interaction: asking.Interaction,
        user: discord.User | None = None,
        time: app_commands.Range[str, 1, 50] | None = None,
        reason: app_commands.Range[str, 1, LONGEST_REASON] | None = None,
        everywhere: bool = False,
    ) -> None:
        work = partial(_list, everywhere=everywhere)
        if user:
            work = partial(_block, user=user, time=time, reason=reason, everywhere=everywhere)
        await asking.privately(interaction, work)

    @block.autocomplete("time")
    async def lengths(_: asking.Interaction, current: str) -> list[app_commands.Choice[str]]:
        found = deciding.matching(_LENGTHS, current)
        return [app_commands.Choice(name=each, value=each) for each in found]

    @group.command(name="unblock", description=later("Let somebody make films again, and forgive refusals"))
    @app_commands.describe(user=later("Whom"), everywhere=later("On all servers (operators only)"))
    async def unblock(interaction: asking.Interaction, user: discord.User, everywhere: bool = False) -> None:
        await asking.privately(interaction, partial(_unblock, user=user, everywhere=everywhere))


def _where(interaction: asking.Interaction, *, everywhere: bool) -> int:
    """Return the server of the block."""
    where = deciding.where(interaction, everywhere=everywhere)
    return EVERYWHERE if where is None else where


async def _list(interaction: asking.Interaction, *, everywhere: bool) -> None:
    where = _where(interaction, everywhere=everywhere)
    blocks = await interaction.client.house.people.blocked(where)
    words, whole = admin_people.listed(blocks, asking.say_to(interaction), most=SHOWN)
    await deciding.show_list(interaction, words, whole, "blocks.txt")


async def _block(
    interaction: asking.Interaction,
    *,
    user: discord.User | discord.Member,
    time: str | None,
    reason: str | None,
    everywhere: bool,
) -> None:
    where = _where(interaction, everywhere=everywhere)
    if user.id in interaction.client.operators:
        raise RequestRefused("is_operator")
    said = deciding.detail(
        user=deciding.written(user), time=time, everywhere=everywhere or None, reason=reason
    )
    deed = asking.deed_of(interaction, "block", said, everywhere=everywhere)
    done = await interaction.client.house.people.block(
        user.id,
        where,
        by=interaction.user.id,
        length=None if time is None else length_of(time),
        reason=reason or "",
        deed=deed,
    )
    await asking.tell_log(interaction, deed)
    words = admin_people.blocked(done.block, done.cancelled, asking.say_to(interaction))
    await asking.answer(interaction, words)


async def _unblock(
    interaction: asking.Interaction, *, user: discord.User | discord.Member, everywhere: bool
) -> None:
    where = _where(interaction, everywhere=everywhere)
    said = deciding.detail(user=deciding.written(user), everywhere=everywhere or None)
    deed = asking.deed_of(interaction, "unblock", said, everywhere=everywhere)
    left = await interaction.client.house.people.unblock(user.id, where, by=interaction.user.id, deed=deed)
    await asking.tell_log(interaction, deed)
    say = asking.say_to(interaction)
    await asking.answer(interaction, admin_people.unblocked(user.id, left, say, everywhere=everywhere))
