"""What the page's script does over HTTP."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import aiohttp

from bot.demo.controls import HEADER
from bot.demo.page import open_page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.demo.local_discord import LocalDiscord

SOON = timedelta(seconds=10)


class Viewer:
    """What the page's script does: open a page for the first member, ask for its state, act."""

    def __init__(self, http: aiohttp.ClientSession, origin: str, capability: str) -> None:
        self._http, self._origin, self._capability = http, origin, capability
        self._context = ""
        self._sequence = 0

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Send one request as the page does."""
        headers = {"X-Simcord-Capability": self._capability, "X-Simcord-Context": self._context}
        async with self._http.request(method, self._origin + path, json=body, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def open(self) -> dict[str, Any]:
        """Open a page and return what it shows."""
        state = await self.call("POST", "/api/pages", {})
        self._context = state["context"]["id"]
        return state

    async def state(self) -> dict[str, Any]:
        """Return what the page shows now."""
        return await self.call("GET", "/api/state")

    async def say(self, state: dict[str, Any], content: str) -> dict[str, Any]:
        """Write into the channel, as seen in this state, and return the receipt."""
        return await self.act(state, "send_message", content=content)

    async def act(self, state: dict[str, Any], kind: str, **what: object) -> dict[str, Any]:
        """Do one of SimCord's own actions, as seen in this state, and return the receipt."""
        self._sequence += 1
        body = {
            "protocol_version": 3,
            "kind": kind,
            "sequence": self._sequence,
            "request_id": f"r{self._sequence}",
            "generation": state["context"]["generation"],
            "bot_generation": state["botGeneration"],
            "published_revision": state["publishedRevision"],
            **what,
        }
        return await self.call("POST", "/api/action", body)

    async def wish(self, status: int = 200, /, *, files: bytes = b"", **wish: object) -> dict[str, Any]:
        """Ask for what SimCord's page lacks, and return what there is to choose from now."""
        headers = {
            "X-Simcord-Capability": self._capability,
            "X-Simcord-Context": self._context,
            HEADER: quote(json.dumps(wish)),
        }
        url = f"{self._origin}/api/action"
        async with self._http.post(url, data=files, headers=headers) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json() if status == 200 else {}

    async def commands(self) -> dict[str, Any]:
        """Return what the command picker offers."""
        return await self.call("GET", "/api/commands")

    async def asset(self, id_: str) -> tuple[str, bytes]:
        """Return a file's type and bytes as the browser gets them."""
        headers = {"X-Simcord-Capability": self._capability, "X-Simcord-Context": self._context}
        async with self._http.get(f"{self._origin}/api/assets/{id_}", headers=headers) as answer:
            assert answer.status == 200
            return answer.content_type, await answer.read()


@asynccontextmanager
async def watching(server: LocalDiscord) -> AsyncIterator[Viewer]:
    """Look at a server."""
    async with open_page(server) as url, aiohttp.ClientSession() as http:
        origin, _, capability = url.partition("/#")
        yield Viewer(http, origin, capability)


def texts(state: dict[str, Any]) -> str:
    """Return all messages of a state, as text."""
    return str([state["messages"][message] for message in state["timeline"]])


async def shown(viewer: Viewer, wanted: str) -> dict[str, Any]:
    """Ask for the state, as the page does, until it shows this."""
    async with asyncio.timeout(SOON.total_seconds()):
        while wanted not in texts(state := await viewer.state()):
            pass
    return state
