"""A modelled Discord with one server in it."""

from contextlib import asynccontextmanager
from types import SimpleNamespace
from urllib.parse import urlsplit

import discord
import simcord
from simcord.backend.cdn import CDN_BASE

from bot.errors import Refused

REGISTERED = {}
"""What Discord is told of the commands: the same each time, and slow to translate into every language."""


async def register(client):
    """Tell Discord about the commands, as `tree.sync` does."""
    key = (*client.extensions, client.tree.allowed_installs.user)
    if key not in REGISTERED:
        REGISTERED[key] = [
            await command.get_translated_payload(client.tree, client.tree.translator)
            for command in client.tree._get_all_commands()
        ]
    await client.http.bulk_upsert_global_commands(client.application_id, payload=REGISTERED[key])


@asynccontextmanager
async def a_server(client):
    """Run a modelled Discord with one server: a channel, two members, a moderator and an admin."""
    client.trusted_hosts |= {urlsplit(CDN_BASE).netloc}  # where attachments are here
    env = simcord.run(client)._env
    await env.start()
    await register(client)
    guild = env.create_guild()
    mods = guild.create_role("Mods", permissions=discord.Permissions(manage_messages=True))
    admins = guild.create_role("Admins", permissions=discord.Permissions(manage_guild=True))
    yield SimpleNamespace(
        env=env,
        guild=guild,
        channel=guild.create_text_channel("general"),
        ann=guild.add_member(env.create_user("ann")),
        ben=guild.add_member(env.create_user("ben")),
        mod=guild.add_member(env.create_user("mod"), roles=[mods]),
        admin=guild.add_member(env.create_user("admin"), roles=[admins]),
        client=client,
    )
    await env.shutdown()
    assert [error for error in env.errors if not isinstance(getattr(error, "original", error), Refused)] == []
