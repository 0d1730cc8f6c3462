# ruff: noqa: D401 -- a scenario's docstring says what it is about
"""Who may make how much, and who did."""

from dataclasses import replace

from bot import quotas
from bot.models import Status
from bot.store import Entry
from tests.cogs.exercises import ADMIN, OPERATOR, exercise
from tests.cogs.films import made
from tests.cogs.posting import made as of


@exercise("/admin limits: whom period videos seconds credits at_once", who=ADMIN)
async def limits(stage):
    """Of every member."""
    amounts = {"videos": 9, "seconds": 90, "credits": 900, "at_once": 3}
    await stage.slash("admin limits", whom="everyone", period="day", **amounts)


@exercise("/admin limits: role videos", who=ADMIN, travels=False)
async def limits_of_a_role(stage):
    """Of a role's members."""
    role = stage.home.guild.create_role("R")
    await stage.slash("admin limits", role=role, videos=9)


@exercise("/admin limits: user clear", who=ADMIN)
async def limits_of_a_member(stage):
    """And none of their own again."""
    await stage.as_("admin", stage.slash, "admin limits", user=stage.ann, videos=9)
    await stage.slash("admin limits", user=stage.whom, clear=True)


@exercise("/admin limits: user", who=ADMIN)
async def standing(stage):
    """Where somebody stands."""
    await made(stage.home, stage.words, status=Status.QUEUED)
    await stage.slash("admin limits", user=stage.whom)


@exercise("/admin grant: user videos seconds credits period", who=ADMIN)
async def grant(stage):
    """More, for once."""
    amounts = {"videos": 1, "seconds": 5, "credits": 10}
    await stage.slash("admin grant", user=stage.whom, period="month", **amounts)


@exercise("/admin grant: user videos everywhere", who=OPERATOR)
async def grant_everywhere(stage):
    """On all servers."""
    await stage.slash("admin grant", user=stage.whom, videos=1, everywhere=True)


@exercise("/admin refund: id reason", who=ADMIN)
async def refund(stage):
    """What a film has cost."""
    await stage.as_("ann", stage.slash, "video", prompt=stage.words)
    (row,) = await of(stage.home)
    changes = {"status": Status.DELIVERED, "charged": 1_250_000}
    _, give = quotas.difference(quotas.held(row), quotas.held(replace(row, **changes)))
    entry = Entry("settle", row.cost)
    store = stage.house.accounts.store
    await store.move(row, stage.house.clock(), due_at=None, give=give, entry=entry, **changes)
    await stage.slash("admin refund", id=row.id, reason="x")


@exercise("/admin usage: period user export", who=ADMIN)
async def usage(stage):
    """Who made how much, as a file too."""
    await stage.film()
    await stage.slash("admin usage", period="day", user=stage.whom, export=True)


@exercise("/admin usage: everywhere", who=OPERATOR)
async def usage_everywhere(stage):
    """On all servers."""
    await stage.film()
    await stage.slash("admin usage", everywhere=True)
