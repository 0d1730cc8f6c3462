"""Laws of the drawn film: what was asked for is in it, and a player can show it."""

import io
import math
import wave
from array import array
from itertools import pairwise

import av
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageOps, ImageStat

from bot.demo.film import PIXELS, FilmOrder, FilmStopped, draw, pixel_size

RED, BLUE = (200, 40, 30), (20, 60, 180)


def picture(colour, size=(800, 600), kind="PNG"):
    """Return a picture file: a ring on one colour."""
    image = Image.new("RGB", size, colour)
    ImageDraw.Draw(image).ellipse((size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2), "white")
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def beep(seconds=1, pitch=1000):
    """Return a WAV file with a sine."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, 16_000, 0, "NONE", "not compressed"))
        samples = (round(20_000 * math.sin(math.tau * pitch * at / 16_000)) for at in range(16_000 * seconds))
        out.writeframes(array("h", samples).tobytes())
    return file.getvalue()


def order(**given):
    """Return an order for a short small film."""
    return FilmOrder(
        **({"prompt": "A kite over the dunes", "width": 432, "height": 248, "seconds": 2} | given)
    )


def frames(film):
    """Return all pictures of a film."""
    with av.open(io.BytesIO(film)) as file:
        return [frame.to_image() for frame in file.decode(video=0)]


def heard(film):
    """Return all samples of a film's sound."""
    with av.open(io.BytesIO(film)) as file:
        return [value for frame in file.decode(audio=0) for value in memoryview(frame.planes[0]).cast("f")]


def far(one, other):
    """Return how far two pictures are from one another on average, 0 to 255."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def loudness(samples, pitch, rate=48_000):
    """Return how much of a pitch is in a sound."""
    turn = math.tau * pitch / rate
    real = sum(value * math.cos(turn * at) for at, value in enumerate(samples))
    imaginary = sum(value * math.sin(turn * at) for at, value in enumerate(samples))
    return math.hypot(real, imaginary) / len(samples)


@pytest.mark.parametrize(("ratio", "resolution"), [(r, q) for q in ("480p", "720p") for r in PIXELS[q]])
def test_a_film_has_the_asked_size(ratio, resolution):
    """Every ratio and resolution of the table can be drawn, at 24 frames a second, H.264 in yuv420p."""
    width, height = pixel_size(ratio, resolution)
    with av.open(io.BytesIO(draw(order(width=width, height=height, seconds=1)))) as film:
        video = film.streams.video[0]

        assert (video.width, video.height, video.average_rate) == (*PIXELS[resolution][ratio], 24)
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")


@pytest.mark.parametrize("sound", [False, True])
@pytest.mark.parametrize("seconds", [1, 4, 5])
def test_a_film_has_the_asked_length(seconds, sound):
    """To the frame; with sound, that is as long as the pictures."""
    film = draw(order(seconds=seconds, sound=sound))
    with av.open(io.BytesIO(film)) as file:
        lengths = {round(float(stream.duration * stream.time_base), 3) for stream in file.streams}

        assert (file.duration, lengths) == (seconds * 1_000_000, {float(seconds)})
    assert len(frames(film)) == seconds * 24


@pytest.mark.parametrize(("sound", "codecs"), [(False, []), (True, ["aac"])])
def test_there_is_sound_only_if_asked_for(sound, codecs):
    """A stream of AAC, or none."""
    with av.open(io.BytesIO(draw(order(sound=sound)))) as film:
        assert [stream.codec_context.name for stream in film.streams.audio] == codecs


def test_the_sound_can_be_heard_and_fades():
    """Soft at both ends, not silent, far from clipping."""
    samples = heard(draw(order(sound=True)))
    loudest = max(map(abs, samples))

    assert 0.05 < loudest < 0.5
    assert max(map(abs, samples[:480] + samples[-480:])) < loudest / 4


def test_a_given_sound_is_in_the_film():
    """Its pitch stands out to the end, though the file is shorter than the film."""
    with_beep = heard(draw(order(sound=True, sounds=(beep(),))))[-36_000:-12_000]
    without = heard(draw(order(sound=True)))[-36_000:-12_000]

    assert loudness(with_beep, 1000) > 20 * loudness(without, 1000)


def test_a_film_can_be_played_while_it_loads():
    """The index comes before the pictures."""
    film = draw(order())

    assert 0 < film.find(b"moov") < film.find(b"mdat")


def test_the_same_order_gives_the_same_bytes():
    """Another prompt gives others."""
    asked = order(sound=True, references=(picture(RED),))

    assert draw(asked) == draw(asked) != draw(order(prompt="else", sound=True, references=(picture(RED),)))


def test_the_prompt_is_to_be_seen():
    """Two prompts of the same colours differ where the words stand."""
    prompts = ["A kite", "A kits", "A kitf", "A kitg", "A kith", "A kiti"]
    pictures = [frames(draw(order(prompt=prompt, seconds=1)))[0] for prompt in prompts]

    assert all(far(one, other) > 0.02 for one, other in pairwise(pictures))
    bright = ImageOps.grayscale(pictures[0]).point(lambda value: value > 180 and 255)
    assert bright.getbbox() is not None


@pytest.mark.parametrize(
    "prompt", ["一只猫在钢琴上弹奏月光奏鸣曲", "שלום عالم नमस्ते", "🎬" * 40, "x" * 3000, " "]
)
@pytest.mark.parametrize("first", [None, picture(RED)])
def test_any_prompt_can_be_drawn(prompt, first):
    """Whatever the script and length, as words in the house and over a picture."""
    assert draw(order(prompt=prompt, seconds=1, first=first))


def test_it_moves():
    """Every drawn picture differs from the one before."""
    assert all(far(one, other) > 0 for one, other in pairwise(frames(draw(order()))[::2]))


@pytest.mark.parametrize("size", [(800, 600), (300, 900)])
def test_first_and_last_frame_are_the_given_pictures(size):
    """Cut to fill the frame, without a word over them; between them there are words."""
    film = frames(draw(order(first=picture(RED, size), last=picture(BLUE, size, "JPEG"))))
    first, last = (
        ImageOps.fit(Image.open(io.BytesIO(picture(colour, size))), (432, 248)) for colour in (RED, BLUE)
    )

    assert (far(film[0], first) < 4, far(film[-1], last) < 4) == (True, True)
    assert far(film[24], first) > 20


def test_a_first_picture_alone_begins_the_film():
    """It is still there at the end, nearer, under the words."""
    film = frames(draw(order(first=picture(RED))))
    given = ImageOps.fit(Image.open(io.BytesIO(picture(RED))), (432, 248))

    assert far(film[0], given) < 4
    assert 4 < far(film[-1], given) < 80


def test_pictures_and_clips_are_to_be_seen():
    """The colour of each reference is in the first frame, and isn't there without it."""
    clip = draw(order(first=picture(BLUE), seconds=1))
    with_them = frames(draw(order(references=(picture(RED), clip))))[0]
    without = frames(draw(order()))[0]

    assert [near(with_them, RED) > 200, near(with_them, BLUE) > 200] == [True, True]
    assert [near(without, RED), near(without, BLUE)] == [0, 0]


def near(image, colour):
    """Return how many pixels are about of a colour."""
    return sum(
        count
        for count, found in image.getcolors(image.width * image.height)
        if all(abs(one - other) < 16 for one, other in zip(found, colour, strict=True))
    )


@pytest.mark.parametrize(
    ("shape", "ratio"),
    [
        (None, "16:9"),
        ((1920, 1080), "16:9"),
        ((500, 900), "9:16"),
        ((800, 790), "1:1"),
        ((2400, 1000), "21:9"),
    ],
)
def test_adaptive_is_the_nearest_ratio(shape, ratio):
    """Of the picture; without one, 16:9."""
    assert pixel_size("adaptive", "720p", shape) == PIXELS["720p"][ratio]


def test_a_film_that_nobody_wants_is_stopped():
    """Before the next picture."""
    asked = []

    def enough():
        asked.append(1)
        return len(asked) == 3

    with pytest.raises(FilmStopped):
        draw(order(), enough)
    assert len(asked) == 3


def test_what_is_no_picture_is_refused():
    """By an error that says so, for first pictures and references alike."""
    for given in ({"first": b"words"}, {"references": (b"words",)}):
        with pytest.raises((OSError, av.FFmpegError)):
            draw(order(**given))
