"""The child process that takes single pictures out of films; see `_encode` for its bounds."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from av import CodecContext
from av.video.codeccontext import VideoCodecContext

from bot.errors import MediaError
from bot.media._encode import chain, serve
from bot.media._shown import check, scaled, shown_size, upright
from bot.media._streams import open_as

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream


def last_frame(step: dict[str, Any]) -> None:
    """Write the picture that is shown last as a PNG."""
    source = Path(step["source"])
    check(source)
    with source.open("rb") as file, open_as(file, "mov") as film:
        video = film.streams.video[0]
        shown_size(video, 0)  # refuses large pictures before any is decoded
        frame = _last(film, video)
        width, height = shown_size(video, frame.rotation)
        graph = chain(video, (*upright(frame), scaled(frame, width, height), "format=rgb24"))
        graph.push(frame)
        Path(step["target"]).write_bytes(_png(graph.vpull()))


def _last(film: InputContainer, video: VideoStream) -> VideoFrame:
    """Return the latest picture; if possible, only what follows the last place to begin at is decoded."""
    places = [packet.pts for packet in film.demux(video) if packet.pts is not None and not packet.is_discard]
    if not places:
        raise MediaError("truncated")
    latest = max(places)
    found: VideoFrame | None = None
    for beginning in (latest, min(places)):
        film.seek(beginning, stream=video)
        for frame in film.decode(video):
            if frame.pts is not None and (found is None or frame.pts >= (found.pts or 0)):
                found = frame
        if found is not None and found.pts == latest:
            return found
    if found is None:
        raise MediaError("truncated")
    return found


def _png(frame: VideoFrame) -> bytes:
    encoder = CodecContext.create("png", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "rgb24"
    encoder.time_base = Fraction(1, 1)
    return b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None)))


if __name__ == "__main__":
    serve({"last_frame": last_frame})
