"""What can stand in a request's way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import RequestRefused
from bot.models import MediaKind, Mode
from bot.providers.capabilities import CAPABILITIES
from bot.providers.rules import why_not
from tests.bot.providers.asking import a_file, asked, files

MIB = 1024 * 1024
CLIP, SOUND = MediaKind.VIDEO, MediaKind.AUDIO


def refusal(request, provider="evolink", model="seedance-2.0"):
    """Return the code and the facts of what stands in the way."""
    refused = why_not(request, CAPABILITIES[provider][model])
    return refused and (refused.code, dict(refused.facts))


def code(request, *where):
    """Return the code alone."""
    refused = refusal(request, *where)
    return refused and refused[0]


def one(kind=MediaKind.IMAGE, **said):
    """Return a request with one such file as a reference."""
    return asked(media=(a_file(kind, **said),), mode=Mode.REFERENCE)


@pytest.mark.parametrize("kinds", ["", "i", "ii", "iii", "iva", "v", "iiiiiiiii", "iiivvvaaa"])
def test_what_every_model_is_made_for_passes(kinds):
    """Nothing stands in the way of the ordinary."""
    assert code(asked(kinds)) is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"prompt": " \n"}, ("prompt_empty", {"option": "prompt"})),
        ({"prompt": "\u200b\u3164\u2800\x00"}, ("prompt_empty", {"option": "prompt"})),
        ({"prompt": "x" * 2001}, ("prompt_long", {"option": "prompt", "length": 2001, "most": 2000})),
        ({"prompt": "@2"}, ("reference_missing", {"reference": "@2", "files": 0})),
        (
            {"ratio": "2:1"},
            (
                "ratio",
                {
                    "option": "ratio",
                    "value": "2:1",
                    "allowed": ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "adaptive"),
                },
            ),
        ),
        (
            {"resolution": "1080p"},
            ("resolution", {"option": "resolution", "value": "1080p", "allowed": ("480p", "720p")}),
        ),
        (
            {"seconds": 3},
            ("seconds", {"option": "seconds", "value": 3, "allowed": tuple(range(4, 16))}),
        ),
        ({"fallback": True}, ("fallback", {"option": "fallback"})),
        ({"fallback": False}, None),
        ({"web_search": True}, None),
        ({"sound": False}, None),
    ],
)
def test_an_option_is_named_with_what_is_allowed(said, expected):
    """The refusal names the option and the values that the model has; what is switched off is no wish."""
    named = expected and (expected[0], {"provider": "evolink", "model": "seedance-2.0", **expected[1]})
    assert named == refusal(asked(**said))


@pytest.mark.parametrize(
    ("kinds", "said", "where", "expected"),
    [
        ("", {"sound": False}, ("maxapi",), "sound"),
        ("", {"sound": True}, ("seedance2ink",), "sound"),
        ("", {"web_search": True}, ("maxapi",), "web_search"),
        ("i", {"web_search": True}, (), "web_search"),
        ("", {"fallback": True}, ("maxapi",), None),
        ("", {"fallback": True}, ("maxapi", "seedance-1.5-pro"), "fallback"),
        ("", {"seconds": 6}, ("maxapi", "seedance-1.5-pro"), "seconds"),
        ("", {"ratio": "4:3"}, ("seedance2ink",), "ratio"),
        ("", {"resolution": "720p"}, ("maxapi", "seedance-2.0-pro"), "resolution"),
        ("iii", {}, ("maxapi", "seedance-1.5-pro"), "mode"),
        ("iv", {}, ("maxapi", "seedance-2.0-pro"), "kind_unsupported"),
        ("", {"mode": Mode.REFERENCE}, (), "files_none"),
        ("ii", {"mode": Mode.FIRST_FRAME}, (), "files_for_mode"),
        ("v", {"mode": Mode.FIRST_FRAME}, (), "kind_unsupported"),
        ("a", {}, (), "sound_alone"),
        ("aa", {}, ("maxapi",), "sound_alone"),
        ("ii", {"mode": Mode.REFERENCE}, ("maxapi",), "pictures_few"),
        ("ii", {"mode": Mode.REFERENCE}, ("seedance2ink",), "pictures_few"),
        ("i", {"mode": Mode.REFERENCE}, (), None),
        ("iv", {}, ("maxapi",), None),
        ("i" * 10, {}, (), "kind_many"),
        ("i" * 10, {}, ("maxapi",), "kind_many"),
        ("i" * 6, {}, ("seedance2ink",), "files_many"),
        ("i" * 9 + "vvva", {}, ("maxapi",), "files_many"),
        ("vvvv", {}, (), "kind_many"),
    ],
)
def test_files_and_options_are_counted_per_model(kinds, said, where, expected):
    """Each provider's own limits, and no other's."""
    assert expected == code(asked(kinds, **said), *where)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (one(size=0), "file_empty"),
        (one(extension=".gif"), "file_type"),
        (one(extension=".JPG"), None),
        (one(size=30 * MIB), None),
        (one(size=30 * MIB + 1), "file_large"),
        (one(width=300, height=300), None),
        (one(width=299, height=300), "side_short"),
        (one(width=6001, height=6000), "side_long"),
        (one(width=751, height=300), "shape"),
        (one(width=300, height=751), "shape"),
        (one(width=750, height=300), None),
        (one(CLIP, width=640, height=639), "pixels_few"),
        (one(CLIP, width=1280, height=725), "pixels_many"),
        (one(CLIP, size=50 * MIB + 1), "file_large"),
        (one(CLIP, duration=timedelta(seconds=1.9)), "file_short"),
        (one(CLIP, duration=timedelta(seconds=1.96)), None),
        (one(CLIP, duration=timedelta(seconds=15.04)), None),
        (one(CLIP, frame_rate=23.976), None),
        (one(CLIP, duration=timedelta(seconds=15.1)), "file_long"),
        (one(CLIP, frame_rate=23.9), "frame_rate"),
        (one(CLIP, frame_rate=60.1), "frame_rate"),
        (one(CLIP, extension=".m4v"), "file_type"),
        (
            asked(media=(a_file(), a_file(SOUND, duration=timedelta(seconds=16))), mode=Mode.REFERENCE),
            "file_long",
        ),
        (asked(media=(a_file(), a_file(SOUND, size=15 * MIB + 1)), mode=Mode.REFERENCE), "file_large"),
        (asked(media=tuple(a_file(CLIP, duration=timedelta(seconds=8)) for _ in "12")), "files_for_mode"),
    ],
)
def test_a_file_is_measured(request_, expected):
    """Size, sides, shape, pixels, length and frame rate, to the very limit."""
    media = request_.media
    mode = Mode.REFERENCE if expected != "files_for_mode" else Mode.TEXT
    assert expected == code(asked(media=media, mode=mode))


def test_the_length_of_all_clips_counts():
    """Sixteen seconds of clips in all are too long, though each is short."""
    media = tuple(a_file(CLIP, name=f"{n}", duration=timedelta(seconds=8)) for n in range(2))
    facts = {"kind": CLIP, "value": timedelta(seconds=16), "most": timedelta(seconds=15)}
    expected = ("total_long", {"provider": "maxapi", "model": "seedance-2.0", **facts})
    assert expected == refusal(asked(media=media, mode=Mode.REFERENCE), "maxapi")


def test_the_file_in_the_way_is_named():
    """Of several files, the refusal names the one and its rule."""
    media = (*files("i"), a_file(name="huge.png", size=31 * MIB))
    name, facts = refusal(asked(media=media, mode=Mode.FIRST_LAST_FRAME))
    assert (
        name,
        facts["file"],
        facts["value"],
        facts["most"],
    ) == ("file_large", "huge.png", 31 * MIB, 30 * MIB)


@given(
    kinds=st.text(alphabet="iva", max_size=14),
    mode=st.sampled_from(Mode),
    prompt=st.text(max_size=40),
    seconds=st.none() | st.integers(-1, 20),
)
def test_any_request_gets_an_answer(kinds, mode, prompt, seconds):
    """Whatever is asked of whichever model, the answer is None or a refusal that names provider and model."""
    request = asked(kinds, mode=mode, prompt=prompt, seconds=seconds)
    for models in CAPABILITIES.values():
        for model in models.values():
            refused = why_not(request, model)
            if refused is not None:
                assert isinstance(refused, RequestRefused)
                assert (model.provider, model.model) == (refused.facts["provider"], refused.facts["model"])
