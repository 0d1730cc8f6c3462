"""A member's own generations, page by page: by how they stand, and by what stands in the prompt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select, text

from bot.models import OPEN, WITHOUT_FILM, Status
from bot.store.rows import COLUMNS, generation_of, micros, searchable
from bot.store.statements import Statement, number, word
from bot.store.tables import generations, words

if TYPE_CHECKING:
    from bot.models import Generation
    from bot.store.statements import Engine, Parameters

END_OF_TIME = 2**63 - 1
row = generations.c


class Shown(StrEnum):
    """Which of a member's generations are listed."""

    ALL = "all"
    OPEN = "open"
    DONE = "done"
    WITHOUT = "without"
    PARKED = "parked"


STATUSES: dict[Shown, frozenset[Status]] = {
    Shown.ALL: frozenset(Status),
    Shown.OPEN: OPEN,
    Shown.DONE: frozenset({Status.DELIVERED}),
    Shown.WITHOUT: WITHOUT_FILM,
    Shown.PARKED: frozenset({Status.PARKED}),
}


@lru_cache(maxsize=16)
def page(shown: Shown, *, newer: bool = False) -> Statement:
    """Return what reads a page; `newer`: the page that ends before a generation, nearest to it first."""
    time, its_id = number("its_time"), word("its_id")
    if newer:
        place = or_(row.created_at > time, and_(row.created_at == time, row.id > its_id))
        order = (row.created_at.asc(), row.id.asc())
    else:
        place = or_(row.created_at < time, and_(row.created_at == time, row.id < its_id))
        order = (row.created_at.desc(), row.id.desc())
    found = or_(row.prompt.like(word("pattern"), escape="!"), row.id == word("words"))
    core = select(*COLUMNS).where(row.user_id == number("its_user"), place, found)
    if shown is not Shown.ALL:
        core = core.where(text(f"status IN ({words(STATUSES[shown])})"))
    core = core.order_by(*order).limit(number("most"))
    return Statement(f"{'newer' if newer else 'older'} of {shown}", core, returns=True)


def pattern(searched: str) -> str:
    """Return what a prompt must be like: the words somewhere in it, letter for letter but for their size."""
    literal = searchable(searched)
    for special in "!%_":
        literal = literal.replace(special, f"!{special}")
    return f"%{literal}%"


@dataclass(frozen=True, slots=True)
class Searching:
    """Finds a member's own. Everything raises `StoreUnavailable` when the database can't be had."""

    engine: Engine

    async def page(
        self,
        user_id: int,
        *,
        shown: Shown = Shown.ALL,
        searched: str = "",
        beyond: Generation | None = None,
        newer: bool = False,
        most: int = 25,
    ) -> tuple[Generation, ...]:
        """Return a member's generations, newest first: those next to `beyond`, older or `newer` than it.

        Without `beyond` they begin with the newest. `searched` stands in the prompt, or is the whole id.
        """
        parameters: Parameters = {
            "its_user": user_id,
            "its_time": micros(beyond.created_at) if beyond else END_OF_TIME,
            "its_id": beyond.id if beyond else "",
            "pattern": pattern(searched),
            "words": searchable(searched),
            "most": most,
        }
        rows = await self.engine.read(page(shown, newer=newer and beyond is not None), parameters)
        found = [generation_of(one) for one in rows]
        return tuple(reversed(found) if newer and beyond is not None else found)
