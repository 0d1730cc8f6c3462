"""Films and sounds, read with libav. Runs only inside the child process."""

from __future__ import annotations

import contextlib
import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import av
from av.audio.codeccontext import AudioCodecContext
from av.error import FFmpegError

from bot.errors import MediaError
from bot.media._pictures import take

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.codec.context import CodecContext
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.stream import VideoStream

LARGEST_PICTURE = 4096 * 2304
"""Pixels: larger frames aren't decoded, so their rotation stays unknown."""
BOUNDED = {"max_pixels": str(LARGEST_PICTURE * 11 // 10)}
"""For libav's decoders: a picture may be larger than its film says, as a PNG in an MP4. Codecs round up."""
WIDEST = 16_384
QUARTER_TURN = 90
MOST_CHUNKS = 2_000
SYNC_SPACE = 1 << 16
MOST_DAMAGED = 100
MPEG_1 = 3
# Layer III (ISO/IEC 11172-3, 13818-3): kbit/s by index, Hz by version and index.
RATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
HERTZ = {MPEG_1: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


@dataclass(frozen=True, slots=True)
class Streams:
    """What libav finds in a film or a sound."""

    width: int = 0
    height: int = 0
    seconds: float = 0.0
    frame_rate: float = 0.0
    video_codec: str = ""
    audio_codec: str = ""
    pixel_format: str = ""
    complete: bool = True


def is_mp3(file: BinaryIO) -> bool:
    """Say whether two Layer III frames follow one another, after whatever ID3 tags there are."""
    file.seek(0)
    place = 0
    for _ in range(8):
        file.seek(place)
        head = file.read(10)
        if head[:3] != b"ID3" or len(head) < 10:  # noqa: PLR2004 - an ID3v2 header
            break
        place += 10 + sum(
            (byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True)
        )
    file.seek(place)
    space = file.read(SYNC_SPACE)
    limit = len(space) if place else min(len(space), 1 << 12)
    for at in range(limit - 3):
        if space[at] == 0xFF and (length := _frame(space[at : at + 4])):  # noqa: PLR2004 - the sync byte
            following = space[at + length : at + length + 4]
            if _frame(following):
                return True
    return False


def _frame(head: bytes) -> int:
    """Return the length of the Layer III frame that begins here, or 0."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:  # noqa: PLR2004 - sync and layer bits
        return 0
    version, rate, hertz = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version not in HERTZ or not 0 < rate < len(RATES_1) or hertz == 3:  # noqa: PLR2004 - reserved
        return 0
    first = version == MPEG_1
    bits = (RATES_1 if first else RATES_2)[rate] * (144_000 if first else 72_000)
    return bits // HERTZ[version][hertz] + (head[2] >> 1 & 1)


def is_whole_wav(file: BinaryIO, size: int) -> bool:
    """Say whether the samples that the header promises are all there. Raises `MediaError` without any."""
    place = 12
    for _ in range(MOST_CHUNKS):
        file.seek(place)
        name, length = struct.unpack("<4sI", take(file, 8))
        if name == b"data":
            return place + 8 + int(length) <= size
        place += 8 + length + length % 2
        if place > size:
            break
    raise MediaError("truncated")


def read_film(file: BinaryIO) -> Streams:
    """Read the first video stream and whether there is sound. The film's length is its pictures' length."""
    with open_as(file, "mov") as container:
        if not container.streams.video:
            raise MediaError("not_media")
        video = container.streams.video[0]
        if video.codec_context is None:
            raise MediaError("unreadable", "a codec that nobody knows")
        width, height = video.codec_context.width, video.codec_context.height
        if not (0 < width <= WIDEST and 0 < height <= WIDEST):
            raise MediaError("too_complex" if width and height else "unreadable")
        video.codec_context.thread_count = 1
        turned = _first_frame(container, video)
        seconds, whole = _extent(container, video)
        if not whole:
            raise MediaError("truncated")
        audio = container.streams.audio
        return Streams(
            width=height if turned else width,
            height=width if turned else height,
            seconds=seconds,
            frame_rate=float(video.average_rate or video.guessed_rate or 0),
            video_codec=video.codec_context.name,
            audio_codec=_codec(audio[0]) if audio else "",
            pixel_format=video.codec_context.pix_fmt or "",
        )


def read_sound(file: BinaryIO, kind: str) -> Streams:
    """Read a sound whose kind (`mp3`, `wav`) is already known."""
    with open_as(file, kind) as container:
        if not container.streams.audio:
            raise MediaError("unreadable")
        audio = container.streams.audio[0]
        _first_sound(container, audio)
        seconds, whole = _extent(container, audio)
        return Streams(seconds=seconds, audio_codec=_codec(audio), complete=whole)


def _codec(stream: Stream) -> str:
    context: CodecContext | None = stream.codec_context  # None where libav doesn't know the codec
    return context.name if context else "unknown"


def open_as(file: BinaryIO, kind: str) -> InputContainer:
    """Open with the one demuxer that fits, from a file of ours: libav gets no way to open anything else."""
    file.seek(0)
    container = av.open(
        file, "r", format=kind, buffer_size=1 << 17, options={"protocol_whitelist": "none"} | BOUNDED
    )
    for stream in container.streams.video:
        if stream.codec_context is not None:
            stream.codec_context.options = BOUNDED
    return container


def _first_frame(container: InputContainer, video: VideoStream) -> bool:
    """Prove that the pictures can be decoded; say whether they are shown turned by a quarter."""
    if video.codec_context.width * video.codec_context.height > LARGEST_PICTURE:
        return False
    frame = next(container.decode(video), None)
    if frame is None:
        raise MediaError("truncated")
    container.seek(0)
    return frame.rotation % (2 * QUARTER_TURN) == QUARTER_TURN


def _first_sound(container: InputContainer, audio: AudioStream) -> None:
    """Prove that the sound can be decoded, be it after some damage."""
    for packet, _ in zip(container.demux(audio), range(MOST_DAMAGED), strict=False):
        with contextlib.suppress(FFmpegError):
            if packet.decode():
                container.seek(0)
                return
    raise MediaError("unreadable", "no sound can be decoded")


def _extent(container: InputContainer, stream: Stream) -> tuple[float, bool]:
    """Return seconds from the beginning to the end of the last packet, and whether every packet is whole."""
    start, end, padding = math.inf, 0.0, 0.0
    whole = True
    try:
        for packet in container.demux(stream):
            whole = whole and not packet.is_corrupt
            if packet.pts is not None:
                place = float(packet.pts * packet.time_base)
                start, end = min(start, place), max(end, place + _length(packet))
                padding += _padding(packet)
    except FFmpegError:
        whole = False
    if start == math.inf:
        raise MediaError("truncated")
    return max(end - max(start, 0.0) - padding, 0.0), whole


def _length(packet: Packet) -> float:
    return float((packet.duration or 0) * packet.time_base)


def _padding(packet: Packet) -> float:
    """Return the seconds of a packet that an encoder added and no player lets hear."""
    context = packet.stream.codec_context
    if not isinstance(context, AudioCodecContext) or not packet.has_sidedata("skip_samples"):
        return 0.0
    before, after = struct.unpack_from("<II", bytes(packet.get_sidedata("skip_samples")))
    return float(before + after) / context.rate
