"""Laws of `bot.store.blocks`, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.models import Place, Status
from bot.providers.moderation import MODERATION, SOUND
from bot.servers import EVERYWHERE, Block
from bot.store.blocks import LONGEST_REASON, Blocks
from tests.bot.store.examples import NOON, generation, second

BLOCK = Block(8, 42, None, "spam", 1, NOON)


async def test_a_person_s_blocks_are_those_here_and_everywhere(store):
    """Also what is over; and no other server's, nor another person's."""
    blocks = Blocks(store.engine)
    over = replace(BLOCK, guild_id=EVERYWHERE, until=NOON)
    for one in (BLOCK, over, replace(BLOCK, guild_id=9), replace(BLOCK, user_id=43)):
        await blocks.put(one)

    assert (over, BLOCK) == await blocks.of(42, 8)
    assert (over,) == await blocks.of(42, None)
    assert () == await blocks.of(44, 8)


async def test_a_later_one_takes_its_place(store):
    """A pardon, too."""
    blocks = Blocks(store.engine)
    pardon = Block(8, 42, second(1), "", 2, second(1))
    await blocks.put(BLOCK)
    await blocks.put(pardon)

    assert (pardon,) == await blocks.of(42, 8)


async def test_a_server_s_list_is_what_stands(store):
    """Latest first, as many as are wanted."""
    blocks = Blocks(store.engine)
    timed = replace(BLOCK, user_id=43, until=second(2), at=second(1))
    for one in (BLOCK, timed, replace(BLOCK, user_id=44, until=second(1)), replace(BLOCK, guild_id=9)):
        await blocks.put(one)

    assert (timed, BLOCK) == await blocks.on(8, second(1), 9)
    assert (timed,) == await blocks.on(8, second(1), 1)
    assert (BLOCK,) == await blocks.on(8, second(2), 9)


async def test_what_no_database_takes(store):
    """A reason is bounded, and holds nothing broken."""
    blocks = Blocks(store.engine)
    await blocks.put(replace(BLOCK, reason="\0" + "x" * 999))
    (kept,) = await blocks.of(42, 8)

    assert "\ufffd" + "x" * (LONGEST_REASON - 1) == kept.reason


@pytest.mark.parametrize("reason", sorted(MODERATION - {SOUND}))
async def test_refusals_are_the_moderation_s(store, reason):
    """Of this member, with the server each was on, after a moment, in order."""
    blocks = Blocks(store.engine)
    here = {"place": Place(1, 8), "member": "ann", "status": Status.REFUSED, "reason": reason}
    for number, changes in enumerate(
        [
            {"finished_at": second(3)},
            {"finished_at": second(2)},
            {"finished_at": second(1)},
            {"finished_at": second(4), "member": "ben"},
            {"finished_at": second(5), "place": Place(1, 9)},
            {"finished_at": second(4), "place": Place(1)},
            {"finished_at": second(4), "reason": "input"},
            {"finished_at": second(4), "reason": SOUND},
            {"finished_at": second(4), "status": Status.FAILED},
        ]
    ):
        await store.start(generation(number + 1, **(here | changes)), [])

    assert [(8, second(2)), (8, second(3)), (None, second(4)), (9, second(5))] == await blocks.refusals(
        "ann", NOON + timedelta(seconds=1)
    )
