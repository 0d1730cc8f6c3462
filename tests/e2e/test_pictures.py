"""Each picture in the documents can be taken anew, and is there; `make pictures` takes them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.pictures import MOST_BYTES, PICTURES, every_picture, file_name, write
from tests.e2e.scenes import SCENES

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def named() -> set[str]:
    """Return the pictures that some document shows."""
    return {
        name for page in PAGES for name in re.findall(r"pictures/([\w.-]+\.png)", page.read_text("utf-8"))
    }


def test_documents_show_pictures_that_can_be_taken() -> None:
    """The table of scenes covers what the README and the other pages show."""
    assert named() - every_picture() == set()
    assert "film.png" in named()


def test_every_scene_has_its_pictures() -> None:
    """What the table says has been taken in each language, and nothing lies there that it doesn't say."""
    assert {path.name for path in PICTURES.glob("*.png")} == every_picture()


@pytest.mark.parametrize("name", sorted(every_picture()))
def test_a_picture_is_light(name: str) -> None:
    """Nobody waits for a page of documents."""
    assert (PICTURES / name).stat().st_size < MOST_BYTES


def test_a_picture_is_written_in_few_colours(tmp_path: Path) -> None:
    """256 are enough for messages; the size that is told is the file's."""
    path = tmp_path / "here" / "a.png"
    size = write(Image.effect_noise((300, 200), 60).convert("RGB"), path)
    assert path.stat().st_size == size
    with Image.open(path) as written:
        assert written.mode == "P"


def test_names_tell_the_language() -> None:
    """English goes without saying."""
    assert file_name("film", "en-US") == "film.png"
    assert file_name("film", "zh-CN") == "film.zh-CN.png"


@pytest.mark.parametrize("name", sorted(SCENES))
def test_a_scene_says_what_happens(name: str) -> None:
    """Whoever changes a text finds the scene that shows it."""
    assert SCENES[name].play.__doc__
