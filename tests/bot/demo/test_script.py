"""The script covers every provider in every mode it has, within what each can do and what a member may."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.demo import script
from bot.demo.samples import Sample
from bot.demo.script import Ask, deal, write
from bot.models import ADAPTIVE, MediaKind, Mode
from bot.providers.capabilities import CAPABILITIES

EVERY = [model for models in CAPABILITIES.values() for model in models.values()]
MEMBERS = ("mira", "jonas", "noor")


@pytest.fixture(scope="module")
def asks() -> tuple[Ask, ...]:
    """One evening."""
    return write(EVERY, random.Random(1))


def test_every_provider_is_used_in_every_mode_it_has(asks: tuple[Ask, ...]) -> None:
    """No mode of any provider is left out."""
    has = {(model.provider, mode) for model in EVERY for mode in model.modes}
    assert {(ask.provider, ask.mode) for ask in asks} == has


def test_every_provider_that_takes_them_gets_picture_clip_and_sound(asks: tuple[Ask, ...]) -> None:
    """Where all three kinds can be mixed, they are, once."""
    mixed = Counter(ask.provider for ask in asks if {file.kind for file in ask.files} == set(MediaKind))
    takes = {model.provider for model in EVERY if set(MediaKind) <= model.media.keys()}
    assert mixed == dict.fromkeys(takes, 1)


def test_the_same_seed_asks_for_the_same(asks: tuple[Ask, ...]) -> None:
    """Prompts, options and files are the same to the byte; another seed asks for something else."""
    assert write(EVERY, random.Random(1)) == asks
    assert write(EVERY, random.Random(2)) != asks


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_everything_that_is_asked_for_can_be_had(seed: int) -> None:
    """Whatever the seed: ratio, resolution, seconds, sound and files are within the model's capabilities."""
    for ask in write(EVERY, random.Random(seed)):
        model = CAPABILITIES[ask.provider][ask.model]
        assert ask.mode in model.modes
        assert ask.ratio in set(model.ratios) - {ADAPTIVE}
        assert ask.seconds in model.seconds
        assert ask.seconds <= script.LONGEST
        assert ask.resolution in (model.resolutions or (None,))
        assert (ask.sound is not None) == model.sound
        assert len(ask.files) <= model.most_files
        for file in ask.files:
            assert f".{file.name.rpartition('.')[2]}" in model.media[file.kind].extensions
        if ask.mode is Mode.REFERENCE and {file.kind for file in ask.files} == {MediaKind.IMAGE}:
            assert len(ask.files) >= model.fewest_pictures_alone


def test_no_member_asks_for_more_than_the_default_limits(asks: tuple[Ask, ...]) -> None:
    """Ten videos and a hundred seconds a day; every command is somebody's."""
    dealt = deal(asks, MEMBERS)
    assert sorted(ask.take for own in dealt.values() for ask in own) == [ask.take for ask in asks]
    for own in dealt.values():
        assert len(own) <= 10
        assert sum(ask.seconds for ask in own) <= 100


def test_frames_go_into_video_and_references_into_reference() -> None:
    """The commands and options are those that members type."""
    files = tuple(Sample(f"{at}.png", MediaKind.IMAGE, bytes([at])) for at in range(2))
    common = {"use": "", "provider": "evolink", "model": "m", "prompt": "p", "ratio": "1:1", "seconds": 4}
    said = {"prompt": "p", "provider": "evolink", "model": "m", "ratio": "1:1", "seconds": 4}
    frames = Ask(take=1, mode=Mode.FIRST_LAST_FRAME, files=files, sound=False, **common)
    named = {"image": ("0.png", b"\0"), "last_image": ("1.png", b"\1")}
    assert frames.command == ("video", {**said, "sound": False, **named})
    references = Ask(take=1, mode=Mode.REFERENCE, files=files, resolution="480p", **common)
    named = {"file1": ("0.png", b"\0"), "file2": ("1.png", b"\1")}
    assert references.command == ("reference", {**said, "resolution": "480p", **named})


@pytest.mark.parametrize(
    ("provider", "wired"),
    [("maxapi", "a fox like @1"), ("seedance2ink", "a fox like @1"), ("evolink", "a fox like image 1")],
)
def test_a_mentioned_file_reaches_each_provider_in_its_own_words(provider: str, wired: str) -> None:
    """The prompt is expected as each provider wants it."""
    ask = Ask(1, "", Mode.REFERENCE, provider, "m", "a fox like @1", "1:1", 4)
    assert ask.wire_prompt == wired
