# ruff: noqa: D401 -- a scenario's docstring says what it is about
"""What is a member's own: settings, privacy, help."""

from tests.cogs.exercises import OWNER, exercise
from tests.cogs.films import made

FIRST = {"provider": "evolink", "model": "seedance-2.0", "ratio": "9:16", "resolution": "720p"}
SECOND = {"seconds": "8", "sound": "1", "deliver": "dm"}


@exercise(
    "/settings",
    f"settings.Set: {' '.join(FIRST)}",
    f"settings.Set: {' '.join(SECOND)}",
    "settings.Page: 0 1",
    "settings.Clear",
)
async def settings(stage):
    """Every menu on both pages, then nothing of it any more; the language is an exercise of its own."""
    shown = await stage.slash("settings")
    for name, value in FIRST.items():
        shown = await stage.choose(shown.response, f"setting:{name}", value)
    shown = await stage.press(shown.response, "settings:1")
    for name, value in SECOND.items():
        shown = await stage.choose(shown.response, f"setting:{name}", value)
    shown = await stage.press(shown.response, "settings:0")
    await stage.press(shown.response, "settings:clear")


@exercise("/settings", "settings.Page: 1", "settings.Set: language")
async def language(stage):
    """From the press on everything is in the language that was set, whatever Discord is set to."""
    stage.amendments.languages[stage.who.id] = stage.public_language
    shown = await stage.as_(stage.person, stage.slash, "settings")
    shown = await stage.as_(stage.person, stage.press, shown.response, "settings:1")
    await stage.choose(shown.response, "setting:language", stage.language)
    shown = await stage.slash("settings")
    await stage.press(shown.response, "settings:1")


@exercise("/privacy export")
async def export(stage):
    """A file for one person alone."""
    await made(stage.home, stage.words, who=stage.who)
    await stage.slash("privacy export")


@exercise("/privacy delete")
async def delete(stage):
    """It asks first."""
    await stage.slash("privacy delete")


@exercise("privacy.Forget", who=OWNER, ben="not_yours")
async def forget(stage):
    """Deletes everything of whoever asked for it."""
    await made(stage.home, stage.words)
    asked = await stage.as_("ann", stage.slash, "privacy delete")
    await stage.press(await stage.within_reach(asked), "forget:")


@exercise("/help")
async def help_(stage):
    """What can be done."""
    await stage.slash("help")
