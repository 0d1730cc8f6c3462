"""Laws of `cogs.usage`, in a modelled Discord."""

from bot.models import Limit, Status
from bot.servers import LimitRule, Scope, ServerRules
from tests.cogs.films import made, noted, shown


async def test_usage_shows_plain_numbers(home):
    """What is used, what is left, what runs, and when each period is over: privately."""
    await home.ann.slash(home.channel, "video", prompt="a paper boat")
    result = await home.ann.slash(home.channel, "usage")

    assert result.response.content.splitlines()[:-1] == [
        "**Today**, anew <t:1795305600:R>",
        "Videos: 1 of 10 used, 9 left",
        "Seconds: 5 of 100 used, 95 left",
        "**This month**, anew <t:1796083200:R>",
        "Videos: 1, without limit",
        "Seconds: 5, without limit",
        "**Under way**: 0 running, 1 waiting; 5 at once.",
    ]
    assert result.ephemeral


async def test_usage_names_what_is_under_way(home):
    """Who waits sees for what, and where its card is; nobody else's is shown."""
    row = await made(home, "a paper boat", status=Status.QUEUED)
    await noted(home, row, card_id=77)
    await made(home, "ben's boat", home.ben, status=Status.QUEUED)
    told = shown(await home.ann.slash(home.channel, "usage"))

    assert "- a paper boat · Queued" in told
    assert f"[card](https://discord.com/channels/{home.guild.id}/{home.channel.id}/77)" in told
    assert "ben's" not in told


async def test_usage_shows_the_limits_of_the_server(home):
    """What binds the member here, and what all of them share."""
    rules = ServerRules(
        limits=(
            LimitRule(Scope.EVERYONE, day=Limit(videos=3)),
            LimitRule(Scope.SERVER, day=Limit(seconds=20), month=Limit(videos=7)),
        )
    )
    await home.house.admission.servers.change(home.guild.id, lambda _: rules, home.house.clock())
    for who in (home.ann, home.ben):
        await who.slash(home.channel, "video", prompt="a paper boat")
    told = shown(await home.ann.slash(home.channel, "usage")).splitlines()

    assert told[1] == "Videos: 1 of 3 used, 2 left"
    assert told[6:10] == [
        "**Everybody on this server together, today**",
        "Seconds: 10 of 20 used, 10 left",
        "**Everybody on this server together, this month**",
        "Videos: 2 of 7 used, 5 left",
    ]


async def test_usage_is_ones_own(home):
    """Ben has used nothing of his."""
    await home.ann.slash(home.channel, "video", prompt="a paper boat")
    told = shown(await home.ben.slash(home.channel, "usage"))

    assert "Videos: 0 of 10 used, 10 left" in told
    assert "paper boat" not in told
