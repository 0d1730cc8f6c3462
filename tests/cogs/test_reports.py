"""Laws of `cogs.reports`: what members report, in a modelled Discord."""

from dataclasses import replace

import pytest

from bot.servers import REPORT
from tests.cogs.posting import restart, screened


async def report(home, who, row, message, reason=""):
    """Report a film."""
    shown = await who.select(message, ["report"], custom_id=f"matinee:more:{row.id}")
    return await who.submit_modal(shown, {"reason": reason})


async def told(home):
    """Return what stands in the server's log."""
    return [
        (deed.action, deed.actor_id, deed.detail) for deed in await home.house.audit.entries(home.guild.id)
    ]


@pytest.mark.parametrize("who", ["ann", "ben", "mod"])
async def test_anybody_may_report(home, clip, who):
    """Who, which film, where and why are in the log."""
    row, message = await screened(home, clip)
    reporter = getattr(home, who)
    result = await report(home, reporter, row, message, "a real\nface")
    where = f"https://discord.com/channels/{home.guild.id}/{home.channel.id}/{message.id}"

    assert result.response.content == "Thank you. Those who moderate here will find your report."
    assert result.ephemeral
    assert await told(home) == [(REPORT, reporter.id, f"{row.id} · {where} · a real face")]


async def test_a_report_is_told_in_the_log_channel_once_per_person(home, clip):
    """Thanked for twice, told once; somebody else's is another one."""
    row, message = await screened(home, clip)
    log = home.guild.create_text_channel("log")
    await home.house.admission.servers.change(
        home.guild.id, lambda rules: replace(rules, log_channel_id=log.id), home.house.clock()
    )
    for who in (home.ben, home.ben, home.mod):
        result = await report(home, who, row, message, "@everyone [x](https://evil.example)")

    assert "Thank you" in result.response.content
    assert len(await told(home)) == 2
    assert [m.content.splitlines()[0] for m in log.history()] == [
        f"🚩 <@{who.id}> reports a film of <@{home.ann.id}>." for who in (home.ben, home.mod)
    ]
    assert "@everyone" not in log.last_message.content
    assert "://evil" not in log.last_message.content


async def test_a_log_channel_that_takes_nothing_harms_no_report(home, clip):
    """It is in the log all the same, also after a restart."""
    row, message = await screened(home, clip)
    await home.house.admission.servers.change(
        home.guild.id, lambda rules: replace(rules, log_channel_id=1), home.house.clock()
    )
    shown = await home.ben.select(message, ["report"], custom_id=f"matinee:more:{row.id}")
    await restart(home)
    result = await home.ben.submit_modal(shown, {"reason": ""})

    assert "Thank you" in result.response.content
    assert len(await told(home)) == 1
