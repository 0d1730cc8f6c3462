"""Laws of `cogs.usage`, in a modelled Discord."""


async def test_usage_shows_plain_numbers(world):
    """What is used, what is left, what runs, and when the day is over: privately."""
    result = await world.ann.slash(world.channel, "usage")

    assert result.response.content.splitlines() == [
        "Videos today: 3 of 10 used, 7 left.",
        "Seconds today: 15, without limit.",
        "Under way: 1 running, 0 waiting; 2 at once.",
        "Today's limits start anew <t:1795305600:R>.",
    ]
    assert result.ephemeral


async def test_usage_names_what_is_under_way(world):
    """Who waits sees for what."""
    await world.ann.slash(world.channel, "video", prompt="a paper boat")
    result = await world.ann.slash(world.channel, "usage")

    assert "a paper boat · Queued" in result.response.content
