"""Laws of `bot.media.names`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.media.names import suits


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        ("cat.png", ".png"),
        ("CAT.JPEG", ".jpg"),
        ("cat.jfif", ".jpg"),
        ("dance.mov", ".mp4"),
        ("dance.m4v", ".mp4"),
        ("no suffix at all", ".webp"),
        ("still 2026.11.21", ".png"),
        ("ends with a dot.", ".gif"),
        ("archive.tar.gz.wav", ".wav"),
        ("猫.png", ".png"),
    ],
)
def test_a_name_that_says_the_same_or_nothing_suits(name, extension):
    """One format has several suffixes, and none is needed."""
    assert suits(name, extension)


@pytest.mark.parametrize(
    ("name", "extension"),
    [("clip.png", ".mp4"), ("pic.txt", ".png"), ("cat.png", ".jpg"), ("song.mp4", ".mp3"), ("a.exe", ".gif")],
)
def test_a_name_that_says_something_else_does_not(name, extension):
    """A clip that is called a picture is refused before anything is spent."""
    assert not suits(name, extension)


@given(st.text(), st.sampled_from([".png", ".jpg", ".mp4", ".mp3"]))
def test_any_name_has_an_answer(name, extension):
    """Whatever stands there, nothing is raised, and the true suffix always suits."""
    assert suits(name, extension) in {True, False}
    assert suits(name + extension, extension)
