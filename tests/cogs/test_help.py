"""Laws of `cogs.help`, in a modelled Discord."""

from dataclasses import replace

from bot.servers import ServerRules


def said(result):
    """Return the whole answer."""
    (embed,) = result.response.embeds
    parts = [embed.description, *(f"{field.name}: {field.value}" for field in embed.fields)]
    return "\n".join([*parts, embed.footer.text or ""])


async def test_help_is_short_and_private(home):
    """With examples that can be copied, who makes films, and where everything goes."""
    result = await home.ann.slash(home.channel, "help")
    told = said(result)

    assert result.ephemeral
    assert "\n`/video prompt:A paper boat on a rainy street, close to the water`" in told
    assert "maxapi: " in told
    assert "EvoLink: " in told
    assert "real people" in told
    assert len(told) < 2500


async def test_commands_are_links(home):
    """A press on one of them begins to type it."""
    ids = {each.name: each.id for each in await home.client.tree.fetch_commands()}
    told = said(await home.ann.slash(home.channel, "help"))

    assert f"</video:{ids['video']}>" in told
    assert f"</privacy delete:{ids['privacy']}>" in told


async def test_help_needs_no_links(home):
    """Where Discord doesn't tell the ids, commands are text; next time it is asked again."""
    home.env.inject_error("GET", "/applications/*", status=500, times=9)
    told = said(await home.ann.slash(home.channel, "help"))

    assert "`/video` · from words" in told
    assert "`/privacy export`" in told


async def test_only_what_can_be_used_here_is_named(home):
    """A server's rules hold in the help, too."""
    servers = home.house.admission.servers
    await servers.change(
        home.guild.id, lambda rules: replace(rules, providers=("evolink",)), home.house.clock()
    )
    told = said(await home.ann.slash(home.channel, "help"))

    assert "EvoLink: " in told
    assert "maxapi" not in told


async def test_a_server_where_nothing_can_be_used_says_so(home):
    """Rather than an empty list."""
    rules = ServerRules(models=("none of ours",))
    await home.house.admission.servers.change(home.guild.id, lambda _: rules, home.house.clock())

    assert "no provider can be used here" in said(await home.ann.slash(home.channel, "help"))


async def test_admins_read_one_line_more(home):
    """And nobody else."""
    assert "/admin" in said(await home.admin.slash(home.channel, "help"))
    assert "/admin" not in said(await home.mod.slash(home.channel, "help"))


async def test_help_speaks_ones_language(home):
    """The names of commands and options, too."""
    await home.house.own.defaults.change(home.ann.id, language="zh-CN")
    home.env.inject_error("GET", "/applications/*", status=500, times=9)
    told = said(await home.ann.slash(home.channel, "help"))

    assert "`/视频 提示词:" in told
