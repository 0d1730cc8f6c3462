"""A child that behaves as the file's name says: it stands in for a decoder with a fault."""

from __future__ import annotations

import ctypes
import json
import os
import sys
import time
from pathlib import Path

from bot.media._child import MEMORY, allow, answer, bound


def say(words: str) -> None:
    """Answer a line."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def spin() -> None:
    """Use the processor for ever."""
    while True:
        pass


MOODS = {
    "segfault": lambda: ctypes.string_at(0),
    "exit": lambda: os._exit(3),
    "nonsense": lambda: say("what?"),
    "no object": lambda: say("[]"),
    "endless line": lambda: say("x" * 200_000),
    "sleep": lambda: time.sleep(60),
    "spin": spin,
    "hoard": lambda: bytearray(MEMORY),
}

if __name__ == "__main__":
    bound(MEMORY, 0)
    for line in sys.stdin:
        allow(1)
        path = Path(json.loads(line)["path"])
        MOODS.get(path.name, lambda: None)()
        say(json.dumps(answer(path)))
