"""The demo as a newcomer sees it: a page in a browser, a command, a film that plays."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from bot.demo import samples
from bot.demo.command import open_demo
from bot.demo.local_discord import open_discord
from bot.demo.page import open_page, publish
from tests.bot.demo.clerk import Clerk
from tests.e2e.browser import ELEMENT, ENTER, open_browser, programs

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
        await demo.server.command("mira", "help")
        publish(demo.server.env._preview)
        await until(browser, "document.body.innerText.includes('\\n/compose ·')", within=5)
        assert demo.server.env.errors == []


RIGHT_CLICK = """document.querySelector('.channel-message').dispatchEvent(
    new MouseEvent('contextmenu', {bubbles: true, cancelable: true, clientX: 300, clientY: 200}))"""
CHOOSE = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change'))"


@pytest.mark.skipif(programs() is None, reason="needs Chromium and chromedriver: apt install chromium-driver")
async def test_a_member_posts_a_picture_and_uses_its_menu(tmp_path: Path) -> None:
    """One posts a file, right-clicks it, fills in the form that opens, and changes the language."""
    picture = tmp_path / "evening.png"
    picture.write_bytes(samples.picture("evening.png", random.Random(11), size=(320, 180)).data)
    clerk = Clerk()
    async with (
        open_discord(clerk, clock=lambda: datetime.now(UTC)) as server,
        open_page(server) as url,
        open_browser(tmp_path / "profile", width=880, height=900) as browser,
    ):
        await clerk.tree.sync()
        await browser.open(url)
        await browser.find("#matinee-language option")
        await browser.type("#matinee-files", str(picture))
        await browser.find(".message-attachments")
        await until(browser, f"({RIGHT_CLICK}, document.querySelector('#matinee-apps button'))", within=10)
        await browser.click("#matinee-apps button")
        await browser.type(".modal-dialog input.modal-input", "a fox")
        await browser.click(".modal-dialog .button-primary")
        await until(browser, "document.body.innerText.includes('You want a fox.')", within=10)
        language = {ELEMENT: await browser.find("#matinee-language")}
        await browser.run(CHOOSE, language, "zh-CN")
        await until(browser, "document.querySelector('#matinee-language').value === 'zh-CN'", within=5)
        mira = server.members["mira"]
        async with asyncio.timeout(10):
            while server.amendments.languages[mira.id] != "zh-CN":  # noqa: ASYNC110 -- as above
                await asyncio.sleep(0.05)
        assert server.env.errors == []
