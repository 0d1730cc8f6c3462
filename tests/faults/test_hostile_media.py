"""No file passes for what it isn't, and none takes more than its child may have."""

from __future__ import annotations

import contextlib
import io
import os
import resource
import struct
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from bot.errors import MediaError
from bot.media._child import answer
from bot.media._worker import Worker
from bot.media.probe import CHILD, Prober
from bot.models import MediaKind
from tests.bot.media.files import chunk
from tests.faults.bombs import kinds, one_picture
from tests.faults.figures import named, pieces
from tests.faults.mutants import make_samples, mutants

ROW = "hostile media: kinds, generated; posted; child over 256 MiB or 2 s not stopped"
MOST_MEMORY = 256 << 20
MOST_SECONDS = 2.1
"""Of processor time; the kernel looks every few milliseconds."""
TICK = os.sysconf("SC_CLK_TCK")
PATIENCE = timedelta(seconds=60)

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="this system doesn't show what another process uses"
)


def used_by_the_dead() -> float:
    """Return the seconds of processor time of all children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Watch:
    """A prober, what its children took, and another reader's word on what it accepted."""

    def __init__(self, folder: Path, honest: bytes, child: tuple[str, ...] = CHILD) -> None:
        self._prober = Prober(child=child)
        self._folder = folder
        self._honest = honest
        self._other: Worker | None = None
        self.false: list[str] = []
        self.greedy: list[str] = []
        self.ended = 0

    async def look(self, name: str, data: bytes, file: str = "file") -> str:
        """Probe a file; return its extension or the code of its refusal."""
        pid = await self._warm()
        before, dead = self._seconds(pid), used_by_the_dead()
        path = self._folder / file
        path.write_bytes(data)
        try:
            # Slow machines may be slow: what counts is the time of the processor.
            probed = await self._prober.probe(path, deadline=PATIENCE)
        except MediaError as error:
            found, extension = error.code, ""
        else:
            found = extension = probed.extension
        alive = bool(self._prober._idle)
        self.ended += not alive
        seconds = (self._seconds(pid) if alive else used_by_the_dead() - dead) - before
        if seconds > MOST_SECONDS or (alive and self._peak(pid) > MOST_MEMORY):
            self.greedy.append(f"{name}: {seconds:.2f} s")
        if extension:
            size = sorted((probed.width, probed.height))
            word = await self._asked({"path": str(path), "kind": probed.kind, "extension": extension})
            if not borne_out(word, probed.kind, extension, size):
                self.false.append(f"{name} as {extension}: {word}")
        return found

    async def _warm(self) -> int:
        """Return the process id of the child that will look next; it has looked at something before."""
        if not self._prober._idle:
            path = self._folder / "honest"
            path.write_bytes(self._honest)
            await self._prober.probe(path, deadline=PATIENCE)
        return self._prober._idle[0].pid

    @staticmethod
    def _seconds(pid: int) -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    @staticmethod
    def _peak(pid: int) -> int:
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) << 10

    async def _asked(self, question: dict[str, str]) -> dict[str, object]:
        """Return what other readers say; one that dies of a file doesn't bear it out."""
        if self._other is None or not self._other.alive:
            self._other = await Worker.start(("tests.faults.witness",))
        try:
            return await self._other.ask(question, PATIENCE)
        except MediaError as error:
            return {"error": str(error)}

    async def close(self) -> None:
        """End all children."""
        await self._prober.close()
        if self._other is not None:
            await self._other.kill()


def borne_out(word: dict[str, object], kind: MediaKind, extension: str, size: list[int]) -> bool:
    """Say whether another reader found what we said."""
    if kind is MediaKind.IMAGE:
        return {"extension": extension, "size": size} == word
    if kind is MediaKind.AUDIO:
        return {"form": extension[1:], "film": False, "size": []} == word
    film = str(word.get("form")).startswith("mov,mp4") and word.get("film") is True
    return film and word["size"] in (size, "too large to decode")


@pytest.fixture(scope="session")
def samples(tmp_path_factory) -> dict[str, bytes]:
    """Return one small real file of each kind."""
    return make_samples(tmp_path_factory.mktemp("samples"))


@pytest.fixture
async def watch(tmp_path, samples):
    """Return a prober that is watched."""
    it = Watch(tmp_path, samples["picture.png"])
    yield it
    await it.close()


async def test_every_true_file_is_what_the_other_reader_says(watch, samples):
    """The other reader knows honest files as we do, so that its word counts."""
    honest = samples | unusual()
    found = {name: await watch.look(name, data) for name, data in honest.items()}
    assert {name: Path(name).suffix for name in honest} == found
    assert ([], [], 0) == (watch.false, watch.greedy, watch.ended)


def unusual() -> dict[str, bytes]:
    """Return honest pictures that aren't like most."""
    made = {}
    for name, form, mode, options in (
        ("grey.png", "PNG", "L", {}),
        ("deep.png", "PNG", "I;16", {}),
        ("one bit.png", "PNG", "1", {}),
        ("palette.png", "PNG", "P", {"dpi": (72, 72)}),
        ("clear.png", "PNG", "RGBA", {}),
        ("moving.png", "PNG", "RGB", {"save_all": True, "append_images": [Image.new("RGB", (20, 14), 9)]}),
        ("grey.jpg", "JPEG", "L", {}),
        ("print.jpg", "JPEG", "CMYK", {}),
        ("fine.jpg", "JPEG", "RGB", {"quality": 100, "subsampling": 0, "comment": b"hello"}),
        ("clear.webp", "WEBP", "RGBA", {}),
        ("noted.webp", "WEBP", "RGB", {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0", "xmp": b"odd"}),
        ("moving.webp", "WEBP", "RGB", {"save_all": True, "append_images": [Image.new("RGB", (20, 14), 9)]}),
        ("grey.gif", "GIF", "L", {"comment": b"x" * 999}),
        (
            "moving.gif",
            "GIF",
            "P",
            {"save_all": True, "append_images": [Image.new("P", (20, 14), 9)], "loop": 0},
        ),
        ("one bit.bmp", "BMP", "1", {}),
        ("palette.bmp", "BMP", "P", {}),
        ("clear.bmp", "BMP", "RGBA", {}),
    ):
        data = io.BytesIO()
        Image.new(mode, (20, 14)).save(data, form, **options)
        made[name] = data.getvalue()
    return made


@pytest.mark.parametrize(
    ("kind", "extension", "word"),
    [
        (MediaKind.IMAGE, ".png", {"extension": ".gif", "size": [12, 16]}),
        (MediaKind.IMAGE, ".png", {"extension": ".png", "size": [12, 17]}),
        (MediaKind.AUDIO, ".wav", {"form": "mp3", "film": False, "size": []}),
        (MediaKind.VIDEO, ".mp4", {"form": "mov,mp4,m4a", "film": False, "size": []}),
        (MediaKind.VIDEO, ".mp4", {"form": "matroska", "film": True, "size": [12, 16]}),
        (MediaKind.VIDEO, ".mp4", {"error": "died"}),
    ],
)
def test_another_word_does_not_bear_it_out(kind, extension, word):
    """Whatever differs, counts as a file that passed for what it isn't."""
    assert not borne_out(word, kind, extension, [12, 16])


async def test_no_kind_of_bomb_passes(watch, samples, tmp_path, reached):
    """Cut, lying, bursting, nested, endless and two-faced files: each by name (T-15, T-16, T-17, P-23)."""
    real = tmp_path / "real"
    real.mkdir()
    for name, data in samples.items():
        (real / name).write_bytes(data)
    every = kinds(real, tmp_path)
    for name, data in every.items():
        await watch.look(name, data)
    reached(ROW, len(every), 0, len(watch.false), len(watch.greedy))
    assert ([], []) == (watch.false, watch.greedy)


@pytest.mark.parametrize("seeds", pieces(50, each=10), ids=named)
async def test_no_damage_makes_a_file_pass_for_another(watch, samples, reached, seeds):
    """Real files, bent, cut, swollen, spliced: refused, or still what they are said to be (T-15, T-16).

    A seed makes the same hundred files every time; `SEEDS=7 make prove` looks at those of seed 7 alone.
    """
    count = 0
    for seed in seeds:
        for number, data in enumerate(mutants(samples, seed)):
            await watch.look(f"seed {seed}, file {number}", data)
            count += 1
    reached(ROW, 0, count, len(watch.false), len(watch.greedy))
    assert ([], []) == (watch.false, watch.greedy)


@pytest.mark.parametrize(
    ("child", "step"),
    [
        ("bot.media._frames", {"do": "last_frame"}),
        ("bot.media._join", {"do": "join"}),
    ],
)
async def test_nothing_false_is_made_of_a_bomb(samples, tmp_path, child, step):
    """Whoever takes a picture out of a foreign film, or joins it to another, refuses or makes a true one."""
    for name, data in samples.items():
        (tmp_path / name).write_bytes(data)
    bomb, target, honest = tmp_path / "bomb", tmp_path / "target", str(tmp_path / "film.mp4")
    films = {name: data for name, data in kinds(tmp_path, tmp_path).items() if data[4:8] == b"ftyp"}
    made = {}
    worker = await Worker.start((child,))
    for name, data in films.items():
        bomb.write_bytes(data)
        target.unlink(missing_ok=True)
        if not worker.alive:
            worker = await Worker.start((child,))
        asked = {**step, "source": str(bomb), "sources": [honest, str(bomb)], "target": str(target)}
        with contextlib.suppress(MediaError):
            if "code" not in await worker.ask(asked, PATIENCE):
                made[name] = answer(target).get("extension")
    await worker.kill()
    assert {".png" if step["do"] == "last_frame" else ".mp4"} >= {*made.values()}


@pytest.mark.parametrize(("width", "code"), [(60, None), (6000, "unreadable")])
def test_a_picture_larger_than_its_film_says_is_not_decoded(tmp_path, width, code):
    """However much memory there is, a film of 64 by 48 pixels doesn't get more of it (T-16)."""
    rows = zlib.compress(bytes((1 + 3 * width) * 2000), 1)
    head = struct.pack(">IIBBBBB", width, 2000, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    (tmp_path / "film").write_bytes(one_picture(b"png ", png, 64, 48))
    assert code == answer(tmp_path / "film").get("code")


def floods(samples: dict[str, bytes]) -> dict[str, bytes]:
    """Return small pictures whose heads speak of as many pixels as their kinds can."""
    png, gif, jpg = (samples[f"picture.{name}"] for name in ("png", "gif", "jpg"))
    bmp, webp, frame = samples["picture.bmp"], samples["lossless.webp"], jpg.index(b"\xff\xc0") + 5
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    canvas = b"VP8X\x0a\0\0\0\2\0\0\0\xff\xff\xff\xff\xff\xff"
    return {
        "png": png[:8] + chunk(b"IHDR", head) + png[33:],
        "gif": gif[:6] + b"\xff\xff\xff\xff" + gif[10:],
        "gif image": gif.replace(b"\x2c\0\0\0\0" + gif[6:10], b"\x2c\0\0\0\0\xff\xff\xff\xff"),
        "jpeg": jpg[:frame] + b"\xff\xdc\xff\xdc" + jpg[frame + 4 :],
        "bmp": bmp[:18] + struct.pack("<ii", 1 << 30, 1 << 30) + bmp[26:],
        "webp": webp[:21] + struct.pack("<I", 0x0FFFFFFF) + webp[25:],
        "moving webp": b"RIFF" + struct.pack("<I", len(webp) + 10) + b"WEBP" + canvas + webp[12:],
    }


async def test_a_flood_of_pixels_costs_no_memory(watch, samples, tmp_path):
    """A member's picture that claims thousands of millions of pixels isn't decoded to be measured (T-17).

    It is refused, or said to be as large as it says, so that the model's own rules refuse it.
    """
    pid = await watch._warm()
    before, told = watch._peak(pid), {}
    for name, data in floods(samples).items():
        path = tmp_path / name
        path.write_bytes(data)
        try:
            probed = await watch._prober.probe(path, deadline=PATIENCE)
            told[name] = (probed.width, probed.height)
        except MediaError as error:
            told[name] = error.code
    assert {
        "png": (50_000, 50_000),
        "gif": (65_535, 65_535),
        "gif image": (65_535, 65_535),
        "jpeg": (65_500, 65_500),
        "bmp": "truncated",
        "webp": (16_384, 16_384),
        "moving webp": "unreadable",
    } == told
    assert (pid, True) == (watch._prober._idle[0].pid, watch._peak(pid) - before < 16 << 20)


@pytest.mark.parametrize("greed", ["spin", "hoard"])
async def test_a_greedy_child_is_stopped(tmp_path, samples, greed):
    """A decoder that takes all it gets is stopped after two seconds of processor, below 256 MiB (T-17)."""
    watch = Watch(tmp_path, samples["picture.png"], ("tests.faults.greedy_child",))
    try:
        found = await watch.look(greed, samples["picture.png"], greed)
        after = await watch.look("after it", samples["picture.png"])
    finally:
        await watch.close()
    assert ("too_complex", ".png", []) == (found, after, watch.greedy)
    assert (greed == "spin") == bool(watch.ended)
