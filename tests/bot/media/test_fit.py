"""A film that must be smaller becomes smaller, plays at once, and stays the same film."""

from __future__ import annotations

import asyncio
import os
import struct
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import MediaError
from bot.media._worker import Worker
from bot.media.fit import AIM, CHILD, THINNEST, fit, is_playable, plans
from bot.media.probe import Probed
from bot.models import MediaKind
from tests.bot.media.files import RATE, draw, pictures, tones

MOODY = ("tests.bot.media.moody_encoder",)
FILM = Probed(
    kind=MediaKind.VIDEO,
    extension=".mp4",
    size=50_000_000,
    sha256="",
    width=1920,
    height=1080,
    duration=timedelta(seconds=10),
    frame_rate=24,
    video_codec="h264",
    audio_codec="aac",
    pixel_format="yuv420p",
)


@pytest.fixture(scope="session")
def noisy(tmp_path_factory):
    """Return a film of noise, about 3 MB, which no encoder likes."""
    return draw(tmp_path_factory.mktemp("noisy") / "noisy.mp4", size=(640, 360), seconds=2, noisy=True)


def left(folder) -> list[str]:
    """Return what lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("share", [0.7, 0.3, 0.08])
async def test_a_film_lands_just_under_its_budget(noisy, tmp_path, prober, share):
    """The first try uses 92 to 100 per cent of the bytes; it plays inline at once, and lasts as long."""
    film = await prober.probe(noisy)
    budget = round(film.size * share)
    fitted = await fit(noisy, tmp_path / "film.mp4", budget=budget, film=film)
    result = await prober.probe(tmp_path / "film.mp4")
    assert budget * 0.92 <= result.size <= budget
    assert fitted.first == result.size
    assert (fitted.size, fitted.sha256, fitted.width, fitted.height) == (
        result.size,
        result.sha256,
        result.width,
        result.height,
    )
    assert (is_playable(result), result.faststart, result.sound) == (True, True, True)
    assert abs(result.duration - film.duration) < timedelta(seconds=0.05)
    assert left(tmp_path) == ["film.mp4"]


async def test_every_picture_and_the_sound_come_through(noisy, tmp_path, prober):
    """As many pictures as before can be decoded from the result, and as much sound."""
    film = await prober.probe(noisy)
    await fit(noisy, tmp_path / "film.mp4", budget=300_000, film=film)
    with av.open(str(tmp_path / "film.mp4")) as result:
        pictures = sum(1 for _ in result.decode(video=0))
    with av.open(str(tmp_path / "film.mp4")) as result:
        samples = sum(frame.samples for frame in result.decode(audio=0))
    assert (pictures, round(samples / 44_100)) == (48, 2)


async def test_sound_may_lie_before_the_pictures(tmp_path, prober):
    """A film whose first stream is its sound comes through whole too, down to its last pictures."""
    with av.open(str(tmp_path / "film.mp4"), "w") as film:
        audio = film.add_stream("aac", rate=RATE, layout="mono")
        video = film.add_stream("libx264", rate=24)
        video.width, video.height, video.pix_fmt = 320, 240, "yuv420p"
        for stream, frames in ((video, pictures((320, 240), 24, noisy=True)), (audio, tones(1, "fltp"))):
            for frame in frames:
                film.mux(stream.encode(frame))
            film.mux(stream.encode(None))
    source = await prober.probe(tmp_path / "film.mp4")
    await fit(tmp_path / "film.mp4", tmp_path / "out.mp4", budget=source.size // 2, film=source)
    with av.open(str(tmp_path / "out.mp4")) as result:
        assert sum(1 for _ in result.decode(video=0)) == 24


async def test_a_film_that_fits_and_plays_is_kept_to_the_byte(real, tmp_path, prober):
    """Nothing is encoded without need."""
    film = await prober.probe(real / "film.mp4")
    fitted = await fit(real / "film.mp4", tmp_path / "film.mp4", budget=film.size, film=film)
    assert (fitted.encoded, fitted.first, fitted.sha256) == (False, film.size, film.sha256)


@pytest.mark.parametrize("name", ["plain.mp4", "silent.mov", "pieces.mp4"])
async def test_a_film_in_the_wrong_wrapping_is_only_wrapped_anew(real, tmp_path, prober, name):
    """The same packets go into an MP4 with its index in front."""
    film = await prober.probe(real / name)
    fitted = await fit(real / name, tmp_path / "film.mp4", budget=1_000_000, film=film)
    result = await prober.probe(tmp_path / "film.mp4")
    assert (fitted.encoded, result.faststart, is_playable(result)) == (False, True, True)
    assert packets(real / name) == packets(tmp_path / "film.mp4")


def packets(path) -> list[str]:
    """Return the digest of each picture's packet."""
    with av.open(str(path)) as film:
        return [sha256(bytes(packet)).hexdigest() for packet in film.demux(video=0) if packet.size]


@pytest.mark.parametrize(
    ("codec", "pixels", "name"), [("libx265", "yuv420p", "film.mp4"), ("libx264", "yuv444p", "film.mp4")]
)
async def test_a_film_that_would_not_play_is_encoded(tmp_path, prober, codec, pixels, name):
    """Small enough isn't enough: other codecs and pixel formats show a frozen or black picture."""
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    source = draw(tmp_path / name, codec=codec, pixels=pixels, **options)
    film = await prober.probe(source)
    fitted = await fit(source, tmp_path / "out.mp4", budget=1_000_000, film=film)
    result = await prober.probe(tmp_path / "out.mp4")
    assert (is_playable(film), fitted.encoded, is_playable(result)) == (False, True, True)


async def test_an_upright_film_stays_upright(tmp_path, prober):
    """A turn that was a note in the file becomes a turn of the pictures."""
    source = draw(tmp_path / "phone.mp4", codec="libx264", pixels="yuv444p")
    data = source.read_bytes()
    straight = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    turned = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 240 << 16, 0, 1 << 30)
    at = data.index(straight, data.index(b"tkhd"))
    source.write_bytes(data[:at] + turned + data[at + 36 :])
    await fit(source, tmp_path / "out.mp4", budget=1_000_000, film=await prober.probe(source))
    with av.open(str(tmp_path / "out.mp4")) as film:
        frame = next(film.decode(video=0))
        assert (frame.width, frame.height, frame.rotation) == (240, 320, 0)


@pytest.mark.parametrize("budget", [0, 100, 5_000])
async def test_what_cannot_be_made_so_small_is_refused(noisy, tmp_path, prober, budget):
    """Below what any picture needs there is an error, and no file."""
    film = await prober.probe(noisy)
    with pytest.raises(MediaError) as caught:
        await fit(noisy, tmp_path / "film.mp4", budget=budget, film=film)
    assert (caught.value.code, left(tmp_path)) == ("cannot_fit", [])


@pytest.mark.parametrize(
    ("mood", "code"), [("crash", "unreadable"), ("hang", "too_complex"), ("fat", "cannot_fit")]
)
async def test_an_encoder_that_fails_is_an_error_of_ours(tmp_path, mood, code):
    """A crash, a hang and results that stay too large end as a code, and leave nothing."""
    (tmp_path / "out").mkdir()
    film = replace(FILM, duration=timedelta(seconds=1), width=64, height=48)
    with pytest.raises(MediaError) as caught:
        await fit(
            tmp_path / f"{mood}.mp4",
            tmp_path / "out" / "film.mp4",
            budget=1_000_000,
            film=film,
            deadline=timedelta(seconds=1),
            child=MOODY,
        )
    assert (caught.value.code, left(tmp_path / "out")) == (code, [])


def step(source, folder, **change) -> dict[str, object]:
    """Return what the real encoder is asked for."""
    plan = {"width": 320, "height": 240, "video_rate": 200_000, "audio_rate": 32_000}
    files = {"source": source, "target": folder / "out.mp4", "statistics": folder / "x264"}
    return {"do": "measure", **plan, **{name: str(path) for name, path in files.items()}, **change}


def broken(path, like):
    """Make a film of which one picture in the middle is nothing but zeros."""
    with av.open(str(like)) as film:
        places = [(packet.pos, packet.size) for packet in film.demux(video=0) if packet.size]
    place, size = places[len(places) // 2]
    data = bytearray(like.read_bytes())
    data[place : place + size] = bytes(size)
    path.write_bytes(data)
    return path


async def test_the_encoder_lives_through_what_goes_wrong(real, tmp_path):
    """Whichever side breaks off, decoding or encoding, the other ends too: the next step is answered."""
    film, half = real / "film.mp4", broken(tmp_path / "half.mp4", real / "film.mp4")
    (tmp_path / "taken.mp4").mkdir()
    steps = [
        step(film, tmp_path),
        step(half, tmp_path),
        step(half, tmp_path, do="encode"),
        step(film, tmp_path, width=321),
        step(film, tmp_path, do="encode", target=str(tmp_path / "taken.mp4")),
        step(film, tmp_path),
        step(film, tmp_path, do="encode"),
    ]
    worker = await Worker.start(CHILD)
    answers = [await worker.ask(each, timedelta(seconds=30)) for each in steps]
    await worker.kill()
    assert [answer.get("code", "") for answer in answers] == ["", *["unreadable"] * 4, "", ""]
    assert answers[1] == answers[2] == {"code": "unreadable", "detail": "InvalidDataError"}


async def test_a_film_that_breaks_half_way_is_refused(noisy, tmp_path, prober):
    """What can't be decoded to its end is no film: there is an error, and no file."""
    source = broken(tmp_path / "half.mp4", noisy)
    (tmp_path / "out").mkdir()
    film = await prober.probe(source)
    with pytest.raises(MediaError) as caught:
        await fit(source, tmp_path / "out" / "film.mp4", budget=film.size // 2, film=film)
    assert (caught.value.code, left(tmp_path / "out")) == ("unreadable", [])


async def test_the_same_film_gives_the_same_bytes(tmp_path, prober):
    """However its threads take turns, nothing of that is in the result."""
    source = draw(tmp_path / "film.mp4", size=(160, 120), noisy=True)
    film = await prober.probe(source)
    made = [await fit(source, tmp_path / "out.mp4", budget=film.size // 2, film=film) for _ in range(2)]
    assert made[0] == made[1]


async def test_cancelling_ends_the_encoder(tmp_path, monkeypatch):
    """Nobody encodes for nobody: the child is gone and its folder too."""
    (tmp_path / "out").mkdir()
    started = []
    original = asyncio.create_subprocess_exec

    async def noting(*arguments, **options):
        process = await original(*arguments, **options)
        started.append(process)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noting)
    work = fit(tmp_path / "hang.mp4", tmp_path / "out" / "film.mp4", budget=1_000_000, film=FILM, child=MOODY)
    task = asyncio.create_task(work)
    while not [*tmp_path.glob("out/*/begun")]:  # noqa: ASYNC110 - the child can only tell through the disk
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [process.returncode is None for process in started] == [False]
    assert left(tmp_path / "out") == []


async def test_what_a_killed_process_left_is_swept_up(real, tmp_path, prober):
    """Folders of earlier tries for the same film go; others stay."""
    (tmp_path / ".film.mp4.fit-old").mkdir()
    (tmp_path / ".other.mp4.fit-busy").mkdir()
    film = await prober.probe(real / "film.mp4")
    await fit(real / "film.mp4", tmp_path / "film.mp4", budget=film.size, film=film)
    assert left(tmp_path) == [".other.mp4.fit-busy", "film.mp4"]


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="no priorities here")
async def test_encoding_gives_way(tmp_path, monkeypatch, noisy, prober):
    """The real encoder runs with low priority, so that the bot answers meanwhile."""
    from bot.media import fit as module

    seen = []
    original = module._Fit._ask

    async def asking(self, *arguments):
        await original(self, *arguments)
        seen.append(os.getpriority(os.PRIO_PROCESS, self.worker.pid))

    monkeypatch.setattr(module._Fit, "_ask", asking)
    await fit(noisy, tmp_path / "film.mp4", budget=100_000, film=await prober.probe(noisy))
    assert min(seen) >= 10


@given(
    budget=st.integers(0, 100_000_000),
    width=st.integers(16, 8000),
    height=st.integers(16, 8000),
    seconds=st.floats(0, 600),
    rate=st.floats(0, 120),
    sound=st.booleans(),
)
def test_every_plan_stays_within_its_budget(budget, width, height, seconds, rate, sound):
    """Pictures, sound and index together are never promised more bytes than there are."""
    film = replace(
        FILM,
        width=width,
        height=height,
        duration=timedelta(seconds=seconds),
        frame_rate=rate,
        audio_codec="aac" if sound else "",
    )
    made = [*plans(film, budget)]
    for plan in made:
        assert plan.fixed + plan.video_rate * max(film.duration.total_seconds(), 0.1) / 8 <= budget * AIM + 1
        assert (plan.width % 2, plan.height % 2, plan.audio_rate > 0) == (0, 0, sound)
    assert made == sorted(made, key=lambda plan: -plan.width * plan.height)


def test_pictures_shrink_when_bytes_are_scarce():
    """A plan is the largest picture that gets enough bits, and what follows is smaller."""
    best = [next(plans(FILM, megabytes << 20)) for megabytes in (25, 3, 1)]
    assert [plan.height for plan in best] == [1080, 1080, 540]
    thin = next(plans(FILM, 400_000))
    assert thin.video_rate >= THINNEST * thin.width * thin.height * 24
    assert thin.height < 480


@pytest.mark.parametrize(
    ("change", "plays"),
    [
        ({}, True),
        ({"audio_codec": ""}, True),
        ({"faststart": True}, True),
        ({"video_codec": "hevc"}, False),
        ({"audio_codec": "mp3float"}, False),
        ({"pixel_format": "yuv420p10le"}, False),
        ({"extension": ".mov"}, False),
        ({"kind": MediaKind.IMAGE}, False),
    ],
)
def test_what_plays_inline(change, plays):
    """H.264 in 4:2:0 with AAC or silence, in an MP4, and nothing else."""
    assert is_playable(replace(FILM, **change)) == plays
