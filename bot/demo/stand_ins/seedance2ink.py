"""seedance2.ink: flat bodies, five states, credits charged at submit, a cancel."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from aiohttp import web

from bot.demo.stand_ins.manners import (
    MODERATED,
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

MODELS = ("seedance-2.0", "seedance-2.0-fast", "seedance-1.5-pro")
RATIOS = ("16:9", "9:16", "1:1")
RESOLUTIONS = ("480p", "720p", "1080p")
MOST_FILES = 5
CREDITS = {"480p": 4, "720p": 8, "1080p": 16}
"""Per second: 5 s of 720p are the 40 of the page's example. The other two are a guess."""
FIELDS = frozenset(
    {"model", "prompt", "mediaUrls", "aspectRatio", "duration", "resolution", "webhookUrl", "metadata"}
)
CODES = {"invalid": "invalid_request", MODERATED: "content_moderation", "error": "server_error"}
BASE = "/api/open/v1"


class Seedance2Ink(StandIn):
    """The stand-in for www.seedance2.ink."""

    manners: ClassVar[Manners] = Manners(
        name="seedance2ink",
        stages=(Stage("queued", 0.25), Stage("processing", 0.75)),
        succeeded="succeeded",
        failed="failed",
        cancelled="cancelled",
        timed_out="failed",
        reasons={
            MODERATED: "content_moderation",
            "input": "invalid_media",
            "credit": "insufficient_credits",
            "provider": "generation_failed",
            "timeout": "generation_timeout",
            "cancelled": None,
        },
        result_path="/open-api-results/{task_id}.mp4",
        result_life=timedelta(hours=24),
    )
    settings: ClassVar[Settings] = Settings(concurrent=3)
    open_to_all = frozenset({"result", "models"})
    """Its page's own example asks for the models without a key."""

    def routes(self) -> list[web.RouteDef]:
        """Return submit, query, cancel, the models and the films."""
        one = f"{BASE}/video/generations/{{task_id}}"
        return [
            web.get(f"{BASE}/models", self.models, name="models"),
            web.post(f"{BASE}/video/generations", self.submit, name="submit"),
            web.get(one, self.query, name="query"),
            web.post(f"{one}/cancel", self.cancel, name="cancel"),
            web.get("/open-api-results/{task_id}.mp4", self.result, name="result"),
        ]

    async def models(self, _: web.Request) -> web.Response:
        """Name the models, with what a client may read of each."""
        listed = [
            {
                "id": model,
                "durations": list(lengths(model)),
                "aspectRatios": list(RATIOS),
                "resolutions": list(RESOLUTIONS),
                "pricing": {"creditsPerSecond": CREDITS},
            }
            for model in MODELS
        ]
        return web.json_response({"success": True, "data": listed})

    async def submit(self, request: web.Request) -> web.Response:
        """Take a task on and charge it."""
        body = await fields_of(request)
        model = choice_of(body, "model", MODELS, "")
        if not isinstance(body.get("metadata", {}), dict):
            raise invalid("metadata must be an object")
        order = await self._order(model, body)
        task = self.studio.accept(f"req_{self.studio.digits(80):020x}", order)
        answer = {"success": True, "requestId": task.id, "status": task.word}
        return web.json_response({**answer, "creditsCharged": round(order.credits)})

    async def _order(self, model: str, body: dict[str, Any]) -> Order:
        resolution = choice_of(body, "resolution", RESOLUTIONS, "720p")
        seconds = whole_of(body, "duration", lengths(model), 5)
        ratio = choice_of(body, "aspectRatio", RATIOS, "16:9")
        prompt = text_of(body, "prompt", needed=True)
        callback_url = callback_of(body, "webhookUrl")
        urls = addresses_of(body, "mediaUrls")
        if urls is not None and not 1 <= len(urls) <= MOST_FILES:
            raise invalid(f"mediaUrls must contain one to {MOST_FILES} URLs")
        if banned(prompt):
            raise Refusal(400, MODERATED, "The prompt was rejected by content moderation")
        try:
            material = await self.studio.fetcher.fetch(urls or ())
        except BadMaterial as error:
            raise invalid(str(error)) from error
        return Order(
            model=model,
            prompt=prompt,
            mode=frames_mode([file.kind for file in material]),
            ratio=ratio,
            resolution=resolution,
            seconds=seconds,
            sound=None,
            credits=float(CREDITS[resolution] * seconds),
            body=body,
            undocumented=undocumented(body, FIELDS),
            material=material,
            callback_url=callback_url,
        )

    async def query(self, request: web.Request) -> web.Response:
        """Tell how a task stands."""
        return web.json_response(self.describe(self._found(request)))

    async def cancel(self, request: web.Request) -> web.Response:
        """Stop a task that is queued or processing."""
        task = self._found(request)
        if task.ended:
            raise Refusal(409, "not_cancellable", f"The task is already {task.word}")
        await self.studio.end(task, self.manners.cancelled)
        return web.json_response({"success": True, "requestId": task.id, "status": task.word})

    async def result(self, request: web.Request) -> web.StreamResponse:
        """Serve a film."""
        return await serve_result(self.studio, request)

    def _found(self, request: web.Request) -> Task:
        task = self.studio.tasks.get(request.match_info["task_id"])
        if task is None:
            raise Refusal(404, "not_found", "Task not found")
        return task

    def describe(self, task: Task) -> dict[str, Any]:
        """Return the query's answer; the webhook's body is the same, as nothing else is known of it."""
        path = self.manners.result_path.format(task_id=task.id)
        failed = task.ended and task.reason is not None
        return {
            "success": True,
            "requestId": task.id,
            "status": task.word,
            "model": task.order.model,
            "prompt": task.order.prompt,
            "duration": task.order.seconds,
            "aspectRatio": task.order.ratio,
            "output": {"type": "video", "url": f"{self.studio.origin}{path}"} if task.succeeded else None,
            "error": {"code": task.reason, "message": task.message or "Generation failed"}
            if failed
            else None,
        }

    def turn_away(self, refusal: Refusal) -> web.Response:
        """Put a refusal into the envelope."""
        error = {"code": CODES.get(refusal.code, refusal.code), "message": refusal.message}
        return web.json_response({"success": False, "error": error}, status=refusal.status)


def lengths(model: str) -> tuple[int, ...]:
    """Return the seconds that a model makes."""
    return (5, 10) if model == "seedance-1.5-pro" else tuple(range(4, 16))
