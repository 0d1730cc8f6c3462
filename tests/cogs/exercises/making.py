# ruff: noqa: D401 -- a scenario's docstring says what it is about
"""Films that are asked for: commands, forms, and what is asked before anything is spent."""

from dataclasses import replace

from bot.messages import CardFacts, notice
from bot.models import Status
from bot.providers.mends import after_refusal
from tests.cogs.exercises import NOTHING, OWNER, exercise
from tests.cogs.exercises.stage import picture
from tests.cogs.films import made

SHARED = "model ratio resolution seconds sound provider fallback web_search"
OPTIONS = {
    "model": "seedance-2.0",
    "ratio": "9:16",
    "resolution": "720p",
    "seconds": 5,
    "sound": True,
    "provider": "evolink",
    "fallback": False,
    "web_search": False,
}
FILES = [f"file{number}" for number in range(1, 13)]


@exercise(f"/video: prompt image last_image {SHARED}", makes=True)
async def video(stage):
    """With everything that it takes."""
    frames = {"image": picture("a.png"), "last_image": picture("b.png")}
    await stage.slash("video", prompt=stage.words, **frames, **OPTIONS)


@exercise("/video? model")
async def model_of_a_video(stage):
    """Offers those of the provider chosen so far."""
    assert await stage.complete("video", "model", "seed", provider="evolink")


@exercise(f"/reference: prompt {' '.join(FILES)} {SHARED}", makes=True)
async def reference(stage):
    """With as many files as it takes, in two goes: a provider takes nine pictures."""
    for names in (FILES[:9], [FILES[0], *FILES[9:]]):
        files = {name: picture(f"{name}.png") for name in names}
        await stage.slash("reference", prompt=f"{stage.words} @1", **files, **OPTIONS)
        if stage.refusals:
            return


@exercise("/reference? model")
async def model_of_a_reference(stage):
    """Offers those that borrow."""
    assert await stage.complete("reference", "model")


@exercise("/compose", "COMPOSED: prompt files model ratio seconds", makes=True)
async def compose(stage):
    """The form with everything in it."""
    form = await stage.slash("compose")
    chosen = {"model": ["seedance-2.0"], "ratio": ["9:16"], "seconds": ["5"]}
    await stage.fill(form, prompt=stage.words, files=[picture()], **chosen)


@exercise("> Animate this", "ANIMATED: prompt first last ratio seconds", makes=True)
async def animate(stage):
    """A message with two pictures: one begins, one ends."""
    files = [picture("a.png"), picture("b.png")]
    message = await stage.ann.send(stage.channel, stage.words, attachments=files)
    form = await stage.menu("Animate this", message)
    chosen = {"first": ["0"], "last": ["1"], "ratio": ["9:16"], "seconds": ["5"]}
    await stage.fill(form, prompt=stage.words, **chosen)


@exercise("> Use as reference", "BORROWED: prompt borrowed model ratio seconds", makes=True)
async def borrow(stage):
    """A message with two pictures, of which a third film borrows."""
    files = [picture("a.png"), picture("b.png"), picture("c.png")]
    message = await stage.ann.send(stage.channel, stage.words, attachments=files)
    form = await stage.menu("Use as reference", message)
    chosen = {"borrowed": ["0", "1", "2"], "model": ["seedance-2.0"], "ratio": ["9:16"], "seconds": ["5"]}
    await stage.fill(form, prompt=stage.words, **chosen)


@exercise("> Details")
async def details_of_a_message(stage):
    """Of a film that somebody else asked for."""
    _, message = await stage.film()
    await stage.menu("Details", message)


def confirming(stage):
    """Make everything cost something, and ask before it."""
    stage.house.generations._price = lambda _: 12_500_000
    ordering = replace(stage.house.ordering, confirm_above=1)
    stage.home.client.house = stage.house = replace(stage.house, ordering=ordering)


@exercise("orders.Confirm", who=OWNER, ben="order_gone")
async def confirm(stage):
    """What is dear is begun after a yes."""
    confirming(stage)
    asked = await stage.as_("ann", stage.slash, "video", prompt=stage.words)
    await stage.press(await stage.within_reach(asked), "confirm:")


@exercise("orders.Drop", who=OWNER, ben="order_gone")
async def drop(stage):
    """Or forgotten after a no."""
    confirming(stage)
    asked = await stage.as_("ann", stage.slash, "video", prompt=stage.words)
    await stage.press(await stage.within_reach(asked), "drop:")


@exercise("orders.Mend", who=OWNER, ben="order_gone")
async def mend(stage):
    """What we refuse comes with what can be made instead."""
    said = {"prompt": stage.words, "provider": "maxapi", "sound": False}
    refused = await stage.as_("ann", stage.slash, "video", **said)
    await stage.press(await stage.within_reach(refused), "mend:")


@exercise("orders.Retry", makes=True)
async def retry(stage):
    """What a provider refused can be asked for with something changed, by anybody."""
    row = await made(stage.home, stage.words, status=Status.REFUSED, reason="moderation_sound")
    mends = after_refusal(row, stage.house.generations.capabilities())
    message = await stage.post(notice(row, CardFacts(row.created_at, mends=mends)))
    await stage.press(message, "retry:")


@exercise("/preset save: name prompt video model ratio resolution seconds sound provider")
async def preset_save(stage):
    """With everything, from a film of one's own."""
    row = await made(stage.home, stage.words, who=stage.who)
    options = {
        name: OPTIONS[name] for name in ("model", "ratio", "resolution", "seconds", "sound", "provider")
    }
    await stage.slash("preset save", name="x", prompt=stage.words, video=row.id, **options)


@exercise("/preset save: name video", who=OWNER)
async def preset_from_a_film(stage):
    """Only from one's own."""
    row = await made(stage.home, stage.words)
    await stage.slash("preset save", name="x", video=row.id)


@exercise("/preset save? name", "/preset save? video", "/preset save? model", who=OWNER, ben=NOTHING)
async def preset_completed(stage):
    """With one's own presets and films; models are everybody's."""
    await made(stage.home, stage.words)
    await stage.as_("ann", stage.slash, "preset save", name="x", seconds=5)
    await stage.complete("preset save", "model")
    found = await stage.complete("preset save", "video")
    stage.notes.offered = [*found, *await stage.complete("preset save", "name")]


@exercise("/preset use: name prompt", who=OWNER, ben="preset_unknown", makes=True)
async def preset_use(stage):
    """Makes a film with it."""
    whose = "blocked" if stage.person == "blocked" else "ann"
    await stage.as_(whose, stage.slash, "preset save", name="x", seconds=5)
    await stage.slash("preset use", name="x", prompt=stage.words)


@exercise("/preset use? name", who=OWNER, ben=NOTHING)
async def preset_use_completed(stage):
    """With one's own."""
    await stage.as_("ann", stage.slash, "preset save", name="x", seconds=5)
    await stage.complete("preset use", "name")


@exercise("/preset list")
async def preset_list(stage):
    """One's own."""
    await stage.as_(stage.person, stage.slash, "preset save", name="x", prompt=stage.words)
    await stage.slash("preset list")


@exercise("/preset delete: name", who=OWNER, ben="preset_unknown")
async def preset_delete(stage):
    """One's own."""
    await stage.as_("ann", stage.slash, "preset save", name="x", seconds=5)
    await stage.slash("preset delete", name="x")


@exercise("/preset delete? name", who=OWNER, ben=NOTHING)
async def preset_delete_completed(stage):
    """With one's own."""
    await stage.as_("ann", stage.slash, "preset save", name="x", seconds=5)
    await stage.complete("preset delete", "name")
