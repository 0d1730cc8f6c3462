"""/compose, and the entries in a message's right-click menu: films made with a form."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from math import log
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import NotFound, RequestRefused
from bot.i18n import later
from bot.messages import compose
from bot.models import RATIOS, MediaKind, Mode, VideoRequest
from bot.orders import Order
from cogs import asking, files, keeping, offers, pointing
from cogs.presses import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.client import Matinee
    from bot.messages.compose import Choices, Filled
    from bot.models import Capabilities, MediaFile
    from bot.orders import Offered


async def animate(interaction: asking.Interaction, message: discord.Message) -> None:
    """Show the form for a film that begins with the message's picture."""
    await show(interaction, partial(_animated, message=message))


async def borrow(interaction: asking.Interaction, message: discord.Message) -> None:
    """Show the form for a film that borrows from the message's pictures, clips and sounds."""
    await show(interaction, partial(_borrowed, message=message))


async def details(interaction: asking.Interaction, message: discord.Message) -> None:
    """Tell privately how the message's film was made."""
    await asking.privately(interaction, partial(_details, message=message))


MENUS = (
    (later("Animate this"), animate),
    (later("Use as reference"), borrow),
    (later("Details"), details),
)


class Compose(commands.Cog):
    """Films made with a form."""

    @app_commands.command(
        description=later("Make a film with a form: prompt, files, model, ratio and length")
    )
    async def compose(self, interaction: asking.Interaction) -> None:
        """Make a film with a form: prompt, files, model, ratio and length."""
        await show(interaction, _composed)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: asking.Interaction) -> None:
        """Take a form back, whenever it was opened: discord.py forgets forms at a restart."""
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        data: dict[str, Any] = dict(interaction.data or {})
        custom_id = data.get("custom_id", "")
        if re.fullmatch(compose.COMPOSED, custom_id):
            work: Any = partial(_from_scratch, form=compose.filled(data))
        elif found := re.fullmatch(compose.ANIMATED, custom_id):
            work = partial(_from_picture, form=compose.filled(data), order_id=found["id"])
        elif found := re.fullmatch(compose.BORROWED, custom_id):
            work = partial(_from_references, form=compose.filled(data), order_id=found["id"])
        else:
            return
        await asking.privately(interaction, work)


# The forms: each is itself the first answer, so there is time for a read and one small write.


async def _choices(interaction: asking.Interaction) -> Choices:
    models = await offers.for_a_form(interaction)
    return compose.Choices(models, interaction.client.house.own.defaults.known(interaction.user.id))


async def _composed(interaction: asking.Interaction) -> discord.ui.Modal:
    return compose.compose(await _choices(interaction), asking.say_to(interaction))


async def _animated(interaction: asking.Interaction, *, message: discord.Message) -> discord.ui.Modal:
    all_ = pointing.found(message)
    pictures = [each.offered for each in all_ if each.kind is MediaKind.IMAGE]
    if not pictures:
        clip = next((each for each in all_ if each.kind is MediaKind.VIDEO), None)
        if clip is None:
            raise RequestRefused("no_picture_there")
        ours = pointing.is_ours(message, interaction.client)
        raise RequestRefused("film_is_no_picture" if ours else "clip_is_no_picture", file=clip.offered.name)
    choices = await _choices(interaction)
    order_id = await _kept(interaction, Mode.FIRST_FRAME, pictures)
    return compose.animate(order_id, pictures, choices, asking.say_to(interaction))


async def _borrowed(interaction: asking.Interaction, *, message: discord.Message) -> discord.ui.Modal:
    all_ = pointing.found(message)
    if not all_:
        raise RequestRefused("nothing_there")
    choices = await _choices(interaction)
    order_id = await _kept(interaction, Mode.REFERENCE, [each.offered for each in all_])
    named = [(each.offered, each.kind) for each in all_]
    return compose.borrow(order_id, named, choices, asking.say_to(interaction))


async def _kept(interaction: asking.Interaction, mode: Mode, offered: Sequence[Offered]) -> str:
    """Keep what was found: a message that is fetched later comes without its attachments."""
    order = Order(VideoRequest("", mode), asking.place_of(interaction), offered=tuple(offered))
    return await interaction.client.house.ordering.keep(order, interaction.user.id)


# What comes back.


def _request(form: Filled, mode: Mode) -> VideoRequest:
    return VideoRequest(form.prompt, mode, model=form.model, ratio=form.ratio, seconds=form.seconds)


async def _from_scratch(interaction: asking.Interaction, *, form: Filled) -> None:
    await _make(interaction, _request(form, Mode.TEXT), form.files)


async def _from_picture(interaction: asking.Interaction, *, form: Filled, order_id: str) -> None:
    order = await interaction.client.house.ordering.take(order_id, interaction.user.id)
    frames = [order.offered[place] for place in _places([form.first or 0, form.last], order)]
    mode = Mode.FIRST_LAST_FRAME if len(frames) > 1 else Mode.FIRST_FRAME
    await _make(interaction, _request(form, mode), frames, like_the_picture=form.ratio is None)


async def _from_references(interaction: asking.Interaction, *, form: Filled, order_id: str) -> None:
    order = await interaction.client.house.ordering.take(order_id, interaction.user.id)
    borrowed = [order.offered[place] for place in _places(form.borrowed, order)]
    await _make(interaction, _request(form, Mode.REFERENCE), borrowed)


def _places(wanted: Sequence[int | None], order: Order) -> list[int]:
    return [place for place in wanted if place is not None and place < len(order.offered)]


async def _make(
    interaction: asking.Interaction,
    asked: VideoRequest,
    offered: Sequence[Offered],
    *,
    like_the_picture: bool = False,
) -> None:
    """Load what is used, and begin. Without a mode of their own, the files decide what they are for."""
    asking.demand_permissions(interaction)
    if offered:
        await asking.admit(interaction, asked)
    client = interaction.client
    media = await files.kept(client, [files.Linked(client, one) for one in offered])
    mode = _mode(media) if asked.mode is Mode.TEXT else asked.mode
    try:
        if like_the_picture:
            asked = replace(asked, ratio=_ratio_of(media[0], await offers.allowed(interaction)))
        asked = replace(asked, mode=mode, media=media)
        await asking.begin(interaction, asked, press=asking.contents(asked))
    except Exception:
        await client.generations.forget(media)
        raise


def _ratio_of(picture: MediaFile, models: Sequence[Capabilities]) -> str | None:
    """Return the ratio that cuts least off a picture, of those that any model here has."""
    shared = [ratio for ratio in RATIOS if models and all(ratio in model.ratios for model in models)]
    if not (shared and picture.width and picture.height):
        return None
    own = picture.width / picture.height
    return min(shared, key=lambda ratio: abs(log(own / float(RATIOS[ratio]))))


def _mode(media: Sequence[MediaFile]) -> Mode:
    """Return what the form says of files: one picture itself starts to move, from all else is borrowed."""
    if not media:
        return Mode.TEXT
    return Mode.FIRST_FRAME if [file.kind for file in media] == [MediaKind.IMAGE] else Mode.REFERENCE


async def _details(interaction: asking.Interaction, *, message: discord.Message) -> None:
    client = interaction.client
    id_ = pointing.generation_id(message) if pointing.is_ours(message, client) else None
    if id_ is None:
        raise RequestRefused("no_film_there")
    generation = await client.generations.any(id_)
    own = generation.requester.user_id == interaction.user.id
    if not own and interaction.guild_id not in {None, generation.place.guild_id}:
        raise NotFound("not_found", id=id_)
    await keeping.details(interaction, generation)


async def setup(bot: Matinee) -> None:
    """Add the command, the entries of the menu and the forms; called by discord.py."""
    for name, callback in MENUS:
        bot.tree.add_command(app_commands.ContextMenu(name=name, callback=callback))
    await bot.add_cog(Compose())


async def teardown(bot: Matinee) -> None:
    """Take the entries of the menu out again; called by discord.py."""
    for name, _ in MENUS:
        bot.tree.remove_command(name, type=discord.AppCommandType.message)
