"""Row 8: four films at once from a provider to Discord, and what that takes."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from benchmarks.beside import beside
from benchmarks.harness import Figure, NotMeasured, Row, Way, in_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from benchmarks.harness import Scale

FILMS: Final = 4
CURL, CURLS = "curl, one film after the other", "four curls at once"
CARE, CARES = f"{CURL}, with sync and sha256sum", f"{CURLS}, with sync and sha256sum"
LARGE, SMALL = 100_000_000, 2_000_000
TAKE: Final = "curl -sf -o {film} http://127.0.0.1:{port}/{size}-{number}.mp4"
VOUCH: Final = " && sync {film} && sha256sum {film} > {film}.sum"
GIVE: Final = (
    " && curl -sf -H Expect: -F payload_json={{}} -F files[0]=@{film}"
    " -o {film}.answer http://127.0.0.1:{port}/api/v10/channels/{number}/messages"
)


def _size(scale: Scale) -> int:
    return SMALL if scale.quick else LARGE


@contextlib.contextmanager
def _servers(scale: Scale) -> Iterator[int]:
    """Serve films and take uploads in another process; yields the port."""
    film = scale.directory / "served"
    film.write_bytes(bytes(range(250)) * (_size(scale) // 250))
    with beside("benchmarks.ways.film_server", str(film)) as port:
        yield port


def _through(way: str) -> Callable[[Scale], Mapping[str, float]]:
    def run(scale: Scale) -> dict[str, Any]:
        with _servers(scale) as port:
            asked = {"way": way, "port": port, "folder": str(scale.directory), "size": _size(scale)}
            return in_process("benchmarks.ways.streaming", asked)

    return run


def _curl(commands: str, *, at_once: int) -> Callable[[Scale], Mapping[str, float]]:
    def run(scale: Scale) -> dict[str, float]:
        if shutil.which("curl") is None:
            raise NotMeasured("curl isn't installed")
        with _servers(scale) as port, ThreadPoolExecutor(at_once) as films:
            bring = partial(_bring, commands, port, scale.directory, _size(scale))
            begun = perf_counter()
            list(films.map(bring, range(FILMS)))
            return {"per_s": FILMS * _size(scale) / 1e6 / (perf_counter() - begun)}

    return run


def _bring(commands: str, port: int, folder: Path, size: int, number: int) -> None:
    film = folder / f"{number}.mp4"
    subprocess.run(commands.format(port=port, film=film, size=size, number=number), shell=True, check=True)


ROW = Row(
    number="8",
    name="streaming",
    question="What do four films of 100 MB at once take on their way from a provider to Discord?",
    ways=(
        Way("ours", _through("ours")),
        Way(CURL, _curl(TAKE + GIVE, at_once=1)),
        Way(CARE, _curl(TAKE + VOUCH + GIVE, at_once=1)),
        Way(CURLS, _curl(TAKE + GIVE, at_once=FILMS)),
        Way(CARES, _curl(TAKE + VOUCH + GIVE, at_once=FILMS)),
        Way("read() whole", _through("whole"), control=True),
    ),
    figures=(
        Figure("memory growth ÷ the films' size", way="ours", value="memory", target=0.02, unit="×"),
        Figure("MB/s ÷ curl's", way="ours", value="per_s", base=CURL, target=1.0, better="more"),
        Figure(
            "MB/s ÷ curl's with the same care",
            way="ours",
            value="per_s",
            base=CARE,
            note="curl to file, sync, sha256sum, curl from file",
            peer=True,
        ),
        Figure("MB/s ÷ those of four curls at once", way="ours", value="per_s", base=CURLS, peer=True),
        Figure("the same, with the same care", way="ours", value="per_s", base=CARES, peer=True),
        Figure("ours", way="ours", value="per_s", unit="MB/s"),
        Figure("curl", way=CURL, value="per_s", unit="MB/s"),
        Figure("p99 of the loop's lag", way="ours", value="lag_p99", target=10, unit="ms"),
        Figure(
            "memory growth ÷ the films' size, read() whole",
            way="read() whole",
            value="memory",
            target=0.02,
            unit="×",
            control=True,
        ),
        Figure("MB/s ÷ curl's, read() whole", way="read() whole", value="per_s", base=CURL, peer=True),
        Figure(
            "p99 of the loop's lag, read() whole",
            way="read() whole",
            value="lag_p99",
            target=10,
            unit="ms",
            control=True,
        ),
    ),
)
