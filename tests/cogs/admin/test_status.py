"""Laws of `cogs.admin.status`, in a modelled Discord."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import discord
import pytest

from bot import __version__
from bot.servers import FilmPlace

NOT_ADMIN = "Only those who may manage this server can do that."


@pytest.fixture
def status(here, admin):
    """Return the fields of what is shown, by their names."""

    async def show(who=here.admin, at=here.channel):
        (embed,) = (await admin("status", who=who, at=at)).embeds
        assert f"Matinee {__version__}" == embed.footer.text
        return {field.name: field.value for field in embed.fields}

    return show


@pytest.fixture
def closed(here):
    """Return a function that makes a channel where the bot lacks something."""

    def make(name, **lacking):
        everyone = here.guild.default_role
        return here.guild.create_text_channel(
            name, overwrites={everyone: discord.PermissionOverwrite(**dict.fromkeys(lacking, False))}
        )

    return make


async def test_an_admin_sees_what_concerns_their_server(here, status, film):
    """Permissions, providers, and what waits here; no figure of the whole bot."""
    await film()
    await film(who=here.ann_there, channel=here.far)
    shown = await status()

    assert ["Permissions", "maxapi", "seedance2.ink", "EvoLink", "On this server"] == list(shown)
    assert shown["Permissions"] == "Nothing is missing in any channel where the bot may be used."
    assert shown["maxapi"] == "In order.\nTasks of this server: 0."
    assert shown["On this server"].startswith(
        "Queued: 1. Under way: 0. Parked: 0.\nThe oldest one waits since"
    )


async def test_a_member_sees_nothing(here, admin):
    """Though they are shown the command."""
    shown = await admin("status", who=here.ann)

    assert (NOT_ADMIN, []) == (shown.content, list(shown.embeds))


async def test_what_is_missing_is_named_by_channel(here, status, closed):
    """Those alike together; of one that isn't seen nothing else is said."""
    one, other = (closed(name, attach_files=True, embed_links=True) for name in ("one", "other"))
    hidden = closed("hidden", view_channel=True)
    shown = (await status())["Permissions"]

    assert f"- Embed Links, Attach Files: <#{one.id}>, <#{other.id}>" in shown
    assert f"- View Channel: <#{hidden.id}>" in shown


async def test_only_channels_that_are_used_matter(here, status, closed):
    """The allowed ones, the gallery and the log's; and threads where films go into one."""
    closed("other", attach_files=True)
    gallery = closed("gallery", embed_links=True)
    rules = here.house.rules

    async def decide(**changes):
        await rules.change(here.guild.id, lambda before: replace(before, **changes))

    await decide(channels=(here.channel.id,))
    assert "Nothing is missing" in (await status())["Permissions"]
    await decide(film_place=FilmPlace.GALLERY, gallery_id=gallery.id)
    assert f"- Embed Links: <#{gallery.id}>" in (await status())["Permissions"]
    await decide(film_place=FilmPlace.THREAD, channels=(closed("calm", create_public_threads=True).id,))
    assert "- Create Public Threads: " in (await status())["Permissions"]


async def test_a_list_that_is_too_long_is_cut(here, status, closed):
    """Discord takes 1024 characters."""
    for number in range(12):
        closed(f"c{number}", attach_files=True)

    assert "and 2 more" in (await status())["Permissions"]


async def test_a_provider_s_state_is_told(here, status):
    """Whoever stopped it, and until when."""
    house = here.house
    await house.operations.pause("maxapi", by=1)
    await house.rules.change(here.guild.id, lambda rules: replace(rules, paused_providers=("evolink",)))
    until = house.clock.now + timedelta(minutes=5)
    house.operations.status.health.pause("seedance2ink", until)
    shown = await status()
    assert shown["maxapi"].startswith("Paused by the operator.")
    assert shown["EvoLink"].startswith("Paused on this server.")
    assert shown["seedance2.ink"].startswith(
        f"Out of order or busy; tried again <t:{int(until.timestamp())}:R>."
    )

    await house.operations.resume(None)
    for _ in range(5):
        house.operations.status.health.failed("maxapi")
    assert (await status())["maxapi"].startswith("Out of order: it is tried now and then.")


async def test_a_pause_of_everything_stands_above(here, admin):
    """Nobody has to look for it."""
    await here.house.operations.pause(None, by=1)
    await here.house.operations.drain(by=1)
    await admin("pause")
    (embed,) = (await admin("status")).embeds

    assert embed.description == (
        "The operator has paused the whole bot.\n"
        "The bot only finishes what is under way, and takes nothing new.\n"
        "This server's admins have paused the bot here."
    )
    assert embed.fields[1].value.startswith("Paused, like the whole bot.")


async def test_an_operator_sees_the_whole_bot(here, status, film):
    """Balances, callbacks, disk and database, and what waits on all servers."""
    await film()
    service = here.house.operations.status
    at = here.house.clock()
    service.metrics.callbacks_accepted("maxapi", 1, at)

    async def balance():
        return 1234.5

    service.providers["maxapi"].balance = balance
    shown = await status(who=here.boss, at=here.far)
    assert shown["maxapi"] == (
        "In order.\nTasks: 0 of 5, 0 of this server.\nBalance: 1234.5 credits.\n"
        f"Last callback: <t:{int(at.timestamp())}:R>."
    )
    assert "It doesn't tell its balance.\nNo callback since the start." in shown["EvoLink"]
    assert shown["On this server"] == "Queued: 0. Under way: 0. Parked: 0."
    assert shown["On all servers"].startswith("Queued: 1.")
    assert shown["Machine"].endswith("SQLite takes writes.")


async def test_a_process_that_only_takes_commands_does_not_say_how_providers_are(here, status, film):
    """Others deal with them: what it doesn't know isn't called in order."""
    house = here.client.house
    told = replace(house.operations.status, watched=False)
    here.client.house = replace(house, operations=replace(house.operations, status=told))
    assert "Not paused.\nTasks of this server: 0." == (await status())["maxapi"]

    shown = (await status(who=here.boss, at=here.far))["maxapi"].splitlines()
    assert "Not paused." == shown[0]
    assert "How it is, and when it last called back, other processes know." == shown[-1]
