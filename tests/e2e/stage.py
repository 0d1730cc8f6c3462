"""The stage of the documents' pictures: a demo that just began, and what a member does in it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.app import utc_now
from bot.demo.page import publish
from bot.i18n import ENGLISH
from tests.e2e.browser import ENTER

if TYPE_CHECKING:
    from datetime import datetime

    from bot.demo.command import Demo
    from bot.models import Status
    from tests.e2e.browser import Browser

PATIENCE = 60.0
"""Seconds: the tracker itself looks after 30 at the latest, should the clock jump."""
CALM = 25
"""Looks in a row, a tenth of a second apart, at which nothing moved."""
PROMPTS = {
    ENGLISH: "A paper boat sails down a rainy street, camera follows",
    "zh-CN": "一只纸船顺着雨中的街道漂流，镜头跟随",
}
SHOTS = {
    ENGLISH: (
        "A paper boat sets sail in the rain",
        "The boat in a storm, waves as high as houses",
        "The boat lands on an island at dawn",
    ),
    "zh-CN": ("一只纸船在雨中起航", "纸船遇上风暴，浪高如屋", "黎明时纸船在小岛靠岸"),
}
MESSAGES = "[...document.querySelectorAll('.channel-message')]"
TEXT = f"{MESSAGES}.map(each => each.innerText).join('\\n')"
FILM = "[...document.querySelectorAll('video')].at(-1)"


class Clock:
    """The time, and as much later as was skipped."""

    def __init__(self) -> None:
        self._skipped = timedelta()

    def __call__(self) -> datetime:
        """Return the time of the stage."""
        return utc_now() + self._skipped

    def skip(self, span: timedelta) -> None:
        """Move on."""
        self._skipped += span


@dataclass(frozen=True)
class Stage:
    """A demo that just began, looked at by Mira."""

    demo: Demo
    browser: Browser
    clock: Clock
    locale: str

    @property
    def prompt(self) -> str:
        """What Mira wants."""
        return PROMPTS[self.locale]

    async def video(self, **options: object) -> str:
        """Ask for a film and return the private answer."""
        return await self.demo.server.command("mira", "video", prompt=self.prompt, **options)

    async def storyboard(self, **options: object) -> None:
        """Ask for a film of three shots."""
        mira, channel = self.demo.server.members["mira"], self.demo.server.channel
        opened = await mira.slash(channel, "storyboard", **options)
        await mira.submit_modal(opened, {"shots": "\n".join(SHOTS[self.locale])})

    async def watch_as(self, name: str) -> None:
        """Look at the page as somebody else."""
        await self.until("document.querySelector('#viewer-picker').options.length > 2")
        id_ = str(self.demo.server.members[name].id)
        await self.browser.run(
            "const picker = document.querySelector('#viewer-picker'); picker.value = arguments[0];"
            "picker.dispatchEvent(new Event('change'))",
            id_,
        )
        await asyncio.sleep(1)  # the page begins anew

    async def until(self, script: str) -> Any:
        """Wait until a script returns something that counts, and return it."""
        async with asyncio.timeout(PATIENCE):
            while not (value := await self.browser.run(f"return {script}")):  # noqa: ASYNC110 -- it can't wake us
                await asyncio.sleep(0.1)
            return value

    async def rests(self, status: Status) -> None:
        """Wait until Mira's generation stands so, and the channel has shown it for a while."""
        mira = self.demo.server.members["mira"]
        async with asyncio.timeout(PATIENCE):
            while [row.status for row in await self.demo.app.generations.history(mira.id)] != [status]:  # noqa: ASYNC110 -- as above
                await asyncio.sleep(0.1)
            seen: dict[int, str] = {}
            looks = 0
            while looks < CALM:
                now = {id_: post.text for id_, post in self.demo.server.posts.items()}
                looks = looks + 1 if now and now == seen else 0
                seen = now
                await asyncio.sleep(0.1)

    async def command(self, name: str, *, who: str = "mira", **options: object) -> None:
        """Give a command, and let the page show its private answer to whoever looks."""
        await self.demo.server.command(who, name, **options)
        publish(self.demo.server.env._preview)

    async def press(self, what: str) -> None:
        """Press the button with this word in its custom_id, as Mira."""
        buttons = [
            (message, button.custom_id)
            for message in self.demo.server.channel.history()
            for row in message.components
            for button in getattr(row, "children", ())
            if f":{what}:" in (button.custom_id or "")
        ]
        label = next(
            button.label
            for row in buttons[-1][0].components
            for button in row.children
            if button.custom_id == buttons[-1][1]
        )
        await self.browser.run(
            f"{MESSAGES}.flatMap(each => [...each.querySelectorAll('button')])"
            ".filter(each => each.innerText.endsWith(arguments[0])).at(-1).click()",
            label,
        )

    async def type(self, command: str) -> None:
        """Pick a command without options in the page, as a person does."""
        await self.browser.type("#channel-composer-input", f"/{command}")
        await self.browser.find(".command-entry")
        await self.browser.type("#channel-composer-input", ENTER)
        await self.browser.click("#send-message")
