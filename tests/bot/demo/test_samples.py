"""What members attach is what it says it is, and within what every provider takes."""

from __future__ import annotations

import io
import random
import wave

import av
import pytest
from PIL import Image

from bot.demo import samples
from bot.models import MediaKind
from bot.providers.capabilities import CAPABILITIES

LIMITS = [model.media for models in CAPABILITIES.values() for model in models.values()]


@pytest.mark.parametrize(("extension", "form"), [("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP")])
def test_a_picture_is_what_its_name_says(extension: str, form: str) -> None:
    """The extension decides the format; the size is as asked."""
    file = samples.picture(f"a.{extension}", random.Random(1), size=(640, 400))
    with Image.open(io.BytesIO(file.data)) as opened:
        assert (opened.format, opened.size) == (form, (640, 400))


def test_the_same_chance_draws_the_same_bytes() -> None:
    """Samples are repeatable, and differ from chance to chance."""
    for make, name in ((samples.picture, "a.png"), (samples.clip, "a.mp4"), (samples.sound, "a.wav")):
        assert make(name, random.Random(1)) == make(name, random.Random(1))
        assert make(name, random.Random(1)) != make(name, random.Random(2))


def test_a_clip_fits_every_provider() -> None:
    """Pixels, frame rate, length and size are within the limits of all that take clips."""
    file = samples.clip("a.mp4", random.Random(1))
    with av.open(io.BytesIO(file.data), "r") as film:
        video = film.streams.video[0]
        frames = sum(1 for _ in film.decode(video=0))
        rate, width, height = float(video.average_rate or 0), video.width, video.height
    assert (width, height, rate) == (*samples.CLIP_SIZE, samples.CLIP_RATE)
    for limit in (media[MediaKind.VIDEO] for media in LIMITS if MediaKind.VIDEO in media):
        assert limit.shortest.total_seconds() <= frames / rate <= limit.longest.total_seconds()
        assert limit.fewest_pixels <= width * height <= (limit.most_pixels or 10**9)
        assert limit.slowest <= rate <= limit.fastest
        assert len(file.data) <= limit.largest


def test_a_sound_fits_every_provider() -> None:
    """Length and size are within the limits of all that take sounds, and it isn't silence."""
    file = samples.sound("a.wav", random.Random(1))
    with wave.open(io.BytesIO(file.data)) as opened:
        seconds = opened.getnframes() / opened.getframerate()
        assert len(set(opened.readframes(2_000))) > 10
    for limit in (media[MediaKind.AUDIO] for media in LIMITS if MediaKind.AUDIO in media):
        assert limit.shortest.total_seconds() <= seconds <= limit.longest.total_seconds()
        assert len(file.data) <= limit.largest
