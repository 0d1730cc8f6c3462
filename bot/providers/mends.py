"""The nearest that can be made where something can't be made as asked: somebody's choice, never ours."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from bot.models import ADAPTIVE, RATIOS, RESOLUTIONS, MediaKind, Mode
from bot.providers.capabilities import DEFAULT_MODEL
from bot.providers.rules import why_not

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from bot.models import Capabilities, Generation, VideoRequest

Mend: TypeAlias = tuple[tuple[str, object], ...]
"""Options and what they become, in the order of `VideoRequest`."""
OPTIONS = (
    "mode", "provider", "model", "ratio", "resolution", "seconds", "sound", "fallback", "web_search",
)  # fmt: skip
"""What a mend may change: never the prompt, and no file is dropped."""
MOST = 3
ANOTHER_MAY_HELP = frozenset(
    {"credit", "key", "provider", "rejected", "timeout", "unavailable", "unreachable"}
)
"""Reasons for which the same may succeed at another provider."""
_Option = TypeVar("_Option", str, int)


def mends(asked: VideoRequest, models: Iterable[Capabilities], most: int = MOST) -> tuple[Mend, ...]:
    """Return how little must change until one of the models can make it, the smallest change first.

    Nothing where it can be made as it is, or where only another prompt or other files would help.
    """
    found: list[Mend] = []
    for model in sorted(models, key=lambda one: one.model != DEFAULT_MODEL):
        fitted = _fitted(asked, model)
        if why_not(fitted, model) is None:
            found.append(change(asked, fitted))
    if () in found:
        return ()
    smallest: list[Mend] = []
    for mend in sorted(found, key=lambda one: (len(one), _distance(asked, one))):
        if not any(_names(smaller) <= _names(mend) for smaller in smallest):
            smallest.append(mend)
    return tuple(smallest[:most])


def _names(mend: Mend) -> set[str]:
    return {name for name, _ in mend}


def _distance(asked: VideoRequest, mend: Mend) -> float:
    distances: dict[str, Callable[[Any, Any], float]] = {
        "ratio": _ratio_distance,
        "resolution": _resolution_distance,
        "seconds": lambda one, other: abs(one - other),
    }
    return sum(distances[name](getattr(asked, name), value) for name, value in mend if name in distances)


def elsewhere(asked: VideoRequest, models: Sequence[Capabilities], tried: Iterable[str]) -> tuple[Mend, ...]:
    """Return the other providers that can make just this, each once, in order of preference."""
    behind = {asked.provider, *tried}
    able = [
        model.provider
        for model in models
        if model.provider not in behind
        and asked.model in {None, model.model}
        and why_not(replace(asked, provider=model.provider), model) is None
    ]
    return tuple((("provider", name),) for name in dict.fromkeys(able))


def shorter(asked: VideoRequest, models: Iterable[Capabilities], left: int) -> tuple[Mend, ...]:
    """Return the longest film that can be made of so many seconds, if there is one."""
    lengths = {
        seconds
        for model in models
        if asked.provider in {None, model.provider} and asked.model in {None, model.model}
        for seconds in model.seconds
        if seconds <= left and why_not(replace(asked, seconds=seconds), model) is None
    }
    return ((("seconds", max(lengths)),),) if lengths else ()


def after_refusal(generation: Generation, models: Sequence[Capabilities]) -> tuple[Mend, ...]:
    """Return what may be changed after a provider refused or failed, as far as that is likely to help.

    Its content rules say no again to the same prompt and files, whoever is asked: that isn't invited.
    """
    asked = generation.asked
    if generation.reason == "moderation_sound":
        return _silent(replace(asked, sound=None), replace(asked, sound=False), models)
    if generation.reason not in ANOTHER_MAY_HELP:
        return ()
    routed = replace(asked, provider=generation.request.provider)
    return elsewhere(routed, models, generation.tried)[:MOST]


def mended(asked: VideoRequest, mend: Mend) -> VideoRequest:
    """Return the request with a mend in it."""
    return replace(asked, **dict[str, Any](mend))


def _silent(asked: VideoRequest, silent: VideoRequest, models: Sequence[Capabilities]) -> tuple[Mend, ...]:
    """Return how it is made without sound: elsewhere, where its provider has no switch for it."""
    possible = (mended(silent, mend) for mend in ((), *mends(silent, models)))
    covered = [one for one in possible if one.sound is False and _covered(one, models)]
    return tuple(change(asked, one) for one in covered[:1])


def _covered(asked: VideoRequest, models: Iterable[Capabilities]) -> bool:
    return any(
        asked.provider in {None, model.provider}
        and asked.model in {None, model.model}
        and why_not(asked, model) is None
        for model in models
    )


def change(asked: VideoRequest, wished: VideoRequest) -> Mend:
    """Return what is different."""
    order = [field.name for field in fields(asked) if field.name in OPTIONS]
    return tuple(
        (name, getattr(wished, name)) for name in order if getattr(asked, name) != getattr(wished, name)
    )


def _fitted(asked: VideoRequest, model: Capabilities) -> VideoRequest:
    """Return what is nearest to it and lies within what a model's options are."""
    fitted = replace(
        asked,
        provider=asked.provider and model.provider,
        model=asked.model and model.model,
        ratio=_near(asked.ratio, model.ratios, _ratio_distance),
        resolution=_near(asked.resolution, model.resolutions, _resolution_distance),
        seconds=_near(asked.seconds, model.seconds, lambda one, other: abs(one - other)),
        sound=asked.sound if model.sound else None,
        fallback=asked.fallback if model.fallback or not asked.fallback else None,
    )
    return _searching(_framed(fitted, model), model)


def _searching(asked: VideoRequest, model: Capabilities) -> VideoRequest:
    searches = asked.web_search and asked.mode not in model.web_search
    return replace(asked, web_search=None) if searches else asked


def _framed(asked: VideoRequest, model: Capabilities) -> VideoRequest:
    """Take one or two pictures for frames where they are too few to be references."""
    refusal = why_not(asked, model)
    pictures = len(asked.of_kind(MediaKind.IMAGE)) == len(asked.media)
    if refusal is None or refusal.code != "pictures_few" or not pictures:
        return asked
    modes = {1: Mode.FIRST_FRAME, 2: Mode.FIRST_LAST_FRAME}
    return replace(asked, mode=modes.get(len(asked.media), asked.mode))


def _near(
    asked: _Option | None, allowed: tuple[_Option, ...], distance: Callable[[_Option, _Option], float]
) -> _Option | None:
    """Return the allowed one that is nearest, the first of two; an option that isn't there is left out."""
    if asked is None or asked in allowed:
        return asked
    return min(allowed, key=lambda one: distance(asked, one)) if allowed else None


def _ratio_distance(asked: str, one: str) -> float:
    """Tell how differently two shapes are; `adaptive`, which has none of its own, is nearest to 16:9."""
    if one == ADAPTIVE or one not in RATIOS:
        return float("inf")
    mine, other = RATIOS.get(asked, RATIOS["16:9"]), RATIOS[one]
    return float(max(mine, other) / min(mine, other))


def _resolution_distance(asked: str, one: str) -> float:
    places = {name: place for place, name in enumerate(RESOLUTIONS)}
    return abs(places.get(asked, 0) - places.get(one, len(places)))


# How a mend is written into a button's custom_id, and read out of it again.

_WORDS: dict[object, str] = {None: "", True: "yes", False: "no"}
_SWITCHES = ("sound", "fallback", "web_search")


def written(mend: Mend) -> str:
    """Return it as text: `seconds=5;sound=no`."""
    return ";".join(f"{name}={_written(value)}" for name, value in mend)


def _written(value: object) -> str:
    return _WORDS[value] if value is None or isinstance(value, bool) else str(value)


def read(text: str) -> Mend:
    """Return what was written; whatever can't be one is left out."""
    return tuple(_read(text))


def _read(text: str) -> Iterator[tuple[str, object]]:
    for part in text.split(";"):
        name, _, value = part.partition("=")
        if name in _SWITCHES:
            yield name, {"yes": True, "no": False}.get(value)
        elif name == "seconds" and value.isdecimal():
            yield name, int(value)
        elif name == "mode" and value in set(Mode):
            yield name, Mode(value)
        elif name in OPTIONS and name not in {"seconds", "mode"}:
            yield name, value or None
