"""/settings: a member's own defaults, in menus that keep what is chosen at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord import app_commands
from discord.ext import commands

from bot.errors import RequestRefused
from bot.i18n import languages, later
from bot.messages import settings
from cogs import asking
from cogs.presses import InPlace, chosen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.client import Matinee
    from bot.models import Capabilities
    from bot.preferences import Preferences


class Set(InPlace, template=settings.SETTING):
    """Keeps what was chosen in a menu."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Keep it for whoever chose, whose settings these are."""
        name, choice = self.found["name"], chosen(interaction)
        own = interaction.client.house.own.defaults
        before = await own.read(interaction.user.id)
        if choice is None:
            await _show(interaction, _page_of(name), before)
            return
        try:
            value = settings.chosen(name, choice, _offered(interaction, before))
        except KeyError as error:
            raise RequestRefused("setting_gone") from error
        changes: dict[str, Any] = {name: value}
        cleared = name == "provider" and before.model and before.model not in _models(interaction, value)
        if cleared:
            changes["model"] = None
        after = await own.change(interaction.user.id, **changes)
        say = asking.say_to(interaction)
        note = say("The model is cleared, because that provider doesn't have it.")
        await _show(interaction, _page_of(name), after, note=note if cleared else "")


class Page(InPlace, template=settings.PAGE):
    """Turns to the other menus."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Show them."""
        number = min(int(self.found["page"]), len(settings.PAGES) - 1)
        await _show(interaction, number, await _own(interaction))


class Clear(InPlace, template=settings.CLEAR):
    """Leaves everything to the bot again."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Clear every setting of whoever pressed."""
        nothing = dict.fromkeys(settings.NAMES)
        after = await interaction.client.house.own.defaults.change(interaction.user.id, **nothing)
        await _show(interaction, 0, after)


ITEMS = (Set, Page, Clear)


class Settings(commands.Cog):
    """A member's own defaults."""

    @app_commands.command(
        description=later("Set your own defaults: model, ratio, length, sound, where films go, language")
    )
    async def settings(self, interaction: asking.Interaction) -> None:
        """Set your own defaults: model, ratio, length, sound, where films go, language."""
        await asking.privately(interaction, _begin)


async def _begin(interaction: asking.Interaction) -> None:
    await _show(interaction, 0, await _own(interaction))


async def _own(interaction: asking.Interaction) -> Preferences:
    return await interaction.client.house.own.defaults.read(interaction.user.id)


async def _show(
    interaction: asking.Interaction, number: int, preferences: Preferences, *, note: str = ""
) -> None:
    offered = _offered(interaction, preferences)
    draft = settings.page(number, preferences, offered, languages(), asking.say_to(interaction))
    words = "\n".join(filter(None, [draft.content, note]))
    await asking.answer(interaction, words, embed=None, view=draft.view)


def _page_of(name: str) -> int:
    return next((number for number, names in enumerate(settings.PAGES) if name in names), 0)


def _offered(interaction: asking.Interaction, preferences: Preferences) -> settings.Offer:
    """Return what can be chosen: what the models can do that the other settings leave."""
    every = interaction.client.generations.capabilities()
    of_provider = [one for one in every if preferences.provider in {None, one.provider}] or list(every)
    left = [one for one in of_provider if preferences.model in {None, one.model}] or of_provider
    return {
        "provider": _distinct([(one.provider,) for one in every]),
        "model": _distinct([(one.model,) for one in of_provider]),
        "ratio": _distinct([one.ratios for one in left]),
        "resolution": tuple(sorted(_distinct([one.resolutions for one in left]), key=_number)),
        "seconds": tuple(map(str, sorted({seconds for one in left for seconds in one.seconds}))),
        "sound": ("1", "0") if any(one.sound for one in left) else (),
        "deliver": ("here", "dm", "both"),
        "language": tuple(languages()),
    }


def _number(resolution: str) -> tuple[int, str]:
    digits = "".join(filter(str.isdigit, resolution))
    return int(digits or 0), resolution


def _distinct(values: Sequence[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for several in values for value in several))


def _models(interaction: asking.Interaction, provider: str | None) -> set[str]:
    every: tuple[Capabilities, ...] = interaction.client.generations.capabilities()
    return {one.model for one in every if provider in {None, one.provider}}


async def setup(bot: Matinee) -> None:
    """Add the command and the menus; called by discord.py."""
    bot.add_dynamic_items(*ITEMS)
    await bot.add_cog(Settings())


async def teardown(bot: Matinee) -> None:
    """Take the menus out again; called by discord.py."""
    bot.remove_dynamic_items(*ITEMS)
