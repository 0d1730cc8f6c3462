"""A Discord on this machine: a modelled server around one real client, and members who type commands.

SimCord plays Discord. It is made for tests, so its clock stands still; here it follows ours, or interaction
tokens would live for ever and `<t:…:R>` would read as if it were January.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast

import discord
import simcord

from bot.demo.amendments import Amendments, amend
from bot.i18n import ENGLISH

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping
    from datetime import datetime

SETTLE: Final = timedelta(seconds=60)
"""How long a command may work until SimCord calls it stuck. Discord's own 3 s are kept by its answers."""
SEEN: Final = frozenset({"MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE"})
EPHEMERAL: Final = 64
FACE: Final = "face"
"""The avatar's hash in everybody's profile: whoever shows them knows what it looks like."""

Attachment = tuple[str, bytes]


class RunningClock:
    """What SimCord wants of a clock, following the one that is handed in."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._start = clock()
        self._skipped = timedelta()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return (self.now() - self._start).total_seconds()

    def now(self) -> datetime:
        """Return the time, aware, UTC."""
        return self._clock() + self._skipped

    def advance(self, seconds: float) -> None:
        """Skip ahead, as SimCord's own timers ask for."""
        self._skipped += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Post:
    """A public message of the bot's."""

    id: int
    text: str
    """Content and the texts of every embed, by lines."""
    files: tuple[Attachment, ...]
    mentions: frozenset[int]
    at: datetime
    """When it was first seen."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be on the server."""

    name: str
    display_name: str
    moderator: bool = False


PEOPLE: Final = (
    Person("mira", "Mira"),
    Person("jonas", "Jonas"),
    Person("noor", "Noor", moderator=True),
)


@dataclass(slots=True)
class LocalDiscord:
    """One server with one channel, some members, and the bot."""

    env: simcord.Env
    channel: simcord.ChannelHandle
    members: Mapping[str, simcord.MemberActor]
    amendments: Amendments
    clock: Callable[[], datetime]
    posts: dict[int, Post] = field(default_factory=dict)
    """The bot's public messages by id, in order; what they say now, and when they were first seen."""
    _acting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def member(self, user: int) -> simcord.MemberActor:
        """Return somebody by their id. Raises KeyError for a stranger."""
        return {member.id: member for member in self.members.values()}[user]

    async def command(self, member: str, name: str, **options: object) -> str:
        """Give a slash command as a member would, and return what only that member reads.

        An attachment option is a pair of file name and bytes.
        """
        async with self._acting:
            result = await self.members[member].slash(self.channel, name, **options)
        answers = [message for message in (result.response, *result.followups) if message is not None]
        return "\n".join(
            _text(answer.content, [embed.to_dict() for embed in answer.embeds]) for answer in answers
        )

    async def until(self, found: Callable[[], bool], *, within: timedelta) -> bool:
        """Wait until the channel shows what is looked for; False if it doesn't in time."""
        try:
            async with asyncio.timeout(within.total_seconds()):
                while not found():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return False
        return True

    def observe(self, event: str, payload: Mapping[str, Any]) -> None:
        """Take note of one gateway event."""
        if event not in SEEN or int(payload["channel_id"]) != self.channel.id:
            return
        self._news.set()
        message = int(payload["id"])
        if event == "MESSAGE_DELETE":
            self.posts.pop(message, None)
        elif self._is_public_and_ours(payload):
            self.posts[message] = self._post(message, payload)

    def _is_public_and_ours(self, payload: Mapping[str, Any]) -> bool:
        return (
            int(payload["author"]["id"]) == self.env.backend.bot_user.id and not payload["flags"] & EPHEMERAL
        )

    def _post(self, message: int, payload: Mapping[str, Any]) -> Post:
        seen = self.posts.get(message)
        return Post(
            id=message,
            text=_text(payload["content"], payload["embeds"]),
            files=tuple(self._files(payload["attachments"])),
            mentions=frozenset(int(user["id"]) for user in payload["mentions"]),
            at=seen.at if seen else self.clock(),
        )

    def _files(self, attachments: Iterable[Mapping[str, Any]]) -> Iterable[Attachment]:
        for attachment in attachments:
            if (data := self.env.backend.cdn.get(attachment["url"])) is not None:
                yield attachment["filename"], data


@asynccontextmanager
async def open_discord(
    client: discord.Client,
    *,
    clock: Callable[[], datetime],
    people: Iterable[Person] = PEOPLE,
    locale: str = ENGLISH,
) -> AsyncIterator[LocalDiscord]:
    """Log the client in to a modelled Discord with one server, `Matinee`, and one channel, `#cinema`.

    `locale` is the language of the server and of everybody on it, as Discord calls it (`zh-CN`).
    Loops that outlive a command (the tracker, listeners) must be started by the caller, never by the client:
    SimCord takes whatever the client starts for unfinished work of the next command.
    """
    async with simcord.run(client, check_errors=False, settle_timeout=SETTLE.total_seconds()) as env:
        env.backend.clock = cast("Any", RunningClock(clock))
        amendments = amend(env.backend)
        env.backend.edit_bot_profile("Matinee")
        env.backend.bot_user.avatar = FACE
        guild = env.create_guild("Matinee", preferred_locale=locale)
        channel = guild.create_text_channel("cinema", topic="Type /video and watch.")
        moderators = guild.create_role(
            "Moderators",
            permissions=discord.Permissions(manage_guild=True, manage_messages=True),
            color=0xE8B04B,
        )
        members = {
            person.name: guild.add_member(
                env.create_user(person.name, global_name=person.display_name, avatar=FACE),
                roles=[moderators] if person.moderator else [],
            )
            for person in people
        }
        amendments.languages |= {member.id: locale for member in members.values()}
        server = LocalDiscord(env, channel, members, amendments, clock)
        env.backend.subscribers.append(server.observe)
        await env.settle()
        yield server


def _text(content: str, embeds: Iterable[Mapping[str, Any]]) -> str:
    lines = [content]
    for embed in embeds:
        lines += [embed.get("title", ""), embed.get("description", "")]
        lines += [f"{part['name']}: {part['value']}" for part in embed.get("fields", ())]
        lines += [embed.get("footer", {}).get("text", "")]
    return "\n".join(line for line in lines if line)
