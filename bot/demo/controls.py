# ruff: noqa: SLF001 -- like `page`, this file knows SimCord's page by its private names
"""What a person does in Discord and SimCord's page lacks: message menus, files, other channels, a language.

The page's script asks for it with one header that holds JSON, percent-encoded; files follow as the body.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import unquote

from simcord.actors import MemberActor
from simcord.backend.access import can_access_channel, can_access_message
from simcord.backend.errors import SetupError
from simcord.builders import ChannelHandle, GuildHandle
from simcord.enums import AppCommandType, ChannelType
from simcord.preview import Preview
from simcord.preview._commands import visible_leaf
from simcord.results import ResponseMessage

from bot.demo import translated
from bot.demo.translated import plain_options
from bot.i18n import ENGLISH, languages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from simcord.backend.models import Channel
    from simcord.preview._pages import _Page

    from bot.demo.amendments import Amendments
    from bot.demo.local_discord import LocalDiscord

HEADER: Final = "X-Matinee"
MOST_BYTES: Final = 25 << 20
"""Of the files in one message."""
SHOWN: Final = frozenset({ChannelType.TEXT, ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD})


class ManyChannels(Preview):
    """SimCord's page is bound to one channel and one language; here each browser window has its own."""

    _home: ChannelHandle
    _acting: _Page | None
    _amendments: Amendments

    @property
    def channel(self) -> ChannelHandle:
        """The channel of the window that acts; where windows begin, if none does."""
        if self._acting is None:
            return self._home
        return handle(self, self._acting.channel_id)

    @channel.setter
    def channel(self, home: ChannelHandle) -> None:
        self._home = home

    def language(self, page: _Page) -> str:
        """Return what the window's viewer speaks."""
        return self._amendments.languages.get(page.viewer.id, ENGLISH)

    def catalogue(self, page: _Page, catalog: dict[str, Any]) -> dict[str, Any]:
        """Return the window's commands in its viewer's language."""
        commands = self.env.backend.visible_commands(user_id=page.viewer.id, channel_id=page.channel_id)
        return translated.catalogue(catalog, commands, self.language(page))

    def _page_payload(self, page: _Page) -> dict[str, Any]:
        payload: dict[str, Any] = super()._page_payload(page)
        commands = payload["commands"]
        commands["fingerprint"] = translated.fingerprint(commands["fingerprint"], self.language(page))
        return payload

    def _publish(self, page: _Page, *, reason: Any = "action") -> None:
        self.locale = self.language(page)
        super()._publish(page, reason=reason)

    def _prepare_action(self, page: _Page, kind: str, body: Mapping[str, Any]) -> Any:
        if kind == "viewer" and not isinstance(page.viewer, MemberActor):  # nobody sees another's DMs
            page.channel_id = self._home.id
        self._acting = page
        if kind in {"run_command", "autocomplete_command"}:
            body = self._plain(page, body)
        return super()._prepare_action(page, kind, body)

    def _plain(self, page: _Page, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a command's options by the names under which they are registered."""
        found = visible_leaf(self, page, body.get("command_id"), body.get("path"))
        if found is None:
            return body
        _, _, leaf = found
        named: dict[str, Any] = {"options": plain_options(body["options"], leaf, self.language(page))}
        if "focused" in body:
            (named["focused"],) = plain_options({body["focused"]: None}, leaf, self.language(page))
        return {**body, **named}

    def _open_page(self, viewer_id: Any = None, target_id: Any = None) -> _Page:
        acting, self._acting = self._acting, None
        try:
            return super()._open_page(viewer_id, target_id)
        finally:
            self._acting = acting


def widen(preview: Preview, amendments: Amendments) -> ManyChannels:
    """Let each window of a page that isn't open yet go to other channels, and show its viewer's language."""
    preview.__dict__["_home"] = preview.__dict__.pop("channel")
    preview.__dict__ |= {"_acting": None, "_amendments": amendments}
    preview.__class__ = ManyChannels
    return cast("ManyChannels", preview)


def handle(preview: Preview, channel: int) -> ChannelHandle:
    """Return a channel by its id. Raises SimCord's BackendError if there is none."""
    found = preview.env.backend.get_channel(channel)
    guild = preview.env.backend.guilds.get(found.guild_id or 0)
    return ChannelHandle(preview.env, GuildHandle(preview.env, guild) if guild else None, found)


@dataclass(frozen=True, slots=True)
class Controls:
    """Does what the page's own script asks for."""

    server: LocalDiscord
    preview: ManyChannels

    async def __call__(self, context: str | None, header: str, files: bytes) -> dict[str, Any]:
        """Do what is asked, and return what the window may choose from now.

        Raises SimCord's errors, or KeyError and ValueError, for what can't be asked.
        """
        page = self.preview._get_page(context)
        wish = json.loads(unquote(header))
        match wish["do"]:
            case "app":
                await self._app(page, int(wish["message"]), wish["name"])
            case "post":
                await self._post(page, wish["names"], files)
            case "channel":
                self._go(page, int(wish["channel"]))
            case "language":
                self._speak(page, wish["language"])
        return self._choice(page)

    async def _app(self, page: _Page, message: int, name: str) -> None:
        """Choose an entry of a message's menu; its modal opens in this window."""
        stored = self.preview.env.backend.get_message(page.channel_id, message)
        if not can_access_message(self.preview.env, page.channel_id, stored, page.viewer, history=True):
            raise SetupError("nobody sees that message")
        target = ResponseMessage(self.preview.env, stored)
        actor = self.server.member(page.viewer.id)
        shown = await actor.context_menu(handle(self.preview, page.channel_id), name, target)
        if shown.modal is not None:
            page.modal = shown
            page.modal_handle = f"m_{secrets.token_urlsafe(12)}"

    async def _post(self, page: _Page, names: list[tuple[str, int]], files: bytes) -> None:
        if len(files) != sum(size for _, size in names):
            raise ValueError(names)
        attachments, start = [], 0
        for name, size in names:
            attachments.append((str(name), files[start : start + size]))
            start += size
        await self.server.member(page.viewer.id).send(
            handle(self.preview, page.channel_id), attachments=attachments
        )

    def _go(self, page: _Page, channel: int) -> None:
        """Look at another channel, as SimCord does it for another viewer."""
        if channel not in {there.id for there in self._channels(page)}:
            raise SetupError("no such channel")
        preview, member = self.preview, self.server.member(page.viewer.id)
        preview._clear_page_assets(page)
        page.channel_id = channel
        page.viewer = member if handle(preview, channel).guild else member.user
        page.generation += 1
        preview._reset_queries(page)
        page.target_id = preview._initial_target(page.viewer, channel)
        page.window_end_id = page.target_id
        page.modal = page.modal_handle = None
        page.status = "current"
        preview._publish(page, reason="navigation")

    def _speak(self, page: _Page, language: str) -> None:
        if language not in languages():
            raise ValueError(language)
        self.server.amendments.languages[page.viewer.id] = language

    def _choice(self, page: _Page) -> dict[str, Any]:
        spoken = self.preview.language(page)
        return {
            "language": spoken,
            "languages": languages(),
            "channel": str(page.channel_id),
            "channels": {str(there.id): _title(there) for there in self._channels(page)},
            "apps": self._apps(page, spoken),
        }

    def _apps(self, page: _Page, spoken: str) -> dict[str, str]:
        """Return the entries of a message's menu, and what they are called in the viewer's language.

        SimCord has message menus in servers only.
        """
        if not isinstance(page.viewer, MemberActor):
            return {}
        commands = self.preview.env.backend.visible_commands(
            user_id=page.viewer.id, channel_id=page.channel_id, type=AppCommandType.MESSAGE
        )
        return {
            command["name"]: (command.get("name_localizations") or {}).get(spoken, command["name"])
            for command in commands
        }

    def _channels(self, page: _Page) -> Iterator[Channel]:
        backend = self.preview.env.backend
        for channel in backend.channels.values():
            if (channel.type in SHOWN or channel.id == backend.dm_channels.get(page.viewer.id)) and (
                can_access_channel(self.preview.env, channel.id, page.viewer, history=True)
            ):
                yield channel


def _title(channel: Channel) -> str:
    if channel.guild_id is None:
        return "Direct messages"
    return f"{'↳ ' if channel.is_thread else '#'}{channel.name}"
