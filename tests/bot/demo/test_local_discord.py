"""The modelled Discord keeps our time, and members see in it what they would see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import discord
import pytest

from bot.demo.local_discord import PEOPLE, RunningClock, open_discord
from tests.bot.demo.toy import Toy, open_toy

SOON = timedelta(seconds=10)


def test_the_clock_follows_ours() -> None:
    """SimCord's clock shows what ours shows, and counts from where it began."""
    moments = iter([datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 11, 21, 0, 0, 7, tzinfo=UTC)])
    clock = RunningClock(lambda: next(moments))
    assert clock.elapsed == 7.0


def test_skipping_moves_the_clock_ahead() -> None:
    """What SimCord skips is added to our time."""
    start = datetime(2026, 11, 21, tzinfo=UTC)
    clock = RunningClock(lambda: start)
    clock.advance(90)
    assert clock.now() == start + timedelta(seconds=90)
    assert clock.elapsed == 90.0


async def test_everything_is_dated_today() -> None:
    """Messages are made in our time, by the clock that is handed in."""
    start = datetime(2027, 3, 4, 5, 6, 7, tzinfo=UTC)
    async with open_toy(clock=lambda: start) as server:
        await server.command("mira", "video", prompt="a fox")
        assert await server.until(lambda: len(server.posts) == 2, within=SOON)
        made = {discord.utils.snowflake_time(message) for message in server.posts}
        assert made == {start}
        assert {post.at for post in server.posts.values()} == {start}


async def test_a_command_is_answered_privately() -> None:
    """A member reads the answer; the channel doesn't show it. The attachment arrives whole."""
    async with open_toy() as server:
        answer = await server.command("mira", "video", prompt="a fox", image=("fox.png", b"12345"))
        assert answer == "In the works, with 5 bytes."
        assert answer not in "".join(post.text for post in server.posts.values())


async def test_posts_hold_text_files_and_mentions() -> None:
    """What the bot posts from its own loops is seen with its words, its bytes and whom it mentions."""
    async with open_toy(b"a film") as server:
        await server.command("jonas", "video", prompt="a fox")
        assert await server.until(lambda: len(server.posts) == 2, within=SOON)
        card, film = server.posts.values()
        assert card.text == f"a fox\n{1:016x}"
        assert film.files == ((f"{1:016x}.mp4", b"a film"),)
        assert film.mentions == {server.members["jonas"].id}


async def test_an_edited_post_keeps_the_time_it_was_first_seen() -> None:
    """A post says what it says now, and when it came."""
    moments = iter(range(10_000))
    start = datetime(2026, 11, 21, tzinfo=UTC)
    async with open_toy(clock=lambda: start + timedelta(milliseconds=next(moments))) as server:
        await server.command("mira", "video", prompt="please refuse")
        assert await server.until(
            lambda: any("Refused" in post.text for post in server.posts.values()), within=SOON
        )
        card = next(iter(server.posts.values()))
        edited = next(message for message in server.channel.history() if message.id == card.id).edited_at
        assert edited is not None
        assert card.at < edited


async def test_a_deleted_post_is_gone() -> None:
    """Posts are what the channel shows."""
    async with open_toy() as server:
        await server.command("mira", "video", prompt="a fox")
        assert await server.until(lambda: len(server.posts) == 2, within=SOON)
        card = next(iter(server.posts))
        message = next(message for message in server.channel.history() if message.id == card)
        await message.delete()
        assert card not in server.posts


async def test_waiting_ends_in_time() -> None:
    """Whoever waits in vain is told so."""
    async with open_toy() as server:
        assert not await server.until(lambda: False, within=timedelta(milliseconds=20))


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.name)
async def test_only_moderators_may_manage_messages(person: object) -> None:
    """The people on the server have the rights of their role."""
    async with open_discord(Toy(), clock=lambda: datetime.now(UTC)) as server:
        actor = server.members[person.name]
        guild = server.env.bot.get_guild(actor.guild.id)
        rights = server.env.backend.compute_permissions(guild.id, actor.id, server.channel.id)
        assert discord.Permissions(rights).manage_messages is person.moderator
