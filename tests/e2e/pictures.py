"""`make pictures`: drives the demo in a headless Chromium and takes the documents' pictures anew.

A scene has a demo of its own, with a fixed seed; states are arranged by what the stand-ins do, as in
life. Arguments name the scenes to take; without any, all are taken.
"""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click
from PIL import Image

from bot.demo.command import open_demo
from bot.demo.page import open_page, publish
from bot.demo.stand_ins.control import Control
from bot.i18n import ENGLISH
from bot.log import Redactor, set_up
from tests.e2e.browser import open_browser, programs
from tests.e2e.scenes import SCENES
from tests.e2e.stage import Clock, Stage

if TYPE_CHECKING:
    from tests.e2e.browser import Browser
    from tests.e2e.scenes import Scene

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
WIDTH, HEIGHT = 680, 1500
SCALE = 2
"""Pixels per CSS pixel, so that text is sharp where a picture is enlarged."""
MARGIN = 8
MOST_BYTES = 200_000
CLOCK = {ENGLISH: "Today at 8:15 PM", "zh-CN": "今天 20:15"}
PRIVATE = {ENGLISH: "Only you can see this", "zh-CN": "只有你能看到"}
"""As Discord says it; the demo's page says it in English alone."""
RECTANGLE = """
    const boxes = arguments[0].map(each => each.getBoundingClientRect());
    return [Math.min(...boxes.map(b => b.left)), Math.min(...boxes.map(b => b.top)),
            Math.max(...boxes.map(b => b.right)), Math.max(...boxes.map(b => b.bottom))];
"""
TIDY = """
    for (const time of document.querySelectorAll('.message-time')) time.textContent = arguments[0];
    for (const note of document.querySelectorAll('.message-ephemeral-note')) note.textContent = arguments[1];
    for (const part of document.querySelectorAll('.timeline-day-divider, #toolbar, .channel-header'))
        part.style.display = 'none';
"""


def file_name(scene: str, locale: str) -> str:
    """Return the picture's name: plain in English."""
    return f"{scene}.png" if locale == ENGLISH else f"{scene}.{locale}.png"


def every_picture() -> set[str]:
    """Return the names of all pictures."""
    return {file_name(name, locale) for name, scene in SCENES.items() for locale in scene.languages}


async def take(scene: Scene, locale: str, browser: Browser) -> Image.Image:
    """Play a scene and return its picture."""
    clock = Clock()
    async with (
        open_demo(pace=scene.pace, seed=1, locale=locale, clock=clock) as demo,
        open_page(demo.server) as url,
        Control(demo.stand_ins.control_url) as control,
    ):
        for fault in scene.faults:
            await control.order(fault)
        await browser.open("about:blank")
        await browser.open(url)
        stage = Stage(demo, browser, clock, locale)
        await stage.until("document.querySelectorAll('#matinee-language option').length")
        await scene.play(stage)
        return await picture(stage, scene.shown)


async def picture(stage: Stage, shown: str) -> Image.Image:
    """Return what the window shows of these elements."""
    browser = stage.browser
    publish(stage.demo.server.env._preview)
    await asyncio.sleep(1)  # the page draws twice a second
    where = RECTANGLE.replace("arguments[0]", f"({shown})")
    before, after, data = [], [0], b""
    while before != after:  # it may scroll meanwhile
        await browser.run(TIDY, CLOCK[stage.locale], PRIVATE[stage.locale])
        before = await browser.run(where)
        data = await browser.screenshot()
        after = await browser.run(where)
    left, top, right, bottom = before
    whole = Image.open(io.BytesIO(data)).convert("RGB")
    return whole.crop(
        (
            max(0, round((left - MARGIN) * SCALE)),
            max(0, round((top - MARGIN) * SCALE)),
            min(whole.width, round((right + MARGIN) * SCALE)),
            min(whole.height, round((bottom + MARGIN) * SCALE)),
        )
    )


def write(image: Image.Image, path: Path) -> int:
    """Write a picture in 256 colours and return its size in bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    return path.stat().st_size


async def main(wanted: list[str]) -> int:
    """Take the pictures that are named, or all; return the exit code."""
    if programs() is None:
        click.echo("Pictures need Chromium and chromedriver: apt install chromium-driver")
        return 1
    set_up(level="CRITICAL", form="console", redactor=Redactor(), stream=sys.stderr)
    names = wanted or list(SCENES)
    failed = 0
    with tempfile.TemporaryDirectory() as profile:
        async with open_browser(Path(profile), width=WIDTH, height=HEIGHT, scale=SCALE) as browser:
            for name in names:
                for locale in SCENES[name].languages:
                    path = PICTURES / file_name(name, locale)
                    try:
                        size = write(await take(SCENES[name], locale, browser), path)
                    except (TimeoutError, AssertionError) as error:
                        failed += 1
                        click.echo(f"{path.name}: {type(error).__name__} {error}")
                        continue
                    click.echo(f"{path.name}: {size // 1000} KB")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
