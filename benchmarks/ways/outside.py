"""A provider and a Discord that answer at once, in a process of their own, and count what they were asked.

The provider speaks as seedance2.ink does, and is done with a task at its second ask. Discord takes messages,
edits and uploads, reads each to its end, and answers with a message. Standard input ends it. `unfinished`: no
task is ever done.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
from collections import Counter
from itertools import count
from typing import Any

import av
from aiohttp import web

FRAMES = 24
CREDITS = 40
"""Of five seconds in 720p, the example of its documentation: what the bot reserves for them."""


def film() -> bytes:
    """Return a film of a second, a few kilobytes that play in Discord."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(FRAMES):
            container.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(stream.encode(None))
    return target.getvalue()


class Outside:
    """Both, on one port."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.polls: Counter[str] = Counter()
        self.film = film()
        self.ids = count(10**18)
        self.finishes = "unfinished" not in sys.argv

    async def submit(self, request: web.Request) -> web.Response:
        """Accept it."""
        await request.read()
        self.asked["submit"] += 1
        return _told({"success": True, "requestId": f"req_{next(self.ids)}", "status": "queued"})

    async def task(self, request: web.Request) -> web.Response:
        """Be at work at the first ask, and done at the second."""
        self.asked["ask"] += 1
        id_ = request.match_info["id"]
        self.polls[id_] += 1
        answer: dict[str, object] = {"success": True, "requestId": id_, "status": "processing"}
        if self.finishes and self.polls[id_] > 1:
            url = f"http://{request.host}/films/{id_}.mp4"
            answer |= {"status": "succeeded", "output": {"url": url}, "creditsCharged": CREDITS}
        return _told(answer)

    async def fetched(self, _: web.Request) -> web.Response:
        """Give the film."""
        self.asked["film"] += 1
        return web.Response(body=self.film, content_type="video/mp4")

    async def message(self, request: web.Request) -> web.Response:
        """Take a message, with its file if it has one, or an edit of one."""
        multipart = request.content_type.startswith("multipart/")
        await request.read()
        kind = "edit" if request.method == "PATCH" else "upload" if multipart else "message"
        self.asked[kind] += 1
        channel, id_ = request.match_info["channel"], request.match_info.get("id") or str(next(self.ids))
        return _told(_message(channel, id_))

    async def me(self, _: web.Request) -> web.Response:
        """Let the bot in."""
        return _told(AUTHOR)

    async def application(self, _: web.Request) -> web.Response:
        """Say whose bot it is."""
        return _told(
            {
                "id": "1", "name": "matinee", "icon": None, "description": "", "bot_public": True,
                "bot_require_code_grant": False, "verify_key": "", "owner": AUTHOR, "summary": "",
            }
        )  # fmt: skip

    async def told(self, _: web.Request) -> web.Response:
        """Tell how often it was asked for what."""
        return _told(self.asked)

    async def anything(self, request: web.Request) -> web.Response:
        """Note what nobody should have asked for."""
        self.asked[f"{request.method} {request.path}"] += 1
        return _told([])


AUTHOR = {"id": "1", "username": "matinee", "discriminator": "0", "avatar": None, "bot": True}


def _told(value: object) -> web.Response:
    return web.Response(body=json.dumps(value).encode(), headers={"Content-Type": "application/json"})


def _message(channel: str, id_: str) -> dict[str, object]:
    return {
        "id": id_, "channel_id": channel, "author": AUTHOR, "content": "", "type": 0,
        "timestamp": "2026-11-21T12:00:00+00:00", "edited_timestamp": None, "tts": False, "pinned": False,
        "mention_everyone": False, "mentions": [], "mention_roles": [], "attachments": [], "embeds": [],
    }  # fmt: skip


async def main() -> None:
    """Answer until nobody wants it any more."""
    outside = Outside()
    app = web.Application(client_max_size=2**26)
    app.add_routes(
        [
            web.post("/api/open/v1/video/generations", outside.submit),
            web.get("/api/open/v1/video/generations/{id}", outside.task),
            web.get("/films/{name}", outside.fetched),
            web.post("/discord/channels/{channel}/messages", outside.message),
            web.patch("/discord/channels/{channel}/messages/{id}", outside.message),
            web.get("/discord/users/@me", outside.me),
            web.get("/discord/oauth2/applications/@me", outside.application),
            web.get("/told", outside.told),
            web.route("*", "/{rest:.*}", outside.anything),
        ]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None  # noqa: SLF001 - aiohttp tells the port nowhere else
    print(site._server.sockets[0].getsockname()[1], flush=True)  # type: ignore[attr-defined]  # noqa: SLF001
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
