"""A provider's file server and Discord's uploads on one loopback port, in a process of their own.

`python -m benchmarks.ways.film_server FILM [RATE]` writes its port to its output and serves until its input
ends; at RATE bytes a second on each connection, both ways, or as fast as it can.
One thread a connection, `sendfile` out and `recv_into` in: as cheap as can be, since it isn't measured.
Of an upload nothing is kept but its length.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from pathlib import Path

AT_ONCE = 1 << 20
PACED = 1 << 17
"""Bytes between two pauses on a connection with a rate."""
RATE = float(sys.argv[2]) if sys.argv[2:] else None
MESSAGE = {
    "id": "900",
    "channel_id": "1",
    "author": {"id": "1", "username": "matinee", "discriminator": "0", "avatar": None},
    "content": "",
    "timestamp": "2026-01-01T00:00:00+00:00",
    "edited_timestamp": None,
    "tts": False,
    "mention_everyone": False,
    "mentions": [],
    "mention_roles": [],
    "attachments": [],
    "embeds": [],
    "pinned": False,
    "type": 0,
}
USER = {"id": "1", "username": "matinee", "discriminator": "0", "avatar": None}
APPLICATION = {
    "id": "1",
    "name": "matinee",
    "icon": None,
    "description": "",
    "bot_public": True,
    "bot_require_code_grant": False,
    "verify_key": "0" * 64,
    "flags": 0,
    "rpc_origins": [],
    "owner": USER,
}


def main() -> None:
    """Serve until standard input ends."""
    film = Path(sys.argv[1])
    server = socket.create_server(("127.0.0.1", 0), backlog=64)
    threading.Thread(target=_accept, args=(server, film), daemon=True).start()
    sys.stdout.write(f"{server.getsockname()[1]}\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)


def _accept(server: socket.socket, film: Path) -> None:
    while True:
        peer, _ = server.accept()
        threading.Thread(target=_serve, args=(peer, film), daemon=True).start()


def _serve(peer: socket.socket, film: Path) -> None:
    block = bytearray(AT_ONCE)
    with peer:
        while head := _head(peer):
            fields, _, begun = head.partition(b"\r\n\r\n")
            method, path = fields.split(b" ", 2)[:2]
            if method == b"GET" and path.endswith(b".mp4"):
                _give(peer, film, path)
            else:
                received = _take(peer, fields, len(begun), block)
                _answer(peer, path, received)


def _take(peer: socket.socket, fields: bytes, begun: int, block: bytearray) -> int:
    """Take a body, of which so much is here, and return its length."""
    names = (line.lower().partition(b":") for line in fields.split(b"\r\n"))
    length = next((int(value) for name, _, value in names if name == b"content-length"), 0)
    since, most = time.perf_counter(), AT_ONCE if RATE is None else PACED
    while begun < length:
        got = peer.recv_into(block, min(length - begun, most))
        if not got:
            raise ConnectionError("cut")
        begun += got
        _pace(since, begun)
    return length


def _pace(since: float, done: int) -> None:
    """Wait until so many bytes have had their time."""
    if RATE is not None:
        time.sleep(max(0.0, since + done / RATE - time.perf_counter()))


def _answer(peer: socket.socket, path: bytes, received: int) -> None:
    answer = USER if b"users/@me" in path else APPLICATION if b"oauth2" in path else MESSAGE
    body = json.dumps(answer | {"received": received}).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    peer.sendall(head % len(body) + body)


def _head(peer: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        more = peer.recv(1 << 16)
        if not more:
            return b""
        head += more
    return head


def _give(peer: socket.socket, film: Path, path: bytes) -> None:
    """Give the film, or as much of it as the path's name says: `/1000.mp4`."""
    size = int(path.rpartition(b"/")[2].removesuffix(b".mp4").partition(b"-")[0])
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: %d\r\n\r\n" % size)
    since, portion = time.perf_counter(), size if RATE is None else PACED
    with film.open("rb") as file:
        for begun in range(0, size, portion):
            peer.sendfile(file, begun, min(portion, size - begun))
            _pace(since, begun + portion)


if __name__ == "__main__":
    main()
