"""The last picture that is shown of a film, as it is shown."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import av
import pytest
from PIL import Image

from bot.errors import MediaError
from bot.media import _frames
from bot.media.frames import last_frame
from tests.bot.media.hostile import broken_films
from tests.bot.media.shots import BLUE, RED, seen, shade, shoot, turn

MOODY = ("tests.bot.media.moody_encoder",)


def left(folder) -> list[str]:
    """Return what lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def near(one, other, most=2) -> bool:
    """Say whether two colours are the same but for what compression does."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= most


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"bf": "0"},
        {"bf": "8", "b-pyramid": "normal"},
        {"g": "7"},
        {"g": "1"},
        {"x264-params": "open-gop=1:keyint=10"},
        {"beep": None},
        {"heard": 5.0},
    ],
    ids=str,
)
async def test_the_picture_is_the_last_one_that_is_shown(tmp_path, options):
    """However pictures are ordered in the file, and however long the sound goes on."""
    film = shoot(tmp_path / "film.mp4", count=50, **options)
    await last_frame(film, tmp_path / "last.png")
    with Image.open(tmp_path / "last.png") as picture:
        assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", (160, 120))
        assert near(picture.getpixel((80, 60)), shade(BLUE, 49))
    assert left(tmp_path) == ["film.mp4", "last.png"]


async def test_what_the_edit_list_hides_is_not_shown(tmp_path):
    """A film whose end was cut off by a note in the file ends where players end it."""
    film = shoot(tmp_path / "film.mp4", count=48, beep=None, bf="0", g="12")
    data = bytearray(film.read_bytes())
    entry = data.index(b"elst") + 12
    data[entry : entry + 4] = (int.from_bytes(data[entry : entry + 4], "big") // 2).to_bytes(4, "big")
    film.write_bytes(data)
    await last_frame(film, tmp_path / "last.png")
    with Image.open(tmp_path / "last.png") as picture:
        assert picture.getpixel((80, 60)) == pytest.approx(seen(film)[-1][1], abs=3)
    assert len(seen(film)) == pytest.approx(24, abs=1)


async def test_a_long_film_is_not_decoded_whole(tmp_path, monkeypatch):
    """Decoding begins at the last picture that stands alone."""
    film = shoot(tmp_path / "film.mp4", count=100, g="10", beep=None, sc_threshold="0")
    decoded = []

    class Counting:
        def __init__(self, real):
            self.real = real

        def __getattr__(self, name):
            return getattr(self.real, name)

        def decode(self, stream):
            for frame in self.real.decode(stream):
                decoded.append(frame.pts)
                yield frame

    with av.open(str(film)) as container:
        frame = _frames._last(Counting(container), container.streams.video[0])
    assert (frame.pts, len(decoded)) == (max(decoded), 10)


async def test_an_upright_film_gives_an_upright_picture(tmp_path):
    """The turn that the file notes is made."""
    film = shoot(tmp_path / "film.mp4", count=3)
    await last_frame(turn(film, 120), tmp_path / "last.png")
    with Image.open(tmp_path / "last.png") as picture:
        assert picture.size == (120, 160)


@pytest.mark.parametrize(
    ("shape", "size"),
    [((4, 3), (213, 120)), ((3, 4), (160, 160)), ((1, 1), (160, 120)), ((50, 1), (160, 120))],
)
async def test_pixels_that_are_not_square_become_square(tmp_path, shape, size):
    """A picture has the shape that players give it, and loses no pixels; nonsense is left alone."""
    film = shoot(tmp_path / "film.mp4", count=3, shape=Fraction(*shape))
    await last_frame(film, tmp_path / "last.png")
    with Image.open(tmp_path / "last.png") as picture:
        assert picture.size == size


@pytest.mark.parametrize(("height", "colour"), [(360, (150, 40, 20)), (720, (160, 49, 18))])
async def test_colours_are_read_as_players_read_them(tmp_path, height, colour):
    """A film that doesn't name its matrix is taken for BT.709 if it is large, else for BT.601."""
    film = shoot(tmp_path / "film.mp4", RED, size=(640, height), count=1, beep=None)
    await last_frame(film, tmp_path / "last.png")
    with Image.open(tmp_path / "last.png") as picture:
        assert near(picture.getpixel((9, 9)), colour, most=4)


async def test_what_is_no_film_gives_no_picture(real, tmp_path):
    """Every broken film is refused by its name, and nothing is left where the picture would be."""
    (tmp_path / "out").mkdir()
    film, plain = ((real / name).read_bytes() for name in ("film.mp4", "plain.mp4"))
    refused = {}
    hostile = broken_films(film, plain, tmp_path)
    for name, (data, _) in hostile.items():
        (tmp_path / "film.mp4").write_bytes(data)
        with pytest.raises(MediaError) as caught:
            await last_frame(tmp_path / "film.mp4", tmp_path / "out" / "last.png")
        refused[name] = caught.value.code
    assert refused == {name: code for name, (_, code) in hostile.items()}
    assert left(tmp_path / "out") == []


@pytest.mark.parametrize(
    ("name", "code"), [("picture.png", "not_a_film"), ("song.mp3", "not_a_film"), ("none.mp4", "unreadable")]
)
async def test_other_files_are_refused(real, tmp_path, name, code):
    """A picture, a sound and no file at all are no films; what lay in the place before stays."""
    (tmp_path / "last.png").write_bytes(b"before")
    with pytest.raises(MediaError) as caught:
        await last_frame(real / name, tmp_path / "last.png")
    assert (caught.value.code, (tmp_path / "last.png").read_bytes()) == (code, b"before")


async def test_a_film_that_takes_too_long_is_given_up(tmp_path):
    """After the deadline the child is gone, and nothing is left."""
    with pytest.raises(MediaError) as caught:
        await last_frame(
            tmp_path / "hang.mp4",
            tmp_path / "last.png",
            deadline=timedelta(seconds=0.3),
            child=MOODY,
        )
    assert (caught.value.code, left(tmp_path)) == ("too_complex", [])
