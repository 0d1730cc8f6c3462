"""A child process that says what a file is, by other readers than ours: libav's own guess, and Pillow.

Only damaged MP3s escape libav's guess: those have to decode as what they were taken for.
"""

from __future__ import annotations

import contextlib
import json
import sys
import warnings
from typing import Any

import av
from PIL import Image, ImageFile

from bot.media._child import bound

MEMORY = 8 << 30
"""Of addresses: a picture's canvas is asked for, not used."""
PICTURES = {"PNG": ".png", "JPEG": ".jpg", "MPO": ".jpg", "WEBP": ".webp", "GIF": ".gif", "BMP": ".bmp"}


def picture(path: str) -> dict[str, Any]:
    """Return a picture's extension and size."""
    with Image.open(path) as seen:
        return {"extension": PICTURES.get(seen.format or "", ""), "size": sorted(seen.size)}


def recording(path: str, form: str | None) -> dict[str, Any]:
    """Return a film's or a sound's kind; one picture or one moment of sound is decoded."""
    with av.open(path, format=form) as seen:
        film = bool(seen.streams.video)
        if film and seen.streams.video[0].width * seen.streams.video[0].height > 4096 * 2304:
            return {"form": seen.format.name, "film": film, "size": "too large to decode"}
        frame = next(seen.decode(video=0)) if film else heard(seen)
        size = sorted([frame.width, frame.height]) if film else []
        return {"form": seen.format.name, "film": film, "size": size}


def heard(seen: av.container.InputContainer) -> av.AudioFrame:
    """Return the first moment that can be heard, be it after some damage."""
    for packet in seen.demux(audio=0):
        with contextlib.suppress(av.error.FFmpegError):
            for frame in packet.decode():
                return frame
    raise ValueError("nothing to hear")


def main() -> None:
    """Answer until standard input ends."""
    bound(MEMORY, 0)
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        try:
            if asked["kind"] == "image":
                found = picture(asked["path"])
            else:
                found = recording(asked["path"], "mp3" if asked["extension"] == ".mp3" else None)
        except Exception as error:  # noqa: BLE001  whatever it says is evidence
            found = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
