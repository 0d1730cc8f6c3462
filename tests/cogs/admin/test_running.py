"""Laws of `cogs.admin.running`, in a modelled Discord."""

from __future__ import annotations

import pytest

from bot.models import Status
from bot.store.switches import ALL, DRAIN

NOT_ADMIN = "Only those who may manage this server can do that."
NOT_OPERATOR = "Only those who run this bot can do that."
NOTHING_HERE = "Nothing is paused on this server."
NOTHING = "Nothing is paused for the whole bot."


@pytest.fixture
def boss(here, admin):
    """Give commands as the operator, from the other server."""

    async def give(command, **options):
        return (await admin(command, who=here.boss, at=here.far, **options)).content

    return give


@pytest.fixture
def all_deeds(here):
    """Return what is in the operators' log."""

    async def read():
        return [(deed.guild_id, deed.action, deed.detail) for deed in await here.house.audit.entries(None)]

    return read


async def test_a_paused_server_takes_nothing_new(here, admin, film, deeds):
    """Other servers do, and what is begun is finished."""
    await film()
    told = (await admin("pause")).content
    assert told == "The bot is paused on this server: it takes nothing new. What is begun is finished."
    assert (await film(who=here.ben)).said.startswith("This server's admins have paused the bot.")
    assert (await film(who=here.ann_there, channel=here.far)).begun
    assert [Status.QUEUED] == [
        one.status for one in await here.house.operations.queue.page(here.guild.id, most=9)
    ]

    assert NOTHING_HERE == (await admin("resume")).content
    assert (await film(who=here.ben)).begun
    assert [(here.admin.id, "resume", ""), (here.admin.id, "pause", "")] == await deeds()


async def test_who_asks_a_provider_that_is_out_of_order_reads_so(here, film):
    """At once, and that waiting costs nothing; who names none is made elsewhere without a word (P-24)."""
    words = "maxapi is busy or out of order just now, so it waits. Until it is sent, a cancel costs nothing."
    before = (await film(provider="maxapi")).said
    for _ in range(5):
        here.house.health.failed("maxapi")
    named, free = (await film(provider="maxapi", who=here.ben)).said, (await film(who=here.ben)).said

    assert [False, True, False] == [words in said for said in (before, named, free)]
    assert named.startswith("Queued at maxapi")
    assert free.startswith("Queued at seedance2.ink")


async def test_one_provider_is_paused_on_a_server(here, admin, film, deeds):
    """Who names it reads so; who names none is served by another."""
    told = (await admin("pause", provider="maxapi")).content
    assert told == "Paused on this server: maxapi. What is begun with these is finished."
    assert (await film(provider="maxapi")).said.startswith("This server's admins have paused `maxapi`.")
    assert (await film()).said.startswith("Queued at seedance2.ink")

    await admin("pause", provider="evolink")
    assert "maxapi" not in (await admin("resume", provider="maxapi")).content
    assert NOTHING_HERE == (await admin("resume")).content
    assert (await film(provider="maxapi", who=here.ben)).begun
    assert (here.admin.id, "pause", "provider: maxapi") == (await deeds())[-1]


@pytest.mark.parametrize("everywhere", [False, True])
@pytest.mark.parametrize("command", ["pause", "resume"])
async def test_a_provider_that_there_is_not(here, admin, boss, command, everywhere):
    """It is said which there are, and nothing changes."""
    told = await boss(command, provider="acme", everywhere=everywhere)

    assert told.startswith("`provider` can't be `acme` here. Possible: `evolink`, `maxapi`, `seedance2ink`.")
    assert () == await here.house.audit.entries(None)


async def test_providers_are_offered(here):
    """By their own names."""
    for command in ("pause", "resume"):
        found = await here.admin.autocomplete(here.channel, f"admin {command}", "provider", "evo")
        assert [{"name": "EvoLink", "value": "evolink"}] == [
            {"name": each["name"], "value": each["value"]} for each in found
        ]


@pytest.mark.parametrize("command", ["pause", "resume", "drain"])
async def test_a_member_turns_nothing_off(here, admin, film, command):
    """Though they are shown the command."""
    assert NOT_ADMIN == (await admin(command, who=here.ann)).content
    assert (await film()).begun


async def test_an_admin_turns_nothing_off_for_others(here, admin, film):
    """Neither the whole bot nor a provider; nor do they drain it, or turn on what an operator paused."""
    for command in ("pause", "resume"):
        assert NOT_OPERATOR == (await admin(command, everywhere=True)).content
        assert NOT_OPERATOR == (await admin(command, everywhere=True, provider="maxapi")).content
    assert NOT_OPERATOR == (await admin("drain")).content
    assert frozenset() == (await here.house.operations.switches.now()).names

    await here.house.operations.pause(None, by=here.boss.id)
    await admin("resume")
    assert not (await film()).begun


async def test_a_server_s_pause_is_its_own(here, admin, film):
    """Another server's admin neither sees nor lifts it."""
    await admin("pause")

    assert NOTHING_HERE == (await admin("resume", who=here.stranger, at=here.far)).content
    assert not (await film()).begun


async def test_an_operator_pauses_the_whole_bot(here, boss, film, all_deeds):
    """On every server, for everybody, in one sentence; even for operators."""
    told = await boss("pause", everywhere=True)
    assert told == "The whole bot is paused: it takes nothing new, and sends nothing."
    for who, channel in ((here.ann, here.channel), (here.ann_there, here.far), (here.boss, here.far)):
        said = (await film(who=who, channel=channel)).said
        assert said.startswith("The operator has paused the bot, so it takes nothing new.")
    assert frozenset({ALL}) == (await here.house.operations.switches.now()).names

    assert NOTHING == await boss("resume", everywhere=True)
    assert (await film()).begun
    assert [(None, "resume", "everywhere: True"), (None, "pause", "everywhere: True")] == await all_deeds()


async def test_an_operator_pauses_one_provider(here, boss, film):
    """Who names it reads why, with what can be made instead; who names none is served by another."""
    told = await boss("pause", provider="maxapi", everywhere=True)
    assert told == "Paused everywhere: maxapi. What these have goes on."
    said = (await film(provider="maxapi")).said
    assert said.startswith("The operator of this bot has paused any model on maxapi.")
    assert (await film()).said.startswith("Queued at seedance2.ink")

    for provider in ("evolink", "seedance2ink"):
        await boss("pause", provider=provider, everywhere=True)
    said = (await film(who=here.ben)).said
    assert said.startswith("The operator of this bot has paused any model here.")
    assert NOTHING == await boss("resume", everywhere=True)


async def test_an_operator_drains_the_bot(here, admin, boss, film, all_deeds):
    """What waits is told, nothing new is taken, and resuming ends it."""
    await film()
    told = await boss("drain")
    assert told.startswith("The bot takes nothing new. 1 is still under way.")
    assert (await film(who=here.ben)).said.startswith("The bot only finishes what is under way just now")
    (row,) = await here.house.operations.queue.page(here.guild.id, most=9)
    store = here.house.operations.queue.store
    await store.move(row, here.house.clock(), due_at=None, status=Status.CANCELLED)
    assert "Everything is finished: it can be stopped." in await boss("drain")
    assert DRAIN in (await here.house.operations.switches.now()).names

    assert NOTHING == await boss("resume", everywhere=True)
    assert (await film(who=here.ben)).begun
    assert ["resume", "drain", "drain"] == [action for _, action, _ in await all_deeds()]
