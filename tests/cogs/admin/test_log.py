"""Laws of `cogs.admin.log` and of what admins read in it, in a modelled Discord."""

from __future__ import annotations

import discord
import pytest

from bot.messages.admin_log import PAGE
from bot.servers import REPORT

NOT_ADMIN = "Only those who may manage this server can do that."


async def posted(here, channel):
    """Return what stands in a channel, oldest first."""
    found = [message async for message in here.client.get_channel(channel.id).history(oldest_first=True)]
    return [message.content for message in found]


async def test_the_log_tells_who_did_what_and_when(here, admin):
    """Newest first; other people's text formats and mentions nothing."""
    assert (await admin("log")).content == "No channel is told of it.\nNothing is in the log."
    now = int(here.house.clock().timestamp())
    await admin("words add", text="**@everyone**")
    shown = (await admin("log")).content.splitlines()

    assert shown[0] == "No channel is told of it."
    assert shown[1].startswith(f"- <t:{now}:R> · admin · `/admin words add` · kind: word · text: ")
    assert "@everyone" not in shown[1]
    assert "**" not in shown[1].replace("\\*", "")


async def test_older_entries_are_a_press_away(here, admin):
    """However long ago the log was shown, and for admins alone."""
    for number in range(PAGE + 2):
        await admin("models", longest=4 + number)
        here.house.clock.forward(minutes=1)
    first = await admin("log")
    assert len(first.content.splitlines()) == 1 + PAGE
    older = await here.admin.click(first, label="Older")
    assert ["longest: 5", "longest: 4"] == [
        line.rpartition(" · ")[2] for line in older.response.content.splitlines()[1:]
    ]
    assert older.response.components == []


async def test_a_press_is_checked_like_the_command(here, admin, home):
    """Who is no admin any more turns no page, and an admin not those of all servers."""
    view = discord.ui.View(timeout=None)
    for where in ("here", "all"):
        view.add_item(discord.ui.Button(label=where, custom_id=f"matinee:log:{where}:99999999999999999"))
    view.stop()
    message = await here.client.get_channel(here.channel.id).send("x", view=view)

    assert (await here.ann.click(message, label="here")).response.content == NOT_ADMIN
    assert (await here.admin.click(message, label="all")).response.content == (
        "Only those who run this bot can do that."
    )
    assert "Nothing is in the log." in (await here.admin.click(message, label="here")).response.content


async def test_a_report_is_no_admin_s_action(here, admin):
    """A member's is told as what it is."""
    await here.house.audit.record(
        here.house.audit.deed(
            id="report:1", guild_id=here.guild.id, actor_id=1, actor="ben", action=REPORT, detail="rude"
        )
    )

    assert " · ben · reported a film · rude" in (await admin("log")).content


async def test_a_channel_is_told_too(here, admin):
    """From then on, in the server's language, and nobody is mentioned."""
    channel = here.guild.create_text_channel("log")
    shown = await admin("log", channel=channel)
    assert shown.content.startswith(f"Every action is also told in <#{channel.id}>.")
    await admin("words add", text="@everyone, *x*")
    told = await posted(here, channel)

    assert told[0] == f"<@{here.admin.id}> used `/admin log`.\nchannel: log"
    assert told[1].startswith(f"<@{here.admin.id}> used `/admin words add`.\nkind: word · text: ")
    assert "@everyone" not in told[1]
    last = [message async for message in here.client.get_channel(channel.id).history()]
    assert [] == [message.mentions for message in last if message.mentions and message.mention_everyone]

    assert (await admin("log", off=True)).content.startswith("No channel is told of it.")
    await admin("nsfw", spoiler=True)
    assert [f"<@{here.admin.id}> used `/admin log`.\noff: True"] == (await posted(here, channel))[2:]


async def test_an_entry_in_the_channel_is_one_line(here, admin):
    """So that no reason looks like another entry."""
    channel = here.guild.create_text_channel("log")
    await admin("log", channel=channel)
    await admin("block", user=here.ann, reason="rude\n<@1> used `/admin grant`.")
    told = (await posted(here, channel))[1]

    assert 2 == len(told.split("\n"))
    assert "`/admin grant`" not in told


async def test_a_log_channel_must_take_messages(here, admin):
    """What is lacking is named, and nothing changes."""
    closed = discord.PermissionOverwrite(send_messages=False)
    channel = here.guild.create_text_channel("log", overwrites={here.guild.default_role: closed})
    told = await admin("log", channel=channel)

    assert told.content.startswith(f"The bot may not post in <#{channel.id}>. It lacks: `Send Messages`")


async def test_a_lost_log_channel_keeps_nobody_from_deciding(here, admin, deeds):
    """The log itself has it."""
    channel = here.guild.create_text_channel("log")
    await admin("log", channel=channel)
    await here.client.get_channel(channel.id).delete()
    told = await admin("nsfw", spoiler=True)

    assert told.content.endswith("Films are hidden until somebody clicks on them.")
    assert ["nsfw", "log"] == [action for _, action, _ in await deeds()]


@pytest.mark.parametrize("options", [{}, {"off": True}, {"everywhere": True}], ids=str)
async def test_a_member_reads_no_log(here, admin, options):
    """Though they are shown the command."""
    assert NOT_ADMIN == (await admin("log", who=here.ann, **options)).content


async def test_a_server_s_log_is_its_own(here, admin):
    """Only an operator reads all."""
    await admin("nsfw", spoiler=True)
    theirs = await admin("log", who=here.stranger, at=here.far)
    assert "Nothing is in the log." in theirs.content
    refused = await admin("log", who=here.stranger, at=here.far, everywhere=True)
    assert refused.content == "Only those who run this bot can do that."
    every = await admin("log", who=here.boss, at=here.far, everywhere=True)
    assert f"`/admin nsfw` · spoiler: True · ({here.guild.id})" in every.content
