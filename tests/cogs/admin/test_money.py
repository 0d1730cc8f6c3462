"""Laws of `cogs.admin.money`, in a modelled Discord."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import StringIO

import pytest

from bot import quotas
from bot.models import Limit, Status
from bot.servers import LimitRule, Scope
from bot.store import Entry

NOT_ADMIN = "Only those who may manage this server can do that."
NOT_OPERATOR = "Only those who run this bot can do that."
EVERY = (
    ("limits", {}),
    ("limits", {"whom": "everyone", "videos": 9}),
    ("grant", {"videos": 1}),
    ("refund", {"id": "0"}),
    ("usage", {}),
    ("usage", {"export": True}),
)
"""Each command, as one that changes and one that tells."""


def options(here, command, said):
    """Return a command's options, with the one that only a test knows."""
    return {**said, "user": here.ann} if command == "grant" else said


@pytest.fixture
def made(here, film):
    """Have a film made and return it, as the tracker leaves it."""

    async def make(who=here.ann, channel=here.channel):
        assert (await film(who=who, channel=channel)).begun
        found = await here.house.generations.history(who.id)
        row = next(each for each in found if each.status is Status.QUEUED)
        changes = {"status": Status.DELIVERED, "charged": 1_250_000}
        _, give = quotas.difference(quotas.held(row), quotas.held(replace(row, **changes)))
        entry = Entry("settle", row.cost)
        store = here.house.accounts.store
        return await store.move(row, here.house.clock(), due_at=None, give=give, entry=entry, **changes)

    return make


@pytest.mark.parametrize(("command", "said"), EVERY)
async def test_members_may_not(here, admin, deeds, command, said):
    """Whoever a server shows the command to: they read why not, nothing changes, and nothing is told."""
    told = await admin(command, who=here.ann, **options(here, command, said))

    assert NOT_ADMIN == told.content
    assert [] == told.embeds + told.attachments
    assert [] == await deeds()


@pytest.mark.parametrize(
    ("command", "said"), [("grant", {"videos": 1}), ("usage", {}), ("usage", {"export": True})]
)
async def test_everywhere_is_for_operators(here, admin, deeds, command, said):
    """A server's admin decides and sees nothing of others."""
    told = await admin(command, everywhere=True, **options(here, command, said))

    assert NOT_OPERATOR == told.content
    assert [] == told.embeds + told.attachments
    assert [] == await deeds()


async def test_a_limit_on_every_member_is_each_members_own(here, admin, film, deeds):
    """Ann's one film doesn't take Ben's; the second is refused in words, and the log has it."""
    told = await admin("limits", whom="everyone", videos=1)

    assert told.content.startswith("- every member: 1 video a day\n")
    assert (await film()).begun
    refused = (await film()).said
    assert refused.startswith("Your limit on this server is reached: 1 of 1 videos used, 0 left;")
    assert (await film(who=here.ben)).begun
    assert [(here.admin.id, "limits", "whom: everyone · period: day · videos: 1")] == await deeds()


async def test_the_narrowest_limit_applies(here, admin, film):
    """A member's own, before that of their highest role with one, before everyone's: whole, and alone."""
    roles = [here.guild.create_role(name, position=n) for n, name in enumerate(("Low", "High", "Top"), 1)]
    cat = here.guild.add_member(here.env.create_user("cat"), roles=roles)
    await admin("limits", whom="everyone", videos=0)
    assert not (await film(who=cat)).begun
    await admin("limits", role=roles[0], videos=1)
    assert (await film(who=cat)).begun
    assert not (await film(who=cat)).begun
    await admin("limits", role=roles[1], seconds=10)
    told = (await admin("limits", user=cat)).content
    assert told.startswith(f"To <@{cat.id}> applies the limit of <@&{roles[1].id}>: 10 seconds a day.\n")
    assert (await film(who=cat)).begun
    assert not (await film(who=cat)).begun
    await admin("limits", user=cat, seconds=15)
    assert (await film(who=cat)).begun
    assert not (await film(who=cat)).begun


async def test_of_two_roles_in_one_place_the_older_is_the_higher(here, admin, film):
    """As Discord orders them, whatever the order in which a member got them."""
    older, newer = (here.guild.create_role(name, position=1) for name in ("Older", "Newer"))
    member = here.guild.add_member(here.env.create_user("mia"), roles=[newer, older])
    await admin("limits", role=older, videos=1)
    await admin("limits", role=newer, videos=5)

    assert (await film(who=member)).begun
    assert not (await film(who=member)).begun


async def test_the_servers_limit_is_one_for_all(here, admin, film):
    """Amounts and places: Ben finds that Ann has taken the last one."""
    await admin("limits", whom="server", at_once=1)
    assert (await film()).begun
    assert (await film(who=here.ben)).said.startswith(
        "This server has 1 under way, and 1 at once is its limit."
    )
    await admin("limits", whom="server", clear=True, videos=1, period="month")
    assert (await film(who=here.ben)).said.startswith("This server's limit is reached: 1 of 1 videos used")
    assert (await film(who=here.boss, channel=here.far)).begun


async def test_at_once_is_the_smaller_of_two(here, admin, film):
    """A server may allow a member less at once than the operator does."""
    await admin("limits", whom="everyone", at_once=1)
    assert (await film()).begun

    assert (await film()).said.startswith("You have 1 under way, and 1 at once is the limit.")


async def test_limits_are_added_to_and_taken_away(here, admin, deeds):
    """What isn't said stays; `clear` takes the whole limit, and with amounts begins it anew."""
    await admin("limits", user=here.ann, videos=3, credits=2)
    told = await admin("limits", user=here.ann, seconds=60, period="month")
    assert told.content.startswith(f"- <@{here.ann.id}>: 3 videos, 2 credits a day; 60 seconds a month\n")
    told = await admin("limits", user=here.ann, videos=1, clear=True)
    assert told.content.startswith(f"- <@{here.ann.id}>: 1 video a day\n")
    told = await admin("limits", user=here.ann, clear=True)
    assert told.content == "This server has no limits of its own. Those of the bot's operator always hold."
    told = await admin("limits", user=here.ann, clear=True)
    assert told.content == "There is no such limit."
    assert f"whom: user {here.ann.id} · clear: True" == (await deeds())[0][2]
    assert 4 == len(await deeds())


async def test_all_limits_can_be_read(here, admin):
    """Those that don't fit into the message are in a file."""
    many = tuple(
        LimitRule(Scope.ROLE, 10**18 + number, Limit(1, 2, 3), Limit(1, 2, 3)) for number in range(50)
    )
    await here.house.rules.change(here.guild.id, lambda rules: replace(rules, limits=many[:2]))
    assert [] == (await admin("limits")).attachments
    await here.house.rules.change(here.guild.id, lambda rules: replace(rules, limits=many))
    told = await admin("limits")

    assert "- …" in told.content
    assert 50 == len((await told.attachments[0].read()).decode().split("\n"))


async def test_a_limit_goes_with_its_role(here, admin):
    """Nobody could name it any more, to take it away."""
    role = here.guild.create_role("Gone")
    await admin("limits", role=role, videos=3)
    await here.client.get_guild(here.guild.id).get_role(role.id).delete()
    told = await admin("limits", whom="everyone", videos=2)

    assert told.content.startswith("- every member: 2 videos a day\n")
    assert 1 == len((await here.house.rules.of(here.guild.id)).limits)


@pytest.mark.parametrize(
    "said", [{"videos": 1}, {"clear": True}, {"whom": "server", "user": "ann", "videos": 1}]
)
async def test_a_limit_is_about_one(here, admin, deeds, said):
    """Nobody, or two at once, is asked back."""
    said = {**said, "user": here.ann} if "user" in said else said
    told = await admin("limits", **said)

    assert told.content == "Please say whom the limit is about: either `whom`, `role` or `user`."
    assert [] == await deeds()


async def test_everyones_role_is_every_member(here, admin):
    """Whoever picks @everyone means everyone."""
    told = await admin("limits", role=here.guild.default_role, seconds=1)

    assert told.content.startswith("- every member: 1 second a day\n")


async def test_an_admin_reads_what_applies_to_a_member(here, admin, made):
    """Which limit, what is used of it, and what was granted on top."""
    await admin("limits", whom="everyone", videos=2)
    await made()
    await admin("grant", user=here.ann, seconds=7)

    assert [
        f"To <@{here.ann.id}> applies the limit of every member: 2 videos a day.",
        "Used today: 1 video, 5 seconds, 0 credits. Granted on top: 7 seconds.",
        "Used this month: 1 video, 5 seconds, 0 credits.",
    ] == (await admin("limits", user=here.ann)).content.splitlines()
    boss = (await admin("limits", user=here.boss_here)).content
    assert boss.startswith(f"No limit of this server applies to <@{here.boss.id}>.\n")


async def test_other_servers_have_their_own_limits(here, admin, film, deeds):
    """An admin of one neither sees nor changes another's."""
    await admin("limits", whom="server", videos=0)
    told = await admin("limits", who=here.stranger, at=here.far)

    assert told.content == "This server has no limits of its own. Those of the bot's operator always hold."
    assert (await film(who=here.stranger, channel=here.far)).begun
    assert [] == await deeds(here.other)


async def test_an_operator_is_bound_by_no_server(here, admin, film):
    """Who runs the bot can always look whether it works."""
    await admin("limits", who=here.boss, at=here.far, whom="server", videos=0)

    assert (await film(who=here.boss, channel=here.far)).begun


async def test_a_grant_is_for_one_member_and_today(here, admin, film, deeds):
    """One more, and then no more; tomorrow the limit is what it was."""
    await admin("limits", whom="everyone", videos=1)
    await film()
    told = await admin("grant", user=here.ann, videos=1)
    assert [
        f"<@{here.ann.id}> may make 1 video more today on this server.",
        "Used: 1 video, 5 seconds. Granted in all: 1 video.",
        "Limits of the server as a whole, and of the bot's operator, still hold.",
    ] == told.content.splitlines()
    assert (await film()).begun
    assert "2 of 2 videos used" in (await film()).said
    assert f"user: ann ({here.ann.id}) · period: day · videos: 1" == (await deeds())[0][2]

    here.house.clock.forward(days=1)
    assert (await film()).begun
    assert "1 of 1 videos used" in (await film()).said


async def test_a_grant_needs_an_amount(here, admin, deeds):
    """Nothing is granted by mistake."""
    told = await admin("grant", user=here.ann)

    assert told.content == "Please say how much: `videos`, `seconds` or `credits`."
    assert [] == await deeds()


async def test_an_operators_grant_raises_their_own_limit(here, admin, film, made):
    """That of all servers together, which no server's admin can raise."""
    for _ in range(10):
        await made()
    assert (await film()).said.startswith("Your limit is reached: 10 of 10 videos used")
    await admin("grant", user=here.ann, videos=1)
    assert not (await film()).begun
    told = await admin("grant", who=here.boss, at=here.far, user=here.ann_there, videos=1, everywhere=True)

    assert told.content.startswith(f"<@{here.ann.id}> may make 1 video more today, on all servers together.")
    assert (await film()).begun


async def test_a_refund_gives_back_what_a_film_cost(here, admin, film, made, deeds):
    """Once: the member can make another; only the admin is told, and the log has the reason."""
    await admin("limits", whom="everyone", videos=1)
    row = await made()
    assert not (await film()).begun
    told = await admin("refund", id=f" {row.id.upper()} ", reason="green sky")

    assert [
        f"Given back to <@{here.ann.id}>: 1 video, 5 seconds.",
        "Nobody is told; `/usage` shows it. What the provider charged stays charged.",
    ] == told.content.splitlines()
    assert (here.admin.id, "refund", f"id: {row.id} · reason: green sky") == (await deeds())[0]
    again = await admin("refund", id=row.id)
    assert again.content == "It was refunded already."
    assert 2 == len(await deeds())
    assert "0 of 1 used" in (await here.ann.slash(here.channel, "usage")).response.content
    assert (await film()).begun


async def test_what_is_under_way_is_not_refunded(here, admin, film, deeds):
    """Its end decides, and gives back by itself."""
    await film()
    (row,) = await here.house.generations.history(here.ann.id)
    told = await admin("refund", id=row.id)

    assert told.content.startswith("It is still under way")
    assert [] == await deeds()


async def test_no_other_servers_film_is_refunded(here, admin, made, deeds):
    """There and nowhere read the same; an operator may, and the film's server has it in its log."""
    row = await made()
    told = await admin("refund", who=here.stranger, at=here.far, id=row.id)
    nothing = await admin("refund", who=here.stranger, at=here.far, id="ffff")

    assert told.content == f"On this server there is no film `{row.id}`. Its id stands below its card."
    assert nothing.content == "On this server there is no film `ffff`. Its id stands below its card."
    assert not (await here.house.generations.any(row.id)).refunded
    await admin("refund", who=here.boss, at=here.far, id=row.id)
    assert (await here.house.generations.any(row.id)).refunded
    assert [] == await deeds(here.other)
    assert [(here.boss.id, "refund", f"id: {row.id}")] == await deeds()


async def test_usage_lists_who_made_how_much(here, admin, made, film):
    """Most first, with the sum; what was refunded doesn't count; no file unless asked for."""
    await made()
    row = await made(who=here.ben)
    await made(who=here.ben)
    await film()
    await admin("refund", id=row.id)
    told = await admin("usage")
    (embed,) = told.embeds

    assert "2026-11-01 to 2026-11-30" == embed.title
    assert [
        "**2 members in all: 3 videos, 15 seconds, 0 credits**",
        f"- <@{here.ann.id}> · 2 videos, 10 seconds, 0 credits · 1 under way",
        f"- <@{here.ben.id}> · 1 video, 5 seconds, 0 credits · 1 refunded",
    ] == embed.description.splitlines()
    assert [] == told.attachments
    (one,) = (await admin("usage", user=here.ben, period="day")).embeds
    assert "2026-11-21" == one.title
    assert str(here.ann.id) not in one.description
    (before,) = (await admin("usage", period="last_month")).embeds
    assert ("2026-10-01 to 2026-10-31", "Nobody made anything in that time.") == (
        before.title, before.description,
    )  # fmt: skip


async def test_usage_can_be_taken_along(here, admin, made, deeds):
    """A line per film, of this server alone; the log has who took it."""
    row = await made()
    await made(who=here.boss, channel=here.far)
    told = await admin("usage", export=True)
    (file,) = told.attachments
    lines = list(csv.DictReader(StringIO((await file.read()).decode("utf-8-sig"))))

    assert "usage-2026-11-01-2026-11-30.csv" == file.filename
    names = ("generation", "name", "videos", "seconds", "refunded", "charged_credits", "state")
    assert [(row.id, "ann", "1", "5", "no", "1.25", "delivered")] == [
        tuple(line[name] for name in names) for line in lines
    ]
    assert [(here.admin.id, "usage", "period: month · export: True")] == await deeds()


async def test_an_operator_sees_all_servers(here, admin, made):
    """One list, one file."""
    await made()
    await made(who=here.boss, channel=here.far)
    told = await admin("usage", who=here.boss, at=here.far, everywhere=True, export=True)

    assert str(here.ann.id) in told.embeds[0].description
    lines = csv.DictReader(StringIO((await told.attachments[0].read()).decode("utf-8-sig")))
    assert {str(here.guild.id), str(here.other.id)} == {line["server"] for line in lines}


async def test_grants_add_up(here, admin):
    """Of a month, too."""
    await admin("grant", user=here.ann, credits=3, period="month")
    told = await admin("grant", user=here.ann, credits=4, period="month")

    assert "Granted in all: 7 credits." in told.content
