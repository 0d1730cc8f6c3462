"""A modelled server on which an admin decides, and others try to."""

from __future__ import annotations

from types import SimpleNamespace

import discord
import pytest


@pytest.fixture
def here(home):
    """Return the server, with a second one beside it, and let Ann see `/admin`, as server settings can."""
    command = home.env.backend.find_command("admin", None)
    home.guild.set_command_permissions(int(command["id"]), {home.ann: True})
    home.other = home.env.create_guild()
    role = home.other.create_role("Admins", permissions=discord.Permissions(manage_guild=True))
    home.stranger = home.other.add_member(home.env.create_user("stranger"), roles=[role])
    home.far = home.other.create_text_channel("far")
    home.boss = home.other.add_member(home.env.create_user("boss"), roles=[role])
    home.ann_there, home.ben_there = (home.other.add_member(each.user) for each in (home.ann, home.ben))
    home.boss_here = home.guild.add_member(home.boss.user)
    home.client.operators = frozenset({home.boss.id})
    return home


@pytest.fixture
def admin(here):
    """Give commands as the server's admin, and return what was answered, which nobody else sees."""

    async def give(command, who=here.admin, at=here.channel, **options):
        result = await who.slash(at, f"admin {command}", **options)
        assert result.ephemeral
        here.house.clock.forward(seconds=1)
        return result.response

    return give


@pytest.fixture
def deeds(here):
    """Return what is in a server's log: commands and options, newest first."""

    async def read(guild=here.guild):
        found = await here.house.audit.entries(guild.id)
        return [(deed.actor_id, deed.action, deed.detail) for deed in found]

    return read


@pytest.fixture
def film(here):
    """Ask for a film and return what is answered, in one line of plain words."""

    async def ask(who=here.ann, channel=here.channel, **options):
        result = await who.slash(channel, "video", **({"prompt": "a paper boat"} | options))
        return SimpleNamespace(
            said=result.response.content, begun=result.response.content.startswith("Queued")
        )

    return ask
