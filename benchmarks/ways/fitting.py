"""Make films smaller, with `fit` or with the ffmpeg program, and tell time, size and likeness.

The program gets what our first try gets: preset, rates, size and passes; and as ours it gives way (nice 10).
"""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.harness import answer, given
from benchmarks.ways.corpus import Case, corpus, large
from bot.media.fit import LEAST, Plan, fit, plans
from bot.media.probe import Probed, Prober

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

STEREO = 64_000


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one film."""

    share: float
    """Of the budget, after the first try."""
    final: float
    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Bench:
    """The program and a place to write to."""

    program: str
    folder: Path

    async def ours(self, case: Case, film: Probed) -> tuple[Done, Plan]:
        """Fit it as the bot does."""
        watch = _watch()
        fitted = await fit(case.path, self.folder / "ours.mp4", budget=case.budget, film=film)
        wall, cpu = watch()
        plan = next(
            p for p in plans(film, case.budget) if (p.width, p.height) == (fitted.width, fitted.height)
        )
        return Done(fitted.first / case.budget, fitted.size / case.budget, wall, cpu), plan

    def theirs(self, case: Case, film: Probed, plan: Plan) -> Done:
        """Run the program twice, with the rates of our plan."""
        watch = _watch()
        self._run(case, plan, "1", "-an", "-f", "null", os.devnull)
        layout = ("-ac", "2" if plan.audio_rate >= STEREO else "1")
        sound = ("-c:a", "aac", "-b:a", str(plan.audio_rate), *layout) if film.sound else ("-an",)
        target = self.folder / "theirs.mp4"
        self._run(case, plan, "2", *sound, "-movflags", "+faststart", str(target))
        wall, cpu = watch()
        share = target.stat().st_size / case.budget
        return Done(share, share, wall, cpu)

    def _run(self, case: Case, plan: Plan, number: str, *rest: str) -> None:
        size = f"scale={plan.width}:{plan.height}:flags=lanczos"
        encoder = ("-c:v", "libx264", "-preset", "fast", "-profile:v", "high", "-pix_fmt", "yuv420p")
        passes = ("-b:v", str(plan.video_rate), "-pass", number, "-passlogfile", str(self.folder / "log"))
        command = (self.program, "-v", "error", "-y", "-i", str(case.path), "-vf", size, *encoder, *passes)
        subprocess.run(["nice", "-n", "10", *command, *rest], check=True)

    def likeness(self, name: str, case: Case, film: Probed) -> float:
        """Return the SSIM of a result with its original, at the original's size."""
        graph = (
            f"[0:v]scale={film.width}:{film.height}:flags=bicubic,settb=AVTB,setpts=N[x];"
            "[1:v]settb=AVTB,setpts=N[y];[x][y]ssim"
        )
        files = ("-i", str(self.folder / name), "-i", str(case.path))
        said = subprocess.run(
            [self.program, "-hide_banner", "-nostats", *files, "-lavfi", graph, "-f", "null", "-"],
            capture_output=True,
            text=True,
            check=True,
        ).stderr
        return float(re.findall(r"All:([\d.]+)", said)[-1])


def _watch() -> Callable[[], tuple[float, float]]:
    """Return what tells the seconds since now: on the wall, and of our children's processors."""
    begun, before = time.perf_counter(), os.times()

    def told() -> tuple[float, float]:
        now = os.times()
        spent = now.children_user + now.children_system - before.children_user - before.children_system
        return time.perf_counter() - begun, spent

    return told


async def timed(bench: Bench, cases: Sequence[Case], who: str) -> dict[str, float]:
    """Return what some films took together, with `ours` or the `program`."""
    prober = Prober()
    done = []
    for case in cases:
        film = await prober.probe(case.path)
        if who == "ours":
            done.append((await bench.ours(case, film))[0])
        else:
            done.append(bench.theirs(case, film, next(plans(film, case.budget))))
    await prober.close()
    return {"wall": sum(one.wall for one in done), "cpu": sum(one.cpu for one in done)}


async def everything(bench: Bench, cases: Sequence[Case]) -> dict[str, Any]:
    """Return how near all films come to their budgets, and how alike they stay."""
    prober = Prober()
    ours, theirs, alike, pairs = [], [], [], []
    for case in cases:
        film = await prober.probe(case.path)
        done, plan = await bench.ours(case, film)
        ours.append(done)
        theirs.append(bench.theirs(case, film, plan))
        pairs.append([bench.likeness(name, case, film) for name in ("ours.mp4", "theirs.mp4")])
        alike.append(pairs[-1][0] / pairs[-1][1])
    await prober.close()
    return {
        "landed": statistics.mean(LEAST <= one.share <= 1 for one in ours),
        "landed_program": statistics.mean(LEAST <= one.share <= 1 for one in theirs),
        "over": sum(one.final > 1 for one in ours),
        "ssim": statistics.mean(one[0] for one in pairs) / statistics.mean(one[1] for one in pairs),
        "ssim_worst": min(alike),
    }


def main() -> None:
    """Measure what was asked for: the corpus, or the large films with one way, or as many of them."""
    asked = given()
    bench, films = Bench(asked["program"], Path(asked["folder"])), Path(asked["corpus"])
    if asked["who"] == "all":
        answer(**asyncio.run(everything(bench, corpus(bench.program, films)[: asked["most"]])))
    else:
        answer(**asyncio.run(timed(bench, large(bench.program, films)[: asked["most"]], asked["who"])))


if __name__ == "__main__":
    main()
