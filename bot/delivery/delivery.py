"""Posts cards, films and notices.

Every message goes out by the bot's own token with a nonce made from the generation's id: an
interaction's token dies after 15 minutes, and Discord drops a repeated nonce only "in the past few
minutes" (resources/message, "enforce_nonce"). So whoever isn't sure looks at our own messages first.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import discord

from bot import messages
from bot.delivery import marks
from bot.delivery.enclosure import Enclosure
from bot.delivery.lessons import Lessons
from bot.delivery.places import ASLEEP, BY_DEFAULT, Places, discord_errors
from bot.delivery.rungs import Rung
from bot.errors import ChannelClosed, DiscordUnavailable, FilesUnavailable, Malformed, MediaError, TooLarge
from bot.i18n import speaker
from bot.media.deleting import delete
from bot.messages import deliveries
from bot.messages.film import copy
from bot.values import but

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from bot.hosting import Hosting
    from bot.messages import CardFacts, Draft
    from bot.models import Generation

SMALLER = tuple(mebibytes * 1024 * 1024 for mebibytes in (8, 7, 4, 2, 1, 0))
"""Steps below the default, for channels that refuse even that; after the last, no file at all."""
HEADROOM = 0.98
"""Part of the limit that a film may fill: the multipart envelope needs the rest."""
LOOK_BACK = 2_000
"""Messages that are looked through before posting again."""
NONCE_WINDOW = timedelta(minutes=2)
"""Within this, a repeated nonce surely makes no second message ("the past few minutes")."""
NO_REPLY = 160002
"""No replying where the bot may not read the history (topics/opcodes-and-status-codes)."""


def nonce_is_forgotten(since: datetime | None, now: datetime) -> bool:
    """Return whether Discord may no longer know the nonce of a message that was intended at `since`.

    A clock that was set back meanwhile proves nothing.
    """
    return since is None or not timedelta() <= now - since <= NONCE_WINDOW


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that exists."""

    channel_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """A film made ready for one place: a file small enough, or a link, or neither."""

    path: Path | None
    link: str | None
    smaller: bool = False
    """Whether the file had to be made smaller for the place."""


def _now() -> datetime:
    return datetime.now(UTC)


class Delivery:
    """Brings cards, films and notices to the people."""

    def __init__(
        self,
        client: discord.Client,
        *,
        hosting: Hosting,
        fit: Callable[[Path, Path, int], Awaitable[object]],
        upload_limit: int | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._client = client
        self._places = Places(client, Lessons(clock), upload_limit)
        self._hosting = hosting
        self._fit = fit

    # the card

    async def put_card(self, generation: Generation, draft: Draft) -> int:
        """Post the card, or edit the one that stands; return its message id."""
        if generation.card_id is not None:
            await self._edit(generation.place.channel_id, generation.card_id, draft)
            return generation.card_id
        if generation.card_intended_at is not None:
            found = await self.find_card(generation)
            if found is not None:
                await self._edit(generation.place.channel_id, found, draft)
                return found
        channel = await self._places.channel(generation, Rung.CHANNEL)
        return (await self._send(channel, draft, nonce=f"c{generation.id}")).message_id

    async def _edit(self, channel_id: int, message_id: int, draft: Draft) -> None:
        channel = self._client.get_partial_messageable(channel_id)
        if draft.view is not None:
            draft.view.stop()
        await self._awake(
            channel,
            lambda: channel.get_partial_message(message_id).edit(
                content=draft.content,
                embed=draft.embed,
                view=draft.view,
                allowed_mentions=draft.allowed_mentions,
            ),
        )

    # films

    async def pack(self, generation: Generation, rung: Rung, now: datetime) -> Parcel:
        """Make the film play and small enough for the place, or make a link to it.

        The original stays: it is not thrown away before a delivery is confirmed. Raises `FilesUnavailable`.
        """
        film = generation.film
        assert film is not None
        limit = await self._places.limit(generation, rung)
        if limit <= 0:
            return Parcel(None, await self._hosting.film_link(generation, now))
        original = await self._hosting.film(film)
        if original is None:
            raise FilesUnavailable("the film was deleted just now")
        if film.size <= limit and film.playable:
            return Parcel(original, None)
        smaller = original.with_name(f"{generation.id}.{limit}.mp4")
        try:
            await self._fit(original, smaller, int(limit * HEADROOM))
        except MediaError:
            return Parcel(None, await self._hosting.film_link(generation, now))
        return Parcel(smaller, None, smaller=film.size > limit)

    async def discard(self, generation: Generation, parcel: Parcel) -> None:
        """Delete what a confirmed delivery has made superfluous: the file that now lies at Discord.

        After a smaller copy or a link, the original stays for as long as films are kept.
        """
        if parcel.path is None:
            return
        film = generation.film
        if film is None or parcel.path != self._hosting.film_path(film):
            await delete(parcel.path)
            return
        with suppress(FilesUnavailable):  # it goes when it is old
            await self._hosting.files.forget([film.path])

    @staticmethod
    def next_limit(parcel_size: int) -> int:
        """Return the limit to try after a file of this size was too large; 0: no file, a link is left."""
        return next((step for step in (BY_DEFAULT, *SMALLER) if step < parcel_size), 0)

    async def post_film(self, generation: Generation, rung: Rung, parcel: Parcel, facts: CardFacts) -> Posted:
        """Post the film as a new message that mentions its requester.

        A message that Discord takes exception to is sent once more without the prompt and the buttons.
        Raises `ChannelClosed`, `TooLarge` or `DiscordUnavailable`; after the last it may exist.
        """
        await self._places.prepare(generation, rung)
        channel = await self._places.channel(generation, rung)
        link = _link(generation, parcel)
        draft = messages.film(generation, facts, link)
        if parcel.smaller:
            draft = deliveries.smaller(draft, generation)
        if rung in {Rung.GALLERY, Rung.DM}:
            draft = deliveries.from_elsewhere(draft, generation)
        if rung is Rung.DM:
            draft = deliveries.instead(draft, generation)
        nonce = f"f{generation.id}"
        try:
            return await self._send(channel, draft, nonce=nonce, film=parcel.path, reply_to=generation)
        except Malformed:
            plain = deliveries.plain(generation, link)
            return await self._send(
                channel, plain, nonce=nonce, film=parcel.path, reply_to=_alone(generation)
            )
        except TooLarge:
            if parcel.path is not None:
                lower = self.next_limit(parcel.path.stat().st_size)
                await self._places.learn_limit(generation, rung, lower)
            raise

    async def post_copy(self, generation: Generation, parcel: Parcel, facts: CardFacts) -> Posted:
        """Send the requester a copy in person. Raises as `post_film`."""
        requester = generation.requester
        channel = await self._places.channel(generation, Rung.DM)
        link = _link(generation, parcel)
        if generation.storyboard_id is None:
            draft = copy(generation, facts, requester.user_id, speaker(requester.locale))
            draft = replace(draft, content=f"{draft.content}\n{link}") if link else draft
        else:
            draft = messages.film(generation, facts, link)
        return await self._send(
            channel, draft, nonce=f"d{generation.id}", film=parcel.path, reply_to=_alone(generation)
        )

    async def post_notice(self, generation: Generation, rung: Rung, facts: CardFacts) -> Posted:
        """Tell the requester that there is no film, and why. Raises as `post_film`."""
        channel = await self._places.channel(generation, rung)
        draft = messages.notice(generation, facts)
        return await self._send(channel, draft, nonce=f"n{generation.id}", reply_to=generation)

    # looking before posting again

    async def find_card(self, generation: Generation) -> int | None:
        """Return our card if it stands already."""
        found = await self._find(generation, Rung.CHANNEL, marks.is_card)
        return found.message_id if found else None

    async def find_film(self, generation: Generation, rung: Rung) -> Posted | None:
        """Return our message with the film if it stands already."""
        return await self._find(generation, rung, marks.is_film)

    async def find_notice(self, generation: Generation, rung: Rung) -> Posted | None:
        """Return our message that there is no film if it stands already."""
        return await self._find(generation, rung, marks.is_notice)

    async def _find(
        self,
        generation: Generation,
        rung: Rung,
        matches: Callable[[discord.Message, Generation], bool],
    ) -> Posted | None:
        try:
            return await self._found(generation, rung, matches)
        except TooLarge as error:  # nonsense: a look carries nothing that could be too large
            raise DiscordUnavailable(str(error)) from error

    async def _found(
        self,
        generation: Generation,
        rung: Rung,
        matches: Callable[[discord.Message, Generation], bool],
    ) -> Posted | None:
        channel = await self._places.channel(generation, rung)
        since = generation.card_id or generation.interaction_id
        try:
            found = await self._look(channel, since, lambda message: matches(message, generation))
        except ChannelClosed as error:
            if rung is Rung.THREAD and error.gone:  # it hasn't been started: nothing stands in it
                return None
            raise
        if found is None:
            await self._places.demand_sight(channel, since)
        return found

    async def _look(
        self, channel: discord.abc.Messageable, since: int, matches: Callable[[discord.Message], bool]
    ) -> Posted | None:
        """Look through our own messages, from the newest back to an id. Raises as `post_film`."""
        ours, after = self._client.user, discord.Object(since)
        with discord_errors():
            async for message in channel.history(after=after, limit=LOOK_BACK, oldest_first=False):
                if ours is not None and message.author.id == ours.id and matches(message):
                    return Posted(message.channel.id, message.id)
        return None

    # sending

    async def _send(
        self,
        channel: discord.abc.Messageable,
        draft: Draft,
        *,
        nonce: str,
        film: Path | None = None,
        reply_to: Generation | None = None,
    ) -> Posted:
        """Send, unless we were refused there not long ago; where no reply is allowed, without one."""
        if draft.view is not None:
            draft.view.stop()  # its buttons are known by their custom_ids; nothing needs to stay in memory
        self._places.demand_open(channel, file=film is not None)
        reference = _reference(channel, reply_to)

        def send() -> Awaitable[discord.Message]:  # a file can be read once, so each try opens its own
            return channel.send(draft.content, **_options(draft, nonce, film, reply_to, reference))

        try:
            message = await self._awake(channel, send)
        except ChannelClosed as error:
            refusal = error.__cause__
            assert isinstance(refusal, discord.HTTPException)
            if refusal.code == NO_REPLY and reply_to is not None and reference is not None:
                return await self._send(channel, draft, nonce=nonce, film=film, reply_to=_alone(reply_to))
            self._places.learn_closed(channel, refusal, file=film is not None)
            raise
        return Posted(message.channel.id, message.id)

    async def _awake(
        self, channel: discord.abc.Messageable, call: Callable[[], Awaitable[discord.Message]]
    ) -> discord.Message:
        """Make a call that writes in a channel; if it is an archived thread, open it and make it again."""
        try:
            with discord_errors():
                return await call()
        except ChannelClosed as error:
            refusal = error.__cause__
            if not isinstance(refusal, discord.HTTPException) or refusal.code not in ASLEEP:
                raise
        await self._places.wake(channel)
        with discord_errors():
            return await call()


def _options(
    draft: Draft,
    nonce: str,
    film: Path | None,
    reply_to: Generation | None,
    reference: discord.MessageReference | None,
) -> dict[str, Any]:
    """Return what a message is sent with."""
    options: dict[str, Any] = {"nonce": nonce, "allowed_mentions": draft.allowed_mentions}
    if draft.embed is not None:
        options["embed"] = draft.embed
    if draft.view is not None:
        options["view"] = draft.view
    if film is not None and reply_to is not None:
        spoiler = reply_to.place.spoiler
        options["file"] = Enclosure(film, filename=marks.file_name(reply_to), spoiler=spoiler)
    if reference is not None:
        options["reference"] = reference
    return options


def _alone(generation: Generation) -> Generation:
    """Return the generation as if it had no card to reply to."""
    return but(generation, card_id=None)


def _reference(
    channel: discord.abc.Messageable, generation: Generation | None
) -> discord.MessageReference | None:
    """Return a reply to the card, which does no harm if the card is gone."""
    if generation is None or generation.card_id is None:
        return None
    if getattr(channel, "id", None) != generation.place.channel_id:
        return None
    return discord.MessageReference(
        message_id=generation.card_id, channel_id=generation.place.channel_id, fail_if_not_exists=False
    )


def _link(generation: Generation, parcel: Parcel) -> str | None:
    """Return the link that stands for the film, hidden where the film would be."""
    return deliveries.hidden(parcel.link) if parcel.link and generation.place.spoiler else parcel.link
