"""SimCord's page shows what happens without a click, keeps clicks valid, and plays films as they are.

These tests hold the private names of SimCord that the page relies on: a new SimCord is tried here first.
"""

from __future__ import annotations

import asyncio
import random
import socket
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.demo import samples
from bot.demo.page import MOST_MEDIA, as_it_is, open_page, publish
from bot.errors import SettingsError
from tests.bot.demo.toy import open_toy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.demo.local_discord import LocalDiscord

SOON = timedelta(seconds=10)


@pytest.fixture(scope="module")
def film() -> bytes:
    """Make a short H.264 film."""
    return samples.clip("film.mp4", random.Random(7)).data


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
        self._sequence += 1
        body = {
            "protocol_version": 3,
            "kind": "send_message",
            "sequence": self._sequence,
            "request_id": f"r{self._sequence}",
            "generation": state["context"]["generation"],
            "bot_generation": state["botGeneration"],
            "published_revision": state["publishedRevision"],
            "content": content,
        }
        return await self.call("POST", "/api/action", body)

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


async def test_the_page_shows_a_film_that_nobody_clicked_for(film: bytes) -> None:
    """What the bot posts long after the command appears by itself, and is handed to the browser unchanged."""
    async with open_toy(film) as server, watching(server) as viewer:
        await viewer.open()
        await server.command("mira", "video", prompt="a fox")
        state = await shown(viewer, f"{1:016x}.mp4")
        ids = [id_ for id_, asset in state["assets"].items() if asset["filename"].endswith(".mp4")]
        assert await viewer.asset(ids[0]) == ("video/mp4", film)


async def test_a_click_on_its_way_survives_a_refresh() -> None:
    """Publishing what happened meanwhile doesn't make a member's action stale."""
    async with open_toy() as server, watching(server) as viewer:
        state = await viewer.open()
        publish(server.env._preview)
        receipt = await viewer.say(state, "hello")
        assert (receipt["rejected"], receipt["settlement"]) == (False, "settled")
        assert "hello" in texts(await viewer.state())


async def test_the_page_is_dressed_for_members() -> None:
    """Our style sheet and script are served beside SimCord's, to this machine's addresses only."""
    async with open_toy() as server, open_page(server) as url, aiohttp.ClientSession() as http:
        origin = url.partition("/#")[0]
        async with http.get(origin) as page:
            text = await page.text()
        assert "<title>Matinee</title>" in text
        for path, kind in (("/matinee.css", "text/css"), ("/matinee.js", "application/javascript")):
            assert path in text
            async with http.get(origin + path) as answer:
                assert (answer.status, answer.content_type) == (200, kind)
            async with http.get(origin + path, headers={"Host": "elsewhere.example"}) as answer:
                assert answer.status == 403


async def test_a_port_that_is_taken_is_named() -> None:
    """One line says which, and what to do."""
    async with open_toy() as server:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(SettingsError, match=f"^--port: {port} is taken; choose another"):
                async with open_page(server, port=port):
                    pass


async def test_a_page_keeps_many_films() -> None:
    """An evening of films fits into what one page keeps."""
    async with open_toy() as server, open_page(server):
        assert server.env._preview._MAX_MEDIA_BYTES == MOST_MEDIA


def test_a_film_that_browsers_play_is_described(film: bytes) -> None:
    """Size, length and a poster of its first frame; the bytes themselves untouched."""
    info = as_it_is(film)
    assert info is not None
    assert (info.width, info.height, info.kind) == (*samples.CLIP_SIZE, "video")
    assert info.duration == pytest.approx(samples.LENGTH, abs=0.1)
    assert info.normalized is film
    assert info.poster.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "blob",
    [b"", b"no film", b"\0\0\0\x18ftypisom" + b"\0" * 40, samples.picture("a.png", random.Random(1)).data],
    ids=["empty", "text", "a broken film", "a picture"],
)
def test_everything_else_is_left_to_simcord(blob: bytes) -> None:
    """Only films that surely play are passed on."""
    assert as_it_is(blob) is None
