"""What every command and button has in common: who asks, where, may we post there, and the private answer."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeAlias

import aiohttp
import discord
import structlog

from bot.errors import Refused, RequestRefused
from bot.i18n import Say, later, speaker
from bot.members.ordering import OF_THE_SERVER
from bot.members.preferences import Filled
from bot.messages import admin_log, buttons, orders, phrases, settings, usage, words_for
from bot.models import Place, Requester
from bot.orders import Order, Standing
from bot.servers import Channel

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.client import Matinee
    from bot.models import Generation, VideoRequest
    from bot.servers import Deed

Interaction: TypeAlias = "discord.Interaction[Matinee]"

log = structlog.get_logger(__name__)

_PATIENCE = 5.0
"""Seconds that a server's log channel may keep an admin waiting."""
NEEDED_THERE = {
    "view_channel": later("View Channel"),
    "send_messages": later("Send Messages"),
    "send_messages_in_threads": later("Send Messages in Threads"),
    "embed_links": later("Embed Links"),
    "attach_files": later("Attach Files"),
    "read_message_history": later("Read Message History"),
}


def say_to(interaction: Interaction) -> Say:
    """Return the language of the person who pressed or typed."""
    return speaker(interaction.client.locale_of(interaction))


def requester_of(interaction: Interaction) -> Requester:
    """Return who asks."""
    user = interaction.user
    return Requester(user.id, user.display_name, interaction.client.locale_of(interaction))


def place_of(interaction: Interaction) -> Place:
    """Return where it is asked, and so where the film belongs."""
    channel = interaction.channel
    assert interaction.channel_id is not None
    return Place(
        channel_id=interaction.channel_id,
        guild_id=None if _is_strange(interaction) else interaction.guild_id,
        parent_id=channel.parent_id if isinstance(channel, discord.Thread) else None,
        locale=str(interaction.guild_locale or interaction.client.locale_of(interaction)),
        deliver=interaction.client.house.own.defaults.known(interaction.user.id).deliver or "here",
        member_only=is_member_only(interaction),
    )


def is_member_only(interaction: Interaction) -> bool:
    """Return whether the bot is only here by its member's own install, and so can't post here later.

    "Can't take actions in a server" (resources/application, "Installation Context"). With its member it has a
    conversation of its own.
    """
    if interaction.guild_id is None:
        return interaction.context.private_channel
    return _is_own_install(interaction) or interaction.client.get_guild(interaction.guild_id) is None


def _is_own_install(interaction: Interaction) -> bool:
    return interaction.is_user_integration() and not interaction.is_guild_integration()


def _is_strange(interaction: Interaction) -> bool:
    """Return whether the server is none of ours: nobody there decides about the bot."""
    return _is_own_install(interaction) and interaction.client.get_guild(interaction.guild_id or 0) is None


def roles_of(user: discord.User | discord.Member) -> tuple[int, ...]:
    """Return somebody's roles on the server, the highest first, without the one that everybody has.

    "Roles with the same position are sorted by id" (topics/permissions, "Role Object"), as discord.py does.
    """
    roles = user.roles if isinstance(user, discord.Member) else []
    return tuple(role.id for role in sorted(roles, reverse=True) if not role.is_default())


def standing_of(interaction: Interaction) -> Standing:
    """Return what Discord says of whoever asks, and of the channel."""
    return Standing(
        roles=roles_of(interaction.user),
        age_restricted=_has_age_limit(interaction.channel),
        operator=is_operator(interaction),
    )


def _has_age_limit(channel: object) -> bool:
    """Return whether a channel is for adults; a thread is where its channel is."""
    parent = channel.parent if isinstance(channel, discord.Thread) else channel
    return bool(getattr(parent, "nsfw", False))


async def begin(
    interaction: Interaction,
    asked: VideoRequest,
    *,
    parent_id: str | None = None,
    press: str | None = None,
    whole: bool = False,
    confirmed: bool = False,
) -> Generation | None:
    """Start a generation for whoever asks, and tell them privately. Raises a `Refused`.

    Every command and button that makes a film ends here. `press` names a button and what it is about, or
    what a form says: pressed twice, it is one film, and files that came twice are deleted.
    What is left open is as the member set it, unless it is a film made anew (`parent_id`) or `whole`.
    None: it is kept with its files until they confirm it, or choose what can be made instead.
    """
    demand_permissions(interaction)
    filled = Filled(asked)
    if parent_id is None and not whole:
        defaults = interaction.client.house.own.defaults
        filled = await defaults.filled(interaction.user.id, asked, interaction.guild_id)
    order = Order(filled.asked, place_of(interaction), parent_id)
    try:
        if not confirmed and await _question(interaction, order):
            return None
        generation = await interaction.client.generations.start(
            order.asked,
            requester_of(interaction),
            order.place,
            interaction_id=interaction.id,
            standing=standing_of(interaction),
            parent_id=parent_id,
            press=press,
        )
    except Refused as refusal:
        if await _mended(interaction, order, refusal):
            return None
        raise
    if generation.interaction_id != interaction.id:
        await _drop_doubles(interaction, order, generation)
    say = say_to(interaction)
    times = await interaction.client.house.ordering.expected(generation)
    told = [
        queued(generation, say),
        orders.held_up(generation, interaction.client.house.health, say),
        orders.expected(times, say),
        settings.passed_over(filled.passed_over, say),
    ]
    parts: dict[str, Any] = {}
    if generation.place.member_only:  # there is no card to hold the button
        parts["view"] = buttons.row(buttons.cancel(generation.id, say, charged=False))
    await answer(interaction, "\n".join(filter(None, told)), **parts)
    return generation


def contents(asked: VideoRequest, id: str = "") -> str:  # noqa: A002 -- the domain's word
    """Return what a form says as a `press`: the same words, options and files are the same film.

    `id` is the film that it is about.
    """
    said = id, replace(asked, media=()), [file.sha256 for file in asked.media]
    return f"form:{sha256(repr(said).encode('utf-8', 'replace')).hexdigest()[:32]}"


async def _drop_doubles(interaction: Interaction, order: Order, begun: Generation) -> None:
    """Delete the files of a second press, but for those that the film of the first one is made of."""
    used = {file.id for file in begun.asked.media}
    doubles = tuple(file for file in order.asked.media if file.id not in used)
    await interaction.client.house.ordering.drop(replace(order, asked=replace(order.asked, media=doubles)))


async def _question(interaction: Interaction, order: Order) -> bool:
    """Ask first, where it is dear; return whether it was asked."""
    ordering, say = interaction.client.house.ordering, say_to(interaction)
    quoted = await ordering.to_confirm(
        order.asked, requester_of(interaction), order.place, standing_of(interaction)
    )
    if quoted is None:
        return False
    used = await interaction.client.generations.usage(
        interaction.user.id, interaction.guild_id, standing_of(interaction)
    )
    words = orders.question(quoted, await ordering.expected(quoted), usage.today(used, say), say)
    id_ = await ordering.keep(order, interaction.user.id)
    await answer(interaction, words, view=orders.answers(id_, say))
    return True


async def _mended(interaction: Interaction, order: Order, refusal: Refused) -> bool:
    """Say why not, with what can be made instead a press away; return whether there is anything."""
    ordering, say = interaction.client.house.ordering, say_to(interaction)
    mends = await ordering.mends(order.asked, interaction.guild_id, refusal)
    if not mends:
        return False
    id_ = await ordering.keep(order, interaction.user.id)
    words = words_for(refusal, interaction.client.locale_of(interaction))
    await answer(interaction, words, view=orders.mends(id_, mends, say))
    return True


def demand_permissions(interaction: Interaction) -> None:
    """Refuse where the bot may not post a card and a film. A direct message needs no permission.

    Where only its member brought it, it posts nothing.
    Without its history a channel takes no answer to a message (resources/message, "message_reference"),
    and nobody could look whether a film stands there already.
    """
    if interaction.guild_id is None or is_member_only(interaction):
        return
    thread = isinstance(interaction.channel, discord.Thread)
    unneeded = "send_messages" if thread else "send_messages_in_threads"
    missing = _missing(interaction.app_permissions, unneeded, say_to(interaction))
    if missing:
        raise RequestRefused("permissions", missing=missing)


def is_operator(interaction: Interaction) -> bool:
    """Return whether whoever asks runs this bot."""
    return interaction.user.id in interaction.client.operators


def is_admin(interaction: Interaction) -> bool:
    """Return whether whoever asks may manage this server, or runs the bot."""
    return interaction.permissions.manage_guild or is_operator(interaction)


def demand_admin(interaction: Interaction) -> None:
    """Refuse whoever may neither manage this server nor runs the bot."""
    if not is_admin(interaction):
        raise RequestRefused("not_admin")


def demand_operator(interaction: Interaction) -> None:
    """Refuse whoever doesn't run the bot."""
    if not is_operator(interaction):
        raise RequestRefused("not_operator")


def demand_posting(interaction: Interaction, channel: discord.TextChannel) -> None:
    """Refuse a channel that admins chose but where the bot may not post."""
    permissions = channel.permissions_for(channel.guild.me)
    missing = _missing(permissions, "send_messages_in_threads", say_to(interaction))
    if missing:
        raise RequestRefused("permissions_there", channel=Channel(channel.id), missing=missing)


def _missing(permissions: discord.Permissions, unneeded: str, say: Say) -> tuple[str, ...]:
    return tuple(
        say(words)
        for name, words in NEEDED_THERE.items()
        if name != unneeded and not getattr(permissions, name)
    )


async def admit(interaction: Interaction, asked: VideoRequest) -> None:
    """Refuse what this server's rules don't let this member ask for: early, before files are loaded.

    Files may still be missing in what is asked. `begin` checks once more, and is left to say what else can
    be made where only an option is in the way. Raises a `Refused`.
    """
    try:
        await interaction.client.house.admission.admit(
            asked, requester_of(interaction), place_of(interaction), standing_of(interaction)
        )
    except RequestRefused as refusal:
        if refusal.code not in OF_THE_SERVER:
            raise


def deed_of(interaction: Interaction, action: str, detail: str, *, everywhere: bool = False) -> Deed:
    """Return an admin's action as the log has it: about this server, or an operator's about all of them.

    `action` is the command as it is typed, without `/admin` (`words add`); `detail` its options, in no
    language (`word: rude`).
    """
    return interaction.client.house.audit.deed(
        id=str(interaction.id),
        guild_id=None if everywhere else interaction.guild_id,
        actor_id=interaction.user.id,
        actor=interaction.user.display_name,
        action=action,
        detail=detail,
    )


async def audited(interaction: Interaction, deed: Deed) -> None:
    """Write an admin's action down, and tell it in the server's log channel.

    What changes rows in our store hands its deed to whatever writes them, and has it told with `tell_log`.
    """
    await interaction.client.house.audit.record(deed)
    await tell_log(interaction, deed)


async def tell_log(interaction: Interaction, deed: Deed, *, besides: int | None = None) -> None:
    """Tell what is written down in its server's log channel, if it has one that takes it.

    `besides`: a channel that is told, too.
    """
    rules = await interaction.client.house.admission.rules(deed.guild_id)
    say = speaker(str(interaction.guild_locale or interaction.locale))
    words = admin_log.told(deed.actor_id, deed.action, deed.detail, say)
    for channel_id in {rules.log_channel_id, besides} - {None}:
        channel = interaction.client.get_partial_messageable(channel_id or 0, guild_id=deed.guild_id)
        try:
            async with asyncio.timeout(_PATIENCE):
                await channel.send(words, allowed_mentions=discord.AllowedMentions.none())
        except (discord.DiscordException, aiohttp.ClientError, TimeoutError) as failure:
            log.info("log channel took nothing", failure=type(failure).__name__)


def is_moderator(interaction: Interaction, guild_id: int | None) -> bool:
    """Return whether the presser may manage other people's messages where the generation belongs."""
    here = guild_id is not None and interaction.guild_id == guild_id
    return here and interaction.permissions.manage_messages


async def privately(interaction: Interaction, work: Callable[[Interaction], Awaitable[None]]) -> None:
    """Answer at once, for this person's eyes alone, then work. Every error becomes words; none is raised.

    If Discord takes no answer any more, nothing is begun.
    """
    await _deferred(interaction, work, ephemeral=True, thinking=True)


async def in_place(interaction: Interaction, work: Callable[[Interaction], Awaitable[None]]) -> None:
    """Change the private message that was pressed on, rather than answer beside it; else as `privately`."""
    await _deferred(interaction, work)


async def _deferred(
    interaction: Interaction, work: Callable[[Interaction], Awaitable[None]], **how: bool
) -> None:
    try:
        with interaction.client.precedence.member():
            await interaction.response.defer(**how)
            await interaction.client.house.own.defaults.of(interaction.user.id)  # before a word is said
            await work(interaction)
    except Exception as error:  # noqa: BLE001 -- for buttons this is the last place before discord.py's log
        await interaction.client.tell(interaction, error)


async def answer(interaction: Interaction, words: str, **parts: Any) -> None:
    """Fill in the private answer. It is a courtesy: the card tells the same, so a lost one harms nobody."""
    try:
        await interaction.edit_original_response(
            content=words, allowed_mentions=discord.AllowedMentions.none(), **parts
        )
    except (discord.DiscordException, aiohttp.ClientError, TimeoutError) as failure:
        log.info("private answer did not arrive", failure=type(failure).__name__)


def queued(generation: Generation, say: Say) -> str:
    """Return what is said when a generation has been written down."""
    what = say(
        "Queued at {provider}, {model}.",
        provider=phrases.provider(generation.request),
        model=phrases.model(generation),
    )
    return "\n".join([what, phrases.cost(generation, say), where(generation.place, say)])


def where(place: Place, say: Say) -> str:
    """Return where the card and the film will be."""
    if place.member_only:
        return say(
            "The bot can't post here, so there is no card: `/videos` shows how it stands. "
            "The film comes to your direct messages with the bot."
        )
    if place.deliver == "dm" and place.guild_id is not None:
        return say("A card here shows how it stands. The film comes to your direct messages.")
    if place.film_channel_id not in {None, place.channel_id}:
        channel = Channel(place.film_channel_id or 0)
        words = say("A card here shows how it stands. The film comes to {channel}.", channel=channel)
    elif place.thread and place.parent_id is None:
        words = say("A card here shows how it stands. The film comes in a thread below it.")
    else:
        words = say("A card here shows how it stands. The film comes as a new message that mentions you.")
    if place.deliver == "both" and place.guild_id is not None:
        return f"{words} {say('You get a copy in your direct messages.')}"
    return words
