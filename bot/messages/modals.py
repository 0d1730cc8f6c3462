"""The forms that open below a film: filled in, and found by their custom_ids when they come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.messages.text import fitting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.i18n import Say
    from bot.models import Generation

_MODAL_FIELD = 4000
"""Characters that one field of a modal holds, where a prompt may have 6000."""


def edit_modal(generation: Generation, say: Say) -> discord.ui.Modal:
    """Return the modal that Edit opens, filled in with the whole prompt.

    Its submission is found by its custom_id, so discord.py needn't remember it.
    """
    modal = discord.ui.Modal(
        title=say("Edit and make anew")[:45], custom_id=f"matinee:edited:{generation.id}"
    )
    prompt = generation.asked.prompt
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
        modal.add_item(discord.ui.Label(text=label[:45], description=cost and cost[:100], component=field))
    modal.stop()
    return modal


def edited_prompt(data: Mapping[str, Any]) -> str:
    """Return the prompt from a submitted modal's data."""
    fields = [row.get("component", {}) for row in data.get("components", [])]
    return "".join(str(field.get("value") or "") for field in fields)
