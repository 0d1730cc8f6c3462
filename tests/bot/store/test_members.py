"""Laws of `bot.store.members`, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.errors import Conflict
from bot.preferences import Preferences, Preset
from bot.store.members import TRIES, Members
from tests.bot.store.examples import NOON

HOSTILE = "\0'; DROP TABLE presets; -- \ud800 %_ 名"


@pytest.fixture
def members(store):
    """Return members' settings on either database."""
    return Members(store.engine)


async def test_who_set_nothing_has_nothing(members):
    """Everything is left to the bot."""
    assert Preferences() == await members.preferences(1001)


async def test_preferences_come_back(members):
    """To their member, and to nobody else."""
    wanted = Preferences("maxapi", "seedance-2.0", "9:16", "1080p", 10, sound=False, deliver="dm")
    changed = await members.change(1001, lambda _: wanted, NOON)

    assert changed == wanted == await members.preferences(1001)
    assert Preferences() == await members.preferences(1002)


async def test_changes_at_once_all_happen(members):
    """Two menus used at the same moment: neither undoes the other."""
    await asyncio.gather(
        members.change(1001, lambda one: replace(one, ratio="9:16"), NOON),
        members.change(1001, lambda one: replace(one, seconds=10), NOON),
        members.change(1001, lambda one: replace(one, language="zh-CN"), NOON),
    )

    assert Preferences(ratio="9:16", seconds=10, language="zh-CN") == await members.preferences(1001)


async def test_presets_come_back_by_name(members):
    """In one order, each to its member alone."""
    night, day = Preset("night", "At night:", ratio="21:9"), Preset("day", sound=True)
    for preset in (night, day):
        assert await members.put_preset(1001, preset, NOON, most=20)

    assert (day, night) == await members.presets(1001)
    assert night == await members.preset(1001, "night")
    assert await members.preset(1002, "night") is None
    assert () == await members.presets(1002)


async def test_a_preset_is_saved_over_the_one_of_its_name(members):
    """Also where there is no room for another."""
    await members.put_preset(1001, Preset("night", "one"), NOON, most=1)
    assert await members.put_preset(1001, Preset("night", "two"), NOON, most=1)

    assert (Preset("night", "two"),) == await members.presets(1001)


async def test_no_more_presets_than_allowed(members):
    """However many are saved at once; another member has room of their own."""
    saved = await asyncio.gather(
        *(members.put_preset(1001, Preset(f"p{number}"), NOON, most=5) for number in range(12))
    )

    assert [True] * 5 == [one for one in saved if one]
    assert len(await members.presets(1001)) == 5
    assert await members.put_preset(1002, Preset("p"), NOON, most=5)


async def test_a_deleted_preset_makes_room(members):
    """And is gone for good."""
    await members.put_preset(1001, Preset("a"), NOON, most=1)

    assert await members.delete_preset(1001, "a")
    assert not await members.delete_preset(1001, "a")
    assert await members.put_preset(1001, Preset("b"), NOON, most=1)


async def test_saving_a_preset_changes_no_preference(members):
    """They lie in one member's row and beside it."""
    await members.change(1001, lambda _: Preferences(seconds=10), NOON)
    await members.put_preset(1001, Preset("a"), NOON, most=1)

    assert Preferences(seconds=10) == await members.preferences(1001)


async def test_hostile_names_are_names(members):
    """Whatever stands in them is found again by the same."""
    await members.put_preset(1001, Preset(HOSTILE), NOON, most=20)

    assert await members.preset(1001, HOSTILE) is not None
    assert await members.preset(1001, "%") is None
    assert await members.delete_preset(1001, HOSTILE)


@pytest.mark.parametrize(("others", "lost"), [(TRIES - 1, False), (TRIES, True)])
async def test_a_member_who_never_stands_still_is_told(members, monkeypatch, others, lost):
    """Somebody else's change comes between again and again: five times it is tried, then given up."""
    between, real = [], type(members)._read

    async def read(self, user_id):
        found = await real(self, user_id)
        if len(between) < others:
            between.append(1)
            one = Preferences(seconds=len(between))
            monkeypatch.setattr(type(members), "_read", real)
            await members.change(user_id, lambda _: one, NOON)
            monkeypatch.setattr(type(members), "_read", read)
        return found

    await members.change(1001, lambda one: replace(one, seconds=99), NOON)
    monkeypatch.setattr(type(members), "_read", read)
    changing = members.change(1001, lambda one: replace(one, ratio="9:16"), NOON)
    if lost:
        with pytest.raises(Conflict):
            await changing
    else:
        assert Preferences(seconds=others, ratio="9:16") == await changing
