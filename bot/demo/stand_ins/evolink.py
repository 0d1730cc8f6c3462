"""EvoLink: the model says the mode, media in typed lists, progress, reserved credits, keyed submits."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from aiohttp import web

from bot.demo.stand_ins.evolink_files import EvolinkFiles
from bot.demo.stand_ins.evolink_rules import MODELS, order_of, query_of
from bot.demo.stand_ins.manners import MODERATED, Manners, Refusal, Stage, StandIn, Task
from bot.demo.stand_ins.reception import fields_of
from bot.demo.stand_ins.records import Settings
from bot.demo.stand_ins.results import serve_result

if TYPE_CHECKING:
    from bot.demo.stand_ins.studio import Studio

KEY = re.compile(r"[A-Za-z0-9._-]{16,96}")
TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "insufficient_quota_error",
    403: "permission_error",
    404: "not_found_error",
    409: "invalid_request_error",
    413: "request_too_large_error",
    429: "rate_limit_error",
    500: "internal_server_error",
    502: "upstream_error",
    503: "service_unavailable_error",
}
CODES = {
    "invalid": "invalid_parameters",
    MODERATED: "content_policy_violation",
    "not_found": "resource_not_found",
}
CREDITS_PER_DOLLAR = 68
MOST_AT_ONCE = 50
STEPS = (9, 20, 31, 42, 53, 64, 75, 86, 97)


class Evolink(StandIn):
    """The stand-in for api.evolink.ai, and for files-api.evolink.ai on the same port."""

    manners: ClassVar[Manners] = Manners(
        name="evolink",
        stages=(Stage("pending", 0.1), *(Stage("processing", 0.1, progress) for progress in STEPS)),
        succeeded="completed",
        failed="failed",
        cancelled="cancelled",
        timed_out="failed",
        reasons={
            MODERATED: "content_policy_violation",
            "input": "invalid_parameters",
            "credit": "quota_exceeded",
            "provider": "service_error",
            "timeout": "generation_timeout",
            "cancelled": "request_cancelled",
        },
        result_path="/results/{task_id}.mp4",
        result_life=timedelta(hours=24),
    )
    settings: ClassVar[Settings] = Settings(concurrent=5, callback_retries=(1.0, 2.0, 4.0))
    open_to_all = frozenset({"result", "file"})

    def __init__(self) -> None:
        self.files = EvolinkFiles()
        self._keys: dict[str, tuple[str, Task | None]] = {}
        """By idempotency key: the body's digest, and the task once it is decided."""

    def join(self, studio: Studio) -> None:
        """Join a studio, with the files."""
        super().join(studio)
        self.files.studio = studio

    def routes(self) -> list[web.RouteDef]:
        """Return tasks, models, credits, films and files."""
        return [
            web.post("/v1/videos/generations", self.submit, name="submit"),
            web.get("/v1/tasks", self.listed, name="query-list"),
            web.post("/v1/tasks/batch", self.batch, name="query-batch"),
            web.get("/v1/tasks/{task_id}", self.query, name="query"),
            web.get("/v1/models", self.models, name="models"),
            web.get("/v1/credits", self.credits, name="credits"),
            web.get("/results/{task_id}.mp4", self.result, name="result"),
            *self.files.routes(),
        ]

    async def submit(self, request: web.Request) -> web.Response:
        """Take a task on, once per idempotency key."""
        key = request.headers.get("Idempotency-Key")
        digest = hashlib.sha256(await request.read()).hexdigest()
        if key is None:
            return await self._taken(request, None, digest)
        if not KEY.fullmatch(key):
            raise Refusal(
                400, "invalid", "Idempotency-Key must be 16-96 of [A-Za-z0-9._-]", param="Idempotency-Key"
            )
        if key in self._keys:
            return self._replayed(*self._keys[key], digest)
        self._keys[key] = (digest, None)
        try:
            return await self._taken(request, key, digest)
        finally:
            if self._keys[key][1] is None:
                del self._keys[key]

    def _replayed(self, first: str, task: Task | None, digest: str) -> web.Response:
        if first != digest:
            raise Refusal(409, "idempotency_conflict", "This key was used with another body")
        if task is None:
            raise Refusal(409, "paid_outcome_unknown", "The first request with this key is still undecided")
        return web.json_response(self.describe(task), headers={"idempotency-replayed": "true"})

    async def _taken(self, request: web.Request, key: str | None, digest: str) -> web.Response:
        order = await order_of(await fields_of(request), self.studio, key)
        number = self.studio.digits(40)
        created = int(self.studio.world.clock().timestamp())
        task = self.studio.accept(f"task-unified-{created}-{number:010x}", order)
        if key is not None:
            self._keys[key] = (digest, task)
        return web.json_response(self.describe(task))

    async def query(self, request: web.Request) -> web.Response:
        """Tell how a task stands."""
        return web.json_response(self.describe(self._found(request.match_info["task_id"])))

    async def batch(self, request: web.Request) -> web.Response:
        """Tell how up to fifty tasks stand."""
        ids = (await fields_of(request)).get("task_ids")
        if (
            not isinstance(ids, list)
            or len(ids) > MOST_AT_ONCE
            or not all(isinstance(one, str) for one in ids)
        ):
            raise Refusal(
                400, "invalid", f"task_ids must be an array of at most {MOST_AT_ONCE}", param="task_ids"
            )
        return web.json_response({"data": [self.describe(self._found(task_id)) for task_id in ids]})

    async def listed(self, request: web.Request) -> web.Response:
        """List tasks, newest first, without their results."""
        wanted = query_of(request)
        tasks = [
            task
            for task in reversed(self.studio.tasks.values())
            if wanted.status in ("", task.word) and wanted.model in ("", task.order.model)
        ]
        start = (wanted.page - 1) * wanted.page_size
        shown = [self.describe(task) for task in tasks[start : start + wanted.page_size]]
        for item in shown:
            item.pop("results", None)
        return web.json_response(
            {"data": shown, "total": len(tasks), "page": wanted.page, "page_size": wanted.page_size}
        )

    async def models(self, _: web.Request) -> web.Response:
        """Name the models of this key."""
        return web.json_response({"data": [{"id": model} for model in MODELS]})

    async def credits(self, _: web.Request) -> web.Response:
        """Tell the balance."""
        left = self.studio.balance
        account = {"remaining_credits": left, "used_credits": round(self.studio.settings.balance - left, 3)}
        data = {"token": {**account, "unlimited_credits": False}, "user": account}
        return web.json_response({"success": True, "message": "", "data": data})

    async def result(self, request: web.Request) -> web.StreamResponse:
        """Serve a film."""
        return await serve_result(self.studio, request)

    def _found(self, task_id: str) -> Task:
        if not task_id.startswith("task-unified-"):
            why = "Invalid task ID format, must start with 'task-unified-'"
            raise Refusal(400, "invalid_task_id", why, param="task_id")
        task = self.studio.tasks.get(task_id)
        if task is None:
            raise Refusal(404, "not_found", "Task not found", param="task_id")
        return task

    def describe(self, task: Task) -> dict[str, Any]:
        """Return the task object, which is answer and callback alike."""
        reserved = round(task.order.credits, 3)
        usage: dict[str, Any] = {
            "billing_rule": "per_second",
            "credits_reserved": reserved,
            "user_group": "default",
        }
        shown: dict[str, Any] = {
            "created": int(task.created_at.timestamp()),
            "id": task.id,
            "model": task.order.model,
            "object": "video.generation.task",
            "progress": task.progress,
            "status": task.word,
            "task_info": {
                "can_cancel": not task.ended and task.progress == 0,
                "estimated_time": max(1, round(task.takes)),
                "video_duration": task.order.seconds,
            },
            "type": "video",
            "usage": usage,
        }
        if task.succeeded:
            path = self.manners.result_path.format(task_id=task.id)
            shown["results"] = [f"{self.studio.origin}{path}"]
            usage["credits_used"] = reserved
            usage["cost"] = {"credits": reserved, "usd": round(reserved / CREDITS_PER_DOLLAR, 4)}
        elif task.ended:
            shown["error"] = {"code": task.reason, "message": task.message or "Generation failed"}
        return shown

    def turn_away(self, refusal: Refusal) -> web.Response:
        """Put a refusal into the error object."""
        plain = refusal.code in ("unauthorized", "rate_limited", "insufficient_credits", "error")
        error: dict[str, Any] = {
            "code": refusal.status if plain else CODES.get(refusal.code, refusal.code),
            "message": refusal.message,
            "type": TYPES.get(refusal.status, "internal_server_error"),
        }
        if refusal.param:
            error["param"] = refusal.param
        if wait := refusal.headers.get("Retry-After"):
            error["fallback_suggestion"] = f"retry after {wait} seconds"
        return web.json_response({"error": error}, status=refusal.status)

    def refunded(self, task: Task) -> float:
        """Give all back: a task without a film costs nothing."""
        return task.order.credits
