"""What EvoLink takes: the parameters, and the files down to their pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.demo.stand_ins.manners import (
    MODERATED,
    Order,
    Refusal,
    addresses_of,
    banned,
    callback_of,
    choice_of,
    flag_of,
    invalid,
    number_in,
    text_of,
    undocumented,
    whole_of,
)
from bot.demo.stand_ins.material import BadMaterial

if TYPE_CHECKING:
    from aiohttp import web

    from bot.demo.stand_ins.material import Material
    from bot.demo.stand_ins.studio import Studio

MODELS = tuple(
    f"seedance-2.0{speed}-{mode}-to-video"
    for speed in ("", "-fast")
    for mode in ("text", "image", "reference")
)
RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "adaptive")
RESOLUTIONS = ("480p", "720p")
FIELDS = frozenset(
    {
        "model",
        "prompt",
        "image_urls",
        "video_urls",
        "audio_urls",
        "duration",
        "quality",
        "aspect_ratio",
        "generate_audio",
        "content_filter",
        "model_params",
        "callback_url",
    }
)
LISTS = {"image_urls": "image", "video_urls": "video", "audio_urls": "audio"}
MOST = {
    "text": {},
    "image": {"image_urls": 2},
    "reference": {"image_urls": 9, "video_urls": 3, "audio_urls": 3},
}
EXTENSIONS = {
    "image": (".jpg", ".png", ".webp"),
    "video": (".mp4", ".mov"),
    "audio": (".wav", ".mp3"),
}
LARGEST = {"image": 30, "video": 50, "audio": 15}
"""MB."""
SIDES, RATIO, AREA, SPEED, LENGTH = (300, 6000), (0.4, 2.5), (409_600, 927_408), (24.0, 60.0), (2.0, 15.0)
GRACE = 0.05
"""Seconds, or frames a second: files are seldom of a whole length."""
PRICES = {
    ("", False): {"480p": 6.251, "720p": 13.50, "1080p": 27.0},
    ("", True): {"480p": 3.807, "720p": 8.222, "1080p": 16.4},
    ("-fast", False): {"480p": 5.063, "720p": 10.935},
    ("-fast", True): {"480p": 3.012, "720p": 6.506},
}
"""Credits per second, by speed and by whether there is a clip among the references."""
SEARCH = 0.04
"""Credits per search."""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a list of tasks is to hold."""

    status: str
    model: str
    page: int
    page_size: int


def query_of(request: web.Request) -> ListQuery:
    """Read a list's query. Raises `Refusal`."""
    page, size = number_in(request, "page", 1), number_in(request, "page_size", 20)
    query = request.query
    return ListQuery(query.get("status", ""), query.get("model", ""), page, min(100, size))


async def order_of(body: dict[str, Any], studio: Studio, key: str | None) -> Order:
    """Read a submit and fetch its files. Raises `Refusal`."""
    model = text_of(body, "model", needed=True)
    if model not in MODELS:
        raise Refusal(404, "model_not_found", f"The model {model} does not exist", param="model")
    way = model.removeprefix("seedance-2.0").removeprefix("-fast").removesuffix("-to-video").strip("-")
    standard = "-fast" not in model
    sharp = studio.settings.high_definition and standard
    resolution = choice_of(body, "quality", (*RESOLUTIONS, "1080p") if sharp else RESOLUTIONS, "720p")
    prompt = text_of(body, "prompt", needed=True)
    seconds = whole_of(body, "duration", tuple(range(4, 16)), 5)
    ratio = choice_of(body, "aspect_ratio", RATIOS, "16:9")
    sound = flag_of(body, "generate_audio", default=True)
    flag_of(body, "content_filter", default=True)
    searches = searches_in(body, way)
    callback_url = callback_of(body, "callback_url")
    wanted = lists_in(body, way)
    if banned(prompt):
        raise Refusal(400, MODERATED, "The prompt violates the content policy", param="prompt")
    material = await fetched(studio, wanted)
    clips = sum(file.seconds for file in material if file.kind == "video")
    rate = PRICES["" if standard else "-fast", clips > 0][resolution]
    billed = max(clips, seconds) + seconds if clips else seconds
    return Order(
        model=model,
        prompt=prompt,
        mode=mode_of(way, len(material)),
        ratio=ratio,
        resolution=resolution,
        seconds=seconds,
        sound=sound,
        credits=round(rate * billed + SEARCH * searches, 3),
        body=body,
        undocumented=undocumented(body, FIELDS)
        + undocumented(body.get("model_params") or {}, frozenset({"web_search"}), "model_params."),
        material=material,
        callback_url=callback_url,
        key=key,
    )


def mode_of(way: str, files: int) -> str:
    """Return the mode of a model's way and its number of files."""
    if way == "image":
        return "first_frame" if files == 1 else "first_last_frame"
    return way


def searches_in(body: dict[str, Any], way: str) -> int:
    """Return how many web searches are wished for. Raises `Refusal`."""
    params = body.get("model_params")
    if params is None:
        return 0
    if not isinstance(params, dict):
        raise invalid("model_params must be an object", "model_params")
    if "web_search" in params and way != "text":
        raise invalid("model_params.web_search is only for text-to-video models", "model_params")
    return int(flag_of(params, "web_search", default=False))


def lists_in(body: dict[str, Any], way: str) -> dict[str, tuple[str, ...]]:
    """Return the addresses by kind, as many as the model takes. Raises `Refusal`."""
    given = {name: urls for name in LISTS if (urls := addresses_of(body, name))}
    for name, urls in given.items():
        most = MOST[way].get(name, 0)
        if not most:
            raise invalid(f"{name} is not supported by this model", name)
        if len(urls) > most:
            raise invalid(f"{name} takes at most {most}", name)
    if way == "image" and not given:
        raise invalid("image_urls needs 1 or 2 images", "image_urls")
    if way == "reference" and not {"image_urls", "video_urls"} & set(given):
        raise invalid("At least 1 image or 1 video must be included", "image_urls")
    return given


async def fetched(studio: Studio, wanted: dict[str, tuple[str, ...]]) -> tuple[Material, ...]:
    """Fetch the files and check each. Raises `Refusal`."""
    material: list[Material] = []
    for name, urls in wanted.items():
        try:
            files = await studio.fetcher.fetch(urls)
        except BadMaterial as error:
            code = "image_processing_error" if name == "image_urls" else "invalid"
            raise Refusal(400, code, str(error), param=name) from error
        for file in files:
            check(file, LISTS[name], name)
        if name != "image_urls" and sum(file.seconds for file in files) > LENGTH[1] + GRACE:
            raise invalid(f"{name} may last {LENGTH[1]:.0f} seconds in all", name)
        material += files
    return tuple(material)


def check(file: Material, kind: str, name: str) -> None:
    """Hold one file to the rules of its kind. Raises `Refusal`."""
    if file.kind != kind or file.extension not in EXTENSIONS[kind]:
        raise invalid(f"{name}: {file.extension} isn't one of {', '.join(EXTENSIONS[kind])}", name)
    if len(file.data) > LARGEST[kind] * 1024 * 1024:
        raise invalid(f"{name}: larger than {LARGEST[kind]}MB", name)
    if kind != "audio":
        check_picture(file, name)
    if kind != "image" and not LENGTH[0] - GRACE <= file.seconds <= LENGTH[1] + GRACE:
        raise invalid(f"{name}: must last {LENGTH[0]:.0f} to {LENGTH[1]:.0f} seconds", name)


def check_picture(file: Material, name: str) -> None:
    """Hold a picture or clip to its sizes. Raises `Refusal`."""
    within = all(SIDES[0] <= side <= SIDES[1] for side in (file.width, file.height))
    if not within or not RATIO[0] <= file.ratio <= RATIO[1]:
        why = f"{name}: {file.width}x{file.height} isn't 300 to 6000 px a side, 0.4 to 2.5 wide by high"
        raise Refusal(400, "image_dimension_mismatch", why, param=name)
    if file.kind == "video" and not AREA[0] <= file.width * file.height <= AREA[1]:
        raise invalid(f"{name}: {file.width}x{file.height} isn't {AREA[0]} to {AREA[1]} pixels", name)
    if file.kind == "video" and not SPEED[0] - GRACE <= file.frame_rate <= SPEED[1] + GRACE:
        raise invalid(f"{name}: must have {SPEED[0]:.0f} to {SPEED[1]:.0f} frames a second", name)
