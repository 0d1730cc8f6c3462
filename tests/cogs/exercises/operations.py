# ruff: noqa: D401 -- a scenario's docstring says what it is about
"""What admins and operators stop, take up again and decide while the bot runs."""

from bot.models import Status
from tests.cogs.exercises import ADMIN, OPERATOR, SOMETHING, exercise
from tests.cogs.films import made
from tests.cogs.posting import made as of

OPEN = {"shown": SOMETHING, "stranger": SOMETHING}


@exercise("/admin pause", who=ADMIN)
async def pause(stage):
    """Nothing new on this server."""
    await stage.slash("admin pause")


@exercise("/admin pause: provider", who=ADMIN)
async def pause_a_provider(stage):
    """Nothing new with one provider."""
    await stage.slash("admin pause", provider="evolink")


@exercise("/admin pause: everywhere", who=OPERATOR)
async def pause_everywhere(stage):
    """Nothing new on any server."""
    await stage.slash("admin pause", everywhere=True)


@exercise("/admin pause? provider", "/admin resume? provider", who=ADMIN, **OPEN)
async def providers_completed(stage):
    """With those that there are, which is no secret."""
    assert await stage.complete("admin pause", "provider")
    assert await stage.complete("admin resume", "provider")


@exercise("/admin resume: provider", who=ADMIN)
async def resume(stage):
    """And again."""
    await stage.as_("admin", stage.slash, "admin pause", provider="evolink")
    await stage.slash("admin resume", provider="evolink")


@exercise("/admin resume: everywhere", who=OPERATOR)
async def resume_everywhere(stage):
    """On all servers."""
    await stage.as_("boss", stage.slash, "admin pause", everywhere=True)
    await stage.slash("admin resume", everywhere=True)


@exercise("/admin drain", who=OPERATOR)
async def drain(stage):
    """Finish, and take nothing new."""
    await made(stage.home, stage.words, status=Status.QUEUED)
    await stage.slash("admin drain")


@exercise("/admin status", who=ADMIN)
async def status(stage):
    """How the bot stands; an operator sees its figures, too."""
    await stage.slash("admin status")


@exercise("/admin queue", who=ADMIN)
async def queue(stage):
    """What is under way."""
    await made(stage.home, stage.words, status=Status.QUEUED)
    await stage.slash("admin queue")


@exercise("/admin queue: everywhere", who=OPERATOR)
async def queue_everywhere(stage):
    """On all servers."""
    await made(stage.home, stage.words, status=Status.QUEUED)
    await stage.slash("admin queue", everywhere=True)


async def _listed(stage, count=1, **changes):
    """Have a list of what is under way, as the person can press on it."""
    rows = [await made(stage.home, stage.words, **changes) for _ in range(count)]
    listed = await stage.as_("admin", stage.slash, "admin queue")
    return rows, await stage.within_reach(listed, of=stage.admin)


@exercise("queue.Turn", who=ADMIN)
async def queue_turned(stage):
    """Page by page."""
    _, listed = await _listed(stage, 9, status=Status.QUEUED)
    await stage.press(listed, "queue:here:")


@exercise("queue.Choose", who=ADMIN)
async def queue_chosen(stage):
    """One of them."""
    (row,), listed = await _listed(stage, status=Status.PARKED, reason="unknown")
    await stage.choose(listed, "queued:here", row.id)


async def _decided(stage, act, **changes):
    """Press what may be decided about one of Ann's that stands so."""
    await stage.as_("ann", stage.slash, "video", prompt=stage.words)
    (row,) = await of(stage.home)
    await stage.house.accounts.store.move(row, stage.house.clock(), due_at=None, **changes)
    listed = await stage.as_("boss", stage.slash, "admin queue")
    one = await stage.as_("boss", stage.choose, listed.response, "queued:here", row.id)
    return await stage.press(await stage.within_reach(one, of=stage.people["boss"]), f"decide:{act}:")


@exercise("queue.Decide: cancel", who=ADMIN)
async def cancelled(stage):
    """Ended for its member."""
    await _decided(stage, "cancel", status=Status.QUEUED)


@exercise("queue.Decide: ask", who=ADMIN)
async def asked(stage):
    """The provider tells once more."""
    await _decided(stage, "ask", status=Status.PARKED, reason="unknown", task_id="t1")


@exercise("queue.Decide: take", who=ADMIN)
async def taken(stage):
    """The film, whatever it costs."""
    made_ = {"task_id": "t1", "urls": ("https://provider.example/a.mp4",), "charged": 99_000_000}
    await _decided(stage, "take", status=Status.PARKED, reason="absurd_charge", **made_)


@exercise("queue.Decide: go_on", who=ADMIN)
async def gone_on(stage):
    """Where it stood."""
    await _decided(stage, "go_on", status=Status.PARKED, reason="unavailable")


@exercise("queue.Decide: send yes", who=OPERATOR)
async def sent_again(stage):
    """It may be paid twice, so it is asked first, and operators alone may."""
    sent = {"submitted_at": stage.house.clock()}
    question = await _decided(stage, "send", status=Status.PARKED, reason="uncertain", **sent)
    if not stage.refusals:
        await stage.press(question.response, "decide:send:")


@exercise("queue.Decide: give_up", who=ADMIN)
async def given_up(stage):
    """It ends without a film."""
    await _decided(stage, "give_up", status=Status.PARKED, reason="unknown")
