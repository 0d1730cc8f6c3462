"""What every provider's model can do: data, in one place, to be corrected when a provider changes.

Sources, by the names used below:

- *maxapi*: docs.maxapi.io/api-reference/seedance-video/{text-to-video,image-to-video}
- *maxapi, older form*: docs.maxapi.io/api-reference/jimeng-video/{text-to-video,image-to-video}
- *seedance2.ink*: www.seedance2.ink/docs/api-reference and its pages text-to-video and image-to-video
- *EvoLink*: docs.evolink.ai, "Unified API for all Seedance 2.0 models"
- *official*: the limits of Volcengine Ark's create-task page, which all three resell. They stand in where a
  provider documents none of its own.
- *ours*: nothing was found; a cautious choice.
"""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.models import ADAPTIVE, Capabilities, MediaKind, MediaLimits, Mode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEFAULT_MODEL = "seedance-2.0"
"""Taken where the member names none and the provider has it."""

_MIB = 1024 * 1024
_EVERY_MODE = frozenset(Mode)
_FRAMES = frozenset({Mode.TEXT, Mode.FIRST_FRAME, Mode.FIRST_LAST_FRAME})
_FOUR_TO_FIFTEEN = tuple(range(4, 16))  # maxapi, seedance2.ink, EvoLink: 2.0 and 2.0-fast
_FIVE_OR_TEN = (5, 10)  # maxapi, seedance2.ink: 1.5-pro
_FIFTEEN_SECONDS = timedelta(seconds=15)


def _pictures(extensions: tuple[str, ...], most: int) -> MediaLimits:
    """Sides, shape and size as *official* and EvoLink have them."""
    return MediaLimits(
        extensions=extensions,
        most=most,
        largest=30 * _MIB,
        shortest_side=300,
        longest_side=6000,
        narrowest=0.4,
        widest=2.5,
    )


def _clips(
    extensions: tuple[str, ...],
    *,
    shortest_side: int = 0,
    longest_side: int = 0,
    shape: tuple[float, float] = (0.0, 0.0),
    pixels: tuple[int, int] = (0, 0),
) -> MediaLimits:
    """Size, lengths and frame rates as *official* and EvoLink have them; the rest is EvoLink's alone."""
    return MediaLimits(
        extensions=extensions,
        most=3,
        largest=50 * _MIB,
        shortest_side=shortest_side,
        longest_side=longest_side,
        narrowest=shape[0],
        widest=shape[1],
        fewest_pixels=pixels[0],
        most_pixels=pixels[1],
        shortest=timedelta(seconds=2),
        longest=_FIFTEEN_SECONDS,
        longest_total=_FIFTEEN_SECONDS,
        slowest=24.0,
        fastest=60.0,
    )


_SOUNDS = MediaLimits(  # official, EvoLink; maxapi agrees on formats and the total
    extensions=(".mp3", ".wav"),
    most=3,
    largest=15 * _MIB,
    shortest=timedelta(seconds=2),
    longest=_FIFTEEN_SECONDS,
    longest_total=_FIFTEEN_SECONDS,
)
_MIXED_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp")  # maxapi, seedance2.ink
_MIXED_CLIPS = (".mp4", ".mov", ".m4v")  # maxapi, seedance2.ink


def _mixed(pictures: int) -> dict[MediaKind, MediaLimits]:
    """One list of files for all kinds: maxapi, seedance2.ink."""
    return {
        MediaKind.IMAGE: _pictures(_MIXED_PICTURES, pictures),
        MediaKind.VIDEO: _clips(_MIXED_CLIPS),
        MediaKind.AUDIO: _SOUNDS,
    }


def _pictures_only(most: int) -> dict[MediaKind, MediaLimits]:
    return {MediaKind.IMAGE: _pictures(_MIXED_PICTURES, most)}


_LONGEST_PROMPT = 2000
"""ours: no provider gives a limit in characters; EvoLink recommends 1,000 words."""


def _maxapi(
    model: str,
    *,
    modes: frozenset[Mode] = _EVERY_MODE,
    media: dict[MediaKind, MediaLimits],
    most_files: int,
    seconds: tuple[int, ...],
    resolutions: tuple[str, ...] = ("480p", "720p", "1080p"),  # maxapi
    fallback: bool = False,
) -> Capabilities:
    return Capabilities(
        provider="maxapi",
        model=model,
        modes=modes,
        media=media,
        most_files=most_files,
        fewest_pictures_alone=3,  # maxapi: one picture is the first frame, two are first and last
        seconds=seconds,
        ratios=("16:9", "9:16", "1:1", "4:3", "3:4"),  # maxapi
        resolutions=resolutions,
        longest_prompt=_LONGEST_PROMPT,
        fallback=fallback,
        longest=timedelta(hours=4, minutes=30),  # maxapi: up to 4 hours; the rest is ours
        expected=(timedelta(minutes=2), timedelta(hours=4)),  # maxapi
    )


def _maxapi_older(model: str) -> Capabilities:
    """maxapi, older form: pictures only, `ratio` and `duration`, and no word of a resolution.

    The lengths are ours: the page's only example is 5 seconds.
    """
    media = _pictures_only(9)
    return _maxapi(model, media=media, most_files=9, seconds=_FIVE_OR_TEN, resolutions=())


OLDER_FORM = (
    "seedance-2.0-pro",
    "jimeng-video-3.5-pro",
    "jimeng-video-3.0-pro",
    "jimeng-video-3.0",
    "jimeng-video-2.0-pro",
    "jimeng-video-2.0",
)
"""maxapi, older form: the models that take `imageUrls`."""


def _seedance2ink(
    model: str,
    *,
    modes: frozenset[Mode] = _EVERY_MODE,
    media: dict[MediaKind, MediaLimits],
    most_files: int = 5,  # seedance2.ink
    seconds: tuple[int, ...] = _FOUR_TO_FIFTEEN,
) -> Capabilities:
    return Capabilities(
        provider="seedance2ink",
        model=model,
        modes=modes,
        media=media,
        most_files=most_files,
        fewest_pictures_alone=3,  # seedance2.ink: "inferred from the number and type of materials"
        seconds=seconds,
        ratios=("16:9", "9:16", "1:1"),  # seedance2.ink
        resolutions=("480p", "720p", "1080p"),  # seedance2.ink
        longest_prompt=_LONGEST_PROMPT,
        cancel=True,  # seedance2.ink: queued or processing
        longest=timedelta(hours=1),  # ours
        expected=(timedelta(minutes=2), timedelta(minutes=15)),  # ours
    )


def _evolink(model: str) -> Capabilities:
    return Capabilities(
        provider="evolink",
        model=model,
        modes=_EVERY_MODE,
        media={
            # EvoLink writes .jpeg; its own example address ends in .jpg, and they are one format.
            MediaKind.IMAGE: _pictures((".jpg", ".jpeg", ".png", ".webp"), 9),
            MediaKind.VIDEO: _clips(
                (".mp4", ".mov"),
                shortest_side=300,
                longest_side=6000,
                shape=(0.4, 2.5),
                pixels=(409_600, 927_408),
            ),
            MediaKind.AUDIO: _SOUNDS,
        },
        most_files=15,  # 9 pictures, 3 clips, 3 sounds
        fewest_pictures_alone=1,  # the mode is in the model's name, nothing is inferred
        seconds=_FOUR_TO_FIFTEEN,
        ratios=("16:9", "9:16", "1:1", "4:3", "3:4", "21:9", ADAPTIVE),
        resolutions=(
            "480p",
            "720p",
        ),  # later texts add 1080p to the standard tier; the reference page doesn't
        longest_prompt=_LONGEST_PROMPT,
        sound=True,
        web_search=frozenset({Mode.TEXT}),
        progress=True,
        idempotent=True,  # seen in EvoLink's own client, not in its public pages
        uploads=True,
        longest=timedelta(hours=1),  # ours
        expected=(timedelta(seconds=30), timedelta(minutes=3)),  # EvoLink's guides: 20 to 180 seconds
    )


def _by_model(every: Iterable[Capabilities]) -> Mapping[str, Capabilities]:
    return MappingProxyType({each.model: each for each in every})


CAPABILITIES: Mapping[str, Mapping[str, Capabilities]] = MappingProxyType(
    {
        "maxapi": _by_model(
            (
                _maxapi(
                    "seedance-2.0", media=_mixed(9), most_files=12, seconds=_FOUR_TO_FIFTEEN, fallback=True
                ),
                _maxapi(
                    "seedance-2.0-fast",
                    media=_mixed(9),
                    most_files=12,
                    seconds=_FOUR_TO_FIFTEEN,
                    fallback=True,
                ),
                _maxapi(
                    "seedance-1.5-pro",
                    modes=_FRAMES,
                    media=_pictures_only(2),
                    most_files=2,
                    seconds=_FIVE_OR_TEN,
                ),
                *(_maxapi_older(model) for model in OLDER_FORM),
            )
        ),
        "seedance2ink": _by_model(
            (
                _seedance2ink("seedance-2.0", media=_mixed(5)),
                _seedance2ink("seedance-2.0-fast", media=_mixed(5)),
                _seedance2ink(  # seedance2.ink: "best reserved for simpler image-guided generation"
                    "seedance-1.5-pro",
                    modes=_FRAMES,
                    media=_pictures_only(2),
                    most_files=2,
                    seconds=_FIVE_OR_TEN,
                ),
            )
        ),
        "evolink": _by_model((_evolink("seedance-2.0"), _evolink("seedance-2.0-fast"))),
    }
)
"""By provider, then by model; a provider's default model comes first."""
