"""Row 11: films made smaller, against the ffmpeg program with the same preset, sizes and passes."""

from __future__ import annotations

import functools
import subprocess
from typing import TYPE_CHECKING, Any, Final

from benchmarks.harness import CHECKOUT, Figure, Row, Way, in_process, interpreter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from benchmarks.harness import Scale

CORPUS: Final = CHECKOUT / "build" / "bench" / "corpus"
FILMS: Final = 40
WHERE: Final = "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())"


@functools.cache
def _program() -> str:
    """Return the path of the ffmpeg program in the benchmark's own environment. Raises `NotMeasured`."""
    found = subprocess.run([interpreter("bench"), "-c", WHERE], capture_output=True, text=True, check=True)
    return found.stdout.strip()


def _ask(who: str, folder: Path, most: int) -> dict[str, Any]:
    asked = {"who": who, "most": most, "program": _program(), "corpus": str(CORPUS), "folder": str(folder)}
    return in_process("benchmarks.ways.fitting", asked, patience=1800)


@functools.cache
def _once() -> dict[str, Any]:
    """Fit every film once: the same film gives the same bytes, so once is enough for all rounds."""
    return _ask("all", CORPUS, FILMS)


def _all(scale: Scale) -> dict[str, Any]:
    return _ask("all", scale.directory, 1) if scale.quick else _once()


def _timed(who: str) -> Callable[[Scale], Mapping[str, float]]:
    def run(scale: Scale) -> dict[str, Any]:
        return _ask(who, scale.directory, 1 if scale.quick else 2)

    return run


ROW = Row(
    number="11",
    name="fit",
    question="How near does a film come to its upload limit at once, how fast, and how good does it look?",
    ways=(
        Way("ours", _timed("ours")),
        Way("the program", _timed("program")),
        Way("the corpus", _all),
    ),
    figures=(
        Figure(
            "films whose first try takes 92–100 % of the budget",
            way="the corpus",
            value="landed",
            target=0.95,
            better="more",
            unit="of all",
            note="40 films, once for all rounds",
        ),
        Figure("films over their budget", way="the corpus", value="over", target=0, unit="films"),
        Figure(
            "films whose first try takes 92–100 % of the budget, the program's",
            way="the corpus",
            value="landed_program",
            unit="of all",
            peer=True,
        ),
        Figure("wall time ÷ the program's", way="ours", value="wall", base="the program", target=1.1),
        Figure("processor time ÷ the program's", way="ours", value="cpu", base="the program", peer=True),
        Figure(
            "SSIM ÷ the program's, mean",
            way="the corpus",
            value="ssim",
            target=0.995,
            better="more",
            unit="×",
        ),
        Figure("SSIM ÷ the program's, worst film", way="the corpus", value="ssim_worst", unit="×", peer=True),
    ),
)
