"""What a model takes and what it doesn't: every rule that can stand in a request's way, in one order.

Each refusal is a `RequestRefused` whose facts hold `provider` and `model`, then the culprit (`option` and
`value`, or `file`), then the rule (`allowed`, `most`, `least`, …). The codes:

- the prompt: `prompt_empty`; `prompt_long` (`length`, `most`); `reference_missing` (`reference`, `files`)
- options: `mode`, `ratio`, `resolution`, `seconds` (`value`, `allowed`); `sound`, `fallback`, `web_search`
- files together: `files_for_mode` (`mode`, `count`); `files_none`; `files_many` (`count`, `most`);
  `kind_unsupported` (`file`, `kind`, `allowed`); `kind_many` (`kind`, `count`, `most`); `sound_alone`;
  `pictures_few` (`count`, `least`); `total_long` (`kind`, `value`, `most`: lengths)
- one file (`file`): `file_empty`; `file_type` (`value`, `allowed`); `file_large` (`value`, `most`: bytes);
  `side_short`, `side_long` (`width`, `height`, and `least` or `most`: pixels); `shape` (`width`, `height`,
  `least`, `most`: width ÷ height); `pixels_few`, `pixels_many` (`value`, and `least` or `most`);
  `file_short`, `file_long` (`value`, and `least` or `most`: lengths); `frame_rate` (`value`, `least`, `most`)
"""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from bot.errors import RequestRefused
from bot.models import MediaKind, Mode
from bot.providers import references

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.models import Capabilities, MediaFile, MediaLimits, VideoRequest

Broken: TypeAlias = tuple[str, dict[str, object]]
"""A rule in the way: its code and the facts for its sentence."""

_FRAMES = {Mode.TEXT: 0, Mode.FIRST_FRAME: 1, Mode.FIRST_LAST_FRAME: 2}
"""Pictures that a mode takes, no more and no fewer."""

# Files are seldom of a whole length, and what everybody calls 24 frames per second is often 23.976.
_LENGTH_GRACE = timedelta(milliseconds=50)
_RATE_GRACE = 0.03

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
"""Unicode's categories of what nobody sees."""
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
"""What Unicode takes for letters and signs, and is drawn as nothing."""


def why_not(request: VideoRequest, capabilities: Capabilities) -> RequestRefused | None:
    """Return the first rule in the way of a request, routed or not; options that are None are in no way."""
    for code, facts in _rules(request, capabilities):
        return RequestRefused(
            code, **{"provider": capabilities.provider, "model": capabilities.model, **facts}
        )
    return None


def _rules(request: VideoRequest, capabilities: Capabilities) -> Iterator[Broken]:
    yield from _prompt(request, capabilities)
    yield from _options(request, capabilities)
    yield from _files(request, capabilities)
    for file in request.media:
        yield from _file(file, capabilities.media[file.kind])


def _shows(character: str) -> bool:
    """Return whether there is anything to be seen of a character: what is blank asks for nothing."""
    return unicodedata.category(character) not in _UNSEEN and character not in _BLANKS


def _prompt(request: VideoRequest, capabilities: Capabilities) -> Iterator[Broken]:
    length = len(request.prompt)
    if not any(map(_shows, request.prompt)):
        yield "prompt_empty", {"option": "prompt"}
    if length > capabilities.longest_prompt:
        yield "prompt_long", {"option": "prompt", "length": length, "most": capabilities.longest_prompt}
    absent = references.missing(request.prompt, len(request.media))
    if absent:
        yield "reference_missing", {"reference": absent.text, "files": len(request.media)}


def _options(request: VideoRequest, capabilities: Capabilities) -> Iterator[Broken]:
    if request.mode not in capabilities.modes:
        modes = tuple(mode for mode in Mode if mode in capabilities.modes)
        yield "mode", {"option": "mode", "value": request.mode, "allowed": modes}
    chosen: tuple[tuple[str, object, tuple[object, ...]], ...] = (
        ("ratio", request.ratio, capabilities.ratios),
        ("resolution", request.resolution, capabilities.resolutions),
        ("seconds", request.seconds, capabilities.seconds),
    )
    for option, value, allowed in chosen:
        if value is not None and value not in allowed:
            yield option, {"option": option, "value": value, "allowed": allowed}
    if request.sound is not None and not capabilities.sound:
        yield "sound", {"option": "sound"}
    if request.fallback and not capabilities.fallback:
        yield "fallback", {"option": "fallback"}
    if request.web_search and request.mode not in capabilities.web_search:
        yield "web_search", {"option": "web_search"}


def _files(request: VideoRequest, capabilities: Capabilities) -> Iterator[Broken]:
    count = len(request.media)
    frames = _FRAMES.get(request.mode)
    if frames is not None and frames != count:
        yield "files_for_mode", {"mode": request.mode, "count": count, "least": frames, "most": frames}
    if frames is None and not count:
        yield "files_none", {"mode": request.mode}
    kinds = tuple(kind for kind in MediaKind if kind in capabilities.media)
    allowed = kinds if frames is None else (MediaKind.IMAGE,)
    for file in request.media:
        if file.kind not in allowed:
            yield "kind_unsupported", {"file": file.name, "kind": file.kind, "allowed": allowed}
    if count > capabilities.most_files:
        yield "files_many", {"count": count, "most": capabilities.most_files}
    for kind in kinds:
        yield from _kind(request, kind, capabilities.media[kind])
    if frames is None:
        yield from _alone(request, capabilities)


def _kind(request: VideoRequest, kind: MediaKind, limits: MediaLimits) -> Iterator[Broken]:
    files = request.of_kind(kind)
    if len(files) > limits.most:
        yield "kind_many", {"kind": kind, "count": len(files), "most": limits.most}
    total = sum((file.duration for file in files), timedelta())
    if len(files) > 1 and limits.longest_total and total > limits.longest_total + _LENGTH_GRACE:
        yield "total_long", {"kind": kind, "value": total, "most": limits.longest_total}


def _alone(request: VideoRequest, capabilities: Capabilities) -> Iterator[Broken]:
    kinds = {file.kind for file in request.media}
    if kinds == {MediaKind.AUDIO}:
        yield "sound_alone", {"file": request.media[0].name}
    if kinds == {MediaKind.IMAGE} and len(request.media) < capabilities.fewest_pictures_alone:
        yield "pictures_few", {"count": len(request.media), "least": capabilities.fewest_pictures_alone}


def _file(file: MediaFile, limits: MediaLimits) -> Iterator[Broken]:
    named: dict[str, object] = {"file": file.name}
    if not file.size:
        yield "file_empty", named
    if file.extension.lower() not in limits.extensions:
        yield "file_type", {**named, "value": file.extension, "allowed": limits.extensions}
    if file.size > limits.largest:
        yield "file_large", {**named, "value": file.size, "most": limits.largest}
    if file.kind is not MediaKind.AUDIO:
        for code, facts in _picture(file, limits):
            yield code, {**named, "width": file.width, "height": file.height, **facts}
    if file.kind is not MediaKind.IMAGE:
        for code, facts in _length(file, limits):
            yield code, {**named, **facts}


def _picture(file: MediaFile, limits: MediaLimits) -> Iterator[Broken]:
    short, long = sorted((file.width, file.height))
    if short < limits.shortest_side:
        yield "side_short", {"least": limits.shortest_side}
    if limits.longest_side and long > limits.longest_side:
        yield "side_long", {"most": limits.longest_side}
    shape = file.width / file.height if file.height else 0.0
    if limits.widest and not limits.narrowest <= shape <= limits.widest:
        yield "shape", {"least": limits.narrowest, "most": limits.widest}
    pixels = file.width * file.height
    if pixels < limits.fewest_pixels:
        yield "pixels_few", {"value": pixels, "least": limits.fewest_pixels}
    if limits.most_pixels and pixels > limits.most_pixels:
        yield "pixels_many", {"value": pixels, "most": limits.most_pixels}


def _length(file: MediaFile, limits: MediaLimits) -> Iterator[Broken]:
    if file.duration < limits.shortest - _LENGTH_GRACE:
        yield "file_short", {"value": file.duration, "least": limits.shortest}
    if limits.longest and file.duration > limits.longest + _LENGTH_GRACE:
        yield "file_long", {"value": file.duration, "most": limits.longest}
    slowest, fastest = limits.slowest - _RATE_GRACE, limits.fastest + _RATE_GRACE
    if file.kind is MediaKind.VIDEO and limits.fastest and not slowest <= file.frame_rate <= fastest:
        yield "frame_rate", {"value": file.frame_rate, "least": limits.slowest, "most": limits.fastest}
