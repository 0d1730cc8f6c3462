# ruff: noqa: D401 -- a scenario's docstring says what it is about
"""What stands below a film, and what is done with it."""

from dataclasses import replace

from bot.messages import CardFacts, card, film
from bot.models import Status
from tests.cogs.exercises import EVERYBODY, MODERATED, OWNER, exercise
from tests.cogs.films import kept, made, noted
from tests.cogs.posting import made as of


@exercise("after.Again", makes=True)
async def again(stage):
    """Anybody may, at their own cost."""
    _, message = await stage.film()
    await stage.press(message, "again:")


@exercise("after.Edit", "EDITED: prompt ratio seconds resolution", makes=True)
async def edit(stage):
    """With other words and options."""
    _, message = await stage.film()
    form = await stage.press(message, "edit:")
    chosen = {"ratio": ["9:16"], "seconds": ["6"], "resolution": ["720p"]}
    await stage.fill(form, prompt=stage.words, **chosen)


@exercise("after.Edit", "EDITED: prompt prompt1 ratio seconds resolution")
async def edit_a_long_one(stage):
    """A prompt that needs two fields."""
    row, _ = await stage.film()
    row = replace(row, asked=replace(row.asked, prompt=(f"{stage.words} " * 1000)[:4100]))
    await noted(stage.home, row, asked=row.asked)
    message = await stage.post(film(row, CardFacts(row.created_at)))
    form = await stage.press(message, "edit:")
    chosen = {"ratio": ["9:16"], "seconds": ["6"], "resolution": ["720p"]}
    await stage.fill(form, prompt=stage.words, prompt1=stage.words, **chosen)


@exercise("extending.Extend", "EXTENDED: prompt seconds", makes=True)
async def extend(stage):
    """Its last frame becomes the first one."""
    _, message = await stage.film()
    form = await stage.press(message, "extend:")
    await stage.fill(form, prompt=stage.words, seconds=["5"])


@exercise("extending.Extend", "EXTENDED: prompt seconds")
async def extend_the_original_again(stage):
    """A bad extension is redone from the film that it continues."""
    _, first = await stage.film()
    form = await stage.as_("ann", stage.press, first, "extend:")
    await stage.as_("ann", stage.fill, form, prompt=stage.words, seconds=["5"])
    extension = (await of(stage.home))[0]
    message = await stage.post(film(extension, CardFacts(extension.created_at)))
    original = extension.asked.media[0].frame_of
    form = await stage.press(message, f"extend:{original}:{extension.id}")
    await stage.fill(form, prompt=stage.words, seconds=["5"])


@exercise("extending.LastFrame", "EXTENDED: prompt seconds", makes=True)
async def use_last_frame(stage):
    """Something new begins with it."""
    _, message = await stage.film()
    form = await stage.press(message, "frame:")
    await stage.fill(form, prompt=stage.words, seconds=["5"])


@exercise("after.Delete", who=MODERATED)
async def delete(stage):
    """The message goes; its member's film counted all the same."""
    _, message = await stage.film()
    await stage.press(message, "delete:")


@exercise("after.More: ratio", "after.Choose: ratio 9:16", makes=True)
async def other_ratio(stage):
    """A second menu offers the others."""
    _, message = await stage.film()
    asked = await stage.choose(message, "more:", "ratio")
    if not stage.refusals:
        await stage.choose(asked.response, "choose:", "9:16")


@exercise("after.More: maker", "after.Choose: maker evolink/seedance-2.0", makes=True)
async def another_maker(stage):
    """A second menu offers providers and models."""
    _, message = await stage.film()
    asked = await stage.choose(message, "more:", "maker")
    if not stage.refusals:
        await stage.choose(asked.response, "choose:", "evolink/seedance-2.0")


@exercise("after.More: resolution", makes=True)
async def higher_resolution(stage):
    """One step up."""
    _, message = await stage.film(resolution="480p")
    await stage.choose(message, "more:", "resolution")


@exercise("after.More: silent", makes=True)
async def without_sound(stage):
    """Where that can be chosen."""
    _, message = await stage.film(provider="evolink", sound=True)
    await stage.choose(message, "more:", "silent")


@exercise("after.More: dm")
async def to_direct_messages(stage):
    """Anybody who sees a film may have it."""
    _, message = await stage.film()
    await stage.choose(message, "more:", "dm")


@exercise("after.More: link")
async def link_to_the_file(stage):
    """The same."""
    _, message = await stage.film()
    await stage.choose(message, "more:", "link")


@exercise("after.More: details")
async def details(stage):
    """The same."""
    _, message = await stage.film()
    await stage.choose(message, "more:", "details")


@exercise("after.More: report", "REPORTED: reason")
async def report(stage):
    """Goes to those who moderate."""
    _, message = await stage.film()
    await stage.log_channel()
    form = await stage.choose(message, "more:", "report")
    await stage.fill(form, reason=stage.words)


@exercise("library.Cancel", who=MODERATED)
async def cancel(stage):
    """On a card."""
    row = await made(stage.home, stage.words, status=Status.QUEUED)
    message = await stage.post(card(row, CardFacts(row.created_at)))
    await stage.press(message, "cancel:")


@exercise("library.Cancel", "library.Cancel: full", who=MODERATED)
async def cancel_in_full(stage):
    """Which a provider doesn't stop: it is asked first, and then counts in full."""
    row = await made(stage.home, stage.words, status=Status.QUEUED)
    await noted(stage.home, row, status=Status.RUNNING)
    message = await stage.post(card(row, CardFacts(row.created_at)))
    asked = await stage.press(message, "cancel:")
    if not stage.refusals:
        await stage.press(asked.response, "cancel:")


async def _list(stage, count=9):
    """Have a member's list on show: as many films as need a second page."""
    for number in range(count):
        await made(stage.home, f"{stage.words} {number}", who=stage.who, status=Status.DELIVERED)
    return await stage.slash("videos")


@exercise("/videos: state search", "library.Turn: older", "library.Turn: newer")
async def videos(stage):
    """Of one's own, page by page."""
    listed = await _list(stage)
    await stage.slash("videos", state="done", search=stage.words)
    turned = await stage.press(listed.response, "videos:all:older:")
    await stage.press(turned.response, "videos:all:newer:")


@exercise("library.Filter: all open done without parked")
async def filter_videos(stage):
    """Every state of one's own."""
    listed = await _list(stage, 1)
    for state in ("open", "done", "without", "parked", "all"):
        listed = await stage.choose(listed.response, "filter:", state)


@exercise("library.Jump")
async def jump(stage):
    """One of the list."""
    listed = await _list(stage, 2)
    (one, _) = await of(stage.home, stage.who)
    await stage.choose(listed.response, "jump", one.id)


@exercise("/show: id", who=OWNER)
async def show(stage):
    """One's own."""
    row = await made(stage.home, stage.words, status=Status.DELIVERED)
    await stage.slash("show", id=row.id)


@exercise("/show? id", who=OWNER, ben="nothing")
async def show_completed(stage):
    """With one's own."""
    await made(stage.home, stage.words)
    await stage.complete("show", "id")


@exercise("library.Get", who=OWNER)
async def get(stage):
    """A film that could be posted nowhere."""
    row = await made(stage.home, stage.words, status=Status.DELIVERED)
    await noted(stage.home, row, film=kept(stage.home, row))
    listed = await stage.as_("ann", stage.slash, "videos")
    await stage.press(await stage.within_reach(listed), "get:")


@exercise("/usage", who=EVERYBODY)
async def usage(stage):
    """What is left, and what runs."""
    await made(stage.home, stage.words, who=stage.who, status=Status.QUEUED)
    await stage.slash("usage")
