"""Serving the films: for their lifetime, whole, or as badly as a fault wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.demo.stand_ins.records import FaultKind
from bot.demo.stand_ins.studio import fault_of

if TYPE_CHECKING:
    from bot.demo.stand_ins.manners import Task
    from bot.demo.stand_ins.records import Fault
    from bot.demo.stand_ins.studio import Studio

PIECE = 256 * 1024


async def serve_result(studio: Studio, request: web.Request) -> web.StreamResponse:
    """Answer a download."""
    task = studio.tasks.get(request.match_info["task_id"])
    if task is None or not task.film:
        raise web.HTTPNotFound
    manners = studio.stand_in.manners
    if studio.world.clock() - task.updated_at >= manners.result_life:
        return web.Response(status=manners.expired_status)
    if request.method == "GET":
        task.downloads += 1
    if (expired := fault_of(task, FaultKind.EXPIRED_RESULT)) and strikes(expired, task):
        return web.Response(status=expired.status if expired.status in (403, 404, 410) else 404)
    return await send(task, request)


def strikes(fault: Fault, task: Task) -> bool:
    """Return whether this download is one of those that go wrong."""
    return fault.downloads is None or task.downloads <= fault.downloads


async def send(task: Task, request: web.Request) -> web.StreamResponse:
    """Send a film, or more or less of it."""
    giant = fault_of(task, FaultKind.GIANT_RESULT)
    padding = max(0, giant.megabytes * 1024 * 1024 - len(task.film)) if giant else 0
    cut = fault_of(task, FaultKind.TRUNCATED_RESULT)
    if cut is not None and not strikes(cut, task):
        cut = None
    sent = round(len(task.film) * cut.share) if cut else len(task.film)
    promised = sent if cut and cut.admitted else len(task.film) + padding
    answer = web.StreamResponse(headers={"Content-Type": "video/mp4"})
    answer.content_length = promised
    await answer.prepare(request)
    if request.method == "HEAD":
        return answer
    await answer.write(task.film[:sent])
    if cut is None and padding:
        await pad(answer, padding)
    if sent < promised - padding and request.transport:
        request.transport.abort()
    return answer


async def pad(answer: web.StreamResponse, size: int) -> None:
    """Send an MP4 `free` box of this size, which players skip."""
    await answer.write(size.to_bytes(4, "big") + b"free")
    left = size - 8
    while left > 0:
        await answer.write(bytes(min(left, PIECE)))
        left -= PIECE
