"""Row 8: four films at once from a provider to Discord, and what that takes."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from benchmarks.beside import beside
from benchmarks.harness import Figure, NotMeasured, Row, Way, in_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from benchmarks.harness import Scale

FILMS: Final = 4
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


def _curl(commands: str) -> Callable[[Scale], Mapping[str, float]]:
    def run(scale: Scale) -> dict[str, float]:
        if shutil.which("curl") is None:
            raise NotMeasured("curl isn't installed")
        with _servers(scale) as port:
            begun = perf_counter()
            films = [
                _start(commands, port, scale.directory / f"{number}.mp4", _size(scale), number)
                for number in range(FILMS)
            ]
            if sum(film.wait() for film in films):
                raise RuntimeError("curl failed")
            return {"per_s": FILMS * _size(scale) / 1e6 / (perf_counter() - begun)}

    return run


def _start(commands: str, port: int, film: Path, size: int, number: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(commands.format(port=port, film=film, size=size, number=number), shell=True)


ROW = Row(
    number="8",
    name="streaming",
    question="What do four films of 100 MB at once take on their way from a provider to Discord?",
    ways=(
        Way("ours", _through("ours")),
        Way("curl", _curl(TAKE + GIVE)),
        Way("curl, sync and sha256sum", _curl(TAKE + VOUCH + GIVE)),
        Way("read() whole", _through("whole"), control=True),
    ),
    figures=(
        Figure("memory growth ÷ the films' size", way="ours", value="memory", target=0.02),
        Figure("MB/s ÷ curl's", way="ours", value="per_s", base="curl", target=1.0, better="more"),
        Figure(
            "MB/s ÷ curl's with the same care",
            way="ours",
            value="per_s",
            base="curl, sync and sha256sum",
            note="curl to file, sync, sha256sum, curl from file",
            peer=True,
        ),
        Figure("p99 of the loop's lag", way="ours", value="lag_p99", target=10, unit="ms"),
        Figure("memory growth, read() whole", way="read() whole", value="memory", target=0.02, control=True),
        Figure("MB/s ÷ curl's, read() whole", way="read() whole", value="per_s", base="curl", peer=True),
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
