"""Servers that a way needs beside itself: each in a process of its own, which prints its port."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks.harness import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def beside(module: str, *arguments: str, heard: bool = True) -> Iterator[int]:
    """Run a server until it isn't wanted any more, when its standard input ends; yields its port.

    What the bot logs may come before the port on its line. `heard`: what it complains of is shown.
    """
    server = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None if heard else subprocess.DEVNULL,
        text=True,
    )
    with server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline().split()[-1])
        finally:
            server.stdin.close()
