"""maxapi.io: an envelope with a code of its own, seven states, one callback, media judged after accepting."""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from aiohttp import web

from bot.demo.stand_ins.manners import (
    MODERATED,
    Failed,
    Manners,
    Order,
    Refusal,
    Stage,
    StandIn,
    Task,
    addresses_of,
    banned,
    callback_of,
    choice_of,
    flag_of,
    frames_mode,
    invalid,
    text_of,
    undocumented,
    whole_of,
)
from bot.demo.stand_ins.material import BadMaterial
from bot.demo.stand_ins.reception import fields_of
from bot.demo.stand_ins.records import Settings
from bot.demo.stand_ins.results import serve_result

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.demo.stand_ins.material import Material

MODELS = ("seedance-2.0", "seedance-2.0-fast", "seedance-1.5-pro")
MULTIMODAL = MODELS[:2]
OLDER = (
    "seedance-2.0-pro",
    "jimeng-video-3.5-pro",
    "jimeng-video-3.0-pro",
    "jimeng-video-3.0",
    "jimeng-video-2.0-pro",
    "jimeng-video-2.0",
)
"""Known from the older page alone, which gives them `imageUrls` and no `mediaUrls`."""
RATIOS = ("1:1", "4:3", "3:4", "16:9", "9:16")
RESOLUTIONS = ("480p", "720p", "1080p")
LENGTHS = {"seedance-1.5-pro": (5, 10)}
MOST_FILES, MOST_IMAGES, LONGEST = 12, 9, 15.05
"""Seconds with a frame's grace: files are seldom of a whole length."""
POINTS = {"480p": 5, "720p": 10, "1080p": 20}
"""Per second; the pages name no price."""
SURCHARGE = 0.01
"""Kept of a task that the second review refuses, at fewer than 20 violations a day."""
CATEGORIES = (
    "harassment",
    "harassment/threatening",
    "sexual",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm/intent",
    "self-harm/instructions",
    "self-harm",
    "sexual/minors",
    "violence",
    "violence/graphic",
)
TOP_FIELDS = frozenset({"model", "input", "callBackUrl", "user_id"})
INPUT_FIELDS = frozenset({"prompt", "mediaUrls", "imageUrls", "ratio", "resolution", "duration", "fallback"})
ECHOED = ("prompt", "mediaUrls", "imageUrls", "ratio", "resolution", "duration", "fallback")


class Maxapi(StandIn):
    """The stand-in for api.maxapi.io."""

    manners: ClassVar[Manners] = Manners(
        name="maxapi",
        stages=(Stage("PENDING", 0.2), Stage("PROCESSING", 0.15), Stage("SUBMITTED", 0.65)),
        succeeded="SUCCESS",
        failed="FAILURE",
        cancelled="CANCELLED",
        timed_out="TIMEOUT",
        reasons={
            MODERATED: "CONTENT_MODERATION",
            "input": "INVALID_PARAMETERS",
            "credit": "INSUFFICIENT_POINTS",
            "provider": None,
            "timeout": None,
            "cancelled": None,
        },
        result_path="/output/{task_id}.mp4",
        result_life=timedelta(days=7),
        expired_status=403,
    )
    settings: ClassVar[Settings] = Settings(callback_timeout=5.0)

    def routes(self) -> list[web.RouteDef]:
        """Return submit, query and the films."""
        return [
            web.post("/api/v1/task/submit", self.submit, name="submit"),
            web.get("/api/v1/task/{task_id}", self.query, name="query"),
            web.get("/output/{task_id}.mp4", self.result, name="result"),
        ]

    async def submit(self, request: web.Request) -> web.Response:
        """Take a task on; the files are only looked at afterwards."""
        body = await fields_of(request)
        model = text_of(body, "model", needed=True)
        if model not in (*MODELS, *OLDER):
            raise invalid(f"model {model} is not available")
        given = body.get("input")
        if not isinstance(given, dict):
            raise invalid("input is required and must be an object")
        order = self._order(model, given, body)
        if banned(order.prompt):
            raise Refusal(400, MODERATED, "content rejected by moderation")
        task_id = str(uuid.UUID(int=self.studio.digits(128), version=4))
        task = self.studio.accept(task_id, order)
        return web.json_response({"code": 0, "msg": "ok", "data": {"taskId": task.id}})

    def _order(self, model: str, given: dict[str, Any], body: dict[str, Any]) -> Order:
        text_of(body, "user_id")
        resolution = choice_of(given, "resolution", RESOLUTIONS, "720p")
        seconds = whole_of(given, "duration", LENGTHS.get(model, tuple(range(4, 16))), 5)
        flag_of(given, "fallback", default=True)
        urls = self._urls(model, given)
        return Order(
            model=model,
            prompt=text_of(given, "prompt", needed=True),
            mode=frames_mode(["image"] * len(urls or ())),
            ratio=choice_of(given, "ratio", RATIOS, "16:9"),
            resolution=resolution,
            seconds=seconds,
            sound=None,
            credits=float(POINTS[resolution] * seconds),
            body=body,
            undocumented=undocumented(body, TOP_FIELDS) + undocumented(given, INPUT_FIELDS, "input."),
            callback_url=callback_of(body, "callBackUrl"),
            check=None if urls is None else partial(self._look, urls),
        )

    def _urls(self, model: str, given: dict[str, Any]) -> tuple[str, ...] | None:
        media, images = addresses_of(given, "mediaUrls"), addresses_of(given, "imageUrls")
        if model in OLDER and media is not None:
            raise invalid(f"mediaUrls is not supported by {model}, use imageUrls")
        if media is not None and images is not None:
            raise invalid("mediaUrls and imageUrls can't be used together")
        return images if media is None else media

    async def _look(self, urls: tuple[str, ...], task: Task) -> None:
        if not 1 <= len(urls) <= MOST_FILES:
            raise Failed("input", f"1 to {MOST_FILES} material URLs")
        try:
            task.material = await self.studio.fetcher.fetch(urls)
        except BadMaterial as error:
            raise Failed("input", str(error)) from error
        if fault := fault_in(task.order.model, task.material):
            raise Failed("input", fault)
        task.mode = frames_mode([file.kind for file in task.material])
        if task.seen:
            task.seen.mode = task.mode

    async def query(self, request: web.Request) -> web.Response:
        """Tell how a task stands."""
        task = self.studio.tasks.get(request.match_info["task_id"])
        if task is None:
            raise Refusal(404, "not_found", "task not found")
        return web.json_response(self.describe(task))

    async def result(self, request: web.Request) -> web.StreamResponse:
        """Serve a film."""
        return await serve_result(self.studio, request)

    def describe(self, task: Task) -> dict[str, Any]:
        """Return the query's answer, which is the callback's body too; its outer code is always 0."""
        given = task.order.body["input"]
        path = self.manners.result_path.format(task_id=task.id)
        data = {
            "taskId": task.id,
            "status": task.word,
            "input": {"model": task.order.model} | {name: given[name] for name in ECHOED if name in given},
            "result": {"type": "video", "urls": [f"{self.studio.origin}{path}"]} if task.succeeded else None,
            "failure_reason": task.reason,
            "created_at": task.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "updated_at": task.updated_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        return {"code": 0, "msg": "ok", "data": data}

    def turn_away(self, refusal: Refusal) -> web.Response:
        """Put a refusal into the envelope: code and msg, and what moderation saw."""
        body: dict[str, Any] = {"code": refusal.status, "msg": refusal.message}
        if refusal.code == "unauthorized":
            body["msg"] = "unauthorized"
        if refusal.code == MODERATED:
            body["msg"] = "content rejected by moderation"
            body["data"] = {"flagged": True, "categories": {name: name == "violence" for name in CATEGORIES}}
        bad = refusal.status == web.HTTPBadRequest.status_code
        status = self.studio.settings.error_status if bad else refusal.status
        return web.json_response(body, status=status)

    def refunded(self, task: Task) -> float:
        """Moderation gives back all but the surcharge; nothing is promised for other failures."""
        moderated = task.reason == self.manners.reasons[MODERATED]
        return round(task.order.credits * (1 - SURCHARGE), 3) if moderated else 0.0


def fault_in(model: str, material: Iterable[Material]) -> str | None:
    """Return the first rule of the page that the files break."""
    files = list(material)
    pictures = [file for file in files if file.kind == "image"]
    if len(pictures) > MOST_IMAGES:
        return f"at most {MOST_IMAGES} images"
    for kind in ("video", "audio"):
        if sum(file.seconds for file in files if file.kind == kind) > LONGEST:
            return f"total {kind} duration must be 15 seconds or less"
    moving = len(files) > len(pictures)
    if model not in MULTIMODAL and (moving or (model in MODELS and len(pictures) > 2)):  # noqa: PLR2004
        return f"{model} takes first and last frame only"
    return None
