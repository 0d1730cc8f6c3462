"""The child process that joins films; see `_encode` for its bounds."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import MediaError
from bot.media._encode import open_output, serve
from bot.media._parts import Part, picture_shifts, places, read, sound_runs
from bot.media._streams import open_as
from bot.media._writers import CopiedPictures, CopiedSound, EncodedPictures, EncodedSound, Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from av.container import InputContainer


def join(step: dict[str, Any]) -> dict[str, Any]:
    """Write the films one after another; say whether any picture or sound was encoded."""
    parts = [_read(number, Path(source)) for number, source in enumerate(step["sources"], 1)]
    shifts = picture_shifts(parts)
    runs = sound_runs(parts)
    silent = not any(part.sound for part in parts)
    with ExitStack() as stack:
        template = stack.enter_context(open_as(stack.enter_context(parts[0].path.open("rb")), "mov"))
        output = stack.enter_context(open_output(step["target"]))
        at = places(parts)
        pictures: Writer = (
            EncodedPictures(output, parts, at)
            if shifts is None
            else CopiedPictures(output, template.streams.video[0], shifts)
        )
        sound: Writer | None = None
        if runs is not None:
            sound = CopiedSound(output, template.streams.audio[0], runs)
        elif not silent:
            sound = EncodedSound(output, parts, at)
        _write(parts, pictures, sound)
    return {"encoded": shifts is None or (runs is None and not silent)}


def _read(number: int, path: Path) -> Part:
    try:
        return read(path)
    except MediaError as error:
        raise MediaError(error.code, f"film {number}: {error}") from error


def _write(parts: Sequence[Part], pictures: Writer, sound: Writer | None) -> None:
    for number, part in enumerate(parts):
        with part.path.open("rb") as file, open_as(file, "mov") as film:
            _take(number, part, film, pictures, sound)
    for writer in filter(None, (pictures, sound)):
        writer.close()


def _take(number: int, part: Part, film: InputContainer, pictures: Writer, sound: Writer | None) -> None:
    video = film.streams.video[0]
    audio = film.streams.audio[0] if part.sound is not None else None
    writers = {video.index: pictures}
    pictures.begin(number, part, video)
    if sound is not None:
        sound.begin(number, part, audio)
        if audio is not None:
            writers[audio.index] = sound
    for packet in film.demux(*(film.streams[index] for index in writers)):
        writers[packet.stream.index].take(packet)  # the last packets have no true `stream_index`
    pictures.end()
    if sound is not None:
        sound.end()


if __name__ == "__main__":
    serve({"join": join})
