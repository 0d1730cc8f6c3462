"""The forms that open below a film: filled in, and found by their custom_ids when they come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.messages.text import fitting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.i18n import Say
    from bot.models import Capabilities, Generation

_MODAL_FIELD = 4000
"""Characters that one field of a modal holds, where a prompt may have 6000."""
_REASON = 500
"""Characters of what somebody says is wrong with a film."""
_OPTIONS = ("ratio", "seconds", "resolution")
"""With a prompt in two fields this is all that a modal holds."""


def edit_modal(generation: Generation, say: Say, offered: Capabilities | None = None) -> discord.ui.Modal:
    """Return the modal that Edit opens, filled in with the whole prompt and the options as they were.

    `offered` is what the model can do here now; an option with one value isn't asked for.
    Its submission is found by its custom_id, so discord.py needn't remember it.
    """
    parts = list(_prompt(generation.asked.prompt, say))
    if offered is not None:
        values = (offered.ratios, offered.seconds, offered.resolutions)
        now = (generation.request.ratio, generation.request.seconds, generation.request.resolution)
        parts += [
            _option(name, each, chosen, say)
            for name, each, chosen in zip(_OPTIONS, values, now, strict=True)
            if len(each) > 1
        ]
    return _modal(say("Edit and make anew"), f"matinee:edited:{generation.id}", parts)


def extend_modal(
    id: str,  # noqa: A002
    prompt: str,
    seconds: Sequence[int],
    chosen: int | None,
    say: Say,
) -> discord.ui.Modal:
    """Return the modal that goes on from a film's last picture.

    It is filled in with a prompt, or empty for something new. `seconds` are the lengths that can be chosen.
    """
    title = say("Extend this film") if prompt else say("Begin with its last frame")
    parts = list(_prompt(prompt, say))
    if seconds:
        parts.append(_option("seconds", seconds, chosen, say))
    return _modal(title, f"matinee:extended:{id}", parts)


def report_modal(id: str, say: Say) -> discord.ui.Modal:  # noqa: A002
    """Return the modal that asks what is wrong with a film; the answer may be left out."""
    field = discord.ui.TextInput[discord.ui.Modal](
        style=discord.TextStyle.paragraph, custom_id="reason", required=False, max_length=_REASON
    )
    told = say("The moderators read this, with your name and a link to the film.")
    label = discord.ui.Label[discord.ui.Modal](
        text=say("What is wrong with it?")[:45], description=told[:100], component=field
    )
    return _modal(say("Report this film"), f"matinee:reported:{id}", [label])


def _modal(
    title: str,
    custom_id: str,
    parts: Iterator[discord.ui.Label[discord.ui.Modal]] | Sequence[discord.ui.Label[discord.ui.Modal]],
) -> discord.ui.Modal:
    modal = discord.ui.Modal(title=title[:45], custom_id=custom_id)
    for part in parts:
        modal.add_item(part)
    modal.stop()
    return modal


def _prompt(prompt: str, say: Say) -> Iterator[discord.ui.Label[discord.ui.Modal]]:
    """Return one field, or two where the prompt doesn't fit into one."""
    first = fitting(prompt, _MODAL_FIELD)
    parts = [prompt[:first], prompt[first:]]
    for number, part in enumerate(parts[: 1 + bool(parts[1])]):
        field = discord.ui.TextInput[discord.ui.Modal](
            style=discord.TextStyle.paragraph,
            custom_id=f"prompt{number or ''}",
            default=part,
            required=not number,
            max_length=_MODAL_FIELD,
        )
        label = say("Prompt, continued") if number else say("Prompt")
        cost = None if number else say("This makes a new film, which counts against your own limits.")
        yield discord.ui.Label(text=label[:45], description=cost and cost[:100], component=field)


def _option(
    name: str, values: Sequence[object], chosen: object, say: Say
) -> discord.ui.Label[discord.ui.Modal]:
    field = discord.ui.Select[discord.ui.Modal](
        custom_id=name,
        options=[
            discord.SelectOption(label=_value(each, say)[:100], value=str(each), default=each == chosen)
            for each in values[:25]
        ],
    )
    titles = {"ratio": say("Ratio"), "seconds": say("Length"), "resolution": say("Resolution")}
    return discord.ui.Label(text=titles[name][:45], component=field)


def _value(value: object, say: Say) -> str:
    return say("{seconds} s", seconds=value) if isinstance(value, int) else say.name("choice", str(value))


def edited(data: Mapping[str, Any], generation: Generation) -> dict[str, Any]:
    """Return what a submitted modal of Edit changes; an option that was left as it was stays unsaid."""
    changes: dict[str, Any] = {"prompt": edited_prompt(data)}
    for name in _OPTIONS:
        value = _chosen(data, name)
        if value is not None and value != str(getattr(generation.request, name)):
            changes[name] = int(value) if name == "seconds" else value
    return changes


def edited_prompt(data: Mapping[str, Any]) -> str:
    """Return the prompt from a submitted modal's data."""
    return "".join(
        str(field.get("value") or "")
        for field in _fields(data)
        if str(field.get("custom_id", "")).startswith("prompt")
    )


def chosen_seconds(data: Mapping[str, Any]) -> int | None:
    """Return the length that was chosen in a submitted modal's data."""
    value = _chosen(data, "seconds")
    return None if value is None else int(value)


def told_reason(data: Mapping[str, Any]) -> str:
    """Return what a report says is wrong, cut."""
    return "".join(str(field.get("value") or "") for field in _fields(data))[:_REASON]


def _fields(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [row.get("component", {}) for row in data.get("components", [])]


def _chosen(data: Mapping[str, Any], name: str) -> str | None:
    """Return what was chosen of an option; a length that is no number was never offered."""
    values = [
        str(value)
        for field in _fields(data)
        if field.get("custom_id") == name
        for value in field.get("values") or ()
    ]
    found = next(iter(values), None)
    return None if found is None or (name == "seconds" and not found.isdecimal()) else found
