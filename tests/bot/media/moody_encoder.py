"""An encoder that breaks off, never ends, or can't make anything small: as the source's name says."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    for line in sys.stdin:
        step = json.loads(line)
        mood = Path(step["source"]).stem
        if mood == "crash":
            os.abort()
        if mood == "hang":
            Path(step["target"]).with_name("begun").touch()
            time.sleep(60)
        if step["do"] == "encode":
            Path(step["target"]).write_bytes(bytes(10_000_000))
        sys.stdout.write("{}\n")
        sys.stdout.flush()
