"""What a process at rest costs: its memory, and the processor time of it and of those that serve it.

It needs the standard library alone, since peers in the benchmark's own environment are measured by it too.
"""

from __future__ import annotations

import asyncio
import gc
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def resident() -> float:
    """Return the memory of this process that lies in RAM, in MB."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def processor_time(process: int) -> float:
    """Return the seconds that another process has had, to the nanosecond; 0 for one that is gone."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text(encoding="utf-8").split()[0]) / 1e9
    except OSError:
        return 0.0


async def rest(seconds: float, servers: Sequence[int] = ()) -> dict[str, float]:
    """Let the running loop be for so long; return how much of a core it took, and its servers, in percent."""
    before = [processor_time(each) for each in servers]
    begin, used = time.perf_counter(), time.process_time()
    await asyncio.sleep(seconds)
    own, passed = time.process_time() - used, time.perf_counter() - begin
    theirs = sum(max(0.0, processor_time(each) - one) for each, one in zip(servers, before, strict=True))
    percent, server_percent = (100 * each / passed for each in (own, theirs))
    together = percent + server_percent
    return {"percent": percent, "server_percent": server_percent, "together_percent": together}
