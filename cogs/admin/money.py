"""/admin limits, grant, refund and usage: who may make how much, and who did."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeAlias

import discord
from discord import app_commands

from bot import quotas
from bot.administration.accounts import MOST_LINES, Told, limiting, unlimiting, without_lost_roles
from bot.errors import RequestRefused
from bot.i18n import later
from bot.messages import money
from bot.models import Cost
from bot.orders import Standing
from bot.servers import Scope
from cogs import asking
from cogs.admin import deciding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.i18n import Say
    from bot.servers import ServerRules

User: TypeAlias = discord.User | discord.Member
Whom: TypeAlias = tuple[Scope, int]
Amount: TypeAlias = app_commands.Range[int, 0, 1_000_000]
More: TypeAlias = app_commands.Range[int, 1, 1_000_000]
SHOWN = 25
"""Members in the list; the file has all."""
_WHOM = [
    app_commands.Choice(name=later("every member"), value=Scope.EVERYONE.value),
    app_commands.Choice(name=later("the server as a whole"), value=Scope.SERVER.value),
]
_PERIODS = [
    app_commands.Choice(name=later("day"), value="day"),
    app_commands.Choice(name=later("month"), value="month"),
]
_SPANS = [
    app_commands.Choice(name=later("today"), value="day"),
    app_commands.Choice(name=later("this month"), value="month"),
    app_commands.Choice(name=later("last month"), value="last_month"),
]


def add(group: app_commands.Group) -> None:
    """Define the commands."""
    _add_limits(group)
    _add_grant(group)
    _add_refund(group)
    _add_usage(group)


def _add_limits(group: app_commands.Group) -> None:
    @group.command(name="limits", description=later("How much members may make here; shows what holds"))
    @app_commands.describe(
        whom=later("Every member, or all of them together"),
        role=later("Each member with this role"),
        user=later("One member; alone it shows where they stand"),
        period=later("What the amounts are for (day)"),
        videos=later("Videos at most"),
        seconds=later("Seconds of video at most"),
        credits=later("Credits of the provider at most"),
        at_once=later("Videos under way at once, at most"),
        clear=later("Take this limit away; with amounts: begin it anew"),
    )
    @app_commands.choices(whom=_WHOM, period=_PERIODS)
    async def limits(  # noqa: PLR0917 -- Discord's options, in the order in which it shows them
        interaction: asking.Interaction,
        whom: str | None = None,
        role: discord.Role | None = None,
        user: discord.User | None = None,
        period: str = "day",
        videos: Amount | None = None,
        seconds: Amount | None = None,
        credits: Amount | None = None,  # noqa: A002 -- the option's name
        at_once: app_commands.Range[int, 0, 100] | None = None,
        clear: bool = False,
    ) -> None:
        named = _named(whom, role, user)
        amounts = {"videos": videos, "seconds": seconds, "credits": credits, "at_once": at_once}
        work: Any = partial(_limit, named=named, period=period, amounts=amounts, clear=clear)
        if not clear and set(amounts.values()) == {None}:
            work = partial(_stands, user=user) if user else _limits
        await asking.privately(interaction, work)


def _add_grant(group: app_commands.Group) -> None:
    @group.command(name="grant", description=later("Let a member make more than their limit, for once"))
    @app_commands.describe(
        user=later("Whom"),
        videos=later("Videos more"),
        seconds=later("Seconds more"),
        credits=later("Credits more"),
        period=later("For this day or this month (day)"),
        everywhere=later("On top of the operator's limit for all servers (operators only)"),
    )
    @app_commands.choices(period=_PERIODS)
    async def grant(  # noqa: PLR0917 -- Discord's options, in the order in which it shows them
        interaction: asking.Interaction,
        user: discord.User,
        videos: More | None = None,
        seconds: More | None = None,
        credits: More | None = None,  # noqa: A002 -- the option's name
        period: str = "day",
        everywhere: bool = False,
    ) -> None:
        amounts = {"videos": videos, "seconds": seconds, "credits": credits}
        work = partial(_grant, user=user, amounts=amounts, period=period, everywhere=everywhere)
        await asking.privately(interaction, work)


def _add_refund(group: app_commands.Group) -> None:
    @group.command(name="refund", description=later("Give back what a film has cost its member"))
    @app_commands.describe(
        id=later("The film's id, from below its card"), reason=later("Why; it is kept in the log")
    )
    async def refund(
        interaction: asking.Interaction,
        id: app_commands.Range[str, 1, 40],  # noqa: A002 -- the option's name
        reason: app_commands.Range[str, 1, 200] | None = None,
    ) -> None:
        await asking.privately(interaction, partial(_refund, id_=id.strip().lower(), reason=reason))


def _add_usage(group: app_commands.Group) -> None:
    @group.command(name="usage", description=later("Who made how much"))
    @app_commands.describe(
        period=later("When (this month)"),
        user=later("One member only"),
        export=later("Attach every film as a CSV file"),
        everywhere=later("On all servers (operators only)"),
    )
    @app_commands.choices(period=_SPANS)
    async def usage(
        interaction: asking.Interaction,
        period: str = "month",
        user: discord.User | None = None,
        export: bool = False,
        everywhere: bool = False,
    ) -> None:
        work = partial(_usage, period=period, user=user, export=export, everywhere=everywhere)
        await asking.privately(interaction, work)


def _named(whom: str | None, role: discord.Role | None, user: User | None) -> list[Whom]:
    """Return whom the options name: one, if they were used as meant."""
    found: list[Whom] = [] if whom is None else [(Scope(whom), 0)]
    if role is not None:
        found.append((Scope.EVERYONE, 0) if role.is_default() else (Scope.ROLE, role.id))
    if user is not None:
        found.append((Scope.USER, user.id))
    return found


async def _limits(interaction: asking.Interaction) -> None:
    rules = await interaction.client.house.rules.of(deciding.guild_of(interaction))
    say = asking.say_to(interaction)
    await deciding.show_list(
        interaction, money.limits(rules, say), money.all_limits(rules, say), "limits.txt"
    )


async def _stands(interaction: asking.Interaction, *, user: User) -> None:
    guild_id = deciding.guild_of(interaction)
    house, say = interaction.client.house, asking.say_to(interaction)
    standing = Standing(asking.roles_of(user), operator=user.id in interaction.client.operators)
    rules = quotas.rules_for(await house.rules.of(guild_id), user.id, standing)
    stands = await house.accounts.standing(guild_id, user.id, rules.member)
    await asking.answer(interaction, money.standing(user.id, rules, stands, say))


async def _limit(
    interaction: asking.Interaction,
    *,
    named: list[Whom],
    period: str,
    amounts: Mapping[str, int | None],
    clear: bool,
) -> None:
    if len(named) != 1:
        raise RequestRefused("limit_whom")
    ((scope, subject),) = named
    credit = amounts["credits"]
    told = Told(
        period=period,
        videos=amounts["videos"],
        seconds=amounts["seconds"],
        credits=None if credit is None else credit * money.MICRO,
        at_once=amounts["at_once"],
    )

    roles = frozenset(role.id for role in interaction.guild.roles) if interaction.guild else frozenset()

    def change(rules: ServerRules) -> ServerRules:
        rules = without_lost_roles(rules, roles)
        if clear and (not told or quotas.rule_on(rules.limits, scope, subject)):
            rules = unlimiting(scope, subject)(rules)
        return limiting(scope, subject, told)(rules) if told else rules

    said = deciding.detail(
        whom=f"{scope.value} {subject or ''}".strip(),
        period=period if told else None,
        **amounts,
        clear=clear or None,
    )
    await deciding.decide(interaction, change, money.limits, action="limits", said=said)


async def _grant(
    interaction: asking.Interaction,
    *,
    user: User,
    amounts: Mapping[str, int | None],
    period: str,
    everywhere: bool,
) -> None:
    where = deciding.where(interaction, everywhere=everywhere)
    if set(amounts.values()) == {None}:
        raise RequestRefused("grant_nothing")
    more = Cost(amounts["videos"] or 0, amounts["seconds"] or 0, (amounts["credits"] or 0) * money.MICRO)
    said = deciding.detail(
        user=deciding.written(user), period=period, **amounts, everywhere=everywhere or None
    )
    deed = asking.deed_of(interaction, "grant", said, everywhere=everywhere)
    stands = await interaction.client.house.accounts.grant(
        where, user.id, more, period, interaction_id=interaction.id, actor_id=interaction.user.id, deed=deed
    )
    await asking.tell_log(interaction, deed)
    say = asking.say_to(interaction)
    words = money.granted(user.id, more, period, stands, say, everywhere=everywhere)
    await asking.answer(interaction, words)


async def _refund(interaction: asking.Interaction, *, id_: str, reason: str | None) -> None:
    guild_id = deciding.guild_of(interaction)
    where = None if asking.is_operator(interaction) else guild_id
    deed = asking.deed_of(interaction, "refund", deciding.detail(id=id_, reason=reason))
    generation = await interaction.client.house.accounts.refund(id_, where, deed)
    await asking.tell_log(interaction, replace(deed, guild_id=generation.place.guild_id))
    await asking.answer(interaction, money.refunded(generation, asking.say_to(interaction)))


async def _usage(
    interaction: asking.Interaction, *, period: str, user: User | None, export: bool, everywhere: bool
) -> None:
    where = deciding.where(interaction, everywhere=everywhere)
    accounts, say = interaction.client.house.accounts, asking.say_to(interaction)
    member = user.id if user else None
    days = accounts.days(period)
    embed = money.usage(await accounts.usage(where, period, member), days, say, most=SHOWN)
    if not export:
        await asking.answer(interaction, "", embed=embed)
        return
    lines = await accounts.lines(where, period, member)
    said = deciding.detail(
        period=period,
        user=deciding.written(user) if user else None,
        export=True,
        everywhere=everywhere or None,
    )
    await asking.audited(interaction, asking.deed_of(interaction, "usage", said, everywhere=everywhere))
    sheet = await asyncio.to_thread(money.sheet, lines)
    file = discord.File(BytesIO(sheet), filename=f"usage-{days[0]}-{days[1]}.csv")
    await asking.answer(interaction, _cut(len(lines), say), embed=embed, attachments=[file])


def _cut(count: int, say: Say) -> str:
    """Return what is said of a file that can't hold everything."""
    if count < MOST_LINES:
        return ""
    return say("The file has the first {most} films only. Choose less time, or one member.", most=MOST_LINES)
