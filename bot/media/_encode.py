"""The child process that makes films smaller: one step per line in, one answer per line out.

It has bounded memory, gives way to everything else on the machine, and may be killed at any moment.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
from av.audio.stream import AudioStream
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from bot.errors import MediaError
from bot.media._ahead import ahead
from bot.media._child import bound
from bot.media._streams import open_as

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from av.audio.frame import AudioFrame
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet

MEMORY = 2 << 30
NICE = 10
THREADS = 4
"""At most: x264's memory grows with them."""
AHEAD = 2
"""Pictures that may wait for the encoder; more bring nothing, and one of 4096 × 2304 takes 14 MB."""
STRICT = "ratetol=0.01"
"""How far the second pass may stray from its rate on the way. x264's own 1.0 is for streams without an end:
a film of some seconds leaves no time to make up for a wrong guess; some came out 29 % too small."""
Encoder = Callable[[Any], "list[Packet]"]
"""Takes pictures or sound in order, None at the end, and returns what is ready."""
# What libav calls a quarter, a half and three quarters of a turn against the clock.
TURNS = {90: ("transpose=cclock",), 180: ("hflip", "vflip"), 270: ("transpose=clock",)}


def remux(step: dict[str, Any]) -> None:
    """Put the same pictures and sound into an MP4 with its index in front."""
    with (
        Path(step["source"]).open("rb") as file,
        open_as(file, "mov") as film,
        open_output(step["target"]) as output,
    ):
        kept = {
            stream: output.add_stream_from_template(stream)
            for stream in (*film.streams.video[:1], *film.streams.audio[:1])
        }
        for packet in film.demux(*kept):
            if packet.dts is not None:
                new = kept[packet.stream]
                packet.stream = new
                output.mux(packet)


def measure(step: dict[str, Any]) -> None:
    """Run x264's first pass, which only writes its statistics."""
    with (
        Path(step["source"]).open("rb") as file,
        open_as(file, "mov") as film,
        av.open(os.devnull, "w", format="null") as output,
    ):
        _write(film, output, step, _video(film, output, step, {"flags": "+pass1"}))


def encode(step: dict[str, Any]) -> None:
    """Run x264's second pass, with the sound beside it."""
    with (
        Path(step["source"]).open("rb") as file,
        open_as(file, "mov") as film,
        open_output(step["target"]) as output,
    ):
        pictures = _video(film, output, step, {"flags": "+pass2", "x264-params": STRICT})
        sound = _audio(film, output, step) if film.streams.audio else None
        _write(film, output, step, pictures, sound)


def open_output(target: str) -> OutputContainer:
    """Open an MP4 to write to, whose index will come first."""
    return av.open(target, "w", format="mp4", options={"movflags": "+faststart"})


def _write(
    film: InputContainer,
    output: OutputContainer,
    step: dict[str, Any],
    pictures: Encoder,
    sound: Encoder | None = None,
) -> None:
    """Write pictures as this thread encodes them, and sound; another prepares both meanwhile."""
    with ahead(_prepared(film, step, sound), AHEAD) as prepared:
        for packets, picture in prepared:
            output.mux(packets)
            if picture is not None:
                output.mux(pictures(picture))
    output.mux(pictures(None))
    if sound is not None:
        output.mux(sound(None))


def _prepared(
    film: InputContainer, step: dict[str, Any], sound: Encoder | None
) -> Iterator[tuple[list[Packet], VideoFrame | None]]:
    """Yield each picture, turned and scaled, with the encoded sound that lies before it; None at the end."""
    prepare = _Picture(film.streams.video[0], step["width"], step["height"])
    heard: list[Packet] = []
    for packet in film.demux(film.streams.video[0], *(film.streams.audio[:1] if sound else ())):
        for frame in packet.decode():
            if isinstance(frame, VideoFrame):
                yield heard, prepare(frame)
                heard = []
            else:
                assert sound is not None
                heard += sound(frame)
    yield heard, None


def _video(
    film: InputContainer, output: OutputContainer, step: dict[str, Any], options: dict[str, str]
) -> Encoder:
    """Return what encodes prepared pictures."""
    source = film.streams.video[0]
    stream = output.add_stream(
        "libx264",
        rate=source.average_rate or source.guessed_rate,
        options={"preset": "fast", "profile": "high", "passlogfile": step["statistics"], **options},
    )
    assert isinstance(stream, VideoStream)
    context = stream.codec_context
    context.width, context.height, context.pix_fmt = step["width"], step["height"], "yuv420p"
    context.bit_rate = step["video_rate"]
    context.thread_count = min(THREADS, (os.cpu_count() or 1) * 3 // 2)  # as x264 itself would
    source.thread_type = "AUTO"  # pictures are decoded while others are encoded
    if source.time_base is not None:
        context.time_base = source.time_base
    return stream.encode


class _Picture:
    """Turns and scales pictures; how is known when the first one comes."""

    def __init__(self, source: VideoStream, width: int, height: int) -> None:
        self._source = source
        self._size = width, height
        self._graph: Graph | None = None

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        if self._graph is None:
            self._graph = self._build(frame.rotation % 360)
        self._graph.push(frame)
        picture: VideoFrame = self._graph.vpull()
        picture.pict_type = 0  # x264 decides which pictures stand alone
        return picture

    def _build(self, rotation: int) -> Graph:
        width, height = self._size
        return chain(
            self._source,
            (*TURNS.get(rotation, ()), f"scale={width}:{height}:flags=lanczos", "format=yuv420p"),
        )


def chain(source: VideoStream, steps: Iterable[str]) -> Graph:
    """Return libav's filters one after another, each as its command line writes it: `name=arguments`."""
    graph = Graph()
    last = graph.add_buffer(template=source)
    for words in steps:
        name, _, arguments = words.partition("=")
        following = graph.add(name, arguments)
        last.link_to(following)
        last = following
    last.link_to(graph.add("buffersink"))
    graph.configure()
    return graph


def _audio(film: InputContainer, output: OutputContainer, step: dict[str, Any]) -> Encoder:
    """Return what encodes decoded sound as AAC."""
    source = film.streams.audio[0]
    layout = "stereo" if source.codec_context.channels > 1 and step["audio_rate"] >= 64_000 else "mono"  # noqa: PLR2004
    rate = (
        source.codec_context.sample_rate if source.codec_context.sample_rate in {44_100, 48_000} else 44_100
    )
    stream = output.add_stream("aac", rate=rate, layout=layout)
    assert isinstance(stream, AudioStream)
    stream.codec_context.bit_rate = step["audio_rate"]
    stream.codec_context.open()  # here, since another thread will use it
    resampler = av.AudioResampler("fltp", layout, rate)

    def take(frame: AudioFrame | None) -> list[Packet]:
        parts: list[AudioFrame | None] = [*resampler.resample(frame)]
        if frame is None:
            parts.append(None)
        return [packet for part in parts for packet in stream.encode(part)]

    return take


Step = Callable[[dict[str, Any]], dict[str, Any] | None]
STEPS: dict[str, Step] = {"remux": remux, "measure": measure, "encode": encode}


def serve(steps: dict[str, Step]) -> None:
    """Take steps until standard input ends; a step's own answer, if it has one, goes back as it is."""
    bound(MEMORY, resource.RLIM_INFINITY)
    os.nice(NICE)
    for line in sys.stdin.buffer:
        step = json.loads(line)
        try:
            answer = steps[step["do"]](step) or {}
        except MediaError as error:
            answer = {"code": error.code, "detail": str(error)}
        except Exception as error:  # noqa: BLE001 - whatever goes wrong here is the film's doing
            code = "too_complex" if isinstance(error, MemoryError) else "unreadable"
            answer = {"code": code, "detail": type(error).__name__}
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    serve(STEPS)
