"""The documents' pictures as scenes: what happens in the demo, and which messages are shown.

A new picture is one function here and one line in the table.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.demo import samples
from bot.demo.page import publish
from bot.demo.stand_ins.records import Fault, FaultKind
from bot.i18n import ENGLISH, speaker
from bot.models import TERMINAL, Status
from tests.e2e.stage import FILM, MESSAGES, PATIENCE, SHOTS, TEXT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.e2e.stage import Stage


LANGUAGES = (ENGLISH, "zh-CN")
LONG = (60.0, 60.0)
QUICK = (1.0, 1.0)
SPREAD = """
    for (const part of document.querySelectorAll('.modal-dialog, .modal-dialog *'))
        if (getComputedStyle(part).overflowY === 'auto' || part.matches('.modal-dialog'))
            Object.assign(part.style, {maxHeight: 'none', height: 'auto', overflow: 'visible'});
"""
UNFOLD = """
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
        .select-list, .select-list * { max-height: none !important; overflow: visible !important }
        .select-list, .select-options { height: auto !important }
        .select-list { position: fixed !important; top: 40px !important; bottom: auto !important }`);
    document.adoptedStyleSheets = [sheet];
"""
"""Both show all that one could scroll to."""


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
    """Open the film's form for another try, as high as it is."""
    await done(stage)
    await stage.press("edit")
    await stage.browser.find(".modal-dialog")
    await stage.browser.run(SPREAD)


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
    await stage.browser.run(SPREAD)


async def mended(stage: Stage) -> None:
    """Ask for what the provider has no switch for: another has."""
    await stage.command("video", prompt=stage.prompt, provider="maxapi", sound=False)


async def silenced(stage: Stage) -> None:
    """Let the provider refuse the sound that it made."""
    await stage.video(provider="evolink")
    await stage.rests(Status.REFUSED)


async def shooting(stage: Stage) -> None:
    """Let the second of three shots be under way."""
    await stage.storyboard(provider="evolink", seconds=4, resolution="480p")
    await stage.until(f"/✅[^]*[3-7][0-9] ?%/.test({TEXT})")


async def stuck(stage: Stage) -> None:
    """Let the second shot be refused: the news says what can be done."""
    await stage.storyboard(provider="evolink", seconds=4, resolution="480p")
    await stage.until(f"/⚠/.test({TEXT}) && {MESSAGES}.length > 2")


async def joined(stage: Stage) -> None:
    """Let the film of all shots come."""
    await stage.storyboard(provider="evolink", seconds=4, resolution="480p")
    await stage.until(f"{FILM}?.readyState >= 2")
    await stage.until(f"{MESSAGES}.some(each => each.querySelector('.embed-card a[href*=channels]'))")
    await stage.browser.run(f"{FILM}.muted = true; {FILM}.currentTime = 6.5")
    await stage.until(f"{FILM}.seeked !== false && !{FILM}.seeking")


async def drafted(stage: Stage) -> None:
    """Open the storyboard's form and write the shots, one per line."""
    await stage.type(speaker(stage.locale).name("command", "storyboard"))
    await stage.browser.type(".modal-dialog textarea", "\n".join(SHOTS[stage.locale]))


async def unfolded(stage: Stage) -> None:
    """Open the menu below a film."""
    await done(stage)
    await stage.browser.click(".channel-message:last-of-type .select-trigger")
    await stage.browser.find(".select-option")
    await stage.browser.run(UNFOLD)


async def animated(stage: Stage) -> None:
    """Right-click a picture that Jonas posted, and animate it."""
    server = stage.demo.server
    words = SHOTS[stage.locale][0]
    picture = ("evening.png", picture_of_an_evening())
    await server.members["jonas"].send(server.channel, words, attachments=[picture])
    publish(server.env._preview)
    entry = speaker(stage.locale).name("menu", "Animate this")
    posted = f"{MESSAGES}.find(each => each.innerText.includes(arguments[0]))"
    clicks = f"""
        {posted}?.dispatchEvent(new MouseEvent('contextmenu', {{bubbles: true, cancelable: true}}));
        const entry = [...document.querySelectorAll('#matinee-apps button')]
            .find(each => each.textContent === arguments[1]);
        entry?.click();
        return Boolean(entry);
    """
    async with asyncio.timeout(PATIENCE):
        while not await stage.browser.run(clicks, words, entry):  # noqa: ASYNC110 -- as above
            await asyncio.sleep(0.1)
    await stage.browser.find(".modal-dialog")


async def listed(stage: Stage) -> None:
    """Ask for films that end in several ways, then for the list of them."""
    for provider in ("evolink", "maxapi", "seedance2ink"):
        await stage.video(provider=provider)
    mira = stage.demo.server.members["mira"]
    async with asyncio.timeout(PATIENCE):
        while {row.status for row in await stage.demo.app.generations.history(mira.id)} - TERMINAL:  # noqa: ASYNC110 -- as above
            await asyncio.sleep(0.1)
    await stage.video(provider="evolink")
    await stage.command("videos")


async def set_up(stage: Stage) -> None:
    """Look at one's own defaults."""
    await stage.command("settings")


async def helped(stage: Stage) -> None:
    """Ask what can be done here."""
    await stage.command("help")


async def looked_after(stage: Stage) -> None:
    """Let Noor see how the bot stands on her server, with two films under way and one channel closed."""
    await stage.video(provider="evolink")
    await stage.video(provider="maxapi")
    await asyncio.sleep(3)
    await stage.watch_as("noor")
    await stage.command("admin status", who="noor")


async def queue_seen(stage: Stage) -> None:
    """Let Noor see what is under way, one of it parked."""
    await parked(stage)
    await stage.video(provider="evolink")
    await asyncio.sleep(3)
    await stage.watch_as("noor")
    await stage.command("admin queue", who="noor")


CARD = f"{MESSAGES}.filter(each => each.querySelector('.embed-card')).slice(0, 1)"
CARD_AND_FILM = f"{MESSAGES}.slice(-2)"
MENU = "[document.querySelector('.select-list')]"
PRIVATELY = f"{MESSAGES}.filter(each => each.querySelector('.message-ephemeral-note')).slice(-1)"
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
    "menu": Scene(unfolded, shown=MENU),
    "storyboard-form": Scene(drafted, shown=DIALOG),
    "storyboard": Scene(shooting, shown=CARD, pace=(8.0, 8.0)),
    "storyboard-redo": Scene(
        stuck,
        shown=CARD_AND_FILM,
        faults=tuple(
            Fault(kind=FaultKind.FAILURE, reason="moderation", prompt=shots[1]) for shots in SHOTS.values()
        ),
    ),
    "storyboard-film": Scene(joined),
    "animate": Scene(animated, shown=DIALOG),
    "videos": Scene(
        listed,
        shown=PRIVATELY,
        faults=(Fault(kind=FaultKind.FAILURE, provider="maxapi", reason="moderation"),),
    ),
    "settings": Scene(set_up),
    "help": Scene(helped),
    "admin-status": Scene(looked_after, pace=LONG),
    "admin-queue": Scene(queue_seen, pace=LONG, faults=(Fault(kind=FaultKind.CLOSE),)),
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
