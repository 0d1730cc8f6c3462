"""The documents' pictures as scenes: what happens in the demo, and which messages are shown.

A new picture is one function here and one line in the table.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.app import utc_now
from bot.demo import samples
from bot.demo.page import publish
from bot.demo.stand_ins.records import Fault, FaultKind
from bot.i18n import ENGLISH, speaker
from bot.models import Status
from tests.e2e.browser import ENTER

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.demo.command import Demo
    from tests.e2e.browser import Browser

LANGUAGES = (ENGLISH, "zh-CN")
LONG = (60.0, 60.0)
QUICK = (1.0, 1.0)
PATIENCE = 30.0
CALM = 25
"""Looks in a row, a tenth of a second apart, at which nothing moved."""
PROMPTS = {
    ENGLISH: "A paper boat sails down a rainy street, camera follows",
    "zh-CN": "一只纸船顺着雨中的街道漂流，镜头跟随",
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

    async def command(self, name: str, **options: object) -> None:
        """Give a command as Mira, and let the page show its private answer."""
        await self.demo.server.command("mira", name, **options)
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
            ".filter(each => each.innerText === arguments[0]).at(-1).click()",
            label,
        )

    async def type(self, command: str) -> None:
        """Pick a command without options in the page, as a person does."""
        await self.browser.type("#channel-composer-input", f"/{command}")
        await self.browser.find(".command-entry")
        await self.browser.type("#channel-composer-input", ENTER)
        await self.browser.click("#send-message")


@dataclass(frozen=True)
class Scene:
    """One picture."""

    play: Callable[[Stage], Awaitable[None]]
    shown: str = f"{MESSAGES}.slice(-1)"
    """A script that returns the elements to show."""
    pace: tuple[float, float] = QUICK
    """Seconds that a film takes."""
    faults: tuple[Fault, ...] = ()
    languages: tuple[str, ...] = LANGUAGES


async def queued(stage: Stage) -> None:
    """Leave it waiting, because the provider is busy."""
    await stage.video(provider="maxapi")
    await stage.rests(Status.QUEUED)


async def sent(stage: Stage) -> None:
    """Leave it in the provider's own queue."""
    await stage.video(provider="maxapi")
    await stage.rests(Status.RUNNING)


async def generating(stage: Stage) -> None:
    """Let the provider say how far it is."""
    await stage.video(provider="evolink")
    await stage.until(f"/[3-6][0-9] ?%/.test({TEXT})")


async def uncertain(stage: Stage) -> None:
    """Break the connection while the order is sent."""
    await stage.video(provider="maxapi")
    await stage.rests(Status.UNCERTAIN)


async def done(stage: Stage) -> None:
    """Let the film come."""
    await stage.video(provider="evolink", image=("evening.png", picture_of_an_evening()))
    await stage.rests(Status.DELIVERED)
    await stage.until(f"{FILM}?.readyState >= 2")
    await stage.browser.run(f"{FILM}.muted = true; {FILM}.currentTime = 2")
    await stage.until(f"{FILM}.seeked !== false && !{FILM}.seeking")


async def refused(stage: Stage) -> None:
    """Let the provider's moderation refuse it."""
    await stage.video(provider="evolink")
    await stage.rests(Status.REFUSED)


async def failed(stage: Stage) -> None:
    """Let the provider fail."""
    await stage.video(provider="maxapi")
    await stage.rests(Status.FAILED)


async def cancelled(stage: Stage) -> None:
    """Cancel it before it is sent."""
    await stage.video(provider="maxapi")
    await stage.rests(Status.QUEUED)
    await stage.press("cancel")
    await stage.rests(Status.CANCELLED)


async def parked(stage: Stage) -> None:
    """Let the answer stay away for hours."""
    await stage.video(provider="maxapi")
    await stage.rests(Status.UNCERTAIN)
    stage.clock.skip(timedelta(hours=5))
    await stage.rests(Status.PARKED)


async def edited(stage: Stage) -> None:
    """Open the film's prompt for another try."""
    await done(stage)
    await stage.press("edit")
    await stage.browser.find(".modal-dialog")


async def usage(stage: Stage) -> None:
    """Ask what is left while a film is being made."""
    await stage.video(provider="evolink")
    await stage.rests(Status.RUNNING)
    await stage.command("usage")


async def refusal(stage: Stage) -> None:
    """Attach what no model reads."""
    await stage.command("video", prompt=stage.prompt, image=("notes.txt", b"Scene 1: a street, rain."))


async def composed(stage: Stage) -> None:
    """Open the form, as high as it is."""
    await stage.type(speaker(stage.locale).name("command", "compose"))
    await stage.browser.find(".modal-dialog")
    await stage.browser.run(
        "for (const part of document.querySelectorAll('.modal-dialog, .modal-dialog *'))"
        " if (getComputedStyle(part).overflowY === 'auto' || part.matches('.modal-dialog'))"
        " Object.assign(part.style, {maxHeight: 'none', height: 'auto', overflow: 'visible'})"
    )


async def mended(stage: Stage) -> None:
    """Ask for what the provider has no switch for: another has."""
    await stage.command("video", prompt=stage.prompt, provider="maxapi", sound=False)


async def silenced(stage: Stage) -> None:
    """Let the provider refuse the sound that it made."""
    await stage.video(provider="evolink")
    await stage.rests(Status.REFUSED)


CARD = f"{MESSAGES}.filter(each => each.querySelector('.embed-card')).slice(0, 1)"
CARD_AND_FILM = f"{MESSAGES}.slice(-2)"
DIALOG = "[document.querySelector('.modal-dialog')]"
SCENES: dict[str, Scene] = {
    "card-queued": Scene(queued, faults=(Fault(kind=FaultKind.RATE_LIMIT, times=None, retry_after="60"),)),
    "card-sent": Scene(sent, pace=LONG),
    "card-generating": Scene(generating, pace=(20.0, 20.0)),
    "card-uncertain": Scene(uncertain, faults=(Fault(kind=FaultKind.CLOSE),)),
    "card-done": Scene(done, shown=CARD),
    "card-refused": Scene(
        refused, shown=CARD_AND_FILM, faults=(Fault(kind=FaultKind.FAILURE, reason="moderation"),)
    ),
    "card-failed": Scene(
        failed, shown=CARD_AND_FILM, faults=(Fault(kind=FaultKind.FAILURE, reason="provider", times=None),)
    ),
    "card-cancelled": Scene(
        cancelled,
        shown=CARD,
        faults=(Fault(kind=FaultKind.RATE_LIMIT, times=None, retry_after="60"),),
    ),
    "card-parked": Scene(
        parked,
        shown=CARD,
        faults=(Fault(kind=FaultKind.CLOSE),),
    ),
    "film": Scene(done, shown=CARD_AND_FILM),
    "edit": Scene(edited, shown=DIALOG),
    "usage": Scene(usage, pace=LONG),
    "refusal": Scene(refusal),
    "compose": Scene(composed, shown=DIALOG),
    "mend": Scene(mended),
    "retry": Scene(
        silenced,
        faults=(Fault(kind=FaultKind.FAILURE, reason="OutputAudioSensitiveContentDetected"),),
    ),
}


def picture_of_an_evening() -> bytes:
    """Return what Mira attaches."""
    return samples.picture("evening.png", random.Random(11), size=(1280, 720)).data
