"""Several films become one: nothing is lost, nothing drifts, and nothing is encoded without need."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import av
import pytest

from bot.demo.film import FilmOrder
from bot.demo.film import draw as draw_film
from bot.errors import MediaError
from bot.media._making import make
from bot.media._parts import picture_shifts, read, sound_runs
from bot.media.fit import is_playable
from bot.media.join import join
from bot.media.probe import probe
from tests.bot.media.shots import (
    BLUE,
    GREEN,
    RED,
    onsets,
    packets,
    seen,
    shade,
    shoot,
    turn,
)

if TYPE_CHECKING:
    from pathlib import Path

MOODY = ("tests.bot.media.moody_encoder",)
COLOURS = (BLUE, RED, GREEN)
BLOCK = 1024 / 48_000


def left(folder) -> list[str]:
    """Return what lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def out(tmp_path) -> Path:
    """Return where the joined film goes: a folder with nothing else in it."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "film.mp4"


def three(tmp_path, *changes: dict[str, object]) -> list[Path]:
    """Make three films, of 24 blue, 31 red and 40 green pictures."""
    differing = [*changes, {}, {}, {}][:3]
    return [
        shoot(tmp_path / f"{number}.mp4", colour, **{"count": count, **change})
        for number, (colour, count, change) in enumerate(zip(COLOURS, (24, 31, 40), differing, strict=True))
    ]


def looks(found, expected, most=7) -> bool:
    """Say whether pictures look as they should, but for what compression does."""
    return len(found) == len(expected) and all(
        abs(a - b) <= most
        for (_, one), other in zip(found, expected, strict=True)
        for a, b in zip(one, other, strict=True)
    )


def shades(*counts: int) -> list[tuple[int, int, int]]:
    """Return the colours of so many pictures of each film, one after another."""
    return [shade(colour, n) for colour, count in zip(COLOURS, counts, strict=False) for n in range(count)]


@pytest.mark.parametrize("bf", ["0", "3"])
@pytest.mark.parametrize("beep", [0.5, None])
async def test_films_alike_are_joined_as_they_are(tmp_path, out, bf, beep):
    """Every packet of pictures is there to the byte, in order and in time."""
    films = three(tmp_path, *[{"bf": bf, "beep": beep}] * 3)
    assert await join(films, out) is False
    assert packets(out) == [packet for film in films for packet in packets(film)]
    found = seen(out)
    assert looks(found, shades(24, 31, 40))
    assert [time for time, _ in found] == pytest.approx([n / 24 for n in range(95)], abs=0.001)
    result = await probe(out)
    assert (is_playable(result), result.faststart, result.sound) == (True, True, beep is not None)
    assert result.duration.total_seconds() == pytest.approx(95 / 24, abs=0.001)


@pytest.mark.parametrize("count", [24, 29])
async def test_copied_sound_stays_where_it_was(tmp_path, out, count):
    """After six films a tone begins within half a block of its time; what is copied is copied to the byte."""
    films = [shoot(tmp_path / f"{n}.mp4", count=count) for n in range(6)]
    assert await join(films, out) is False
    expected = [n * count / 24 + 0.5 for n in range(6)]
    assert onsets(out) == pytest.approx(expected, abs=BLOCK / 2 + 0.003)
    assert {*packets(out, "audio")} <= {packet for film in films for packet in packets(film, "audio")}
    with av.open(str(out)) as film:
        times = [packet.dts for packet in film.demux(audio=0) if packet.dts is not None]
    assert {after - before for before, after in pairwise(times)} == {1024}
    assert times[-1] + 1024 >= 6 * count / 24 * 48_000 - 1024


async def test_films_of_the_demo_are_joined_as_they_are(tmp_path, out):
    """Real films, drawn like those that providers make, follow one another to the byte."""
    films = []
    for number in range(2):
        order = FilmOrder(f"shot {number}", 320, 180, 4, sound=True)
        films.append(tmp_path / f"{number}.mp4")
        films[-1].write_bytes(draw_film(order))
    assert await join(films, out) is False
    assert packets(out) == [packet for film in films for packet in packets(film)]
    assert (await probe(out)).duration == timedelta(seconds=8)


@pytest.mark.parametrize(
    "change",
    [
        {"size": (120, 160)},
        {"size": (320, 90)},
        {"fps": 30},
        {"fps": 12},
        {"fps": 25, "count": 25},
        {"profile": "baseline"},
        {"refs": "1"},
        {"pixels": "yuv444p"},
        {"codec": "libx265", "x265-params": "log-level=none"},
    ],
    ids=str,
)
async def test_pictures_that_differ_are_encoded_once(tmp_path, out, change):
    """The first film's size and rate hold for all; each film lasts as long, and its sound stays in step."""
    films = three(tmp_path, {}, change)
    fps, count = change.get("fps", 24), change.get("count", 31)
    lengths = [1, count / fps, 40 / 24]
    assert await join(films, out) is True
    result = await probe(out)
    assert (result.width, result.height, result.frame_rate) == (160, 120, 24)
    assert (is_playable(result), result.faststart) == (True, True)
    assert result.duration.total_seconds() == pytest.approx(sum(lengths), abs=1 / 24)
    starts = [round(start * 24) for start in accumulate([0, *lengths])]
    red = starts[2] - starts[1]
    middle = [shade(RED, min(math.floor((n + 0.5) / 24 * fps), count - 1)) for n in range(red)]
    expected = [*shades(24), *middle, *shades(24, 0, 40)[24:]]
    found = seen(out)
    assert looks(found, expected[: len(found)], most=12)
    assert len(expected) == len(found)
    assert onsets(out) == pytest.approx([0.5, 1.5, 1.5 + lengths[1]], abs=BLOCK / 2 + 0.003)


async def test_other_shapes_get_bars(tmp_path, out):
    """A picture is scaled into the first film's frame and keeps its shape; the rest is black."""
    films = three(tmp_path, {}, {"size": (120, 160)}, {"size": (320, 120)})
    await join(films, out)
    sides, tops = seen(out, (0.1, 0.5)), seen(out, (0.5, 0.1))
    black = [(0, 0, 0)]
    assert looks(sides[24:55], black * 31)
    assert looks(tops[24:55], shades(0, 31), most=12)
    assert looks(tops[55:], black * 40)
    assert looks(sides[55:], shades(0, 0, 40), most=12)


async def test_an_upright_film_stays_upright(tmp_path, out):
    """A turn that is noted in a file becomes a turn of the pictures, also where all films have it."""
    films = [turn(film, 120) for film in three(tmp_path)]
    assert await join(films, out) is True
    with av.open(str(out)) as film:
        frame = next(film.decode(video=0))
    assert (frame.width, frame.height, frame.rotation) == (120, 160, 0)


async def test_pixels_become_square(tmp_path, out):
    """A film is as wide as players show it."""
    shape = {"shape": Fraction(3, 2)}
    assert await join(three(tmp_path, shape, shape, shape), out) is True
    result = await probe(out)
    assert (result.width, result.height) == (240, 120)


@pytest.mark.parametrize("silent", [0, 1, 2])
async def test_a_film_without_sound_is_silent_for_as_long(tmp_path, out, silent):
    """Pictures alike stay as they are; the sound is made anew around the silence, to the sample."""
    changes = [{"beep": None} if number == silent else {} for number in range(3)]
    films = three(tmp_path, *changes)
    assert await join(films, out) is True
    assert packets(out) == [packet for film in films for packet in packets(film)]
    starts = [0.5, 24 / 24 + 0.5, 55 / 24 + 0.5]
    del starts[silent]
    assert onsets(out) == pytest.approx(starts, abs=0.004)
    assert heard(out) == pytest.approx(95 / 24, abs=BLOCK)


def heard(path) -> float:
    """Return how many seconds of sound can be decoded."""
    with av.open(str(path)) as film:
        return sum(frame.samples / frame.sample_rate for frame in film.decode(audio=0))


@pytest.mark.parametrize(
    "change",
    [
        {"rate": 44_100},
        {"rate": 22_050},
        {"layout": "stereo"},
        {"layout": "5.1"},
        {"heard": 0.8},
        {"heard": 3.0, "rate": 44_100},
        {"movflags": "frag_keyframe+empty_moov"},
    ],
    ids=str,
)
async def test_sound_that_differs_is_encoded(tmp_path, out, change):
    """With other rates or channels, or an early or late end, it begins where it did, and nothing overlaps."""
    options = {name: change.pop(name) for name in [*change] if name == "movflags"}
    films = three(tmp_path, {}, change)
    if options:
        films[1] = wrapped(films[1], tmp_path / "wrapped.mp4", options)
    assert await join(films, out) is True
    assert packets(out) == [packet for film in films for packet in packets(film)]
    assert onsets(out) == pytest.approx([0.5, 1.5, 55 / 24 + 0.5], abs=0.09 if options else 0.004)
    assert heard(out) == pytest.approx(95 / 24, abs=BLOCK + (0.09 if options else 0))


def wrapped(source: Path, target: Path, options: dict[str, str]) -> Path:
    """Put a film into another MP4, as it is."""
    with av.open(str(source)) as film, av.open(str(target), "w", options=options) as new:
        kept = {stream: new.add_stream_from_template(stream) for stream in film.streams}
        for packet in film.demux():
            if packet.dts is not None:
                packet.stream = kept[packet.stream]
                new.mux(packet)
    return target


async def test_sound_that_goes_on_is_cut_at_the_joint(tmp_path, out):
    """A film lasts as long as its pictures: what is heard after them doesn't run into the next film."""
    films = three(tmp_path, {"heard": 3.0})
    assert await join(films, out) is False
    assert onsets(out) == pytest.approx([0.5, 1.5, 55 / 24 + 0.5], abs=BLOCK / 2 + 0.003)
    assert (await probe(out)).duration.total_seconds() == pytest.approx(95 / 24, abs=0.001)


def test_a_gap_in_the_sound_is_not_copied(tmp_path):
    """Players count blocks and would play on too early: where blocks are missing, silence is encoded."""
    parts = [read(film) for film in three(tmp_path, {"heard": 0.9})]
    assert sound_runs(parts) is None
    assert sound_runs(parts[1:]) is not None


def test_of_a_long_lead_in_one_block_is_copied(tmp_path):
    """An encoder may begin with several blocks that aren't heard: a decoder needs the last of them only."""
    parts = [read(film) for film in three(tmp_path)]
    sound = parts[1].sound
    assert [stamp.hidden for stamp in sound.stamps[:2]] == [True, False]
    lead = [replace(sound.stamps[0], pts=-1024 * n, dts=-1024 * n) for n in (3, 2)]
    parts[1] = replace(parts[1], sound=replace(sound, stamps=(*lead, *sound.stamps)))
    plain, long = sound_runs([parts[0], parts[2], parts[0]]), sound_runs(parts)
    assert [run.first for run in plain] == [0, 0, 0]
    assert [run.first for run in long] == [0, 2, 0]
    assert long[1].pts == plain[1].pts


def test_packets_out_of_order_are_not_copied(tmp_path):
    """Pictures of the next film must not have to be decoded before the last ones of the film before."""
    parts = [read(film) for film in three(tmp_path)]
    assert picture_shifts(parts) is not None
    early = tuple(replace(stamp, dts=stamp.dts - 2048) for stamp in parts[1].pictures.stamps)
    parts[1] = replace(parts[1], pictures=replace(parts[1].pictures, stamps=early))
    assert picture_shifts(parts) is None


async def test_the_same_films_give_the_same_bytes(tmp_path, out):
    """Joining is no matter of chance, be it copied or encoded."""
    made = []
    for change in ({}, {"size": (120, 160), "beep": None}):
        films = three(tmp_path, {}, change)
        for _ in range(2):
            await join(films, out)
            made.append(out.read_bytes())
    assert (made[0], made[2]) == (made[1], made[3])
    assert left(out.parent) == ["film.mp4"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("cut.mp4", "truncated"),
        ("noise.mp4", "not_media"),
        ("picture.png", "not_a_film"),
        ("no", "unreadable"),
    ],
)
async def test_a_broken_film_is_refused_by_its_number(tmp_path, real, out, name, code):
    """Nothing is written, and what lay in the target's place stays."""
    film = shoot(tmp_path / "film.mp4")
    (tmp_path / "cut.mp4").write_bytes((real / "film.mp4").read_bytes()[:-100])
    (tmp_path / "noise.mp4").write_bytes(bytes(10_000))
    (tmp_path / "picture.png").write_bytes((real / "picture.png").read_bytes())
    out.write_bytes(b"before")
    with pytest.raises(MediaError) as caught:
        await join([film, tmp_path / name], out)
    assert caught.value.code == code
    assert (left(out.parent), out.read_bytes()) == (["film.mp4"], b"before")


async def test_a_film_broken_inside_is_refused(tmp_path, out):
    """Where pictures must be decoded and can't be, there is an error and no film."""
    films = three(tmp_path, {}, {"size": (640, 480), "g": "1"})
    data = films[1].read_bytes()
    at = data.index(b"mdat") + 3000
    films[1].write_bytes(data[:at] + b"\xff" * 4000 + data[at + 4000 :])
    with pytest.raises(MediaError) as caught:
        await join(films, out)
    assert (caught.value.code, left(out.parent)) == ("unreadable", [])


async def test_an_endless_film_is_refused(tmp_path, out):
    """A few bytes that claim to last for hours don't become hours of pictures and silence."""
    film = shoot(tmp_path / "film.mp4", count=4, beep=None)
    data = bytearray(film.read_bytes())
    at = data.index(b"stts") + 12  # the first entry: how many pictures, of how many ticks each
    data[at + 4 : at + 8] = (12_288 * 3600).to_bytes(4, "big")
    film.write_bytes(data)
    with pytest.raises(MediaError) as caught:
        await join([film, shoot(tmp_path / "other.mp4", size=(320, 240))], out)
    assert (caught.value.code, left(out.parent)) == ("too_complex", [])


@pytest.mark.parametrize("count", [0, 1, 7])
async def test_two_to_six_films_can_be_joined(tmp_path, out, count):
    """Any other number is a mistake of ours."""
    with pytest.raises(ValueError, match=f"{count} films"):
        await join([tmp_path / "film.mp4"] * count, out)


async def test_cancelling_ends_the_child(tmp_path, out, monkeypatch):
    """Nobody joins for nobody: the child is gone, and its folder too."""
    started = []
    original = asyncio.create_subprocess_exec

    async def noting(*arguments, **options):
        process = await original(*arguments, **options)
        started.append(process)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noting)
    films = [shoot(tmp_path / "big.mp4", size=(1280, 720), count=400, beep=None)] * 3
    films.append(shoot(tmp_path / "small.mp4"))
    task = asyncio.create_task(join([films[3], *films[:3]], out))
    while not [*out.parent.glob(".film.mp4.join-*/film.mp4")]:  # noqa: ASYNC110 - the disk alone tells
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [process.returncode is None for process in started] == [False]
    assert left(out.parent) == []


@pytest.mark.parametrize(("mood", "code"), [("crash", "unreadable"), ("hang", "too_complex")])
async def test_a_child_that_fails_is_an_error_of_ours(out, mood, code):
    """A crash and a hang end as a code, and leave nothing."""
    step = {"do": "join", "source": f"/{mood}.mp4"}
    with pytest.raises(MediaError) as caught:
        await make(MOODY, step, out, timedelta(seconds=1))
    assert (caught.value.code, left(out.parent)) == (code, [])
