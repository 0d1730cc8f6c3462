"""The forms that make a film, from scratch or from what a message holds, and what comes back of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import discord

from bot.i18n import later
from bot.messages.phrases import KINDS, PROVIDERS
from bot.messages.text import name as visible_name
from bot.messages.text import size
from bot.models import RATIOS, MediaKind
from bot.orders import Offered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.i18n import Say
    from bot.models import Capabilities
    from bot.preferences import Preferences

COMPOSED = r"matinee:composed"
ANIMATED = r"matinee:animated:(?P<id>[0-9a-f]{16})"
BORROWED = r"matinee:borrowed:(?P<id>[0-9a-f]{16})"
MOST_UPLOADED = 10
"""Files that one form takes (components/reference, "File Upload")."""
MOST_BORROWED = 12
"""Files that any provider takes for one film."""
_MOST_CHOICES = 25
_PROMPT = 4000
"""Characters that one field of a form holds."""

Part: TypeAlias = discord.ui.Label[discord.ui.Modal]
Choice: TypeAlias = tuple[str, str, str]
"""Value, name and description."""

_FILES = later("One picture itself starts to move. More, or a clip: a new video borrows subject or style.")
_FIRST = later("First frame: the picture itself starts to move.")
_LAST = later("Last frame: the film ends with it. May be left out.")
_BORROWED = later("Reference: a new video borrows subject, style or sound. @1 means the first.")
_REFERENCES = later("@1 in it means the first file, @2 the second, …")
_COUNTS = later("This makes a new film, which counts against your own limits.")
_OWN = later("If nothing is chosen: as in your settings, else what usually fits.")


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen in a form here, and what its member usually takes."""

    models: Sequence[Capabilities]
    own: Preferences


@dataclass(frozen=True, slots=True)
class Filled:
    """What a form says. None: not said."""

    prompt: str
    model: str | None
    ratio: str | None
    seconds: int | None
    first: int | None
    last: int | None
    borrowed: tuple[int, ...]
    files: tuple[Offered, ...]
    """Uploaded with the form."""


def compose(choices: Choices, say: Say) -> discord.ui.Modal:
    """Return the form for a film from scratch. The number and kinds of files decide what they are for."""
    upload = discord.ui.FileUpload[discord.ui.Modal](
        custom_id="files", required=False, min_values=0, max_values=MOST_UPLOADED
    )
    return _form(
        say("Make a film"),
        "matinee:composed",
        [
            _prompt(say(_REFERENCES), say),
            _label(say("Files"), say(_FILES), upload),
            _model(choices, say),
            _ratio(choices, say),
            _seconds(choices, say),
        ],
    )


def animate(order_id: str, pictures: Sequence[Offered], choices: Choices, say: Say) -> discord.ui.Modal:
    """Return the form for a film that begins with a picture, and may end with another of several."""
    named = [_choice(place, picture, MediaKind.IMAGE, say) for place, picture in enumerate(pictures)]
    parts = [
        _prompt(say(_COUNTS), say),
        _label(say("First frame"), say(_FIRST), _select("first", named, chosen=("0",))),
    ]
    if len(named) > 1:
        last = _select("last", named, required=False)
        parts.append(_label(say("Last frame"), say(_LAST), last))
    parts += [_ratio(choices, say, of_picture=True), _seconds(choices, say)]
    return _form(say("Animate this"), f"matinee:animated:{order_id}", parts)


def borrow(
    order_id: str, files: Sequence[tuple[Offered, MediaKind]], choices: Choices, say: Say
) -> discord.ui.Modal:
    """Return the form for a film that borrows from files: all are chosen, and each may be left out."""
    named = [_choice(place, file, kind, say) for place, (file, kind) in enumerate(files)]
    most = min(len(named), MOST_BORROWED)
    chosen = tuple(str(place) for place in range(most))
    return _form(
        say("Use as reference"),
        f"matinee:borrowed:{order_id}",
        [
            _prompt(say(_COUNTS), say),
            _label(say("References"), say(_BORROWED), _select("borrowed", named, chosen=chosen, most=most)),
            _model(choices, say),
            _ratio(choices, say),
            _seconds(choices, say),
        ],
    )


def _choice(place: int, file: Offered, kind: MediaKind, say: Say) -> Choice:
    told = " · ".join([say(KINDS[kind]), *([size(file.size)] if file.size else [])])
    return str(place), visible_name(file.name, 100) or str(place + 1), told


def _form(title: str, custom_id: str, parts: Iterable[Part]) -> discord.ui.Modal:
    modal = discord.ui.Modal(title=title[:45], custom_id=custom_id)
    for part in parts:
        modal.add_item(part)
    modal.stop()
    return modal


def _label(text: str, description: str, component: discord.ui.Item[Any]) -> Part:
    return discord.ui.Label(text=text[:45], description=description[:100], component=component)


def _prompt(description: str, say: Say) -> Part:
    field = discord.ui.TextInput[discord.ui.Modal](
        style=discord.TextStyle.paragraph, custom_id="prompt", max_length=_PROMPT
    )
    return _label(say("Prompt"), description, field)


def _select(
    custom_id: str,
    choices: Iterable[Choice],
    *,
    chosen: Sequence[str] = (),
    required: bool = True,
    most: int = 1,
    placeholder: str = "",
) -> discord.ui.Select[discord.ui.Modal]:
    return discord.ui.Select(
        custom_id=custom_id,
        placeholder=placeholder[:150] or None,
        required=required,
        min_values=int(required),
        max_values=most,
        options=[
            discord.SelectOption(
                value=value, label=label[:100], description=told[:100] or None, default=value in chosen
            )
            for value, label, told in list(choices)[:_MOST_CHOICES]
        ],
    )


def _model(choices: Choices, say: Say) -> Part:
    makers: dict[str, list[str]] = {}
    for each in choices.models:
        makers.setdefault(each.model, []).append(PROVIDERS.get(each.provider, each.provider))
    options = [(model, model, say(", ").join(names)) for model, names in makers.items()]
    own = choices.own.model
    return _label(say("Model"), say(_OWN), _select("model", options, chosen=_given(own), required=False))


def _ratio(choices: Choices, say: Say, *, of_picture: bool = False) -> Part:
    possible = {ratio for each in choices.models for ratio in each.ratios}
    ranked = [*(ratio for ratio in RATIOS if ratio in possible), *sorted(possible - set(RATIOS))]
    options = [(ratio, say.name("choice", ratio), "") for ratio in ranked]
    told = say("Width to height. If nothing is chosen: yours, or 16:9.")
    if of_picture:
        told = say("Width to height. If nothing is chosen: near the picture's own.")
    usual = "" if of_picture else "16:9"
    select = _select("ratio", options, chosen=_given(choices.own.ratio), required=False, placeholder=usual)
    return _label(say("Ratio"), told, select)


def _seconds(choices: Choices, say: Say) -> Part:
    possible = sorted({seconds for each in choices.models for seconds in each.seconds})
    options = [(str(seconds), say("{seconds} s", seconds=seconds), "") for seconds in possible]
    own = choices.own.seconds
    usual = say("{seconds} s", seconds=5)
    select = _select("seconds", options, chosen=_given(own), required=False, placeholder=usual)
    return _label(say("Length"), say("If nothing is chosen: yours, or 5 s."), select)


def _given(own: object) -> tuple[str, ...]:
    return () if own is None else (str(own),)


def filled(data: Mapping[str, Any]) -> Filled:
    """Return what a submitted form's data say; whatever is odd in them is not said."""
    fields = [dict(row.get("component") or {}) for row in data.get("components", [])]
    values = {
        str(field.get("custom_id")): [str(one) for one in field.get("values") or ()] for field in fields
    }
    told = {str(field.get("custom_id")): str(field.get("value") or "") for field in fields}
    attachments = (data.get("resolved") or {}).get("attachments") or {}
    return Filled(
        prompt=told.get("prompt", ""),
        model=_first(values.get("model")),
        ratio=_first(values.get("ratio")),
        seconds=_number(_first(values.get("seconds"))),
        first=_number(_first(values.get("first"))),
        last=_number(_first(values.get("last"))),
        borrowed=tuple(sorted(int(one) for one in values.get("borrowed", ()) if one.isdecimal())),
        files=tuple(_uploaded(attachments[id_]) for id_ in values.get("files", ()) if id_ in attachments),
    )


def _first(values: Sequence[str] | None) -> str | None:
    return values[0] if values else None


def _number(value: str | None) -> int | None:
    return int(value) if value is not None and value.isdecimal() else None


def _uploaded(payload: Mapping[str, Any]) -> Offered:
    return Offered(str(payload["filename"]), str(payload["url"]), int(payload["size"]))
