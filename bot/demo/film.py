"""A drawn film: real H.264 and AAC in an MP4, as asked for, made in a second or two.

The same order always gives the same bytes.
"""

from __future__ import annotations

import io
import math
import tempfile
from array import array
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.video.reformatter import ColorRange, Colorspace

from bot.demo.scene import Moment, Scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from av.container import OutputContainer
    from av.video.stream import VideoStream

FRAME_RATE = 24
DRAWN = 12
"""Different pictures a second; each is shown twice."""
SAMPLE_RATE = 48_000
ADAPTIVE = "adaptive"
BT601, BT709 = 6, 1
"""Codes of H.264's colour description. PyAV and Pillow read colours back unchanged only with this matrix."""

# EvoLink's table; the 1080p column stands in its later guide.
PIXELS: dict[str, dict[str, tuple[int, int]]] = {
    "480p": {
        "16:9": (864, 496),
        "4:3": (752, 560),
        "1:1": (640, 640),
        "3:4": (560, 752),
        "9:16": (496, 864),
        "21:9": (992, 432),
    },
    "720p": {
        "16:9": (1280, 720),
        "4:3": (1112, 834),
        "1:1": (960, 960),
        "3:4": (834, 1112),
        "9:16": (720, 1280),
        "21:9": (1470, 630),
    },
    "1080p": {
        "16:9": (1920, 1080),
        "4:3": (1664, 1248),
        "1:1": (1440, 1440),
        "3:4": (1248, 1664),
        "9:16": (1080, 1920),
        "21:9": (2206, 946),
    },
}


class FilmStopped(Exception):
    """Nobody waits for this film any more."""


@dataclass(frozen=True, slots=True)
class FilmOrder:
    """What a film is to be. Pictures, clips and sounds are the bytes of their files."""

    prompt: str
    width: int
    height: int
    seconds: int
    sound: bool = False
    label: str = ""
    """A line of small print, for instance provider and model."""
    first: bytes | None = None
    """The picture that the film begins with."""
    last: bytes | None = None
    """The picture that it ends with; only together with `first`."""
    references: tuple[bytes, ...] = ()
    """Pictures, and clips of which the first frame is shown."""
    sounds: tuple[bytes, ...] = ()
    """Heard in the film, the first one loudest, if there is sound."""


def pixel_size(ratio: str, resolution: str, shape: tuple[int, int] | None = None) -> tuple[int, int]:
    """Return width and height in pixels. `adaptive` is the ratio nearest to a picture of `shape`, or 16:9.

    Raises `KeyError` for a ratio or resolution that no provider has.
    """
    sizes = PIXELS[resolution]
    if ratio != ADAPTIVE:
        return sizes[ratio]
    if shape is None:
        return sizes["16:9"]
    wanted = math.log(shape[0] / shape[1])
    return min(sizes.values(), key=lambda size: abs(math.log(size[0] / size[1]) - wanted))


def draw(order: FilmOrder, stopped: Callable[[], bool] = lambda: False) -> bytes:
    """Make a film and return the MP4, ready to be played while it loads (faststart).

    Takes a core for about a quarter of the film's length; call it off the event loop. `stopped` is asked
    before each picture. Raises `FilmStopped`, or `OSError` for a file that can't be shown.
    """
    with tempfile.TemporaryDirectory(prefix="matinee-film-") as folder:
        path = Path(folder) / "film.mp4"
        with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as mp4:
            _write(mp4, order, stopped)
        return path.read_bytes()


def _write(mp4: OutputContainer, order: FilmOrder, stopped: Callable[[], bool]) -> None:
    video = _video_stream(mp4, order)
    audio = mp4.add_stream("aac", rate=SAMPLE_RATE, layout="mono") if order.sound else None
    if audio is not None:
        audio.bit_rate = 96_000
        for block in _heard(order):
            mp4.mux(audio.encode(block))
        mp4.mux(audio.encode(None))
    for frame in _seen(order, stopped):
        mp4.mux(video.encode(frame))
    mp4.mux(video.encode(None))


def _video_stream(mp4: OutputContainer, order: FilmOrder) -> VideoStream:
    options = {"preset": "ultrafast", "crf": "21", "threads": "1", "g": str(FRAME_RATE * 2)}
    video = mp4.add_stream("libx264", rate=FRAME_RATE, options=options)
    video.width, video.height, video.pix_fmt = order.width, order.height, "yuv420p"
    video.time_base = Fraction(1, FRAME_RATE)
    context = video.codec_context
    context.colorspace, context.color_primaries, context.color_trc = BT601, BT709, BT709
    context.color_range = ColorRange.MPEG
    return video


def _seen(order: FilmOrder, stopped: Callable[[], bool]) -> Iterator[av.VideoFrame]:
    scene = Scene(
        (order.width, order.height),
        order.prompt,
        order.label,
        first=order.first,
        last=order.last,
        references=order.references,
    )
    count = order.seconds * FRAME_RATE
    shown = FRAME_RATE // DRAWN
    end = (count - 1) // shown * shown / FRAME_RATE
    for number in range(0, count, shown):
        if stopped():
            raise FilmStopped
        picture = scene.frame(Moment(number / FRAME_RATE, end))
        shown_whole = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
        frame = shown_whole.reformat(
            format="yuv420p", dst_colorspace=Colorspace.ITU601, dst_color_range=ColorRange.MPEG
        )
        for repeat in range(shown):
            frame.pts, frame.time_base = number + repeat, Fraction(1, FRAME_RATE)
            yield frame


# ---- sound


def _heard(order: FilmOrder) -> Iterator[av.AudioFrame]:
    tone = _chord(order.prompt)
    loud = 0.35 if order.sounds else 1.0
    given = _mixed(order.sounds, order.seconds)
    for second in range(order.seconds):
        samples = array("h", (round(value * loud) for value in tone))
        if given:
            start = second * SAMPLE_RATE
            pairs = zip(samples, given[start : start + SAMPLE_RATE], strict=True)
            samples = array("h", (max(-32_768, min(32_767, one + other)) for one, other in pairs))
        if second == 0:
            _fade(samples, range(SAMPLE_RATE // 4))
        if second == order.seconds - 1:
            _fade(samples, range(SAMPLE_RATE - 1, SAMPLE_RATE * 3 // 4, -1))
        frame = av.AudioFrame(format="s16", layout="mono", samples=SAMPLE_RATE)
        frame.planes[0].update(samples.tobytes())
        frame.sample_rate, frame.pts, frame.time_base = (
            SAMPLE_RATE,
            second * SAMPLE_RATE,
            Fraction(1, SAMPLE_RATE),
        )
        yield frame


def _chord(prompt: str) -> array[int]:
    """Return one second of a soft chord; its tones are whole hertz, so that seconds join without a click."""
    root = (196, 208, 220, 233)[len(prompt) % 4]
    tones = ((root, 1900), (round(root * 1.25), 1200), (round(root * 1.5), 1200), (root * 2, 500))
    turn = 2 * math.pi / SAMPLE_RATE
    waves = [(turn * pitch, strength) for pitch, strength in tones]
    return array(
        "h",
        (
            round(
                (0.75 + 0.25 * math.sin(turn * 2 * at))
                * sum(strength * math.sin(step * at) for step, strength in waves)
            )
            for at in range(SAMPLE_RATE)
        ),
    )


def _fade(samples: array[int], places: range) -> None:
    for step, place in enumerate(places):
        samples[place] = round(samples[place] * step / len(places))


def _mixed(sounds: tuple[bytes, ...], seconds: int) -> array[int]:
    """Return the given sounds one over the other, repeated to the film's length; empty without any."""
    whole = seconds * SAMPLE_RATE
    tracks = [(track * (whole // len(track) + 1))[:whole] for track in map(_samples, sounds) if track]
    if len(tracks) <= 1:
        return array("h", (value * 7 // 10 for value in tracks[0])) if tracks else array("h")
    return array("h", (sum(values) * 7 // (10 * len(tracks)) for values in zip(*tracks, strict=True)))


def _samples(sound: bytes) -> array[int]:
    taken = array("h")
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    with av.open(io.BytesIO(sound), "r") as file:
        for frame in file.decode(audio=0):
            for part in resampler.resample(frame):
                taken.frombytes(bytes(part.planes[0])[: part.samples * 2])
            if len(taken) > 15 * SAMPLE_RATE:
                break
    return taken
