"""The demo as a newcomer sees it: a page in a browser, a command, a film that plays."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

import pytest

from bot.demo import samples
from bot.demo.command import open_demo
from bot.demo.page import open_page
from tests.e2e.browser import ENTER, open_browser, programs

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.browser import Browser

pytestmark = pytest.mark.browser

PROMPT = "The sun sets behind the hills, slow dolly in"
COMPOSER = "#channel-composer-input"
FILM = "[...document.querySelectorAll('video')].at(-1)"
CARD = "[...document.querySelectorAll('.embed-card')].at(-1)?.innerText"
TAKE = 12.0
"""Seconds that a film takes here: long enough to see its card move."""


async def until(browser: Browser, script: str, *, within: float) -> Any:
    """Wait until a script returns something that counts, and return it."""
    async with asyncio.timeout(within):
        while not (value := await browser.run(f"return {script}")):  # noqa: ASYNC110 -- it can't wake us
            await asyncio.sleep(0.1)
        return value


async def give_command(browser: Browser, picture: Path) -> None:
    """Pick /video, attach a picture as its first frame, type the prompt, send."""
    await browser.type(COMPOSER, "/video")
    await browser.find(".command-entry")
    await browser.type(COMPOSER, ENTER)
    await browser.click(".command-ghost")
    await browser.click('.command-suggestion[data-value="image"]')
    await browser.type('input.command-file-input[data-option="image"]', str(picture))
    await browser.type('.command-option-input[data-option="prompt"]', PROMPT)
    await browser.click("#send-message")


async def play(browser: Browser) -> tuple[float, float]:
    """Press play and return two moments of the film, half a second of ours apart."""
    await browser.run(f"{FILM}.muted = true; {FILM}.closest('.video-player').querySelector('button').click()")
    await until(browser, f"{FILM}.currentTime > 1.5", within=10)
    first = await browser.run(f"return {FILM}.currentTime")
    await asyncio.sleep(0.5)
    return first, await browser.run(f"return {FILM}.currentTime")


@pytest.mark.skipif(programs() is None, reason="needs Chromium and chromedriver: apt install chromium-driver")
async def test_a_newcomer_sees_the_film_play(tmp_path: Path) -> None:
    """One picks /video, attaches a picture, types a prompt, and the film arrives and plays in the channel."""
    picture = tmp_path / "evening.png"
    picture.write_bytes(samples.picture("evening.png", random.Random(11), size=(1280, 720)).data)
    async with (
        open_demo(pace=(TAKE, TAKE), seed=1) as demo,
        open_page(demo.server) as url,
        open_browser(tmp_path / "profile", width=880, height=1500) as browser,
    ):
        await browser.open(url)
        await give_command(browser, picture)
        early = await until(browser, CARD, within=20)
        assert PROMPT in early
        await until(browser, f"{FILM}?.readyState >= 2", within=60)
        assert await browser.run(f"return {FILM}.videoWidth + 'x' + {FILM}.videoHeight") == "1280x720"
        assert abs(await browser.run(f"return {FILM}.duration") - 5) < 0.3
        first, later = await play(browser)
        assert first < later
        assert early != await browser.run(f"return {CARD}")
        text = await browser.run("return document.body.innerText")
        assert [label for label in ("Again", "Edit", "Delete") if label not in text] == []
        assert demo.server.env.errors == []
