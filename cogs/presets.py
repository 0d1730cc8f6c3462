"""/preset: options and words under a name, to be used again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot.i18n import later
from bot.members import presets
from bot.messages import settings
from bot.preferences import Preset
from cogs import asking, choices
from cogs.video import Provider, Ratio, Resolution, Seconds  # noqa: TC001 -- discord.py reads the annotations

if TYPE_CHECKING:
    from bot.client import Matinee


class Presets(commands.Cog):
    """A member's presets."""

    preset = app_commands.Group(
        name="preset", description=later("Options and words that you save under a name and use again")
    )

    @preset.command(description=later("Save options, and words to be put before every prompt, under a name"))
    @app_commands.describe(
        name=later("What you call it; the one of that name is replaced"),
        prompt=later("Words before every prompt: a style, a camera, a mood"),
        video=later("Take the options of this video of yours"),
        model=later("Which model makes it"),
        ratio=later("Width to height"),
        resolution=later("How sharp"),
        seconds=later("How long"),
        sound=later("With sound, where it can be chosen"),
        provider=later("Who makes it; it is never exchanged for another"),
    )
    async def save(  # noqa: PLR0917 -- discord.py reads each parameter as an option
        self,
        interaction: asking.Interaction,
        name: str,
        prompt: str = "",
        video: str | None = None,
        model: str | None = None,
        ratio: Ratio | None = None,
        resolution: Resolution | None = None,
        seconds: Seconds | None = None,
        sound: bool | None = None,
        provider: Provider | None = None,
    ) -> None:
        """Save options, and words to be put before every prompt, under a name."""
        said = Preset(name, prompt, provider, model, ratio, resolution, seconds, sound)
        await asking.privately(interaction, partial(_save, said=said, video=video))

    @preset.command(description=later("Make a film with one of your presets"))
    @app_commands.describe(
        name=later("Which of your presets"),
        prompt=later("What the film should show, after the preset's words"),
    )
    async def use(self, interaction: asking.Interaction, name: str, prompt: str) -> None:
        """Make a film with one of your presets."""
        await asking.privately(interaction, partial(_use, name=name, prompt=prompt))

    @preset.command(name="list", description=later("Show your presets"))
    async def show(self, interaction: asking.Interaction) -> None:
        """Show your presets."""
        await asking.privately(interaction, _list)

    @preset.command(description=later("Delete one of your presets"))
    @app_commands.describe(name=later("Which of your presets"))
    async def delete(self, interaction: asking.Interaction, name: str) -> None:
        """Delete one of your presets."""
        await asking.privately(interaction, partial(_delete, name=name))

    @use.autocomplete("name")
    @delete.autocomplete("name")
    @save.autocomplete("name")
    async def _names(self, interaction: asking.Interaction, current: str) -> choices.Choices:
        return await choices.presets(interaction, current)

    @save.autocomplete("video")
    async def _films(self, interaction: asking.Interaction, current: str) -> choices.Choices:
        return await choices.films(interaction, current)

    @save.autocomplete("model")
    async def _models(self, interaction: asking.Interaction, current: str) -> choices.Choices:
        return choices.models(interaction, current)


async def _save(interaction: asking.Interaction, *, said: Preset, video: str | None) -> None:
    if video:
        film = await interaction.client.generations.find(video.strip().lower(), interaction.user.id)
        said = presets.over(presets.of_film(film, said.name, said.prompt), said)
    saved = await interaction.client.house.own.presets.save(interaction.user.id, said)
    say = asking.say_to(interaction)
    told = say("Saved: {preset}", preset=settings.preset(saved, say))
    await asking.answer(interaction, told)


async def _use(interaction: asking.Interaction, *, name: str, prompt: str) -> None:
    preset = await interaction.client.house.own.presets.find(interaction.user.id, name)
    await asking.begin(interaction, presets.request(preset, prompt))


async def _list(interaction: asking.Interaction) -> None:
    every = await interaction.client.house.own.presets.every(interaction.user.id)
    draft = settings.presets(every, presets.MOST, asking.say_to(interaction))
    await asking.answer(interaction, draft.content or "", embed=draft.embed)


async def _delete(interaction: asking.Interaction, *, name: str) -> None:
    await interaction.client.house.own.presets.delete(interaction.user.id, name)
    say = asking.say_to(interaction)
    await asking.answer(interaction, say("The preset is deleted."))


async def setup(bot: Matinee) -> None:
    """Add the commands; called by discord.py."""
    await bot.add_cog(Presets())
