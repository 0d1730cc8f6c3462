"""The three providers outside of the process: what they took, made and charged, whatever they answered."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import httpx

if TYPE_CHECKING:
    from tests.faults.simulation.outside import Outside

FILMS: Final = "films.example"
NAMES: Final = ("maxapi", "seedance2ink", "evolink")
CREDITS: Final = 40.0
BEFORE: Final = {
    "provider is busy": lambda: httpx.Response(429, headers={"Retry-After": "7"}, json={}),
    "provider's credit is used up": lambda: _said(402, "insufficient_credits"),
    "provider's key is wrong": lambda: _said(401, "unauthorized"),
    "provider is down": lambda: httpx.Response(503, text="<html>down</html>"),
    "provider refuses words": lambda: _said(
        400, "content_policy_violation", "content rejected by moderation", data={"flagged": True}
    ),
    "provider refuses input": lambda: _said(400, "invalid_request", "invalid"),
}
"""What is answered to a submit that isn't accepted."""
UNREACHED: Final = "provider isn't reached"
VANISHED: Final = "submit vanishes"
LOST: Final = "provider's answer is lost"
TRIPS: Final = "provider trips after accepting"
GARBLED: Final = "provider's answer is garbled"
ASKS: Final = (
    "ask is refused for haste",
    "ask finds nothing",
    "ask is garbled",
    "ask trips",
    "ask regresses",
    "ask learns a new word",
)
ENDS: Final = {
    "task fails": "failed",
    "task is refused": "refused",
    "task never ends": "endless",
    "task has no film": "empty",
    "task leads inside": "inside",
    "task charges absurdly": "absurd",
    "task fails and may be repeated": "retryable",
}
CALLBACKS: Final = ("callback is lost", "callback is doubled", "callback is late")
KINDS: Final = (*BEFORE, UNREACHED, VANISHED, LOST, TRIPS, GARBLED, *ASKS, *ENDS, *CALLBACKS)
INSIDE: Final = (
    "http://169.254.169.254/latest/meta-data",
    "https://127.0.0.1/film.mp4",
    "https://[::1]/film.mp4",
)
WORDS: Final = {
    "maxapi": ("PENDING", "SUBMITTED", "SUCCESS", "FAILURE", "CANCELLED"),
    "seedance2ink": ("queued", "processing", "succeeded", "failed", "cancelled"),
    "evolink": ("pending", "processing", "completed", "failed", "cancelled"),
}


def _said(status: int, code: str, message: str = "no", **more: Any) -> httpx.Response:
    """Return an error in every provider's own envelope at once: each reads its own."""
    error = {"code": code, "message": message}
    return httpx.Response(
        status, json={"code": status, "msg": message, "success": False, "error": error, **more}
    )


@dataclass
class Task:
    """What a provider really has."""

    id: str
    provider: str
    body: dict[str, Any]
    prompt: str
    since: float
    takes: float
    end: str = "film"
    cancelled: bool = False
    callback: str | None = None

    def stage(self, now: float) -> int:
        """Return 0 waiting, 1 being made, 2 made, 3 failed, 4 cancelled."""
        if self.cancelled:
            return 4
        if self.end == "endless" or now < self.since + self.takes:
            return int(now >= self.since + self.takes / 3)
        return 3 if self.end in {"failed", "refused", "retryable"} else 2

    def charged(self, now: float) -> bool:
        """Say whether it is paid: from the start, until it fails or is cancelled."""
        return self.stage(now) <= 2


@dataclass
class Studio(httpx.AsyncBaseTransport):
    """One provider, and the way there."""

    name: str
    outside: Outside
    takes: tuple[float, float] = (60.0, 60.0)
    tasks: dict[str, Task] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    """EvoLink: the task of each idempotency key."""
    calls: list[tuple[float, str, str]] = field(default_factory=list)
    """Callbacks that are owed: when, where and what."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        outside = self.outside
        outside.callback_may(f"{request.method} at {self.name}")
        await outside.lag(self.name)
        path, data = request.url.path, await request.aread()
        if outside.fault(UNREACHED, self.name):
            raise httpx.ConnectError("refused")
        if path.endswith("/upload/stream"):
            answer = self._upload()
        elif request.method == "GET":
            answer = self._ask(path.rpartition("/")[2])
        elif path.endswith("/cancel"):
            answer = self._cancel(path.split("/")[-2])
        else:
            answer = self._submit(json.loads(data), request.headers.get("Idempotency-Key"))
        outside.note(f"{self.name} {request.method}", answer.status_code)
        await outside.lag(self.name)
        return answer

    def _upload(self) -> httpx.Response:
        link = f"https://files.{FILMS}/{self.outside.chance.getrandbits(32):08x}.png"
        return httpx.Response(200, json={"success": True, "code": 200, "data": {"file_url": link}})

    def _submit(self, body: dict[str, Any], key: str | None) -> httpx.Response:
        outside = self.outside
        for kind, answer in BEFORE.items():
            if outside.fault(kind, self.name):
                return answer()
        if outside.fault(VANISHED, self.name):
            raise httpx.ReadError("reset")
        task = self.tasks[self.keys[key]] if key in self.keys else self._accept(body, key)
        if outside.fault(LOST, self.name):
            raise httpx.ReadTimeout("silence")
        if outside.fault(TRIPS, self.name):
            return _said(500, "internal", "internal error")
        if outside.fault(GARBLED, self.name):
            return httpx.Response(200, text="<html>" + outside.chance.choice(["", "{", "null"]))
        return httpx.Response(200, json=self._accepted(task))

    def _accept(self, body: dict[str, Any], key: str | None) -> Task:
        outside, now = self.outside, self.outside.now()
        number = outside.chance.getrandbits(128)
        id_ = {"maxapi": str(UUID(int=number, version=4)), "seedance2ink": f"req_{number % 10**10:010d}"}.get(
            self.name, f"task-unified-1774857405-{number % 10**12:012x}"
        )
        url = body.get("callBackUrl") or body.get("webhookUrl") or body.get("callback_url")
        prompt = body["input"]["prompt"] if self.name == "maxapi" else body["prompt"]
        task = Task(id_, self.name, body, prompt, now, outside.chance.uniform(*self.takes), callback=url)
        task.end = next((end for kind, end in ENDS.items() if outside.fault(kind, self.name)), "film")
        if task.end == "absurd" and self.name != "evolink":
            task.end = "film"
        self.tasks[id_] = task
        if key is not None:
            self.keys[key] = id_
        if url and task.end != "endless" and not outside.fault("callback is lost"):
            late = outside.chance.uniform(0, 7200) if outside.fault("callback is late") else 0.0
            for _ in range(1 + outside.fault("callback is doubled")):
                self.calls.append((now + task.takes + late, url, id_))
        return task

    def _accepted(self, task: Task) -> dict[str, Any]:
        if self.name == "maxapi":
            return {"code": 0, "msg": "ok", "data": {"taskId": task.id}}
        if self.name == "seedance2ink":
            return {"success": True, "requestId": task.id, "status": "queued", "creditsCharged": CREDITS}
        return self.told(task)

    def _ask(self, task_id: str) -> httpx.Response:
        outside = self.outside
        task = self.tasks.get(task_id)
        if task is None or outside.fault("ask finds nothing", self.name):
            return _said(404, "not_found", "task not found")
        if outside.fault("ask is refused for haste", self.name):
            return httpx.Response(429, headers={"Retry-After": "11"}, json={})
        if outside.fault("ask is garbled", self.name):
            return httpx.Response(200, text="{]")
        if outside.fault("ask trips", self.name):
            return httpx.Response(500, text="oh")
        stage = task.stage(outside.now())
        if stage >= 1 and outside.fault("ask regresses", self.name):
            stage = 0 if stage == 1 else 1
        word = "PONDERING" if outside.fault("ask learns a new word", self.name) else None
        return httpx.Response(200, json=self.told(task, stage, word))

    def _cancel(self, task_id: str) -> httpx.Response:
        task = self.tasks.get(task_id)
        if task is None:
            return _said(404, "not_found")
        if task.stage(self.outside.now()) <= 1:
            task.cancelled = True
        return httpx.Response(
            200, json={"success": True, "requestId": task_id, "status": self.told(task)["status"]}
        )

    def told(self, task: Task, stage: int | None = None, word: str | None = None) -> dict[str, Any]:
        """Return what its query says, which is its callback's body too."""
        now = self.outside.now()
        stage = task.stage(now) if stage is None else stage
        word = word or WORDS[self.name][stage]
        links = self._links(task) if stage == 2 else []
        failed = stage == 3
        if self.name == "maxapi":
            cause = {"refused": "CONTENT_MODERATION", "retryable": "INSUFFICIENT_POINTS"}.get(task.end)
            echo = {"model": task.body["model"], "prompt": task.prompt}
            data = {
                "taskId": task.id,
                "status": word,
                "input": echo,
                "result": {"type": "video", "urls": links},
                "failure_reason": cause if failed else None,
            }
            return {"code": 0, "msg": "ok", "data": data}
        code = {"refused": "content_policy_violation", "retryable": "service_error"}.get(
            task.end, "unknown_failure"
        )
        error = {"code": code, "message": "no"} if failed else None
        if self.name == "seedance2ink":
            output = {"type": "video", "url": links[0]} if links else None
            return {"success": True, "requestId": task.id, "status": word, "model": task.body["model"],
                    "prompt": task.prompt, "output": output, "error": error}  # fmt: skip
        price = -7.0 if task.end == "absurd" and stage == 2 else CREDITS
        told: dict[str, Any] = {
            "id": task.id, "model": task.body["model"], "object": "video.generation.task", "status": word,
            "progress": (0, 50, 100, 0, 0)[stage], "task_info": {"estimated_time": 60},
            "usage": {"credits_reserved": price}, "results": links,
        }  # fmt: skip
        return told | ({"error": error} if error else {})

    def _links(self, task: Task) -> list[str]:
        if task.end == "empty":
            return []
        if task.end == "inside":
            return [self.outside.chance.choice(INSIDE)]
        return [f"https://{FILMS}/{task.id}.mp4?sig={self.outside.chance.getrandbits(32):08x}"]


class Road(httpx.AsyncBaseTransport):
    """The way to whatever provider is there just now: our side of it outlives a run."""

    def __init__(self) -> None:
        self.studio: Studio | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass it on."""
        assert self.studio is not None
        return await self.studio.handle_async_request(request)
