"""/video and /reference: a member's words and files become a request."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import RequestRefused
from bot.i18n import later
from bot.models import Mode, VideoRequest
from cogs import asking, choices, files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.client import Matinee
    from bot.generations import Generations

Ratio: TypeAlias = Literal["16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "adaptive"]
Resolution: TypeAlias = Literal["480p", "720p", "1080p"]
Provider: TypeAlias = Literal["maxapi", "seedance2ink", "evolink"]
Seconds: TypeAlias = app_commands.Range[int, 4, 15]
File: TypeAlias = discord.Attachment


_OPTIONS = {
    "prompt": later("What the film should show. @1 means the first file, @2 the second, …"),
    "model": later("Which model makes it"),
    "ratio": later("Width to height (16:9)"),
    "resolution": later("How sharp (720p)"),
    "seconds": later("How long (5)"),
    "sound": later("With sound, where it can be chosen (yes)"),
    "provider": later("Who makes it; it is never exchanged for another"),
    "fallback": later("Allow the provider another model if this one fails (no)"),
    "web_search": later("Allow the model to search the web (no)"),
}
_FILES = {
    f"file{number}": later("Picture, clip or sound; @1 in the prompt means the first")
    for number in range(1, 13)
}


class _Options(NamedTuple):
    """The options that both commands have."""

    model: str | None
    ratio: str | None
    resolution: str | None
    seconds: int | None
    sound: bool | None
    provider: str | None
    fallback: bool | None
    web_search: bool | None

    def request(self, prompt: str, mode: Mode) -> VideoRequest:
        """Return what is asked, its files still missing."""
        return VideoRequest(prompt, mode, **self._asdict())


class Video(commands.Cog):
    """Makes films."""

    def __init__(self, bot: Matinee) -> None:
        self._bot = bot

    @property
    def _generations(self) -> Generations:
        return self._bot.generations

    @app_commands.command(description=later("Make a film from words, or from a first and a last picture"))
    @app_commands.describe(
        image=later("The first frame: the picture itself starts to move"),
        last_image=later("The last frame: the film ends with it"),
        **_OPTIONS,
    )
    async def video(  # noqa: PLR0917 -- Discord's options, in the order in which it shows them
        self,
        interaction: asking.Interaction,
        prompt: str,
        image: File | None = None,
        last_image: File | None = None,
        model: str | None = None,
        ratio: Ratio | None = None,
        resolution: Resolution | None = None,
        seconds: Seconds | None = None,
        sound: bool | None = None,
        provider: Provider | None = None,
        fallback: bool | None = None,
        web_search: bool | None = None,
    ) -> None:
        """Make a film from words, or from a first and a last picture."""
        options = _Options(model, ratio, resolution, seconds, sound, provider, fallback, web_search)
        frames = (image, last_image)
        await asking.privately(
            interaction, partial(self._from_frames, prompt=prompt, options=options, frames=frames)
        )

    @app_commands.command(description=later("Make a new film that borrows from pictures, clips and sounds"))
    @app_commands.describe(**_OPTIONS, **_FILES)
    async def reference(  # noqa: PLR0917
        self,
        interaction: asking.Interaction,
        prompt: str,
        file1: File,
        file2: File | None = None,
        file3: File | None = None,
        file4: File | None = None,
        file5: File | None = None,
        file6: File | None = None,
        file7: File | None = None,
        file8: File | None = None,
        file9: File | None = None,
        file10: File | None = None,
        file11: File | None = None,
        file12: File | None = None,
        model: str | None = None,
        ratio: Ratio | None = None,
        resolution: Resolution | None = None,
        seconds: Seconds | None = None,
        sound: bool | None = None,
        provider: Provider | None = None,
        fallback: bool | None = None,
        web_search: bool | None = None,
    ) -> None:
        """Make a new film that borrows its subject, style or sound from files."""
        options = _Options(model, ratio, resolution, seconds, sound, provider, fallback, web_search)
        slots = (file1, file2, file3, file4, file5, file6, file7, file8, file9, file10, file11, file12)
        asked = options.request(prompt, Mode.REFERENCE)
        given = [file for file in slots if file]
        await asking.privately(interaction, partial(self._make, asked=asked, attached=given))

    @video.autocomplete("model")
    async def _video_models(
        self, interaction: asking.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        return choices.models(interaction, current, set(Mode) - {Mode.REFERENCE})

    @reference.autocomplete("model")
    async def _reference_models(
        self, interaction: asking.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        return choices.models(interaction, current, {Mode.REFERENCE})

    async def _from_frames(
        self,
        interaction: asking.Interaction,
        prompt: str,
        options: _Options,
        frames: tuple[File | None, File | None],
    ) -> None:
        first, last = frames
        if last and not first:
            raise RequestRefused("last_image_alone", file=last.filename)
        given = [file for file in frames if file]
        mode = (Mode.TEXT, Mode.FIRST_FRAME, Mode.FIRST_LAST_FRAME)[len(given)]
        await self._make(interaction, options.request(prompt, mode), given)

    async def _make(
        self, interaction: asking.Interaction, asked: VideoRequest, attached: Sequence[discord.Attachment]
    ) -> None:
        asking.demand_permissions(interaction)
        if attached:
            await asking.admit(interaction, asked)
        media = await files.kept(interaction.client, attached)
        try:
            await asking.begin(interaction, replace(asked, media=media))
        except Exception:
            await self._generations.forget(media)
            raise


async def setup(bot: Matinee) -> None:
    """Add the commands; called by discord.py."""
    await bot.add_cog(Video(bot))
