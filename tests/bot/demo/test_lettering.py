"""Laws of setting words into pictures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from bot.demo import lettering
from bot.demo.lettering import Lettering, fitted, font, font_folder

TEXT = st.text(st.sampled_from("abc ,.一只猫。שع🎬"), max_size=60)


@given(TEXT)
def test_wrapping_loses_no_letter(text):
    """All letters but spaces are in the lines, in order."""
    assert "".join("".join(Lettering(20).wrap(text, 120)).split()) == "".join(text.split())


@given(TEXT)
def test_lines_fit(text):
    """No line is wider than asked, unless a single letter is."""
    letters = Lettering(20)

    assert all(len(line) <= 2 or letters.width(line) <= 120 for line in letters.wrap(text, 120))


def test_no_line_begins_with_a_full_stop():
    """Chinese is broken anywhere but there."""
    lines = Lettering(20).wrap("一只猫。" * 12, 60)

    assert [line for line in lines if line.startswith("。")] == []


def test_type_grows_as_large_as_fits():
    """A short text gets the largest type, a long one the smallest, cut with an ellipsis."""
    short, _ = fitted("A kite", (400, 200), (40, 12))
    long, lines = fitted("kite " * 900, (400, 200), (40, 12))

    assert (short.size, long.size, lines[-1][-1]) == (40, 12, "…")
    assert len(lines) * long.leading <= 200


@pytest.fixture
def _no_fonts(monkeypatch):
    monkeypatch.setattr(lettering, "font_folder", lambda: None)
    font.cache_clear()
    yield
    font.cache_clear()


@pytest.mark.usefixtures("_no_fonts")
def test_without_fonts_pillows_own_is_used():
    """Words are still set; nothing is raised whatever the script."""
    canvas = Image.new("RGB", (300, 40))
    Lettering(20).draw(ImageDraw.Draw(canvas), (5, 30), "A 猫", "white")

    assert canvas.getbbox() is not None


def test_the_packaged_fonts_are_found():
    """The demo's requirements bring them."""
    assert font_folder() is not None
