"""Is it what was asked for: the film itself, and what the provider was told, against the member's command."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import av

from bot.demo.film import PIXELS
from bot.models import RATIOS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.demo.members import Outcome
    from bot.demo.script import Ask
    from bot.demo.stand_ins.records import Ledger, TaskSeen

SLACK: Final = timedelta(seconds=0.3)
"""What a film may be longer or shorter."""
ROUNDING: Final = 0.03
"""What width ÷ height may be off where no table names the pixels."""
MEDIA_FIELDS: Final = ("mediaUrls", "imageUrls", "image_urls", "video_urls", "audio_urls")


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """What decoding a film to its end shows."""

    size: int
    width: int
    height: int
    frames: int
    duration: timedelta
    sound: bool


def watch(data: bytes) -> FilmFacts:
    """Decode a film, picture and sound, to the end.

    Raises `av.FFmpegError` or `ValueError` if it doesn't play.
    """
    with av.open(io.BytesIO(data), "r") as film:
        pictures = film.streams.video[0] if film.streams.video else None
        if pictures is None:
            raise ValueError("no picture")
        frames = samples = 0
        for frame in film.decode(*film.streams.video[:1], *film.streams.audio[:1]):
            frames += isinstance(frame, av.VideoFrame)
            samples += isinstance(frame, av.AudioFrame)
        rate = pictures.average_rate
        if not frames or not rate:
            raise ValueError("no frames")
        return FilmFacts(
            size=len(data),
            width=pictures.width,
            height=pictures.height,
            frames=frames,
            duration=timedelta(seconds=float(frames / rate)),
            sound=samples > 0,
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row: what came, and everything that is wrong with it."""

    outcome: Outcome
    facts: FilmFacts | None
    faults: tuple[str, ...]


def judge(outcome: Outcome, requester: int, ledger: Ledger) -> Verdict:
    """Compare one outcome with its command. `ledger` is the stand-ins' own record."""
    if outcome.film is None:
        said = outcome.state or " ".join(outcome.answer.split()) or "nothing"
        return Verdict(outcome, None, (f"no film; the member was told: {said}",))
    try:
        facts = watch(outcome.film[1])
    except (av.FFmpegError, ValueError) as error:
        return Verdict(outcome, None, (f"the film doesn't play: {error}",))
    faults = [*_of_film(outcome.ask, facts), *_of_task(outcome.ask, ledger)]
    if outcome.mentions != {requester}:
        faults.append("its message doesn't mention its member alone")
    return Verdict(outcome, facts, tuple(faults))


def _of_film(ask: Ask, facts: FilmFacts) -> Iterator[str]:
    shown = f"{facts.width} × {facts.height}"
    if ask.resolution is None:
        if abs(facts.width / facts.height / float(RATIOS[ask.ratio]) - 1) > ROUNDING:
            yield f"{shown} is not {ask.ratio}"
    elif (wanted := PIXELS[ask.resolution][ask.ratio]) != (facts.width, facts.height):
        yield f"{shown} instead of {wanted[0]} × {wanted[1]}"
    if abs(facts.duration - timedelta(seconds=ask.seconds)) > SLACK:
        yield f"{facts.duration.total_seconds():.1f} s instead of {ask.seconds} s"
    if ask.sound is not None and facts.sound is not ask.sound:
        yield "sound" if facts.sound else "no sound"


def _of_task(ask: Ask, ledger: Ledger) -> Iterator[str]:
    tasks = [
        task for task in ledger.tasks if task.prompt == ask.wire_prompt and task.provider == ask.provider
    ]
    if len(tasks) != 1:
        yield f"{len(tasks)} tasks with this prompt at the provider, instead of 1"
        return
    charges = [charge for charge in ledger.charges if charge.task_id == tasks[0].id]
    if [charge.kind for charge in charges] != ["charge"]:
        yield f"charged {len(charges)} times"
    sent = {entry.url: entry.sha256 for entry in ledger.media if entry.status == 200}  # noqa: PLR2004
    got = [sent.get(url, "never fetched") for url in media_urls(tasks[0])]
    if got != [hashlib.sha256(file.data).hexdigest() for file in ask.files]:
        yield "the files reached the provider changed"


def media_urls(task: TaskSeen) -> list[str]:
    """Return the addresses of a submit's files, in the order in which the members attached them."""
    body = task.body.get("input", task.body)
    return [url for name in MEDIA_FIELDS for url in body.get(name, ())]
