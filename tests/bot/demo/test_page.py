"""SimCord's page shows what happens without a click, keeps clicks valid, and plays films as they are.

These tests hold the private names of SimCord that the page relies on: a new SimCord is tried here first.
"""

from __future__ import annotations

import random
import socket

import aiohttp
import pytest

from bot.demo import samples
from bot.demo.page import MOST_MEDIA, as_it_is, open_page, publish
from bot.errors import SettingsError
from tests.bot.demo.toy import open_toy
from tests.bot.demo.viewer import shown, texts, watching


@pytest.fixture(scope="module")
def film() -> bytes:
    """Make a short H.264 film."""
    return samples.clip("film.mp4", random.Random(7)).data


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
