"""/admin pause, resume and drain: stop taking films, on a server or everywhere, and go on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from discord import app_commands

from bot.administration.operations import check, pausing, resuming
from bot.i18n import later
from bot.messages import operations
from bot.messages.phrases import provider_name
from cogs import asking
from cogs.admin import deciding

if TYPE_CHECKING:
    from bot.servers import ServerRules

Choices: TypeAlias = list[app_commands.Choice[str]]


def add(group: app_commands.Group) -> None:
    """Define the commands."""
    _add_pause(group)
    _add_resume(group)
    _add_drain(group)


def _add_pause(group: app_commands.Group) -> None:
    @group.command(name="pause", description=later("Take no new films, or none with one provider"))
    @app_commands.describe(
        provider=later("This provider alone; the others go on"),
        everywhere=later("On all servers (operators only)"),
    )
    async def pause(
        interaction: asking.Interaction, provider: str | None = None, everywhere: bool = False
    ) -> None:
        work = _pause_everywhere if everywhere else _pause_here
        await asking.privately(interaction, partial(work, provider=provider))

    pause.autocomplete("provider")(_providers)


def _add_resume(group: app_commands.Group) -> None:
    @group.command(name="resume", description=later("Take films again, with every provider or with one"))
    @app_commands.describe(
        provider=later("This provider alone; else everything"),
        everywhere=later("On all servers, a drain too (operators only)"),
    )
    async def resume(
        interaction: asking.Interaction, provider: str | None = None, everywhere: bool = False
    ) -> None:
        work = _resume_everywhere if everywhere else _resume_here
        await asking.privately(interaction, partial(work, provider=provider))

    resume.autocomplete("provider")(_providers)


def _add_drain(group: app_commands.Group) -> None:
    @group.command(
        name="drain", description=later("Finish what is begun and take nothing new (operators only)")
    )
    async def drain(interaction: asking.Interaction) -> None:
        await asking.privately(interaction, _drain)


async def _providers(interaction: asking.Interaction, current: str) -> Choices:
    names = deciding.matching(interaction.client.house.operations.names, current)
    return [app_commands.Choice(name=provider_name(each), value=each) for each in names]


async def _pause_here(interaction: asking.Interaction, *, provider: str | None) -> None:
    check(provider, interaction.client.house.operations.names)

    def change(rules: ServerRules) -> ServerRules:
        return pausing(rules, provider)

    said = deciding.detail(provider=provider)
    await deciding.decide(interaction, change, operations.paused_here, action="pause", said=said)


async def _resume_here(interaction: asking.Interaction, *, provider: str | None) -> None:
    known = interaction.client.house.operations.names

    def change(rules: ServerRules) -> ServerRules:
        check(provider, {*known, *rules.paused_providers})
        return resuming(rules, provider)

    said = deciding.detail(provider=provider)
    await deciding.decide(interaction, change, operations.paused_here, action="resume", said=said)


async def _pause_everywhere(interaction: asking.Interaction, *, provider: str | None) -> None:
    deciding.where(interaction, everywhere=True)
    said = deciding.detail(provider=provider, everywhere=True)
    deed = asking.deed_of(interaction, "pause", said, everywhere=True)
    house = interaction.client.house
    switched = await house.operations.pause(provider, by=interaction.user.id, deed=deed)
    await asking.answer(interaction, operations.paused(switched, asking.say_to(interaction)))


async def _resume_everywhere(interaction: asking.Interaction, *, provider: str | None) -> None:
    deciding.where(interaction, everywhere=True)
    said = deciding.detail(provider=provider, everywhere=True)
    deed = asking.deed_of(interaction, "resume", said, everywhere=True)
    switched = await interaction.client.house.operations.resume(provider, deed)
    await asking.answer(interaction, operations.paused(switched, asking.say_to(interaction)))


async def _drain(interaction: asking.Interaction) -> None:
    deciding.where(interaction, everywhere=True)
    deed = asking.deed_of(interaction, "drain", "", everywhere=True)
    left = await interaction.client.house.operations.drain(by=interaction.user.id, deed=deed)
    await asking.answer(interaction, operations.drain(left, asking.say_to(interaction)))
