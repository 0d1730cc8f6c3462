"""A provider that calls back as fast as it is answered, in a process of its own: bare sockets and epoll.

Every call is a true one for a generation of its own; on a connection each follows the answer to the last.
"""

from __future__ import annotations

import json
import select
import socket
import statistics
from random import Random
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Final

from benchmarks.harness import answer, given
from bot.signatures import Signer

if TYPE_CHECKING:
    from collections.abc import Iterator

LINKS: Final = [f"https://films.example/{'0123456789abcdef' * 4}-{number}.mp4" for number in (1, 2)]
GOOD: Final = b"HTTP/1.1 204"
END: Final = b"\r\n\r\n"


def call(path: str, number: int) -> bytes:
    """Return one call, head and body, as maxapi sends it."""
    said = {
        "code": 0,
        "msg": "success",
        "data": {
            "taskId": f"task_{number:024x}",
            "status": "success",
            "model": "seedance-2.0",
            "info": {"resultUrls": LINKS, "originUrls": LINKS},
            "creditsCharged": 12.5,
            "completeTime": "2026-11-21 12:34:56",
        },
    }
    body = json.dumps(said).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: films.example\r\nUser-Agent: callbacks/1.0\r\nAccept: */*\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def calls(secret: str, generations: int) -> list[bytes]:
    """Return a call for each generation, as `benchmarks.filling` numbers them."""
    signer = Signer(secret.encode())
    ids = [f"{number:016x}" for number in range(generations)]
    return [
        call(f"/callbacks/maxapi/{signer.callback_token('maxapi', id_)}", number)
        for number, id_ in enumerate(ids)
    ]


def run(port: int, every: list[bytes], connections: int, seconds: float) -> dict[str, float]:
    """Call for so long, and twice at least; return how many a second were taken, and the waits in ms."""
    poll = select.epoll()
    open_: dict[int, socket.socket] = {}
    since: dict[int, float] = {}
    waits, sent = [], 0
    for _ in range(connections):
        wire = socket.create_connection(("127.0.0.1", port))
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        open_[wire.fileno()] = wire
        poll.register(wire.fileno(), select.EPOLLIN)
    begun = perf_counter()
    for number, wire in open_.items():
        since[number] = perf_counter()
        wire.sendall(every[sent % len(every)])
        sent += 1
    while (now := perf_counter()) - begun < seconds or len(waits) < 2:
        for number, _ in poll.poll(1.0):
            wire = open_[number]
            said = wire.recv(4096)
            now = perf_counter()
            if not (said.startswith(GOOD) and said.endswith(END)):
                raise RuntimeError(f"answered {said[:60]!r}")
            waits.append(now - since[number])
            since[number] = now
            wire.sendall(every[sent % len(every)])
            sent += 1
    for wire in open_.values():
        wire.close()
    return {
        "per_s": len(waits) / (now - begun),
        "p50_ms": statistics.median(waits) * 1000,
        "p99_ms": statistics.quantiles(waits, n=100)[98] * 1000,
    }


def pauses(mean: float, seed: int | None) -> Iterator[float]:
    """Return seconds between calls: always the same; or, with a seed, anything from none to twice as many.

    What comes every so often meets whatever else comes every so often at the same few moments of it.
    """
    dice = Random(seed)
    while True:
        yield mean if seed is None else dice.uniform(0, 2 * mean)


def one_by_one(port: int, every: list[bytes], waits: Iterator[float]) -> dict[str, float]:
    """Call once for each generation, with a pause after each answer; return when each call left."""
    left = {}
    with socket.create_connection(("127.0.0.1", port)) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number, each in enumerate(every):
            left[f"{number:016x}"] = perf_counter()
            wire.sendall(each)
            said = wire.recv(4096)
            if not said.startswith(GOOD):
                raise RuntimeError(f"answered {said[:60]!r}")
            sleep(next(waits))
    return left


def main() -> None:
    """Call with many connections, then with one; the first part of each isn't counted."""
    asked = given()
    every = calls(asked["secret"], asked["generations"])
    if "one_by_one" in asked:
        waits = pauses(asked["pause"], asked["seed"])
        return answer(left=one_by_one(asked["port"], every, waits))
    found = {}
    for name, connections in (("many", asked["connections"]), ("one", 1)):
        run(asked["port"], every, connections, asked["seconds"] / 4)
        taken = run(asked["port"], every, connections, asked["seconds"])
        found |= {f"{name}_{value}": number for value, number in taken.items()}
    return answer(**found)


if __name__ == "__main__":
    main()
