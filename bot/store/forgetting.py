"""What is left of a member who wants to be forgotten: numbers under a pseudonym.

What is still under way is finished first, so that nothing is paid or posted twice; it is only marked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Text,
    and_,
    case,
    delete,
    exists,
    func,
    literal_column,
    not_,
    null,
    or_,
    select,
    text,
    update,
)

from bot.models import TERMINAL, Place, Requester, Status
from bot.orders import Order
from bot.shots import NOWHERE, OPEN, is_joined
from bot.store.generations import ONE, ZERO
from bot.store.rows import COLUMNS, generation_of, micros, primitive, reader
from bot.store.statements import Statement, Step, number, word
from bot.store.tables import (
    IS_OPEN,
    audit,
    blocks,
    generations,
    grants,
    ledger,
    members,
    orders,
    presets,
    presses,
    storyboards,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from random import Random

    from bot.models import Generation
    from bot.shots import Storyboard
    from bot.store.statements import Engine, Parameters, Primitive

NOBODY = 0
"""The id of the requester of whom nothing is left."""
GRACE = timedelta(minutes=1)
"""After this the tracker finishes what a process that died in between left of a deletion."""
_order = reader(Order)

row = generations.c
board = storyboards.c
_has_ended = row.status.in_([literal_column(f"'{status}'", Text) for status in sorted(TERMINAL)])
_is_going_on = board.status.in_([literal_column(f"'{status}'", Text) for status in sorted(OPEN)])
# The shots of a storyboard that goes on are still to be joined: what is paid is never thrown away.
_is_awaited = exists().where(board.id == row.storyboard_id, _is_going_on).correlate(generations)
_at_rest = and_(row.due_at.is_(None), row.lease_until.is_(None), _has_ended)
_is_moving = or_(row.due_at.is_not(None), row.lease_until.is_not(None))
# A wake, so that a step that has read the row before this comes back to it.
MARK = Statement(
    "mark for forgetting",
    update(generations)
    .where(row.user_id == number("its_user"))
    .values(
        forget=ONE,
        woken=row.woken + case((_is_moving, ONE), else_=ZERO),
        due_at=case((and_(_at_rest, not_(_is_awaited)), number("later")), else_=row.due_at),
    ),
)
# So that one which is just coming to rest, and has looked for marked shots before this, looks again.
WAKE_BOARDS = Statement(
    "wake storyboards of",
    update(storyboards)
    .where(
        board.user_id == number("its_user"), or_(board.due_at.is_not(None), board.lease_until.is_not(None))
    )
    .values(woken=board.woken + ONE),
)
MARKED = Statement(
    "marked",
    select(*COLUMNS)
    .where(
        row.user_id == number("its_user"),
        row.forget == ONE,
        row.due_at == number("later"),
        row.lease_until.is_(None),
        _has_ended,
    )
    .order_by(row.id)
    .limit(number("most")),
    returns=True,
)
AWAITED = Statement(
    "is awaited", select(board.id).where(board.id == word("its_id"), _is_going_on), returns=True
)
BOARDS = Statement(
    "ended storyboards of",
    select(board.id, board.version)
    .where(board.user_id == number("its_user"), not_(_is_going_on), board.due_at.is_(None))
    .order_by(board.id),
    returns=True,
)
BLANK_BOARD = Statement(
    "blank storyboard",
    update(storyboards)
    .where(board.id == word("its_id"), board.version == number("its_version"))
    .values(
        requester=word("its_requester"),
        place=word("its_place"),
        user_id=ZERO,
        interaction_id=number("its_interaction"),
        card_id=null(),
        card_shown=word("nowhere"),
    ),
)
_of_board = row.storyboard_id == word("its_id")
SHOTS_MARKED = Statement(
    "marked shots",
    select(func.count()).select_from(generations).where(_of_board, row.forget == ONE),
    returns=True,
)
RELEASE_SHOTS = Statement(
    "release shots",
    update(generations)
    .where(_of_board, row.user_id != ZERO)
    .values(forget=ONE, woken=row.woken + ONE, due_at=case((_has_ended, number("now")), else_=row.due_at)),
    wakes=True,
)
LEFT = Statement(
    "left of",
    select(row.id).where(row.user_id == number("its_user")).order_by(row.id),
    returns=True,
)
USED = Statement(
    "file in use",
    select(row.id)
    .where(
        or_(text(IS_OPEN), row.status == literal_column(f"'{Status.PARKED}'", Text)),
        row.asked.like(word("pattern")),
    )
    .limit(ONE),
    returns=True,
)
_its_user = number("its_user")
FORGET_PREFERENCES = Statement("forget preferences", delete(members).where(members.c.user_id == _its_user))
FORGET_PRESETS = Statement("forget presets", delete(presets).where(presets.c.user_id == _its_user))
FORGET_ORDERS = Statement(
    "forget orders",
    delete(orders).where(orders.c.user_id == _its_user).returning(orders.c.content),
    returns=True,
)
FORGET_PRESSES = Statement("forget presses", delete(presses).where(presses.c.id.like(word("pattern"))))

ORDERS_OF = Statement(
    "orders of",
    select(orders.c.content, orders.c.created_at).where(orders.c.user_id == _its_user),
    returns=True,
)
BOARDS_OF = Statement(
    "storyboards of",
    select(board.id, board.status, board.place, board.shots, board.created_at)
    .where(board.user_id == _its_user)
    .order_by(board.created_at, board.id),
    returns=True,
)
BLOCKS_OF = Statement(
    "blocks of",
    select(blocks.c.guild_id, blocks.c.until, blocks.c.reason, blocks.c.at).where(
        blocks.c.user_id == _its_user
    ),
    returns=True,
)
ACTIONS_OF = Statement(
    "actions of",
    select(audit.c.guild_id, audit.c.at, audit.c.action, audit.c.detail)
    .where(audit.c.actor_id == _its_user)
    .order_by(audit.c.at),
    returns=True,
)
_numbers = ("videos", "seconds", "credits")
LEDGER_OF = Statement(
    "ledger of",
    select(*(ledger.c[name] for name in ("generation_id", "kind", "provider", "day", *_numbers, "at")))
    .where(ledger.c.member == word("its_member"))
    .order_by(ledger.c.at, ledger.c.generation_id, ledger.c.kind),
    returns=True,
)
GRANTS_OF = Statement(
    "grants of",
    select(*(grants.c[name] for name in ("guild_id", "period", *_numbers, "at")))
    .where(grants.c.member == word("its_member"))
    .order_by(grants.c.at),
    returns=True,
)
HELD: tuple[tuple[str, Statement, tuple[str, ...]], ...] = (
    ("orders", ORDERS_OF, ("content", "created_at")),
    ("storyboards", BOARDS_OF, ("id", "status", "place", "videos", "created_at")),
    ("blocks", BLOCKS_OF, ("server", "until", "reason", "at")),
    ("admin_actions", ACTIONS_OF, ("server", "at", "action", "detail")),
    ("ledger", LEDGER_OF, ("video", "kind", "provider", "day", *_numbers, "at")),
    ("grants", GRANTS_OF, ("server", "period", *_numbers, "at")),
)
"""What is held of a member besides generations and settings: its name, what reads it, what stands in it."""


def is_forgotten(generation: Generation) -> bool:
    """Return whether nothing but numbers is left of it."""
    return generation.requester.user_id == NOBODY


def blank(generation: Generation, random: Random) -> dict[str, Any]:
    """Return the changes that leave of an ended generation what limits, bills and figures need.

    That is who under a pseudonym, when, by which provider and model, how long, how it ended and what it cost.
    """
    place = Place(channel_id=0, guild_id=generation.place.guild_id)
    return {
        "asked": replace(generation.asked, prompt="", media=()),
        "request": replace(generation.request, prompt="", media=()),
        "requester": Requester(NOBODY, ""),
        "place": place,
        "interaction_id": -1 - random.getrandbits(62),
        "forget": True,
        "body": None,
        "task_id": None,
        "named_task_id": None,
        "urls": (),
        "film": None,
        "card_id": None,
        "card_shown": None,
        "message_id": None,
        "message_channel_id": None,
        "parent_id": None,
    }


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Reads and deletes what is held of one member. Raises `StoreUnavailable` as the store does."""

    engine: Engine

    async def held(self, user_id: int, member: str) -> Mapping[str, list[dict[str, Primitive]]]:
        """Return what is held of a member, `member` being their pseudonym, besides what they set and made."""
        parameters: Parameters = {"its_user": user_id, "its_member": member}
        found: dict[str, list[dict[str, Primitive]]] = {}
        for name, statement, names in HELD:
            rows = await self.engine.read(statement, parameters)
            found[name] = [dict(zip(names, one, strict=True)) for one in rows]
        return found

    async def mark(self, user_id: int, now: datetime) -> tuple[datetime, tuple[Order, ...]]:
        """Delete what a member set, and mark what they made; return when the tracker sees to what is left.

        All at once or nothing: what ended is blanked by whoever asked, or else by the tracker from then on.
        With it come the orders that they left unanswered: their files are still there.
        """
        later = now + GRACE
        own: Parameters = {"its_user": user_id}
        _, _, _, unanswered, *_ = await self.engine.write(
            [
                Step(MARK, own | {"later": micros(later)}, rows=None),
                Step(FORGET_PREFERENCES, dict(own), rows=None),
                Step(FORGET_PRESETS, dict(own), rows=None),
                Step(FORGET_ORDERS, dict(own), rows=None),
                Step(FORGET_PRESSES, {"pattern": f"{user_id}:%"}, rows=None),
                Step(WAKE_BOARDS, dict(own), rows=None),
            ]
        )
        return later, tuple(_order(json.loads(str(one[0]))) for one in unanswered.rows)

    async def marked(self, user_id: int, later: datetime, *, most: int) -> tuple[Generation, ...]:
        """Return ended generations that `mark` has marked and nobody works on."""
        parameters: Parameters = {"its_user": user_id, "later": micros(later), "most": most}
        return tuple(generation_of(one) for one in await self.engine.read(MARKED, parameters))

    async def is_awaited(self, generation: Generation) -> bool:
        """Return whether a storyboard that goes on still needs it as one of its shots."""
        if generation.storyboard_id is None or is_joined(generation):
            return False
        return bool(await self.engine.read(AWAITED, {"its_id": generation.storyboard_id}))

    async def blank_boards(self, user_id: int, random: Random) -> None:
        """Leave nothing of a member in their storyboards that have ended and rest."""
        for id_, version in await self.engine.read(BOARDS, {"its_user": user_id}):
            await self._blank_board(str(id_), int(version or 0), random)

    async def end_board(self, ended: Storyboard, random: Random, now: datetime) -> None:
        """See to a storyboard that ends here, and to its shots, if its member wants to be forgotten."""
        ((marked,),) = await self.engine.read(SHOTS_MARKED, {"its_id": ended.id})
        if marked:
            parameters: Parameters = {"its_id": ended.id, "now": micros(now)}
            await self.engine.write([Step(RELEASE_SHOTS, parameters, rows=None)])
            await self._blank_board(ended.id, ended.version, random)

    async def _blank_board(self, id_: str, version: int, random: Random) -> None:
        parameters: Parameters = {
            "its_id": id_,
            "its_version": version,
            "its_requester": primitive(Requester(NOBODY, "")),
            "its_place": primitive(Place(channel_id=0)),
            "its_interaction": -1 - random.getrandbits(62),
            "nowhere": NOWHERE,
        }
        await self.engine.write([Step(BLANK_BOARD, parameters, rows=None)])

    async def left(self, user_id: int) -> int:
        """Return how many generations still bear a member's name, because they haven't ended."""
        return len(await self.engine.read(LEFT, {"its_user": user_id}))

    async def is_used(self, file_id: str) -> bool:
        """Return whether a generation that is under way, or parked, needs a member's file: anybody's."""
        return bool(await self.engine.read(USED, {"pattern": f"%{file_id}%"}))
