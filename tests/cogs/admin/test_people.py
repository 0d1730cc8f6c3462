"""Laws of `cogs.admin.people`, in a modelled Discord."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.administration.people import SHOWN
from bot.servers import EVERYWHERE

NOT_ADMIN = "Only those who may manage this server can do that."
NOT_OPERATOR = "Only those who run this bot can do that."


async def test_who_is_blocked_makes_nothing_here(here, admin, film, deeds):
    """They read until when and why; what they had waiting is cancelled."""
    await film()
    end = int((here.house.clock() + timedelta(hours=2)).timestamp())
    told = await admin("block", user=here.ann, time="2h", reason="too *many* boats")
    assert told.content == (
        f"<@{here.ann.id}> may not make films on this server.\nThat ends <t:{end}:R>.\n"
        "1 waiting film is cancelled and counts nothing."
    )
    (row,) = await here.house.generations.history(here.ann.id)
    assert row.cancel_wished
    assert (await film()).said.startswith(
        f"You may not make films on this server. That ends <t:{end}:R>. The reason: `too *many* boats`."
    )
    said = f"user: ann ({here.ann.id}) · time: 2h · reason: too *many* boats"
    assert [(here.admin.id, "block", said)] == await deeds()

    assert (await film(who=here.ben)).begun
    here.house.clock.forward(hours=2)
    assert (await film()).begun


async def test_a_block_without_time_has_no_end_but_a_pardon(here, admin, film, deeds):
    """The list shows who is blocked, and is empty again after."""
    assert (await admin("block")).content == "Nobody is blocked."
    await admin("block", user=here.ann)
    assert not (await film()).begun
    assert f"- <@{here.ann.id}> · That has no end." in (await admin("block")).content

    told = await admin("unblock", user=here.ann)
    assert told.content == f"<@{here.ann.id}> may make films again; refusals so far are forgiven."
    assert (await film()).begun
    assert (await admin("block")).content == "Nobody is blocked."
    assert ["unblock", "block"] == [action for _, action, _ in await deeds()]


@pytest.mark.parametrize("time", ["soon", "0m", "366d"])
async def test_a_block_needs_a_sensible_time(here, admin, film, time):
    """Or none; a typing error blocks nobody."""
    await admin("block", user=here.ann, time=time)

    assert (await film()).begun


async def test_times_are_offered(here):
    """The usual ones."""
    found = await here.admin.autocomplete(here.channel, "admin block", "time", "d")

    assert ["1d", "7d", "30d"] == [each["value"] for each in found]


@pytest.mark.parametrize("command", ["block", "unblock"])
async def test_a_member_blocks_and_pardons_nobody(here, admin, film, command):
    """Though they are shown the command: neither others nor themselves."""
    await admin("block", user=here.ben)
    assert NOT_ADMIN == (await admin(command, who=here.ann, user=here.ben)).content
    assert not (await film(who=here.ben)).begun
    assert (await film()).begun


async def test_a_block_is_one_server_s(here, admin, film):
    """Another server's admin blocks nobody here, and sees nobody who is blocked here."""
    await admin("block", user=here.ann)
    await admin("block", who=here.stranger, at=here.far, user=here.ben_there)

    assert (await film(who=here.ben)).begun
    shown = await admin("block", who=here.stranger, at=here.far)
    assert f"<@{here.ann.id}>" not in shown.content


@pytest.mark.parametrize("command", ["block", "unblock"])
async def test_everywhere_is_for_operators(here, admin, film, command):
    """An admin is told so, and nothing happens."""
    assert NOT_OPERATOR == (await admin(command, user=here.ann, everywhere=True)).content
    assert (await film()).begun


async def test_an_operator_blocks_everywhere(here, admin, film):
    """No server's admin can lift that, and no server's list shows it but the operators'."""
    told = await admin("block", who=here.boss, at=here.far, user=here.ann_there, everywhere=True)
    assert told.content.startswith(f"<@{here.ann.id}> may make films nowhere with this bot.")
    assert (await film()).said.startswith("You may not make films with this bot.")
    assert (await admin("unblock", user=here.ann)).content == (
        f"Here <@{here.ann.id}> is free again, but the bot's operators still block them everywhere."
    )
    assert not (await film()).begun
    assert (await admin("block")).content == "Nobody is blocked."
    listed = await admin("block", who=here.boss, at=here.far, everywhere=True)
    assert f"<@{here.ann.id}>" in listed.content

    told = await admin("unblock", who=here.boss, at=here.far, user=here.ann_there, everywhere=True)
    assert told.content == (
        f"<@{here.ann.id}> may use this bot again. What servers decided about them still holds there."
    )
    assert (await film()).begun
    assert () == await here.house.people.blocked(EVERYWHERE)


async def test_a_long_list_is_one_message(here, admin):
    """However many are blocked, and whatever the reasons are; the rest is in a file."""
    for number in range(SHOWN):
        user_id, day = 10**18 + number, timedelta(days=1)
        await here.house.people.block(user_id, here.guild.id, by=here.admin.id, length=day, reason="*" * 200)

    told = await admin("block")
    lines = told.content.split("\n")

    assert f"<@{10**18}>" in lines[1]
    assert "- …" == lines[-1]
    assert SHOWN == len((await told.attachments[0].read()).decode().split("\n"))


async def test_what_an_operator_does_everywhere_is_in_no_servers_log(here, admin, deeds):
    """Whoever reads that log may know nothing of other servers' members."""
    channel = here.other.create_text_channel("log")
    await admin("log", who=here.stranger, at=here.far, channel=channel)
    said = {"who": here.boss, "at": here.far, "user": here.ann_there, "everywhere": True}
    for command in ("block", "unblock", "grant"):
        await admin(command, **said, **({"videos": 1} if command == "grant" else {}))
    await admin("usage", who=here.boss, at=here.far, export=True, everywhere=True)

    assert ["log"] == [action for _, action, _ in await deeds(here.other)]
    told = here.client.get_channel(channel.id).history()
    assert 1 == len([message async for message in told])
    everywhere = (await admin("log", who=here.boss, at=here.far, everywhere=True)).content
    assert all(f"`/admin {command}`" in everywhere for command in ("block", "unblock", "grant", "usage"))


async def test_an_operator_cannot_be_blocked(here, admin):
    """It would have no effect, so it is said."""
    told = await admin("block", user=here.boss_here)

    assert told.content == "That person runs this bot and can't be blocked."
