"""DBOS after a kill: from launch until every workflow waits again. Given `directory`, `count` and `dies`.

A process that `dies` starts them first and is killed; the one after it recovers them.
"""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from dbos import DBOS

from benchmarks.harness import answer, given

PATIENCE = 14_400.0
begun: list[float] = []


@DBOS.workflow()
async def waiting() -> Any:
    """Wait for what a callback would bring."""
    begun.append(time.perf_counter())
    return await DBOS.recv_async("film", timeout_seconds=PATIENCE)


def main(asked: dict[str, Any]) -> None:
    """Start them and die, or launch and wait for all."""
    address = f"sqlite:///{asked['directory']}/dbos.sqlite"
    DBOS(config={"name": "waiting", "system_database_url": address, "console_log_level": "ERROR"})
    begin = time.perf_counter()
    DBOS.launch()
    if asked["dies"]:
        for _ in range(asked["count"]):
            DBOS.start_workflow(waiting)
        while len(begun) < asked["count"]:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGKILL)
    while len(begun) < asked["count"]:
        time.sleep(0.01)
    answer(ms=1000 * (begun[-1] - begin), rows=len(begun), per_s=len(begun) / (begun[-1] - begin))


if __name__ == "__main__":
    main(given())
    os._exit(0)  # workflows that wait would keep it
