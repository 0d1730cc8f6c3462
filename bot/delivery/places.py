"""The rungs as places in Discord: how to get there, what they take, and whether a film may be there."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import aiohttp
import discord

from bot.delivery.rungs import Rung
from bot.errors import BadForm, ChannelClosed, DiscordUnavailable, Malformed, TooLarge
from bot.messages.text import ELLIPSIS, name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.delivery.lessons import Lessons
    from bot.models import Generation, Place

BY_DEFAULT = 10 * 1024 * 1024
"""Bytes: what Discord takes anywhere (reference, "Uploading Files")."""
TOO_LARGE = frozenset({40005, 50045})
NOT_NOW = frozenset({20016, 20028, 30046})
"""Slow mode, too much written here, too many edits of old messages (topics/opcodes-and-status-codes)."""
BAD_FORM = frozenset({50006, 50035})
"""An empty message, an invalid form: made wrong by us, whoever reads it (ibid.)."""
ASLEEP = frozenset({50083, 160005})
"""The thread is archived, or locked (ibid.)."""
CLOSED = frozenset({50001, 50013})
"""Missing access, missing permissions (ibid.)."""
LONGEST_REST = timedelta(hours=6)
"""No longer than a channel's slow mode may be (resources/channel, `rate_limit_per_user`)."""
THREAD_IS_THERE = 160004
"""A message has one thread at the most; its id is the message's (resources/channel, "Start Thread")."""
LONGEST_THREAD_NAME = 100
ARCHIVED_AFTER: Final = 1440
"""Minutes without a message; the next one brings a thread back, unless it is locked."""


@contextmanager
def discord_errors() -> Iterator[None]:
    """Turn whatever discord.py raises into one of ours."""
    try:
        yield
    except (discord.Forbidden, discord.NotFound) as error:
        raise ChannelClosed(str(error.code), gone=isinstance(error, discord.NotFound)) from error
    except discord.HTTPException as error:
        if error.status == 413 or error.code in TOO_LARGE:  # noqa: PLR2004 - HTTP's own number
            raise TooLarge(str(error.code)) from error
        if error.status == 400 and error.code not in NOT_NOW:  # noqa: PLR2004
            kind = BadForm if error.code in BAD_FORM else Malformed
            raise kind(f"400/{error.code}") from error
        told = _seconds(error.response.headers.get("Retry-After"))
        raise DiscordUnavailable(f"{error.status}/{error.code}", retry_after=told) from error
    except discord.RateLimited as error:
        told = _seconds(error.retry_after)
        raise DiscordUnavailable(type(error).__name__, retry_after=told) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise DiscordUnavailable(type(error).__name__) from error


def _seconds(told: str | float | None) -> timedelta | None:
    """Return how long we are told to wait; None where that is no number."""
    try:
        seconds = float(told or 0)
    except ValueError:
        return None
    return timedelta(seconds=min(seconds, LONGEST_REST.total_seconds())) if seconds > 0 else None


class Places:
    """Finds where a generation's messages go."""

    def __init__(self, client: discord.Client, lessons: Lessons, upload_limit: int | None = None) -> None:
        self._client = client
        self._lessons = lessons
        self._upload_limit = upload_limit

    async def channel(self, generation: Generation, rung: Rung) -> discord.abc.Messageable:
        """Return the place of a rung, to look in or to post in.

        A thread below the card has the card's id, whether or not it has been started.
        Raises `ChannelClosed` or `DiscordUnavailable`.
        """
        place = generation.place
        match rung:
            case Rung.DM:
                with discord_errors():
                    return await self._client.create_dm(discord.Object(generation.requester.user_id))
            case Rung.THREAD:
                assert generation.card_id is not None
                return self.at(generation.card_id, place.guild_id)
            case Rung.GALLERY:
                assert place.film_channel_id is not None
                return self.at(place.film_channel_id, place.guild_id)
            case _:
                return self.at(place.channel_id, place.guild_id)

    def at(self, channel_id: int, guild_id: int | None) -> discord.PartialMessageable:
        """Return a channel by its id, without asking Discord."""
        return self._client.get_partial_messageable(channel_id, guild_id=guild_id)

    async def prepare(self, generation: Generation, rung: Rung) -> None:
        """Look whether the film may be posted there, and start its thread. Raises as `channel`."""
        await self._demand_age(generation, rung)
        if rung is Rung.THREAD:
            await self._start_thread(generation)

    async def _start_thread(self, generation: Generation) -> None:
        """Start the thread below the card, unless it is there: there can't be two."""
        place, card_id = generation.place, generation.card_id
        assert card_id is not None
        self._demand_threads(place)
        start = self._client.http.start_thread_with_message
        with discord_errors():
            try:
                await start(
                    place.channel_id,
                    card_id,
                    name=_thread_name(generation),
                    auto_archive_duration=ARCHIVED_AFTER,
                )
            except discord.HTTPException as error:
                if error.code != THREAD_IS_THERE:
                    raise

    def _demand_threads(self, place: Place) -> None:
        """Start no thread that the bot could then not write in, as far as that is known."""
        channel = self._client.get_channel(place.channel_id)
        if not isinstance(channel, discord.abc.GuildChannel):
            return
        rights = channel.permissions_for(channel.guild.me)
        if not (rights.create_public_threads and rights.send_messages_in_threads):
            raise ChannelClosed("threads")

    async def _demand_age(self, generation: Generation, rung: Rung) -> None:
        """Raise `ChannelClosed` where the server wants an age limit and the place has none (any more).

        A client at Discord's gateway hears of every change; any other asks. A thread has its channel's.
        """
        place = generation.place
        if not place.age_restricted or place.guild_id is None or rung in {Rung.DM, Rung.KEPT}:
            return
        asked = place.film_channel_id if rung is Rung.GALLERY else place.parent_id or place.channel_id
        assert asked is not None
        channel = self._client.get_channel(asked)
        if not (await self._told_age(asked) if channel is None else _has_age_limit(channel)):
            raise ChannelClosed("age")

    async def _told_age(self, channel_id: int) -> bool:
        """Ask whether a channel has an age limit. Raises as `channel`."""
        known = self._lessons.age_limits.get(channel_id)
        if known is not None:
            return known
        with discord_errors():
            channel = await self._client.fetch_channel(channel_id)
        return self._lessons.age_limits.put(channel_id, _has_age_limit(channel))

    async def limit(self, generation: Generation, rung: Rung) -> int:
        """Return the bytes that a file may have there just now."""
        limit = await self._told_limit(generation, rung)
        guild_id = _server(generation, rung)
        if guild_id is not None:
            limit = self._lessons.limit(guild_id, told=limit)
        return limit if generation.upload_limit is None else min(limit, generation.upload_limit)

    async def learn_limit(self, generation: Generation, rung: Rung, lower: int) -> None:
        """Remember that a place takes less than it said; at nothing at all, that was another fault."""
        guild_id = _server(generation, rung)
        if guild_id is not None and lower > 0:
            self._lessons.lower(guild_id, lower, told=await self._told_limit(generation, rung))

    async def _told_limit(self, generation: Generation, rung: Rung) -> int:
        guild_id = _server(generation, rung)
        if self._upload_limit is not None:
            return self._upload_limit
        return BY_DEFAULT if guild_id is None else await self._guild_limit(guild_id)

    async def _guild_limit(self, guild_id: int) -> int:
        guild = self._client.get_guild(guild_id)
        known = self._lessons.server_limits.get(guild_id) if guild is None else guild.filesize_limit
        if known is not None:
            return known
        try:
            with discord_errors():
                guild = await self._client.fetch_guild(guild_id, with_counts=False)
        except ChannelClosed:  # we aren't there: its member brought us along
            return self._lessons.server_limits.put(guild_id, BY_DEFAULT)
        except DiscordUnavailable:
            return BY_DEFAULT
        return self._lessons.server_limits.put(guild_id, guild.filesize_limit)

    # what may be done there

    def demand_open(self, channel: discord.abc.Messageable, *, file: bool) -> None:
        """Raise `ChannelClosed` where we were refused within the hour and may do no more now."""
        channel_id = getattr(channel, "id", 0)
        code = self._lessons.closed(channel_id, file=file, permissions=self._permissions(channel_id))
        if code is not None:
            raise ChannelClosed(f"{code}, as before")

    def learn_closed(
        self, channel: discord.abc.Messageable, error: discord.HTTPException, *, file: bool
    ) -> None:
        """Remember that we were refused. A direct message can be allowed at any time, without our knowing."""
        if error.code in CLOSED and isinstance(channel, discord.PartialMessageable):
            may = self._permissions(channel.id)
            self._lessons.close(channel.id, file=file, permissions=may, code=error.code)

    def _permissions(self, channel_id: int) -> int | None:
        """Return what we may do there, as Discord's gateway keeps us told; None where it doesn't."""
        channel = self._client.get_channel(channel_id)
        if not isinstance(channel, (discord.abc.GuildChannel, discord.Thread)):
            return None
        with suppress(discord.ClientException):  # a thread whose channel isn't known
            return channel.permissions_for(channel.guild.me).value
        return None

    async def wake(self, channel: discord.abc.Messageable) -> None:
        """Open an archived thread again, if we may; one that is locked only moderators may write in.

        Raises as `channel`.
        """
        with discord_errors():
            await self._client.http.edit_channel(getattr(channel, "id", 0), archived=False)

    async def demand_sight(self, channel: discord.abc.Messageable, message_id: int) -> None:
        """Raise `ChannelClosed` where we may not read: a history hidden from us is empty, not refused.

        (resources/message, "Get Channel Messages".) A single message that is hidden is refused, and one that
        isn't there is not found; so any id will do.
        """
        if not isinstance(channel, discord.PartialMessageable):
            return  # a direct message: nothing can be hidden there
        with discord_errors(), suppress(discord.NotFound):
            await channel.get_partial_message(message_id).fetch()


def _has_age_limit(channel: object) -> bool:
    return bool(getattr(channel, "nsfw", False))


def _server(generation: Generation, rung: Rung) -> int | None:
    """Return the server that a rung is in; None: a direct message."""
    return None if rung is Rung.DM else generation.place.guild_id


def _thread_name(generation: Generation) -> str:
    return name(generation.asked.prompt, LONGEST_THREAD_NAME) or ELLIPSIS
