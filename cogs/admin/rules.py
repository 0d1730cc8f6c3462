"""/admin channels, models, strikes, nsfw: what a server's admins decide about films."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import discord
from discord import app_commands

from bot.administration import rules as service
from bot.administration.rules import length_of, split
from bot.i18n import later
from bot.messages import admin_rules
from bot.messages.text import name as visible_name
from bot.servers import FilmPlace
from cogs import asking
from cogs.admin import deciding

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.models import Capabilities
    from bot.servers import ServerRules

Where: TypeAlias = discord.TextChannel | discord.ForumChannel | discord.VoiceChannel | discord.StageChannel
Choices: TypeAlias = list[app_commands.Choice[str]]
ALL = "all"
_LONGEST_CHOICE = 100
_FILMS = [
    app_commands.Choice(name=later("where it was asked"), value=FilmPlace.SAME.value),
    app_commands.Choice(name=later("gallery channel"), value=FilmPlace.GALLERY.value),
    app_commands.Choice(name=later("a thread per film"), value=FilmPlace.THREAD.value),
]


def add(group: app_commands.Group) -> None:
    """Define the commands."""
    _add_channels(group)
    _add_models(group)
    _add_strikes(group)
    _add_nsfw(group)


def _add_channels(group: app_commands.Group) -> None:
    @group.command(name="channels", description=later("Where the bot may be used, and where films go"))
    @app_commands.describe(
        allow=later("Allow this channel; others are then closed"),
        forbid=later("Take this channel off the allowed ones"),
        anywhere=later("Allow every channel again"),
        films=later("Where films go"),
        gallery=later("The channel for all films"),
    )
    @app_commands.choices(films=_FILMS)
    async def channels(  # noqa: PLR0917 -- Discord's options, in the order in which it shows them
        interaction: asking.Interaction,
        allow: Where | None = None,
        forbid: Where | None = None,
        anywhere: bool = False,
        films: str | None = None,
        gallery: discord.TextChannel | None = None,
    ) -> None:
        said = deciding.detail(
            allow=allow and allow.name,
            forbid=forbid and forbid.name,
            anywhere=anywhere or None,
            films=films,
            gallery=gallery and gallery.name,
        )

        def change(rules: ServerRules) -> ServerRules:
            after = service.with_channels(rules, allow=_id(allow), forbid=_id(forbid), anywhere=anywhere)
            place = FilmPlace(films) if films else None
            return service.with_films(after, films=place, gallery=_id(gallery))

        async def work(interaction: asking.Interaction) -> None:
            if gallery:
                asking.demand_posting(interaction, gallery)
            await _decide(interaction, change, admin_rules.channels, action="channels", said=said)

        await asking.privately(interaction, work)


def _id(channel: Where | None) -> int | None:
    return channel.id if channel else None


async def _decide(
    interaction: asking.Interaction,
    change: Callable[[ServerRules], ServerRules],
    words: Callable[..., str],
    *,
    action: str,
    said: str,
) -> None:
    """Change where options were given, else show."""
    if said:
        await deciding.decide(interaction, change, words, action=action, said=said)
    else:
        await deciding.show(interaction, words)


def _add_models(group: app_commands.Group) -> None:
    @group.command(name="models", description=later("What films may be made with"))
    @app_commands.describe(
        providers=later("Allowed providers, with commas; or: all"),
        models=later("Allowed models, with commas; or: all"),
        resolutions=later("Allowed resolutions, with commas; or: all"),
        longest=later("Most seconds of a film; 0: any"),
    )
    async def models(
        interaction: asking.Interaction,
        providers: str | None = None,
        models: str | None = None,
        resolutions: str | None = None,
        longest: app_commands.Range[int, 0, 60] | None = None,
    ) -> None:
        said = deciding.detail(providers=providers, models=models, resolutions=resolutions, longest=longest)
        work = partial(
            _allow_models,
            names={"providers": providers, "models": models, "resolutions": resolutions},
            longest=longest,
            said=said,
        )
        await asking.privately(interaction, work)

    @models.autocomplete("providers")
    async def providers_of(interaction: asking.Interaction, current: str) -> Choices:
        return _several(current, [each.provider for each in _known(interaction)])

    @models.autocomplete("models")
    async def models_of(interaction: asking.Interaction, current: str) -> Choices:
        return _several(current, [each.model for each in _known(interaction)])

    @models.autocomplete("resolutions")
    async def resolutions_of(interaction: asking.Interaction, current: str) -> Choices:
        return _several(current, [name for each in _known(interaction) for name in each.resolutions])


async def _allow_models(
    interaction: asking.Interaction, *, names: dict[str, str | None], longest: int | None, said: str
) -> None:
    guild_id, house = deciding.guild_of(interaction), interaction.client.house
    if not said:
        await deciding.show(interaction, admin_rules.models)
        return
    chosen = {option: None if text is None else _names(text) for option, text in names.items()}
    deed = asking.deed_of(interaction, "models", said)
    rules = await house.rules.allow_models(guild_id, **chosen, longest=longest, deed=deed)
    await asking.tell_log(interaction, deed)
    await asking.answer(interaction, admin_rules.models(rules, asking.say_to(interaction)))


def _names(text: str) -> tuple[str, ...]:
    names = split(text.lower())
    return () if ALL in names else names


def _known(interaction: asking.Interaction) -> Sequence[Capabilities]:
    return interaction.client.house.generations.capabilities()


def _several(current: str, names: Sequence[str]) -> Choices:
    """Offer what may follow: a list is typed name by name, with commas between them."""
    before, comma, last = current.rpartition(",")
    done = [name for name in split(before) if name in names]
    offered = [name for name in deciding.matching(names, last) if name not in done]
    if not comma and not last.strip():
        offered.insert(0, ALL)
    lists = [", ".join([*done, name]) for name in offered]
    return [
        app_commands.Choice(name=visible_name(each, _LONGEST_CHOICE), value=each)
        for each in lists
        if len(each) <= _LONGEST_CHOICE
    ][:25]


def _add_strikes(group: app_commands.Group) -> None:
    @group.command(name="strikes", description=later("Pauses after refusals by content rules"))
    @app_commands.describe(
        refusals=later("Refused films in a day before a pause; 0: no pauses"),
        pauses=later("How long, one after another: 1h, 2h, 10h"),
    )
    async def strikes(
        interaction: asking.Interaction,
        refusals: app_commands.Range[int, 0, 100] | None = None,
        pauses: app_commands.Range[str, 1, 100] | None = None,
    ) -> None:
        said = deciding.detail(refusals=refusals, pauses=pauses)

        async def work(interaction: asking.Interaction) -> None:
            lengths = None if pauses is None else tuple(map(length_of, split(pauses)))
            change = partial(service.with_strikes, refusals=refusals, pauses=lengths)
            await _decide(interaction, change, admin_rules.strikes, action="strikes", said=said)

        await asking.privately(interaction, work)


def _add_nsfw(group: app_commands.Group) -> None:
    @group.command(name="nsfw", description=later("Keep films that aren't for everybody apart"))
    @app_commands.describe(
        age_restricted=later("Films in age-restricted channels only"),
        spoiler=later("Hide each film until somebody clicks on it"),
    )
    async def nsfw(
        interaction: asking.Interaction, age_restricted: bool | None = None, spoiler: bool | None = None
    ) -> None:
        said = deciding.detail(age_restricted=age_restricted, spoiler=spoiler)

        def change(rules: ServerRules) -> ServerRules:
            return replace(
                rules,
                age_restricted=rules.age_restricted if age_restricted is None else age_restricted,
                spoiler=rules.spoiler if spoiler is None else spoiler,
            )

        work = partial(_decide, change=change, words=admin_rules.nsfw, action="nsfw", said=said)
        await asking.privately(interaction, work)
