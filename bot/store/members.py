"""What members set for themselves, by member: preferences and presets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from bot.errors import Conflict
from bot.preferences import Preferences, Preset
from bot.store.rows import clean, micros, primitive, reader
from bot.store.statements import Statement, Step, number, word
from bot.store.tables import members, presets

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.store.statements import Engine, Parameters

TRIES = 5
"""For two changes of one member at the same moment."""

PREFERENCES = Statement(
    "preferences of",
    select(members.c.preferences).where(members.c.user_id == number("its_user")),
    returns=True,
)
PUT_PREFERENCES = Statement(
    "put preferences",
    insert(members)
    .values(user_id=number("its_user"), preferences=word("its_preferences"), updated_at=number("now"))
    .on_conflict_do_update(
        index_elements=["user_id"],
        set_={"preferences": word("its_preferences"), "updated_at": number("now")},
        where=members.c.preferences == word("seen"),
    ),
)
# On PostgreSQL the member's row is what two saves at once wait for: the second then counts the first.
TURN = Statement(
    "turn",
    insert(members)
    .values(user_id=number("its_user"), preferences=word("its_preferences"), updated_at=number("now"))
    .on_conflict_do_update(index_elements=["user_id"], set_={"updated_at": number("now")}),
)
_own = presets.alias("own")
_saved = select(func.count()).select_from(_own).where(_own.c.user_id == number("its_user")).scalar_subquery()
_is_there = exists().where(_own.c.user_id == number("its_user"), _own.c.name == word("its_name"))
PUT_PRESET = Statement(
    "put preset",
    insert(presets)
    .from_select(
        ["user_id", "name", "preset", "updated_at"],
        select(number("its_user"), word("its_name"), word("its_preset"), number("now")).where(
            or_(_is_there, _saved < number("most"))
        ),
    )
    .on_conflict_do_update(
        index_elements=["user_id", "name"], set_={"preset": word("its_preset"), "updated_at": number("now")}
    ),
)
_is_it = (presets.c.user_id == number("its_user"), presets.c.name == word("its_name"))
PRESETS = Statement(
    "presets of",
    select(presets.c.preset).where(presets.c.user_id == number("its_user")).order_by(presets.c.name),
    returns=True,
)
PRESET = Statement("preset of", select(presets.c.preset).where(*_is_it), returns=True)
DELETE_PRESET = Statement("delete preset", delete(presets).where(*_is_it))
_preferences = reader(Preferences)
_preset = reader(Preset)


@dataclass(frozen=True, slots=True)
class Members:
    """Members' own settings. Everything raises `StoreUnavailable` when the database can't be had."""

    engine: Engine

    async def preferences(self, user_id: int) -> Preferences:
        """Return what a member set; nothing where they set nothing."""
        return (await self._read(user_id))[0]

    async def change(
        self, user_id: int, change: Callable[[Preferences], Preferences], now: datetime
    ) -> Preferences:
        """Change what a member set, and return it. Raises `Conflict` if it never stands still."""
        tried = 0
        while True:
            before, seen = await self._read(user_id)
            after = change(before)
            parameters: Parameters = {
                "its_user": user_id,
                "its_preferences": primitive(after),
                "seen": seen,
                "now": micros(now),
            }
            try:
                await self.engine.write([Step(PUT_PREFERENCES, parameters)])
            except Conflict:
                tried += 1
                if tried == TRIES:
                    raise
            else:
                return after

    async def _read(self, user_id: int) -> tuple[Preferences, str | None]:
        rows = await self.engine.read(PREFERENCES, {"its_user": user_id})
        if not rows:
            return Preferences(), None
        text = str(rows[0][0])
        return _preferences(json.loads(text)), text

    async def presets(self, user_id: int) -> tuple[Preset, ...]:
        """Return a member's presets, by name."""
        rows = await self.engine.read(PRESETS, {"its_user": user_id})
        return tuple(_preset(json.loads(str(row[0]))) for row in rows)

    async def preset(self, user_id: int, name: str) -> Preset | None:
        """Return a member's preset of this very name, or None."""
        rows = await self.engine.read(PRESET, {"its_user": user_id, "its_name": clean(name)})
        return _preset(json.loads(str(rows[0][0]))) if rows else None

    async def put_preset(self, user_id: int, preset: Preset, now: datetime, *, most: int) -> bool:
        """Save a preset, in place of the one of its name; return whether there was room for it."""
        turn: Parameters = {"its_user": user_id, "now": micros(now)}
        own = {"its_name": clean(preset.name), "its_preset": primitive(preset), "most": most}
        steps = [
            Step(TURN, turn | {"its_preferences": primitive(Preferences())}),
            Step(PUT_PRESET, turn | own, rows=None),
        ]
        return (await self.engine.write(steps))[1].touched > 0

    async def delete_preset(self, user_id: int, name: str) -> bool:
        """Delete a member's preset; return whether there was one."""
        parameters: Parameters = {"its_user": user_id, "its_name": clean(name)}
        (outcome,) = await self.engine.write([Step(DELETE_PRESET, parameters, rows=None)])
        return outcome.touched > 0
