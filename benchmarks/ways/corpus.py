"""Forty films to make smaller, made by the ffmpeg program: all that a provider may send, and harder things.

They are kept in `build/bench/corpus`, since the same program makes the same films each time.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PICTURES = {
    "zoom": "mandelbrot=size={size}:rate={rate}:end_scale=0.02:end_pts=400:start_scale=2",
    "moving noise": (
        "life=size={size}:rate={rate}:mold=12:ratio=0.3:death_color=#2f4f2f:life_color=#c8d8a0:seed={seed},"
        "gblur=sigma=1.5"
    ),
    "drawn": "testsrc2=size={size}:rate={rate},gblur=sigma=0.8",
    "still": (
        "mandelbrot=size={size}:rate={rate}:start_scale=0.{seed},trim=end_frame=1,loop=-1:1,fps={rate},"
        "noise=alls=10:allf=t"
    ),
    "fast cuts": (
        "mandelbrot=size={size}:rate={rate}[a];testsrc2=size={size}:rate={rate}[b];"
        "gradients=size={size}:rate={rate}:seed={seed}:speed=0.05,noise=alls=6:allf=t[c];"
        "[a][b]overlay=enable='between(mod(t,1.5),0.5,1)'[d];[d][c]overlay=enable='gte(mod(t,1.5),1)'"
    ),
    "dark": (
        "gradients=size={size}:rate={rate}:seed={seed}:speed=0.02:c0=#101018:c1=#000000:c2=#181008:nb_colors=3,"
        "gblur=sigma=4,noise=alls=3:allf=t"
    ),
    "grainy": "mandelbrot=size={size}:rate={rate}:start_scale=0.5,eq=saturation=0.6,noise=alls=14:allf=t",
    "pan": (
        "mandelbrot=size=1600x1200:rate={rate}:start_scale=0.3,trim=end_frame=1,loop=-1:1,fps={rate},"
        "crop={crop}:x='(iw-ow)*(0.5+0.5*sin(t/3))':y='(ih-oh)*t/20'"
    ),
}
SHAPES = ((640, 360, 24, 5), (640, 360, 30, 6), (360, 640, 24, 8), (480, 270, 25, 12), (960, 540, 24, 5))
"""Width, height, pictures a second, seconds."""
SHARES = (0.25, 0.4, 0.55, 0.7, 0.9)
"""Of a film's own size, what it may take."""
LARGE = (1280, 720, 24, 8)
"""What is timed: as providers make them. In a film that is done in a second, starting Python would show."""
SOUND = "anoisesrc=color=pink:amplitude=0.05,tremolo=f=0.7[n];sine=f={tone}:beep_factor=3[s];[n][s]amix"


@dataclass(frozen=True, slots=True)
class Case:
    """A film, and the share of its bytes that it may keep."""

    name: str
    path: Path
    share: float

    @property
    def budget(self) -> int:
        """Bytes."""
        return int(self.path.stat().st_size * self.share)


def corpus(program: str, folder: Path) -> tuple[Case, ...]:
    """Return all cases; make what isn't there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    cases = []
    for kind, pictures in enumerate(PICTURES):
        for number, shape in enumerate(SHAPES):
            path = folder / f"{pictures.replace(' ', '-')}-{number}.mp4"
            if not path.exists():
                _make(program, path, pictures, shape, seed=kind * 10 + number + 1)
            cases.append(Case(path.stem, path, SHARES[(kind + number * 2) % len(SHARES)]))
    return tuple(cases)


def large(program: str, folder: Path) -> tuple[Case, ...]:
    """Return the films that are timed; make what isn't there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    cases = []
    for kind, share in (("zoom", 0.4), ("pan", 0.7)):
        path = folder / f"large-{kind}.mp4"
        if not path.exists():
            _make(program, path, kind, LARGE, seed=1)
        cases.append(Case(path.stem, path, share))
    return tuple(cases)


def _make(program: str, path: Path, pictures: str, shape: tuple[int, int, int, int], seed: int) -> None:
    width, height, rate, seconds = shape
    shaped = {"size": f"{width}x{height}", "crop": f"{width}:{height}", "rate": rate, "seed": seed}
    graph = PICTURES[pictures].format(**shaped)
    sound = ["-f", "lavfi", "-i", SOUND.format(tone=200 + 20 * seed)] if seed % 2 else []
    half = path.with_suffix(".part")
    subprocess.run(
        [
            *(program, "-v", "error", "-y", "-f", "lavfi", "-i", graph, *sound, "-t", str(seconds)),
            *("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p"),
            *("-c:a", "aac", "-b:a", "128k", "-ac", "2", "-threads", "2"),
            *("-movflags", "+faststart", "-f", "mp4", str(half)),
        ],
        check=True,
    )
    half.replace(path)
