"""Laws of `bot.providers.mends`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.models import MediaFile, MediaKind, Mode
from bot.providers.capabilities import CAPABILITIES
from bot.providers.mends import after_refusal, change, elsewhere, mends, read, shorter, written
from bot.providers.rules import why_not
from tests.bot.store.examples import generation as example
from tests.fakes import a_request

ALL = [model for provider in CAPABILITIES.values() for model in provider.values()]
MAXAPI = list(CAPABILITIES["maxapi"].values())
PICTURE = MediaFile("1" * 32, "a.png", MediaKind.IMAGE, ".png", 9, "", "", width=800, height=600)


def a_generation(**fields):
    """Return one that ended."""
    return replace(example(1), **fields)


@pytest.mark.parametrize(
    ("said", "models", "expected"),
    [
        ({"seconds": 99}, ALL, ((("seconds", 15),),)),
        ({"seconds": 1, "provider": "maxapi"}, MAXAPI, ((("seconds", 4),),)),
        ({"sound": False, "provider": "maxapi"}, MAXAPI, ((("sound", None),),)),
        ({"web_search": True, "provider": "maxapi"}, MAXAPI, ((("web_search", None),),)),
        (
            {"sound": False, "provider": "maxapi"},
            ALL,
            ((("sound", None),), (("provider", "evolink"),)),
        ),
        (
            {"mode": Mode.REFERENCE, "media": (PICTURE,), "provider": "maxapi"},
            MAXAPI,
            ((("mode", Mode.FIRST_FRAME),),),
        ),
        (
            {"mode": Mode.REFERENCE, "media": (PICTURE, PICTURE), "provider": "maxapi"},
            MAXAPI,
            ((("mode", Mode.FIRST_LAST_FRAME),),),
        ),
        ({}, ALL, ()),
        ({"fallback": False, "web_search": False, "provider": "evolink"}, ALL, ()),
        ({"prompt": ""}, ALL, ()),
        ({"prompt": "@3 is missing"}, ALL, ()),
        ({"mode": Mode.FIRST_FRAME, "media": ()}, ALL, ()),
        ({"seconds": 99}, [], ()),
    ],
)
def test_the_smallest_change_comes_first(said, models, expected):
    """Nothing is mended that can be made, and nothing but another prompt or file mends those."""
    assert expected == mends(a_request(**said), models)


@pytest.mark.parametrize(
    "said",
    [
        {"ratio": "21:9", "model": "seedance-1.5-pro"},
        {"resolution": "1080p", "seconds": 15, "web_search": True},
        {"provider": "evolink", "model": "seedance-1.5-pro"},
        {"provider": "seedance2ink", "resolution": "480p", "fallback": True},
        {"mode": Mode.REFERENCE, "media": (PICTURE,), "sound": False, "provider": "seedance2ink"},
    ],
)
def test_a_mended_request_can_be_made(said):
    """Whatever is offered is taken by one of the models."""
    asked = a_request(**said)
    offered = mends(asked, ALL)

    for mend in offered:
        mended = replace(asked, **dict(mend))
        able = [
            model
            for model in ALL
            if mended.provider in {None, model.provider} and mended.model in {None, model.model}
        ]
        assert any(why_not(mended, model) is None for model in able)
    assert len(offered) <= 3


@pytest.mark.parametrize(
    ("asked", "allowed", "nearest"),
    [
        ("21:9", ("1:1", "16:9", "9:16"), "16:9"),
        ("3:4", ("16:9", "9:16"), "9:16"),
        ("adaptive", ("1:1", "16:9"), "16:9"),
        ("9:16", ("adaptive", "4:3"), "4:3"),
    ],
)
def test_the_nearest_shape(asked, allowed, nearest):
    """Near in width to height."""
    model = replace(MAXAPI[0], ratios=allowed)
    assert ((("ratio", nearest),),) == mends(a_request(ratio=asked), [model])


def test_the_nearest_sharpness():
    """One step, not two."""
    model = replace(MAXAPI[0], resolutions=("480p", "720p"))
    assert ((("resolution", "720p"),),) == mends(a_request(resolution="1080p"), [model])


def test_other_providers_for_just_the_same():
    """Each once, none that was tried, and only who can make it without any change."""
    assert ((("provider", "seedance2ink"),), (("provider", "evolink"),)) == elsewhere(
        a_request(provider="maxapi"), ALL, ()
    )
    assert ((("provider", "evolink"),),) == elsewhere(a_request(provider="maxapi"), ALL, ["seedance2ink"])
    assert () == elsewhere(a_request(provider="evolink", sound=False), ALL, ())


@pytest.mark.parametrize(
    ("left", "expected"), [(7, ((("seconds", 7),),)), (99, ((("seconds", 15),),)), (3, ())]
)
def test_as_long_as_the_limit_lets_it_be(left, expected):
    """The longest that still fits, or none."""
    assert expected == shorter(a_request(seconds=15), ALL, left)


def test_a_mend_is_read_as_it_was_written():
    """In a custom_id, with room to spare."""
    asked = a_request(mode=Mode.REFERENCE, sound=True, web_search=True, seconds=15, ratio="16:9")
    wished = replace(
        asked, mode=Mode.FIRST_LAST_FRAME, provider="seedance2ink", model="seedance-2.0-fast",
        ratio="adaptive", resolution="1080p", seconds=5, sound=False, web_search=None,
    )  # fmt: skip
    mend = change(asked, wished)

    assert wished == replace(asked, **dict(read(written(mend))))
    assert len(written(mend)) < 150


@pytest.mark.parametrize("text", ["", "prompt=x", "seconds=many", "mode=cube", "media=1", "seconds=;x"])
def test_what_cannot_be_a_mend_is_none(text):
    """Nothing else is ever changed."""
    assert read(text) == ()


@pytest.mark.parametrize(
    ("said", "routed", "reason", "expected"),
    [
        ({}, "evolink", "moderation_sound", ((("sound", False),),)),
        ({"provider": "evolink", "sound": True}, "evolink", "moderation_sound", ((("sound", False),),)),
        (
            {"provider": "maxapi"},
            "maxapi",
            "moderation_sound",
            ((("provider", "evolink"), ("sound", False)),),
        ),
        ({}, "maxapi", "provider", ((("provider", "seedance2ink"),), (("provider", "evolink"),))),
        ({"provider": "evolink", "sound": False}, "evolink", "timeout", ()),
        ({}, "maxapi", "moderation", ()),
        ({}, "maxapi", "moderation_face", ()),
        ({}, "maxapi", "input", ()),
        ({}, "maxapi", None, ()),
    ],
)
def test_what_may_help_after_a_refusal(said, routed, reason, expected):
    """Without the sound that was refused, or elsewhere after a failure; never the same past other rules."""
    asked = a_request(**said)
    request = replace(asked, provider=routed, model="seedance-2.0")
    generation = a_generation(asked=asked, request=request, reason=reason)

    assert expected == after_refusal(generation, ALL)


def test_silence_is_nowhere_to_be_had():
    """Where no provider that is on can leave the sound out, nothing is offered."""
    asked = a_request()
    generation = a_generation(
        asked=asked, request=replace(asked, provider="maxapi"), reason="moderation_sound"
    )
    assert after_refusal(generation, MAXAPI) == ()
