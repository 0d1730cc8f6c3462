"""Laws of `cogs.admin.queue`, in a modelled Discord."""

from __future__ import annotations

import discord
import pytest

from bot.messages import buttons
from bot.models import Status

NOT_ADMIN = "Only those who may manage this server can do that."
NOT_OPERATOR = "Only those who run this bot can do that."
GONE = "It is no longer under way here. `/admin queue` shows what is."
CLIP = ("https://films.example/1.mp4",)


@pytest.fixture
def begun(here, film):
    """Let Ann ask for a film, and bring it to where a test wants it."""

    async def begin(who=here.ann, channel=here.channel, **changes):
        assert (await film(who=who, channel=channel)).begun
        queue = here.house.operations.queue
        row = (await queue.page(None, most=99))[-1]
        here.house.clock.forward(seconds=1)
        if not changes:
            return row
        if changes["status"] is Status.PARKED:
            row = await queue.store.move(row, here.house.clock(), due_at=None, status=Status.SUBMITTING)
        return await queue.store.move(row, here.house.clock(), due_at=None, **changes)

    return begin


@pytest.fixture
def look(here):
    """Choose one in the menu of a list, and return what is answered."""

    async def choose(shown, id_, who=here.admin):
        (menu,) = [each["custom_id"] for each in parts(shown) if "placeholder" in each]
        return (await who.select(shown, [id_], custom_id=menu)).response

    return choose


@pytest.fixture
def row(here):
    """Return a generation as it stands."""
    return here.house.generations.any


def parts(shown):
    """Return everything that stands below a message."""
    return [part for row in shown.components for part in row["components"]]


def pressable(shown):
    """Return the labels and custom_ids of what can be pressed."""
    return {part["label"]: part["custom_id"] for part in parts(shown) if "label" in part}


async def test_what_is_under_way_is_listed(here, admin, begun):
    """With state, member and age; what has ended isn't, and parked is."""
    assert (await admin("queue")).embeds[0].description == "Nothing is under way."
    one = await begun()
    await begun(status=Status.PARKED, reason="timeout")
    await begun(status=Status.CANCELLED)
    listed = (await admin("queue")).embeds[0].description

    age = int(one.created_at.timestamp())
    assert f"**1.** <@{here.ann.id}> · maxapi · <t:{age}:R>\nQueued." in listed
    assert "**2.**" in listed
    assert "This takes far longer than it should." in listed
    assert "**3.**" not in listed


async def test_shots_are_listed_as_such(here, admin, begun):
    """So that nobody wonders whose film it is."""
    await begun(status=Status.RUNNING, storyboard_id="1" * 16, shot=2)
    await begun(status=Status.FETCHED, storyboard_id="2" * 16)
    listed = (await admin("queue")).embeds[0].description

    assert "shot 2 of a storyboard" in listed
    assert "film of a storyboard" in listed


async def test_the_list_is_turned_in_its_place(here, admin, begun):
    """Also after a restart: what a button means stands in it."""
    for _ in range(5):
        for who in (here.ann, here.ben):
            await begun(who=who)
    shown = await admin("queue")
    assert "**8.**" in shown.embeds[0].description
    assert "From the oldest" not in pressable(shown)
    later = await here.admin.click(shown, custom_id=pressable(shown)["Later ones"])
    page = later.response
    assert "**2.**" in page.embeds[0].description
    assert "**3.**" not in page.embeds[0].description
    back = await here.admin.click(page, custom_id=pressable(page)["From the oldest"])
    assert "**8.**" in back.response.embeds[0].description


async def test_one_is_cancelled_like_by_its_member(here, admin, begun, look, row, deeds):
    """Nothing was sent: it counts nothing, and is in the log."""
    one = await begun()
    chosen = await look(await admin("queue"), one.id)
    assert f"-# {one.id}" in chosen.content
    pressed = await here.admin.click(chosen, custom_id=pressable(chosen)["Cancel"])

    assert pressed.response.content == "It is being cancelled. It counts nothing."
    assert (await row(one.id)).cancel_wished
    assert [(here.admin.id, "queue", f"act: cancel · id: {one.id}")] == await deeds()


async def test_what_counts_in_full_is_asked_first(here, admin, begun, look, row):
    """Where its provider doesn't confirm a cancel."""
    one = await begun(status=Status.RUNNING, task_id="t")
    chosen = await look(await admin("queue"), one.id)
    asked = (await here.admin.click(chosen, custom_id=pressable(chosen)["Cancel"])).response
    assert asked.content == "The provider doesn't stop what it has, so it counts in full. Cancel anyway?"
    assert not (await row(one.id)).cancel_wished
    pressed = await here.admin.click(asked, custom_id=pressable(asked)["Cancel"])

    assert pressed.response.content == "It is being cancelled. It counts in full."
    assert (await row(one.id)).cancel_wished


PARKED = [
    ("Ask again", {"reason": "timeout", "task_id": "t"}, Status.RUNNING, "ask"),
    ("Take the film", {"reason": "absurd_charge", "task_id": "t", "urls": CLIP}, Status.RENDERED, "take"),
    ("Go on", {"reason": "unknown"}, Status.QUEUED, "go_on"),
    ("Give up", {"reason": "uncertain"}, Status.FAILED, "give_up"),
]


@pytest.mark.parametrize(("label", "changes", "status", "act"), PARKED)
async def test_what_is_parked_is_decided(here, admin, begun, look, row, deeds, label, changes, status, act):
    """By an admin of its server; it is written down, and done once."""
    one = await begun(status=Status.PARKED, **changes)
    chosen = await look(await admin("queue"), one.id)
    assert f"**{label}**" in chosen.content
    press = pressable(chosen)[label]
    await here.admin.click(chosen, custom_id=press)
    assert status is (await row(one.id)).status
    assert [(here.admin.id, "queue", f"act: {act} · id: {one.id}")] == await deeds()
    again = (await here.admin.click(chosen, custom_id=press)).response

    assert "`/admin queue` shows" in again.content
    assert status is (await row(one.id)).status
    assert 1 == len(await deeds())


async def test_sending_again_is_the_operator_s(here, admin, begun, look, row, deeds):
    """It may be paid twice, so it is asked first; an admin isn't even offered it."""
    one = await begun(status=Status.PARKED, reason="uncertain", submitted_at=here.house.clock())
    chosen = await look(await admin("queue"), one.id)
    assert ["Give up"] == list(pressable(chosen))

    button = discord.ui.Button(label="?", custom_id=f"matinee:decide:send:{one.id}:yes")
    message = await here.client.get_channel(here.channel.id).send("?", view=buttons.row(button))
    assert NOT_OPERATOR == (await here.admin.click(message, custom_id=button.custom_id)).response.content

    shown = await admin("queue", who=here.boss, at=here.far, everywhere=True)
    seen = await look(shown, one.id, who=here.boss)
    asked = (await here.boss.click(seen, custom_id=pressable(seen)["Send again"])).response
    assert "Then it may be paid twice." in asked.content
    assert Status.PARKED is (await row(one.id)).status
    assert [] == await deeds()
    done = await here.boss.click(asked, custom_id=pressable(asked)["Send again"])
    assert done.response.content == "It is in the queue again, and sent once more."
    assert Status.QUEUED is (await row(one.id)).status
    assert [(here.boss.id, "queue", f"act: send · id: {one.id}")] == await deeds()


@pytest.mark.parametrize(
    ("charged", "said"),
    [(9_000_000_000, "The provider reports 9000 credits"), (None, "reports a price that is no amount")],
)
async def test_a_doubtful_price_is_told_to_whoever_decides(admin, begun, look, charged, said):
    """As far as it is one."""
    one = await begun(status=Status.PARKED, reason="absurd_charge", task_id="t", urls=CLIP, charged=charged)

    assert said in (await look(await admin("queue"), one.id)).content


async def test_a_member_sees_nothing(here, admin, begun):
    """Though they are shown the command."""
    await begun()
    shown = await admin("queue", who=here.ann)

    assert (NOT_ADMIN, []) == (shown.content, list(shown.embeds))


@pytest.mark.parametrize(
    ("who", "told"), [("ann", NOT_ADMIN), ("mod", NOT_ADMIN), ("stranger", GONE), ("boss", None)]
)
@pytest.mark.parametrize("what", ["cancel", "ask", "give_up"])
async def test_whoever_presses_is_looked_at(here, begun, row, who, told, what):
    """Whatever message the button stands below: neither a member nor another server's admin decides."""
    parked = {"status": Status.PARKED, "reason": "timeout", "task_id": "t"}
    one = await begun(**({} if what == "cancel" else parked))
    at = here.far if who in {"stranger", "boss"} else here.channel
    button = discord.ui.Button(label="?", custom_id=f"matinee:decide:{what}:{one.id}:yes")
    message = await here.client.get_channel(at.id).send("?", view=buttons.row(button))
    answered = (await getattr(here, who).click(message, custom_id=button.custom_id)).response
    now = await row(one.id)

    assert told is None or told == answered.content
    assert (told is None) is (now.cancel_wished or now.status is not one.status)


@pytest.mark.parametrize(("who", "told"), [("ann", NOT_ADMIN), ("stranger", NOT_OPERATOR), ("boss", None)])
async def test_whoever_turns_and_chooses_is_looked_at(here, begun, who, told):
    """The list of everywhere, and one of it, too."""
    one = await begun()
    at = here.channel if who == "ann" else here.far
    turn = discord.ui.Button(label="?", custom_id=f"matinee:queue:all:0:{0:016x}")
    menu = discord.ui.Select(custom_id="matinee:queued:all")
    menu.add_option(label="?", value=one.id)
    message = await here.client.get_channel(at.id).send("?", view=buttons.row(turn, menu))
    chosen = (await getattr(here, who).select(message, [one.id], custom_id=menu.custom_id)).response
    assert {"ann": NOT_ADMIN, "stranger": GONE}.get(who, chosen.content) == chosen.content
    assert (one.id in chosen.content) is (who == "boss")
    turned = (await getattr(here, who).click(message, custom_id=turn.custom_id)).response
    assert told is None or turned is None or told == turned.content


async def test_another_server_s_list_is_not_here(here, admin, begun):
    """Each admin sees their own; nobody but operators sees all."""
    await begun()
    await begun(who=here.ann_there, channel=here.far)
    theirs = (await admin("queue", who=here.stranger, at=here.far)).embeds[0].description
    everything = await admin("queue", who=here.boss, at=here.far, everywhere=True)

    assert ("**1.**" in theirs, "**2.**" in theirs) == (True, False)
    assert "**2.**" in everything.embeds[0].description
    assert NOT_OPERATOR == (await admin("queue", everywhere=True)).content


async def test_an_operator_decides_everywhere(here, admin, begun, look, row):
    """The log of the server that it belongs to has it."""
    one = await begun(status=Status.PARKED, reason="timeout", task_id="t")
    shown = await admin("queue", who=here.boss, at=here.far, everywhere=True)
    assert f"`{here.guild.id}`" in shown.embeds[0].description
    chosen = await look(shown, one.id, who=here.boss)
    await here.boss.click(chosen, custom_id=pressable(chosen)["Ask again"])

    assert Status.RUNNING is (await row(one.id)).status
    assert ["queue"] == [deed.action for deed in await here.house.audit.entries(here.guild.id)]
    assert () == await here.house.audit.entries(here.other.id)


async def test_what_has_ended_meanwhile_is_said(here, admin, begun, look):
    """A list is as old as it is."""
    one = await begun()
    shown = await admin("queue")
    store = here.house.operations.queue.store
    await store.move(one, here.house.clock(), due_at=None, status=Status.CANCELLED)

    assert GONE == (await look(shown, one.id)).content
