"""What Discord tells about people and places and SimCord 3.2 doesn't: languages, age limits, own installs.

SimCord writes every interaction as if everybody spoke American English, no channel had an age limit, and
nobody had installed the bot for themselves alone. Events are put right on their way to the client.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import discord
from simcord.backend import serializers
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from bot.i18n import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simcord.backend import Backend

AS_GUILD, AS_USER = "0", "1"
"""Keys of `authorizing_integration_owners` (docs: application resource, integration types)."""


@dataclass(slots=True)
class Amendments:
    """Fill it in at any time; it holds for what happens next, also after the client's restart."""

    languages: dict[int, str] = field(default_factory=dict)
    """Discord's name of a language (`zh-CN`) by user id; American English otherwise. A server's is its
    `preferred_locale`."""
    age_restricted: set[int] = field(default_factory=set)
    """Ids of channels with an age limit; see `restrict`."""
    own_installs: set[int] = field(default_factory=set)
    """Ids of users whose commands come from their own install, not from the server's."""

    def __call__(self, backend: Backend, event: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the event as Discord would have sent it."""
        if event == "INTERACTION_CREATE":
            return self._interaction(backend, payload)
        if event in {"CHANNEL_CREATE", "CHANNEL_UPDATE"}:
            return self._channel(payload)
        if event == "GUILD_CREATE":
            return {**payload, "channels": [self._channel(each) for each in payload["channels"]]}
        return payload

    def _interaction(self, backend: Backend, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        user = int((payload.get("member") or payload)["user"]["id"])
        guild = payload.get("guild_id")
        more: dict[str, Any] = {"locale": self.languages.get(user, ENGLISH)}
        if guild:
            more["guild_locale"] = backend.get_guild(int(guild)).preferred_locale
        owner = (AS_USER, user) if user in self.own_installs else (AS_GUILD, int(guild or 0))
        more["authorizing_integration_owners"] = {owner[0]: str(owner[1])}
        return {**payload, **more, "channel": self._channel(payload["channel"])}

    def _channel(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**payload, "nsfw": True} if int(payload["id"]) in self.age_restricted else payload


def amend(backend: Backend) -> Amendments:
    """Put right whatever this modelled Discord sends from now on."""
    amendments = Amendments()
    emit = backend.emit

    def emit_amended(event: str, payload: Mapping[str, Any]) -> None:
        emit(event, amendments(backend, event, payload))

    backend.emit = emit_amended  # type: ignore[method-assign]
    return amendments


def restrict(backend: Backend, amendments: Amendments, channel: int) -> None:
    """Give a channel an age limit, as its moderators would."""
    amendments.age_restricted.add(channel)
    backend.emit("CHANNEL_UPDATE", dict(serializers.channel_payload(backend, backend.get_channel(channel))))


def withdraw(backend: Backend, guild: int) -> None:
    """Take the bot off a server whose members may still use it by their own installs."""
    nothing = discord.Permissions(view_channel=True, send_messages=True, attach_files=True).value
    for channel in backend.get_guild(guild).channel_ids:
        backend.get_channel(channel).overwrites.append(
            Overwrite(target_id=backend.bot_user.id, type=OverwriteType.MEMBER, deny=nothing)
        )
    backend.emit("GUILD_DELETE", {"id": str(guild)})
