"""Buttons and their custom_ids: what a press means is in the id, so that it still works after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    from bot.i18n import Say
    from bot.models import Generation

AGAIN = r"matinee:again:(?P<id>[0-9a-f]{16})"
EDIT = r"matinee:edit:(?P<id>[0-9a-f]{16})"
DELETE = r"matinee:delete:(?P<id>[0-9a-f]{16}):(?P<user_id>[0-9]{1,20})"
CANCEL = r"matinee:cancel:(?P<id>[0-9a-f]{16})(?P<full>:full)?"
"""`:full`: the button said that it counts in full."""
GET = r"matinee:get:(?P<id>[0-9a-f]{16})"
OLDER = r"matinee:older:(?P<before>[0-9]{1,17})"
EDITED = r"matinee:edited:(?P<id>[0-9a-f]{16})"
"""Of the modal that Edit opens."""

_Style = discord.ButtonStyle


def again(id: str, say: Say) -> discord.ui.Button[discord.ui.View]:  # noqa: A002 -- the domain's word
    """Return the button that makes the same anew, at the presser's cost."""
    return discord.ui.Button(style=_Style.primary, label=say("Again"), custom_id=f"matinee:again:{id}")


def edit(id: str, say: Say) -> discord.ui.Button[discord.ui.View]:  # noqa: A002
    """Return the button that opens the prompt for another try."""
    return discord.ui.Button(style=_Style.secondary, label=say("Edit"), custom_id=f"matinee:edit:{id}")


def delete(id: str, user_id: int, say: Say) -> discord.ui.Button[discord.ui.View]:  # noqa: A002
    """Return the button that removes the film's message."""
    return discord.ui.Button(
        style=_Style.danger, label=say("Delete"), custom_id=f"matinee:delete:{id}:{user_id}"
    )


def cancel(id: str, say: Say, *, charged: bool, label: str = "") -> discord.ui.Button[discord.ui.View]:  # noqa: A002
    """Return the button that stops a generation; its label says so if that costs as much as the film.

    `label` says more, where several stand together.
    """
    words = say("Cancel")
    words = f"{words} {label}".strip()
    if charged:
        words = say("{cancel} (counts in full)", cancel=words)
    return discord.ui.Button(
        style=_Style.secondary,
        label=words[:80],
        custom_id=f"matinee:cancel:{id}{':full' if charged else ''}",
    )


def get(id: str, say: Say, *, label: str) -> discord.ui.Button[discord.ui.View]:  # noqa: A002
    """Return the button that hands over a film which could be posted nowhere."""
    words = say("Get")
    return discord.ui.Button(
        style=_Style.primary, label=f"{words} {label}"[:80], custom_id=f"matinee:get:{id}"
    )


def older(before: int, say: Say) -> discord.ui.Button[discord.ui.View]:
    """Return the button that turns the page; `before` is in microseconds since 1970."""
    return discord.ui.Button(style=_Style.secondary, label=say("Older"), custom_id=f"matinee:older:{before}")


def row(*items: discord.ui.Button[discord.ui.View]) -> discord.ui.View:
    """Return a view that discord.py sends but doesn't remember: presses are found by their custom_id."""
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view


def of_film(generation: Generation, say: Say) -> discord.ui.View:
    """Return what stands below a film."""
    return row(
        again(generation.id, say),
        edit(generation.id, say),
        delete(generation.id, generation.requester.user_id, say),
    )


def of_notice(generation: Generation, say: Say) -> discord.ui.View:
    """Return what stands below the news that there is no film."""
    return row(again(generation.id, say), edit(generation.id, say))
