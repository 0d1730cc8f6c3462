"""What SimCord's page lacks works from our script: message menus, files, other channels, a language.

Like the tests of `page`, these hold private names of SimCord.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import discord
import pytest

from bot.demo.local_discord import open_discord
from bot.i18n import languages
from tests.bot.demo.clerk import Clerk
from tests.bot.demo.viewer import shown, texts, watching

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.demo.local_discord import LocalDiscord
    from tests.bot.demo.viewer import Viewer


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[LocalDiscord, Viewer]]:
    """Let Mira look at the channel."""
    bot = Clerk()
    async with open_discord(bot, clock=lambda: datetime.now(UTC)) as server:
        await bot.tree.sync()
        async with watching(server) as viewer:
            await viewer.open()
            yield server, viewer
        assert server.env.errors == []


async def test_files_are_posted_and_a_message_has_a_menu() -> None:
    """Several files go into one message, and its menu's entry gets that message."""
    async with opened() as (_, viewer):
        choice = await viewer.wish(do="post", names=[["ä.png", 3], ["b.mp4", 2]], files=b"abcde")
        assert choice["apps"] == {"Animate this": "Animate this", "Tell": "Tell"}
        state = await shown(viewer, "b.mp4")
        await viewer.wish(do="app", message=state["timeline"][-1], name="Tell")
        assert "en-US: ä.png 3, b.mp4 2" in texts(await viewer.state())


async def test_a_menus_form_opens_in_the_window_and_is_submitted() -> None:
    """The entry's modal is shown to whoever chose it, and takes what they type."""
    async with opened() as (server, viewer):
        await server.members["jonas"].send(server.channel, "look at this")
        state = await shown(viewer, "look at this")
        await viewer.wish(do="app", message=state["timeline"][-1], name="Animate this")
        state = await viewer.state()
        assert state["modal"]["payload"]["title"] == "Animate"
        receipt = await viewer.act(
            state, "modal_submit", modal_handle=state["modal"]["handle"], values={"prompt": "a fox"}
        )
        assert (receipt["rejected"], receipt["settlement"]) == (False, "settled")
        assert "You want a fox." in texts(await viewer.state())


async def test_a_viewer_chooses_a_language() -> None:
    """Their commands come in it from now on; others keep theirs."""
    async with opened() as (server, viewer):
        choice = await viewer.wish(do="language", language="zh-CN")
        assert (choice["language"], choice["languages"]) == ("zh-CN", languages())
        for member in ("mira", "jonas"):
            message = await server.members[member].send(server.channel, "here", attachments=[("a.png", b"1")])
            answer = await server.members[member].context_menu(server.channel, "Tell", message)
            language = {"mira": "zh-CN", "jonas": "en-US"}[member]
            assert answer.response.content == f"{language}: a.png 1"


async def test_dates_are_shown_in_the_viewers_language() -> None:
    """As Discord's own program does: by the reader's language, not by the server's."""
    async with opened() as (_, viewer):
        assert (await viewer.state())["profile"]["locale"] == "en-US"
        await viewer.wish(do="language", language="zh-CN")
        assert (await viewer.state())["profile"]["locale"] == "zh-CN"


async def test_the_command_picker_speaks_the_viewers_language() -> None:
    """Names, options and choices are shown in it, and a command that is given in it arrives."""
    async with opened() as (_, viewer):
        english = await viewer.commands()
        await viewer.wish(do="language", language="zh-CN")
        state = await viewer.state()
        chinese = await viewer.commands()
        assert english["fingerprint"] != chinese["fingerprint"] == state["commands"]["fingerprint"]
        (entry,) = chinese["entries"]
        assert (entry["invocation"], entry["path"], entry["options"][0]["name"]) == ("说", ["say"], "文字")
        receipt = await viewer.act(
            state,
            "run_command",
            command_id=entry["commandId"],
            path=entry["path"],
            schema_fingerprint=entry["schemaFingerprint"],
            options={"文字": "你好"},
        )
        assert (receipt["rejected"], receipt["settlement"]) == (False, "settled")
        assert "zh-CN: 你好" in texts(await viewer.state())


async def test_a_window_goes_to_a_thread_and_writes_there() -> None:
    """The thread is among the channels, its messages are shown, and what is said there stays there."""
    async with opened() as (server, viewer):
        place = server.env.bot.get_channel(server.channel.id)
        thread = await place.create_thread(name="film", type=discord.ChannelType.public_thread)
        await thread.send("in the thread")
        choice = await viewer.wish(do="look")
        assert choice["channels"] == {str(place.id): "#cinema", str(thread.id): "↳ film"}
        assert (await viewer.wish(do="channel", channel=str(thread.id)))["channel"] == str(thread.id)
        state = await shown(viewer, "in the thread")
        receipt = await viewer.say(state, "me too")
        assert (receipt["rejected"], receipt["settlement"]) == (False, "settled")
        assert [message.content for message in server.channel.threads[0].history()] == [
            "in the thread",
            "me too",
        ]


async def test_direct_messages_are_for_their_reader_alone() -> None:
    """The bot's DM is among its reader's channels, who may answer; the next viewer is in the channel."""
    async with opened() as (server, viewer):
        mira = server.members["mira"]
        user = await server.env.bot.fetch_user(mira.id)
        await user.send("your film")
        home, dm = str(server.channel.id), str(mira.user.dm_channel.id)
        assert (await viewer.wish(do="look"))["channels"] == {home: "#cinema", dm: "Direct messages"}
        assert (await viewer.wish(do="channel", channel=dm))["apps"] == {}
        state = await shown(viewer, "your film")
        receipt = await viewer.say(state, "thank you")
        assert (receipt["rejected"], receipt["settlement"]) == (False, "settled")
        assert "thank you" in texts(await viewer.state())
        await viewer.act(await viewer.state(), "viewer", viewer_id=str(server.members["noor"].id))
        choice = await viewer.wish(do="look")
        assert (choice["channel"], choice["channels"]) == (home, {home: "#cinema"})
        await viewer.wish(409, do="channel", channel=dm)


@pytest.mark.parametrize(
    "wish",
    [
        {"do": "language", "language": "xx"},
        {"do": "channel", "channel": "1"},
        {"do": "app", "message": "1", "name": "Tell"},
        {"do": "post", "names": [["a.png", 7]]},
        {"do": "post"},
    ],
    ids=lambda wish: f"{wish['do']} {len(wish)}",
)
async def test_what_cant_be_asked_is_refused(wish: dict[str, object]) -> None:
    """A window gets an answer, and nothing breaks."""
    async with opened() as (_, viewer):
        await viewer.wish(409, **wish)


async def test_a_stranger_may_ask_for_nothing() -> None:
    """Without the page's secret there is no answer."""
    async with opened() as (_, viewer):
        viewer._capability = "guessed"
        await viewer.wish(401, do="look")
