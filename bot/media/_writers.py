"""What writes the pictures and the sound of joined films: as they are, or encoded anew."""

from __future__ import annotations

import os
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

from av import AudioResampler, Packet
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

from bot.media._encode import THREADS, chain
from bot.media._shown import MATRICES, scaled, shown_size, upright

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from av.container import OutputContainer
    from av.filter import Graph
    from av.video.frame import VideoFrame

    from bot.media._parts import Part, Run

QUALITY = "18"
"""x264's constant rate factor: no difference to see; what must be smaller is fitted later."""
BLOCK = 1024
"""Samples that AAC encodes at once."""
SAMPLE = 4
"""Bytes of a sample."""
SLACK = Fraction(1, 50)
"""Seconds by which sound may come early or late before that counts as a gap."""
STEREO_RATE, MONO_RATE = 192_000, 96_000
SAMPLE_RATES = (44_100, 48_000)


class Writer(Protocol):
    """Takes one stream of the films, a film after another."""

    def begin(self, number: int, part: Part, source: Any) -> None:
        """Take a film up; `source` is its stream, or None where it has no such one."""

    def take(self, packet: Packet) -> None:
        """Take the next packet."""

    def end(self) -> None:
        """Write what is left of this film."""

    def close(self) -> None:
        """Write what is left of all."""


class CopiedPictures:
    """Packets of pictures, moved in time by so many ticks for each film."""

    def __init__(self, output: OutputContainer, template: VideoStream, shifts: Sequence[int]) -> None:
        self._output = output
        self._stream = output.add_stream_from_template(template)
        self._shifts = shifts
        self._shift = 0

    def begin(self, number: int, part: Part, source: Any) -> None:  # noqa: ARG002 - as every writer
        """Take a film up."""
        self._shift = self._shifts[number]

    def take(self, packet: Packet) -> None:
        """Copy a packet."""
        if packet.pts is not None and packet.dts is not None:
            new = _copy(packet, self._stream, packet.pts + self._shift, packet.dts + self._shift)
            self._output.mux(new)

    def end(self) -> None:
        """Do nothing: packets end by themselves."""

    def close(self) -> None:
        """Do nothing."""


class CopiedSound:
    """Blocks of sound, on one grid."""

    def __init__(self, output: OutputContainer, template: AudioStream, runs: Sequence[Run]) -> None:
        self._output = output
        self._stream = output.add_stream_from_template(template)
        self._runs = runs
        self._run = runs[0]
        self._seen = self._block = 0
        self._last = False

    def begin(self, number: int, part: Part, source: Any) -> None:  # noqa: ARG002 - as every writer
        """Take a film up."""
        assert part.sound is not None
        self._run, self._seen, self._block = self._runs[number], 0, part.sound.stamps[0].duration
        self._last = number == len(self._runs) - 1

    def take(self, packet: Packet) -> None:
        """Copy a block, if it is one of those to be kept."""
        if packet.pts is None or packet.dts is None:
            return
        place = self._seen - self._run.first
        if 0 <= place < self._run.stop - self._run.first:
            pts = self._run.pts + place * self._block
            new = _copy(packet, self._stream, pts, pts)
            if not self._last:
                new.duration = self._block
            self._output.mux(new)
        self._seen += 1

    def end(self) -> None:
        """Do nothing: blocks end by themselves."""

    def close(self) -> None:
        """Do nothing."""


def _copy(packet: Packet, stream: VideoStream | AudioStream, pts: int, dts: int) -> Packet:
    """Return the same bytes at another time, without what libav noted beside them."""
    new = Packet(bytes(packet))
    new.pts, new.dts, new.duration, new.time_base = pts, dts, packet.duration, packet.time_base
    new.is_keyframe = packet.is_keyframe
    new.stream = stream
    return new


class EncodedPictures:
    """Pictures in the first film's size, at its frame rate."""

    def __init__(self, output: OutputContainer, parts: Sequence[Part], places: Sequence[Fraction]) -> None:
        first = parts[0]
        self._output, self._rate, self._matrix = output, first.rate, first.matrix
        self._size = tuple(max(2, side // 2 * 2) for side in (first.width, first.height))
        self._begins = [round(place * first.rate) for place in places]
        options = {"preset": "fast", "profile": "high", "crf": QUALITY}
        stream = output.add_stream("libx264", rate=first.rate, options=options)
        assert isinstance(stream, VideoStream)
        context = stream.codec_context
        context.width, context.height = self._size
        context.pix_fmt, context.time_base = "yuv420p", 1 / first.rate
        context.colorspace, context.color_range = first.matrix, ColorRange.MPEG
        context.thread_count = min(THREADS, os.cpu_count() or 1)
        self._stream = stream
        self._next = self._until = 0

    def begin(self, number: int, part: Part, source: VideoStream) -> None:
        """Take a film up."""
        self._source, self._start = source, part.start
        self._first, self._until = self._begins[number : number + 2]
        self._next = self._first
        self._held: VideoFrame | None = None
        self._graph: Graph | None = None

    def take(self, packet: Packet) -> None:
        """Decode a packet, and show each picture until the next one comes."""
        for frame in self._source.decode(packet):
            if frame.pts is None or frame.time_base is None:
                continue
            self._show((frame.pts * frame.time_base - self._start) * self._rate)
            self._held = frame

    def end(self) -> None:
        """Show the last picture until the film is over."""
        self._show(Fraction(self._until - self._first + 1))

    def close(self) -> None:
        """Write the pictures that x264 still holds."""
        self._output.mux(self._stream.encode(None))

    def _show(self, until: Fraction) -> None:
        """Show the picture at hand at every tick whose middle lies before `until`, in ticks of this film."""
        if self._held is None:
            return
        picture: VideoFrame | None = None
        while self._next < self._until and self._next - self._first + Fraction(1, 2) < until:
            picture = picture or self._prepare(self._held)
            picture.pts, picture.time_base, picture.pict_type = self._next, 1 / self._rate, 0
            self._output.mux(self._stream.encode(picture))
            self._next += 1

    def _prepare(self, frame: VideoFrame) -> VideoFrame:
        if self._graph is None:
            self._graph = self._build(frame)
        self._graph.push(frame)
        return self._graph.vpull()

    def _build(self, frame: VideoFrame) -> Graph:
        width, height = self._size
        shown = shown_size(self._source, frame.rotation)
        share = min(Fraction(width, shown[0]), Fraction(height, shown[1]))
        inner = [
            min(most, max(2, round(side * share / 2) * 2))
            for side, most in zip(shown, self._size, strict=True)
        ]
        colours = f":out_color_matrix={MATRICES[self._matrix]}:out_range=limited"
        left, top = ((most - side) // 4 * 2 for most, side in zip(self._size, inner, strict=True))
        return chain(
            self._source,
            (
                *upright(frame),
                scaled(frame, inner[0], inner[1]) + colours,
                "format=yuv420p",
                f"pad={width}:{height}:{left}:{top}:black",
            ),
        )


class EncodedSound:
    """Sound encoded to the sample, with silence where there is none."""

    def __init__(self, output: OutputContainer, parts: Sequence[Part], places: Sequence[Fraction]) -> None:
        heard = [part for part in parts if part.sound is not None]
        rate = heard[0].sample_rate
        self._rate = rate if rate in SAMPLE_RATES else SAMPLE_RATES[-1]
        self._layout = "stereo" if any(part.channels > 1 for part in heard) else "mono"
        stream = output.add_stream("aac", rate=self._rate, layout=self._layout)
        assert isinstance(stream, AudioStream)
        stream.codec_context.bit_rate = STEREO_RATE if self._layout == "stereo" else MONO_RATE
        self._output, self._stream = output, stream
        self._begins = [round(place * self._rate) for place in places]
        self._waiting = [bytearray() for _ in range(stream.codec_context.channels)]
        self._encoded = self._first = self._until = 0

    @property
    def _written(self) -> int:
        """Samples so far."""
        return self._encoded + len(self._waiting[0]) // SAMPLE

    def begin(self, number: int, part: Part, source: AudioStream | None) -> None:
        """Take a film up."""
        self._source, self._start = source, part.start
        self._first, self._until = self._begins[number : number + 2]
        self._resampler = AudioResampler("fltp", self._layout, self._rate)
        self._fresh = True

    def take(self, packet: Packet) -> None:
        """Decode a packet, and put its sound where it belongs."""
        assert self._source is not None
        for frame in self._source.decode(packet):
            self._place(self._resampler.resample(frame))

    def end(self) -> None:
        """Fill up with silence until the film is over."""
        if self._source is not None and not self._fresh:
            self._place(self._resampler.resample(None))
        self._silence(self._until - self._written)

    def close(self) -> None:
        """Write the rest, and what the encoder still holds."""
        self._encode(least=1)
        self._output.mux(self._stream.encode(None))

    def _place(self, frames: Sequence[AudioFrame]) -> None:
        for frame in frames:
            if frame.pts is None or frame.time_base is None:
                continue
            place = self._first + round((frame.pts * frame.time_base - self._start) * self._rate)
            gap = place - self._written
            if gap > 0 and (self._fresh or gap > SLACK * self._rate):
                self._silence(min(place, self._until) - self._written)
            early = -gap if gap < 0 and (self._fresh or -gap > SLACK * self._rate) else 0
            stop = min(frame.samples, early + self._until - self._written)
            if early < stop:
                for waiting, plane in zip(self._waiting, frame.planes, strict=True):
                    waiting.extend(memoryview(plane)[early * SAMPLE : stop * SAMPLE])
                self._fresh = False
            self._encode()

    def _silence(self, samples: int) -> None:
        while samples > 0:
            some = min(samples, BLOCK)
            for waiting in self._waiting:
                waiting.extend(bytes(some * SAMPLE))
            self._encode()
            samples -= some

    def _encode(self, least: int = BLOCK) -> None:
        for block in self._blocks(least):
            self._output.mux(self._stream.encode(block))

    def _blocks(self, least: int) -> Iterator[AudioFrame]:
        """Yield what waits in blocks, of which the last may have fewer samples, but `least` of them."""
        while (samples := min(BLOCK, len(self._waiting[0]) // SAMPLE)) >= least:
            block = AudioFrame(format="fltp", layout=self._layout, samples=samples)
            for waiting, plane in zip(self._waiting, block.planes, strict=True):
                plane.update(bytes(waiting[: samples * SAMPLE]).ljust(plane.buffer_size, b"\0"))
                del waiting[: samples * SAMPLE]
            block.sample_rate, block.pts, block.time_base = self._rate, self._encoded, Fraction(1, self._rate)
            self._encoded += samples
            yield block
