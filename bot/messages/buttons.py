"""Buttons and their custom_ids: what a press means is in the id, so that it still works after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import discord

from bot.i18n import later
from bot.models import RESOLUTIONS, Generation
from bot.providers.moderation import MODERATION, SOUND
from bot.shots import is_joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.i18n import Say

Button: TypeAlias = discord.ui.Button[discord.ui.View]
Select: TypeAlias = discord.ui.Select[discord.ui.View]

AGAIN = r"matinee:again:(?P<id>[0-9a-f]{16})"
EDIT = r"matinee:edit:(?P<id>[0-9a-f]{16})"
DELETE = r"matinee:delete:(?P<id>[0-9a-f]{16}):(?P<user_id>[0-9]{1,20})"
CANCEL = r"matinee:cancel:(?P<id>[0-9a-f]{16})(?P<full>:full)?"
"""`:full`: the button said that it counts in full."""
GET = r"matinee:get:(?P<id>[0-9a-f]{16})"
EDITED = r"matinee:edited:(?P<id>[0-9a-f]{16})"
"""Of the modal that Edit opens."""
EXTEND = r"matinee:extend:(?P<id>[0-9a-f]{16})(?::(?P<words>[0-9a-f]{16}))?"
"""`words`: the generation whose prompt is filled in, where it isn't the film's own."""
EXTENDED = r"matinee:extended:(?P<id>[0-9a-f]{16})"
"""Of the modal that Extend and Use last frame open."""
LAST_FRAME = r"matinee:frame:(?P<id>[0-9a-f]{16})"
MORE = r"matinee:more:(?P<id>[0-9a-f]{16})"
"""The menu below a film; CHOOSE is what it asks next."""
CHOOSE = r"matinee:choose:(?P<what>ratio|maker):(?P<id>[0-9a-f]{16})"
REPORTED = r"matinee:reported:(?P<id>[0-9a-f]{16})"
"""Of the modal that asks what is wrong with a film."""

_Style = discord.ButtonStyle


def again(id: str, say: Say) -> Button:  # noqa: A002 -- the domain's word
    """Return the button that makes the same anew, at the presser's cost."""
    return discord.ui.Button(
        style=_Style.primary, emoji="🔄", label=say("Again"), custom_id=f"matinee:again:{id}"
    )


def edit(id: str, say: Say) -> Button:  # noqa: A002
    """Return the button that opens the prompt for another try."""
    return discord.ui.Button(
        style=_Style.secondary, emoji="✏️", label=say("Edit"), custom_id=f"matinee:edit:{id}"
    )


def extend(id: str, say: Say) -> Button:  # noqa: A002
    """Return the button that goes on from the film's last picture."""
    return discord.ui.Button(
        style=_Style.secondary, emoji="⏩", label=say("Extend"), custom_id=f"matinee:extend:{id}"
    )


def extend_original(id: str, words: str, say: Say) -> Button:  # noqa: A002
    """Return the button below an extension that does it over, from the film that it continues.

    `words` is the extension, whose prompt is filled in.
    """
    return discord.ui.Button(
        style=_Style.secondary,
        emoji="⏪",
        label=say("Extend the original again"),
        custom_id=f"matinee:extend:{id}:{words}",
    )


def use_last_frame(id: str, say: Say) -> Button:  # noqa: A002
    """Return the button that begins something new with the film's last picture."""
    return discord.ui.Button(
        style=_Style.secondary, emoji="🖼️", label=say("Use last frame"), custom_id=f"matinee:frame:{id}"
    )


def delete(id: str, user_id: int, say: Say) -> Button:  # noqa: A002
    """Return the button that removes the film's message."""
    return discord.ui.Button(
        style=_Style.danger, emoji="🗑️", label=say("Delete"), custom_id=f"matinee:delete:{id}:{user_id}"
    )


def cancel(id: str, say: Say, *, charged: bool, label: str = "") -> Button:  # noqa: A002
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


def get(id: str, say: Say, *, label: str) -> Button:  # noqa: A002
    """Return the button that hands over a film which could be posted nowhere."""
    words = say("Get")
    return discord.ui.Button(
        style=_Style.primary, label=f"{words} {label}".strip()[:80], custom_id=f"matinee:get:{id}"
    )


def more(generation: Generation, say: Say) -> Select:
    """Return the menu of what else can be done with a film.

    Choosing the same again takes the choice back, so that it can be chosen once more: Discord keeps it.
    """
    return discord.ui.Select(
        custom_id=f"matinee:more:{generation.id}",
        placeholder=say("More"),
        min_values=0,
        required=False,
        options=[
            discord.SelectOption(
                value=value, emoji=emoji, label=say(label), description=say(description) or None
            )
            for value, emoji, label, description in _entries(generation)
        ],
    )


_COUNTS = later("Makes a new film, which counts against your own limits.")
_RATIO = ("ratio", "📐", later("Other ratio"), _COUNTS)
_RESOLUTION = ("resolution", "🔎", later("Higher resolution"), _COUNTS)
_SILENT = ("silent", "🔇", later("Without sound"), _COUNTS)
_MAKER = ("maker", "🎥", later("Another provider or model"), _COUNTS)
_WITHOUT_A_FILM = (
    ("dm", "📬", later("Send to my direct messages"), later("Costs nothing.")),
    ("link", "🔗", later("Link to the original file"), later("Costs nothing.")),
    ("details", "📋", later("Details"), later("How it was made, with every option.")),
    ("report", "🚩", later("Report"), later("Tell the moderators that it shouldn't be here.")),
)


def _entries(generation: Generation) -> Iterator[tuple[str, str, str, str]]:
    """Return value, picture, name and description of what may make sense for this film."""
    yield _RATIO
    if generation.request.resolution != RESOLUTIONS[-1]:
        yield _RESOLUTION
    if generation.request.sound:
        yield _SILENT
    yield _MAKER
    yield from _WITHOUT_A_FILM


def choose(
    what: str,
    id: str,  # noqa: A002
    placeholder: str,
    choices: Sequence[tuple[str, str, str]],
) -> Select:
    """Return the second menu: `what` is to be another; `choices` are values, names and costs."""
    return discord.ui.Select(
        custom_id=f"matinee:choose:{what}:{id}",
        placeholder=placeholder[:150],
        options=[
            discord.SelectOption(value=value, label=label[:100], description=cost[:100])
            for value, label, cost in choices[:25]
        ],
    )


def row(*items: discord.ui.Item[Any]) -> discord.ui.View:
    """Return a view that discord.py sends but doesn't remember: presses are found by their custom_id."""
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view


def single_shots(id: str, say: Say) -> Button:  # noqa: A002
    """Return the button that offers the shots one by one."""
    return discord.ui.Button(
        style=_Style.secondary, emoji="🎞️", label=say("Single shots"), custom_id=f"matinee:shots:single:{id}"
    )


def storyboard_again(id: str, say: Say) -> Button:  # noqa: A002
    """Return the button that opens the storyboard for another try, at the presser's cost."""
    return discord.ui.Button(
        style=_Style.primary, emoji="🔄", label=say("Again"), custom_id=f"matinee:shots:again:{id}"
    )


def of_film(generation: Generation, say: Say, *, reader: int | None = None) -> discord.ui.View:
    """Return what stands below a film; `reader` is whose copy it is, where it isn't its requester's."""
    id_ = generation.id
    if is_joined(generation):
        return row(
            storyboard_again(id_, say),
            extend(id_, say),
            use_last_frame(id_, say),
            single_shots(id_, say),
            delete(id_, reader or generation.requester.user_id, say),
        )
    items: list[discord.ui.Item[Any]] = [
        again(id_, say),
        edit(id_, say),
        extend(id_, say),
        use_last_frame(id_, say),
        delete(id_, reader or generation.requester.user_id, say),
        more(generation, say),
    ]
    if original := continued(generation):
        items.append(extend_original(original, id_, say))
    return row(*items)


def continued(generation: Generation) -> str | None:
    """Return the film that this one goes on from: with its last picture this one begins."""
    return next((file.frame_of for file in generation.asked.media if file.frame_of), None)


def of_notice(generation: Generation, say: Say, mends: Sequence[Button] = ()) -> discord.ui.View:
    """Return what stands below the news that there is no film; `mends` come first.

    What would be refused again isn't offered: it may cost the bot's account at the provider.
    """
    hopeless = generation.reason in (MODERATION - {SOUND}) | {"input"}
    same = [] if hopeless else [again(generation.id, say)]
    return row(*mends, *same, edit(generation.id, say))
