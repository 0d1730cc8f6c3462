"""Files are known by their bytes, and none can hurt the bot."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import struct
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import MediaError
from bot.media._child import allow, answer
from bot.media.probe import Prober, probe
from bot.models import MediaKind
from tests.bot.media.files import FTYP, box, draw, flood_png
from tests.bot.media.hostile import (
    broken_films,
    broken_pictures_and_sounds,
    strangers,
)

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("name", "kind", "extension"),
    [
        ("film.mp4", MediaKind.VIDEO, ".mp4"),
        ("plain.mp4", MediaKind.VIDEO, ".mp4"),
        ("pieces.mp4", MediaKind.VIDEO, ".mp4"),
        ("silent.mov", MediaKind.VIDEO, ".mov"),
        ("song.mp3", MediaKind.AUDIO, ".mp3"),
        ("song.wav", MediaKind.AUDIO, ".wav"),
        ("picture.png", MediaKind.IMAGE, ".png"),
        ("picture.jpg", MediaKind.IMAGE, ".jpg"),
        ("progressive.jpg", MediaKind.IMAGE, ".jpg"),
        ("picture.webp", MediaKind.IMAGE, ".webp"),
        ("lossless.webp", MediaKind.IMAGE, ".webp"),
        ("picture.gif", MediaKind.IMAGE, ".gif"),
        ("picture.bmp", MediaKind.IMAGE, ".bmp"),
    ],
)
async def test_every_kind_is_known_by_its_bytes(real, tmp_path, prober, *, name, kind, extension):
    """A file's kind, true extension, size and digest don't depend on what it is called."""
    data = (real / name).read_bytes()
    disguised = tmp_path / "holiday.exe"
    disguised.write_bytes(data)
    probed = await prober.probe(disguised)
    assert (kind, extension, len(data), sha256(data).hexdigest()) == (
        probed.kind,
        probed.extension,
        probed.size,
        probed.sha256,
    )


@pytest.mark.parametrize(
    "name", ["picture.png", "picture.jpg", "picture.webp", "lossless.webp", "picture.gif", "picture.bmp"]
)
async def test_pictures_tell_their_size(real, prober, name):
    """Width and height are the picture's own."""
    probed = await prober.probe(real / name)
    assert (probed.width, probed.height) == (64, 48)


@pytest.mark.parametrize(
    ("name", "sound", "faststart"),
    [
        ("film.mp4", True, True),
        ("plain.mp4", True, False),
        ("pieces.mp4", True, True),
        ("silent.mov", False, False),
    ],
)
async def test_films_tell_what_a_player_needs(real, prober, name, sound, faststart):
    """Size, length, frame rate, codecs, sound and where the index lies come from the streams."""
    film = await prober.probe(real / name)
    assert (320, 240, SECOND, 24.0, "h264", "yuv420p", sound, faststart) == (
        film.width,
        film.height,
        film.duration,
        film.frame_rate,
        film.video_codec,
        film.pixel_format,
        film.sound,
        film.faststart,
    )


@pytest.mark.parametrize(("name", "codec"), [("song.mp3", "mp3float"), ("song.wav", "pcm_s16le")])
async def test_sounds_tell_their_length(real, prober, name, codec):
    """A sound of a second lasts a second: what its encoder added at both ends doesn't count."""
    sound = await prober.probe(real / name)
    assert (SECOND, codec, True) == (sound.duration, sound.audio_codec, sound.sound)


async def test_tags_before_a_sound_are_passed_over(real, tmp_path, prober):
    """An MP3 with a large ID3 tag in front is still an MP3."""
    tag = b"ID3\x04\x00\x00" + bytes([0, 1, 0, 0]) + bytes(1 << 14)
    (tmp_path / "tagged").write_bytes(tag + (real / "song.mp3").read_bytes())
    assert (await prober.probe(tmp_path / "tagged")).extension == ".mp3"


async def test_a_wav_that_promises_more_than_it_has_is_not_complete(real, tmp_path, prober):
    """A recording whose header was never finished can be used, and says that it isn't whole."""
    (tmp_path / "cut.wav").write_bytes((real / "song.wav").read_bytes()[:-1000])
    probed = await prober.probe(tmp_path / "cut.wav")
    assert (probed.extension, probed.complete) == (".wav", False)


async def test_hostile_files_are_refused(real, tmp_path, prober):
    """Each is refused with the code that says why, quickly, and the child stays below 256 MiB."""
    loop = asyncio.get_running_loop()
    found, slow = {}, []
    film, plain = (real / "film.mp4").read_bytes(), (real / "plain.mp4").read_bytes()
    wanted = (
        strangers(film, tmp_path) | broken_pictures_and_sounds(real) | broken_films(film, plain, tmp_path)
    )
    for name, (data, _) in wanted.items():
        (tmp_path / "film.mp4").write_bytes(data)
        began = loop.time()
        try:
            found[name] = (await prober.probe(tmp_path / "film.mp4")).extension
        except MediaError as error:
            found[name] = error.code
        if loop.time() - began > 2:
            slow.append(name)
    assert {name: code for name, (_, code) in wanted.items()} == found
    assert slow == []
    assert peak_memory(prober) < 256 << 20


def peak_memory(prober: Prober) -> int:
    """Return the most memory, in bytes, that the warm child ever had in use."""
    status = Path(f"/proc/{prober._idle[0].pid}/status")
    if not status.exists():
        pytest.skip("this system doesn't show another process's memory")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) << 10


@pytest.mark.parametrize("side", [50_000, 2_000_000_000])
async def test_a_flood_of_pixels_is_only_a_number(tmp_path, prober, side):
    """A PNG that claims billions of pixels is read without decoding one."""
    (tmp_path / "flood.png").write_bytes(flood_png(side, side))
    probed = await prober.probe(tmp_path / "flood.png")
    assert (side, side) == (probed.width, probed.height)
    assert peak_memory(prober) < 100 << 20


@pytest.mark.parametrize("percent", range(5, 100, 5))
def test_a_film_cut_anywhere_is_seen(real, tmp_path, percent):
    """Wherever a film is cut, with its index in front or behind, it is never taken for whole."""
    codes = set()
    for name in ("film.mp4", "plain.mp4"):
        data = (real / name).read_bytes()
        (tmp_path / name).write_bytes(data[: len(data) * percent // 100])
        codes.add(answer(tmp_path / name).get("code"))
    assert {"truncated"} == codes


@pytest.mark.parametrize(("size", "code"), [(64 << 20, "unreadable"), ((64 << 20) + 1, "too_complex")])
def test_an_index_is_only_so_large(tmp_path, size, code):
    """More than 64 MiB of it aren't walked through, nor given to a decoder (T-16)."""
    with (tmp_path / "film.mp4").open("wb") as file:
        file.write(FTYP + struct.pack(">I4s", size + 8, b"moov"))
        file.truncate(len(FTYP) + 8 + size)
    assert {"code": code} == answer(tmp_path / "film.mp4")


async def test_an_upright_film_is_higher_than_wide(tmp_path, prober):
    """The size is the one that people see: a quarter turn in the film's matrix swaps the sides."""
    draw(tmp_path / "phone.mp4")
    data = (tmp_path / "phone.mp4").read_bytes()
    straight = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    turned = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 240 << 16, 0, 1 << 30)
    at = data.index(straight, data.index(b"tkhd"))
    (tmp_path / "phone.mp4").write_bytes(data[:at] + turned + data[at + 36 :])
    probed = await prober.probe(tmp_path / "phone.mp4")
    assert (probed.width, probed.height) == (240, 320)


async def test_a_pipe_or_a_folder_is_no_file(tmp_path, prober):
    """Things that aren't regular files are refused instead of waited for."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "missing"):
        with pytest.raises(MediaError) as caught:
            await prober.probe(path)
        assert caught.value.code == "unreadable"


async def test_a_crash_of_the_child_costs_one_file(real, tmp_path):
    """A child that dies of a fault is the file's error; the next file gets a fresh child."""
    prober = Prober(child=("tests.bot.media.moody_child",))
    codes = []
    for mood in ("segfault", "exit", "hoard", "nonsense", "no object", "endless line", "work"):
        (tmp_path / mood).write_bytes((real / "picture.png").read_bytes())
        try:
            codes.append((await prober.probe(tmp_path / mood)).extension)
        except MediaError as error:
            codes.append(error.code)
    await prober.close()
    assert codes == ["unreadable"] * 6 + [".png"]


@pytest.mark.parametrize(("mood", "seconds"), [("sleep", 0.3), ("spin", 0.3), ("spin", 30)])
async def test_a_child_that_hangs_is_stopped(real, tmp_path, mood, seconds):
    """A file that keeps its child waiting or busy is too complex: by our clock or by the kernel's."""
    prober = Prober(child=("tests.bot.media.moody_child",))
    (tmp_path / mood).write_bytes((real / "picture.png").read_bytes())
    with pytest.raises(MediaError) as caught:
        await prober.probe(tmp_path / mood, deadline=timedelta(seconds=seconds))
    await prober.close()
    assert caught.value.code == "too_complex"


async def test_nobody_waits_for_a_child_beyond_its_deadline(real, tmp_path):
    """One that sleeps uses no processor time; our own clock ends it (T-16)."""
    prober = Prober(child=("tests.bot.media.moody_child",))
    (tmp_path / "sleep").write_bytes((real / "picture.png").read_bytes())
    async with asyncio.timeout(4):
        with pytest.raises(MediaError):
            await prober.probe(tmp_path / "sleep", deadline=timedelta(seconds=0.2))
    await prober.close()


def test_the_kernel_counts_a_childs_seconds():
    """It is ended by a signal that nothing in it handles, however deep in a library it is (T-16)."""
    allow(50)
    left, _ = signal.setitimer(signal.ITIMER_PROF, 0)

    assert 0 < left < 51
    assert signal.SIG_DFL is signal.getsignal(signal.SIGPROF)


async def test_a_child_that_was_killed_while_idle_is_replaced(real):
    """A warm child that somebody killed isn't the next file's fault."""
    prober = Prober()
    await prober.probe(real / "picture.png")
    child = prober._idle[0]
    os.kill(child.pid, signal.SIGSEGV)
    await child._process.wait()
    probed = await prober.probe(real / "film.mp4")
    await prober.close()
    assert probed.extension == ".mp4"


async def test_cancelling_a_probe_ends_its_child(real, tmp_path):
    """No child goes on working for nobody."""
    prober = Prober(child=("tests.bot.media.moody_child",))
    for name in ("work", "sleep"):
        (tmp_path / name).write_bytes((real / "picture.png").read_bytes())
    await prober.probe(tmp_path / "work")
    child = prober._idle[0]
    task = asyncio.create_task(prober.probe(tmp_path / "sleep"))
    await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert not child.alive
    await prober.close()


async def test_as_many_files_at_once_as_there_are_workers(real):
    """Many probes at once share the children; each gets its own file's answer."""
    prober = Prober(workers=2)
    names = ["picture.png", "film.mp4", "song.wav", "picture.gif"] * 5
    found = await asyncio.gather(*(prober.probe(real / name) for name in names))
    children = len(prober._idle)
    await prober.close()
    assert [Path(name).suffix for name in names] == [probed.extension for probed in found]
    assert children == 2


async def test_the_child_knows_no_secret(real, monkeypatch):
    """The bot's environment, where its token is, isn't the child's."""
    monkeypatch.setenv("DISCORD_TOKEN", "a secret")
    prober = Prober()
    await prober.probe(real / "picture.png")
    told = Path(f"/proc/{prober._idle[0].pid}/environ")
    if not told.exists():
        pytest.skip("this system doesn't show another process's environment")
    words = told.read_bytes()
    await prober.close()
    assert b"a secret" not in words


async def test_one_file_alone(real):
    """`probe` needs nothing kept."""
    assert (await probe(real / "picture.png")).extension == ".png"


BOXES = st.recursive(
    st.tuples(st.sampled_from([b"free", b"trak", b"mdat", b"stco"]), st.binary(max_size=40)).map(
        lambda pair: box(*pair)
    ),
    lambda inner: st.lists(inner, max_size=4).map(lambda some: box(b"moov", *some)),
    max_leaves=20,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=timedelta(seconds=2))
@given(boxes=st.lists(BOXES, max_size=6), cut=st.integers(0, 60), tail=st.binary(max_size=12))
def test_any_tree_of_boxes_gets_an_answer(tmp_path, boxes, cut, tail):
    """Whatever the boxes are, there is an answer and no exception."""
    data = FTYP + b"".join(boxes)
    (tmp_path / "tree.mp4").write_bytes(data[: max(len(data) - cut, 0)] + tail)
    assert answer(tmp_path / "tree.mp4")["code"] in {
        "empty",
        "not_media",
        "unreadable",
        "truncated",
        "too_complex",
    }


@pytest.fixture
def told():
    """Return what tells a file's kind, or None: in a child, since damage can crash libav itself."""
    with asyncio.Runner() as runner:
        prober = Prober()

        def tell(path):
            with contextlib.suppress(MediaError):
                return runner.run(prober.probe(path)).kind
            return None

        yield tell
        runner.run(prober.close())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_damage_gets_an_answer(real, tmp_path, told, data):
    """A real file with damaged bytes is read as what it was, or refused; nothing else happens."""
    name, kind = data.draw(st.sampled_from(sorted(DAMAGED.items())))
    broken = bytearray((real / name).read_bytes())
    for at, value in data.draw(st.lists(st.tuples(st.integers(12, 3000), st.integers(0, 255)), max_size=8)):
        broken[max(at % len(broken), 12)] = value
    (tmp_path / "broken").write_bytes(broken)
    assert told(tmp_path / "broken") in {kind, None}


DAMAGED = {
    "film.mp4": MediaKind.VIDEO,
    "picture.png": MediaKind.IMAGE,
    "progressive.jpg": MediaKind.IMAGE,
    "song.mp3": MediaKind.AUDIO,
    "song.wav": MediaKind.AUDIO,
}
