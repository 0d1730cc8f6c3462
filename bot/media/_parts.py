"""What must be known of films before they are joined, and whether their packets can follow one another."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

from bot.errors import MediaError
from bot.media._shown import check, matrix_of, shown_size
from bot.media._streams import open_as

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from av.audio.stream import AudioStream
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

LONGEST: Final = 1800
"""Seconds that films may last together."""
MOST_PACKETS: Final = 1_000_000
RATES: Final = (10, 60)
"""Pictures per second that a joined film may have, and what it has where the first film's rate is none."""
USUAL_RATE: Final = Fraction(24)
NEAR: Final = Fraction(1, 100)
"""Share by which frame rates may differ and count as the same: 23.976 and 24 do, 24 and 25 don't."""
BENT: Final = Fraction(1, 20)
SLICE_AT_ONCE: Final = 5
"""H.264's type of the slices of a picture that needs none before it (IDR)."""
KIND: Final = 0x1F


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a packet is shown and decoded and how long it lasts, in its stream's ticks."""

    pts: int
    dts: int
    duration: int
    hidden: bool
    """Decoded, but neither shown nor heard: the file's edit list says so."""


@dataclass(frozen=True, slots=True)
class Track:
    """One stream: `form` is what must be the same for two of them to be one stream."""

    form: tuple[object, ...]
    plain: bool
    """Its packets say all: they can be taken out of the file and put into another."""
    tick: Fraction
    stamps: tuple[Stamp, ...]

    @property
    def start(self) -> Fraction:
        """The first second that is shown or heard."""
        return min(stamp.pts for stamp in self.stamps if not stamp.hidden) * self.tick

    @property
    def end(self) -> Fraction:
        """The second at which the last one ends."""
        return max(stamp.pts + stamp.duration for stamp in self.stamps if not stamp.hidden) * self.tick


@dataclass(frozen=True, slots=True)
class Part:
    """One of the films. Times are in seconds, by the film's own clock."""

    path: Path
    width: int
    height: int
    rate: Fraction
    matrix: int
    pictures: Track
    sound: Track | None
    channels: int
    sample_rate: int
    start: Fraction
    end: Fraction

    @property
    def length(self) -> Fraction:
        """How long it lasts."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Run:
    """The packets of a sound from `first` until before `stop`, of which the first is heard at `pts`."""

    first: int
    stop: int
    pts: int


@dataclass(slots=True)
class _Reading:
    """A stream's packets, while they are read."""

    stamps: list[Stamp] = field(default_factory=list)
    steady: bool = True
    first: bytes = b""

    def note(self, packet: Packet) -> None:
        if packet.pts is None or packet.dts is None:
            return
        if packet.is_corrupt:
            raise MediaError("truncated")
        if not self.stamps:
            self.first = bytes(packet)
        if packet.has_sidedata("new_extradata") or packet.has_sidedata("param_change"):
            self.steady = False
        if len(self.stamps) >= MOST_PACKETS:
            raise MediaError("too_complex", "too many packets")
        self.stamps.append(Stamp(packet.pts, packet.dts, packet.duration or 0, packet.is_discard))


def read(path: Path) -> Part:
    """Look through a film; one picture is decoded. Raises `MediaError`."""
    check(path)
    with path.open("rb") as file, open_as(file, "mov") as film:
        shown_size(film.streams.video[0], 0)  # refuses large pictures before any is decoded
        frame = next(film.decode(film.streams.video[0]), None)
        if frame is None:
            raise MediaError("truncated")
    with path.open("rb") as file, open_as(file, "mov") as film:
        video, audio = film.streams.video[0], next(iter(film.streams.audio), None)
        readings = {stream.index: _Reading() for stream in (video, *film.streams.audio[:1])}
        for packet in film.demux(*(film.streams[index] for index in readings)):
            readings[packet.stream_index].note(packet)
        pictures = _pictures(video, frame, readings[video.index])
        sound = _sound(audio, readings[audio.index]) if audio is not None else None
        start = min(pictures.start, max(sound.start, Fraction(0))) if sound else pictures.start
        width, height = shown_size(video, frame.rotation)
        heard = audio.codec_context if audio is not None and sound is not None else None
        return Part(
            path=path,
            width=width,
            height=height,
            rate=_rate(video),
            matrix=matrix_of(frame),
            pictures=pictures,
            sound=sound,
            channels=heard.channels if heard else 0,
            sample_rate=heard.sample_rate if heard else 0,
            start=start,
            end=pictures.end,
        )


def _rate(video: VideoStream) -> Fraction:
    """Return the frame rate: libav's guess where it is near the average, which one odd picture bends."""
    average = video.average_rate or video.guessed_rate or USUAL_RATE
    guess = video.guessed_rate or average
    rate = guess if abs(guess - average) <= average * BENT else average
    least, most = RATES
    return min(rate, Fraction(most)).limit_denominator(1001) if rate >= least else USUAL_RATE


def _tick(stream: VideoStream | AudioStream) -> Fraction:
    if stream.time_base is None:
        raise MediaError("unreadable", "a stream without a clock")
    return stream.time_base


def _pictures(video: VideoStream, frame: VideoFrame, reading: _Reading) -> Track:
    context, stamps = video.codec_context, reading.stamps
    if all(stamp.hidden for stamp in stamps):
        raise MediaError("truncated")
    form = (
        *(context.codec_tag, context.extradata, context.width, context.height, context.pix_fmt),
        *(context.profile, context.colorspace, context.color_primaries, context.color_trc),
        *(context.color_range, video.time_base),
    )
    plain = (
        context.name == "h264"
        and context.codec_tag == "avc1"  # with other tags parameter sets may lie among the pictures
        and context.pix_fmt in {"yuv420p", "yuvj420p"}
        and frame.rotation == 0
        and video.sample_aspect_ratio in {None, 0, 1}
        and reading.steady
        and not any(stamp.hidden for stamp in stamps)
        and _stands_alone(reading.first, context.extradata or b"")
    )
    return Track(form, plain, _tick(video), tuple(stamps))


def _stands_alone(packet: bytes, configuration: bytes) -> bool:
    """Say whether a picture needs none before it; `configuration` is the avcC box (ISO/IEC 14496-15)."""
    if len(configuration) < 7 or configuration[0] != 1:  # noqa: PLR2004 - the shortest one, of version 1
        return False
    size, at = (configuration[4] & 3) + 1, 0
    while at + size < len(packet):
        kind = packet[at + size] & KIND
        if 1 <= kind <= SLICE_AT_ONCE:
            return kind == SLICE_AT_ONCE
        at += size + int.from_bytes(packet[at : at + size], "big")
    return False


def _sound(audio: AudioStream, reading: _Reading) -> Track | None:
    """Return a sound, or nothing where there is nothing to hear."""
    stamps, context = reading.stamps, audio.codec_context
    if all(stamp.hidden for stamp in stamps):
        return None
    if context is None:
        raise MediaError("unreadable", "a codec that nobody knows")
    block = stamps[0].duration
    form = (context.name, context.extradata, context.sample_rate, context.layout.name, audio.time_base, block)
    plain = (
        context.name == "aac"
        and bool(context.extradata)
        and audio.time_base == Fraction(1, context.sample_rate)
        and block > 0
        and reading.steady
        and all(after.pts - before.pts == block for before, after in pairwise(stamps))
        and stamps[-1].duration <= block
    )
    return Track(form, plain, _tick(audio), tuple(stamps))


def places(parts: Sequence[Part]) -> tuple[Fraction, ...]:
    """Return the second at which each film begins, and at the end the one at which all is over."""
    found = (Fraction(0), *accumulate(part.length for part in parts))
    if found[-1] >= LONGEST:
        raise MediaError("too_complex", "the films are too long")
    return found


def picture_shifts(parts: Sequence[Part]) -> tuple[int, ...] | None:
    """Return by how many ticks each film's packets move when they follow one another, if they can."""
    first = parts[0]
    if not all(part.pictures.plain and part.pictures.form == first.pictures.form for part in parts):
        return None
    if any(abs(part.rate - first.rate) > first.rate * NEAR for part in parts):
        return None
    shifts = tuple(
        round((place - part.start) / part.pictures.tick)
        for part, place in zip(parts, places(parts), strict=False)
    )
    moved = [
        (stamp.pts + shift, stamp.dts + shift)
        for part, shift in zip(parts, shifts, strict=True)
        for stamp in part.pictures.stamps
    ]
    orderly = all(before[1] < after[1] for before, after in pairwise(moved))
    return shifts if orderly and all(pts >= dts for pts, dts in moved) else None


def sound_runs(parts: Sequence[Part]) -> tuple[Run, ...] | None:
    """Return which blocks of each film's sound follow one another without a gap, if they can.

    Blocks stay on one grid, since players count them rather than look at the clock: a film's sound is heard
    up to half a block (some 10 ms) before or after its time, and never drifts. One block that isn't heard
    comes with each sound, since a decoder needs it for the next; it takes the place of the last one of the
    film before.
    """
    sounds = [part.sound for part in parts if part.sound is not None and part.sound.plain]
    if len(sounds) < len(parts) or any(sound.form != sounds[0].form for sound in sounds):
        return None
    block = sounds[0].stamps[0].duration
    begins: list[int] = []
    ends: list[int] = []
    slots: list[int] = []
    grid = Fraction(0)
    for number, (part, sound, (place, after)) in enumerate(
        zip(parts, sounds, pairwise(places(parts)), strict=True)
    ):
        at = sound.stamps[0].pts + (place - part.start) / sound.tick
        grid = grid if number else at
        slot = round((at - grid) / block)
        heard = next(n for n, stamp in enumerate(sound.stamps) if not stamp.hidden)
        begins.append(slot + (max(heard - 1, 0) if number else 0))
        ends.append(min(slot + len(sound.stamps), math.ceil((after / sound.tick - grid) / block)))
        slots.append(slot)
    if any(end < begin for end, begin in zip(ends, begins[1:], strict=False)):
        return None
    stops = [*begins[1:], ends[-1]]
    if any(stop <= begin for begin, stop in zip(begins, stops, strict=True)):
        return None
    return tuple(
        Run(begin - slot, stop - slot, round(grid) + begin * block)
        for begin, stop, slot in zip(begins, stops, slots, strict=True)
    )
