"""A member of the modelled Discord: gives commands, presses buttons, fills in forms."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from simcord import interactions as shapes
from simcord._modal import _modal_controls, _modal_submit_nodes
from simcord.backend import serializers
from simcord.backend.command_access import command_access
from simcord.enums import ComponentType, InteractionType

if TYPE_CHECKING:
    from simcord.backend.models import Interaction

    from .wire import Seen, WireDiscord

LOADING = 1 << 7


@dataclass(frozen=True, slots=True)
class Field:
    """One text field of a form."""

    custom_id: str
    value: str


class Answer:
    """What the bot answers to one interaction, as it comes."""

    def __init__(self, wire: WireDiscord, interaction: Interaction) -> None:
        self._wire = wire
        self._interaction = interaction

    @property
    def token(self) -> str:
        """The interaction's token: a secret."""
        return self._interaction.token

    def _messages(self) -> list[Seen]:
        interaction = self._interaction
        ids = [i for i in (interaction.message_id, *interaction.followup_ids) if i is not None]
        stored = self._wire.backend.messages[interaction.channel_id]
        waiting = {i for i in ids if i in stored and stored[i].flags & LOADING}
        seen = [self._wire.seen(interaction.channel_id, i) for i in ids if i not in waiting]
        return [message for message in seen if message is not None]

    @property
    def thinks(self) -> bool:
        """Whether the bot has taken it, and has said nothing yet."""
        return self._interaction.responded and not self._messages()

    def grow_old(self) -> None:
        """Let it be too late for a first answer, as it is three seconds after a command."""
        self._interaction.initial_response_deadline = self._wire.backend.now_iso()

    async def said(self, *, within: float = 10.0) -> Seen:
        """Wait for the first answer that has words, and return it."""
        found = await self._wire.until(self._messages, within=within, what="an answer to an interaction")
        return found[0]

    async def form(self, *, within: float = 5.0) -> dict[str, Any]:
        """Wait for a form (modal) and return it as the bot sent it."""
        return await self._wire.until(lambda: self._interaction.modal, within=within, what="a form") or {}

    async def choices(self, *, within: float = 5.0) -> list[Any]:
        """Wait for an autocompletion and return the values offered."""
        interaction = self._interaction
        await self._wire.until(lambda: interaction.responded, within=within, what="an autocompletion")
        return [choice["value"] for choice in interaction.autocomplete_choices or []]


def fields(form: dict[str, Any]) -> tuple[Field, ...]:
    """Return a form's text fields with what they are filled in with."""
    controls = _modal_controls(form)
    return tuple(Field(c["custom_id"], c.get("value") or "") for c in controls if c["type"] == 4)


def _chosen(form: dict[str, Any]) -> dict[str, list[str]]:
    """Return what a form's menus are filled in with."""
    return {
        menu["custom_id"]: [option["value"] for option in menu["options"] if option.get("default")]
        for menu in _modal_controls(form)
        if menu["type"] == ComponentType.STRING_SELECT
    }


class Member:
    """Somebody in the server; acts as a Discord client would let them."""

    def __init__(self, wire: WireDiscord, name: str = "Ada") -> None:
        self._wire = wire
        backend = wire.backend
        self._env = SimpleNamespace(backend=backend)  # all that SimCord's builders read of an actor
        self.name = name
        self.id = backend.make_user(name).id
        backend.add_member(wire.guild.id, self.id)

    @property
    def mention(self) -> str:
        """What a message says to call this member."""
        return f"<@{self.id}>"

    @property
    def _actor(self) -> Any:
        """This member as SimCord's builders know one: they read its backend and its id alone."""
        return self

    def _command(self, name: str, channel_id: int) -> dict[str, Any]:
        root = self._wire.backend.find_command(name, self._wire.guild.id)
        assert root is not None, f"/{name} isn't synced"
        access = command_access(self._wire.backend, root, user_id=self.id, channel_id=channel_id)
        assert access.allowed, f"/{name} can't be used here: {access.reason}"
        return root

    def slash(self, name: str, *, channel: int | None = None, **options: Any) -> Answer:
        """Give a command; attachments are `(name, bytes)`. Options are checked as Discord checks them."""
        channel_id = channel or self._wire.channel_id
        root = self._command(name, channel_id)
        built, resolved = shapes.build_options(self._actor, name, root, options, channel_id=channel_id)
        for attachment in resolved.get("attachments", {}).values():
            attachment["ephemeral"] = True
        data = {"id": root["id"], "name": name, "type": 1, "options": built, "resolved": resolved}
        return self._interact(InteractionType.APPLICATION_COMMAND, channel_id, data)

    def complete(self, name: str, option: str, value: str, **filled: Any) -> Answer:
        """Type into an option that completes itself."""
        channel_id = self._wire.channel_id
        root = self._command(name, channel_id)
        built, _ = shapes.build_options(self._actor, name, root, filled, partial=True, channel_id=channel_id)
        kind = next(o["type"] for o in root["options"] if o["name"] == option)
        built.append({"name": option, "type": kind, "value": value, "focused": True})
        data = {"id": root["id"], "name": name, "type": 1, "options": built}
        return self._interact(InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE, channel_id, data)

    def press(self, message: Seen, label: str) -> Answer:
        """Press the one button whose label contains `label`."""
        found = [b for b in message.buttons if label in b.label and b.custom_id and not b.disabled]
        assert len(found) == 1, f"{len(found)} buttons say {label}: {message.buttons}"
        data = {"custom_id": found[0].custom_id, "component_type": ComponentType.BUTTON}
        return self._interact(InteractionType.MESSAGE_COMPONENT, message.channel_id, data, source=message.id)

    def submit(self, opener: Answer, form: dict[str, Any], **values: str | list[str]) -> Answer:
        """Send a form back; fields that aren't named keep what they were filled in with."""
        interaction = opener._interaction
        filled = {field.custom_id: field.value for field in fields(form)} | _chosen(form) | values
        nodes = _modal_submit_nodes(form["components"], self, filled, {}, interaction.channel_id, [])
        data = {"custom_id": form["custom_id"], "components": nodes}
        source = interaction.source_message_id
        return self._interact(InteractionType.MODAL_SUBMIT, interaction.channel_id, data, source=source)

    def _interact(
        self, kind: InteractionType, channel_id: int, data: dict[str, Any], *, source: int | None = None
    ) -> Answer:
        backend = self._wire.backend
        guild_id = backend.get_channel(channel_id).guild_id
        record, payload = shapes.base_payload(
            backend, type=kind, channel_id=channel_id, guild_id=guild_id, user_id=self.id, data=data
        )
        del backend.interaction_tokens[record.token]
        record.token = payload["token"] = "canary-interaction-" + secrets.token_urlsafe(48)
        backend.interaction_tokens[record.token] = record.id
        payload["attachment_size_limit"] = self._wire.attachment_size_limit
        if source is not None:
            record.source_message_id = source
            stored = backend.get_message(channel_id, source)
            payload["message"] = dict(serializers.message_payload(backend, stored))
        backend.emit("INTERACTION_CREATE", payload)
        return Answer(self._wire, record)
