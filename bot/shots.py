"""Storyboards as frozen values: several shots, made in order, that become one film.

A storyboard is a row of its own. Its shots are ordinary generations, all reserved when it is asked for, and
so is the film that is joined from them: a generation without a price, with the storyboard's own id. Where it
stands says what is written down, and so what follows if the process dies there:

| storyboard | its film | means | if the process dies here |
|---|---|---|---|
| `shooting` | none yet | shots are made one after another, or a failed one waits for its member | looked at again: a shot that waits for its turn has sent nothing, one that is released is a generation like any other |
| `joining` | `rendered` | what is joined is written down, in the same transaction as the film's row | joined again: the same films give the same bytes |
| `joining` | `fetched` | the joined film lies on the disk, size and sha256 known | posted |
| `joining` | `posting` | nonce and time are written, the message may exist | looked for before it is posted again |
| `delivered` | `delivered` | the film is posted, or kept for `/show` | the card gets its last word |
| `failed` | `failed` | the shots could not be joined: each can be had by itself | the card gets its last word |
| `cancelled` | none | it ended without any shot made | the card gets its last word |
"""  # noqa: E501 -- a table

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime  # noqa: TC003 -- read at run time, to read a row back
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.models import (
    WITHOUT_FILM,
    Cost,
    Generation,
    MediaFile,
    MediaKind,
    Mode,
    Place,
    Requester,
    Status,
    VideoRequest,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST, MOST = 2, 6
"""Shots of one storyboard."""
NOWHERE = "nowhere"
"""What `card_shown` says where no card can stand: shots and joined films have none, their storyboard has."""


class BoardStatus(StrEnum):
    """Where a storyboard stands; the table above says what a crash there leads to."""

    SHOOTING = "shooting"  # -> joining, cancelled
    JOINING = "joining"  # -> delivered, failed
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = frozenset({BoardStatus.SHOOTING, BoardStatus.JOINING})


@dataclass(frozen=True)  # without slots, so that `bot.values` copies it
class Storyboard:
    """One member's storyboard: one row."""

    id: str
    """16 hexadecimal digits, and the id of its film as well."""
    status: BoardStatus
    requester: Requester
    member: str
    place: Place
    interaction_id: int
    """Unique: the same form sent twice never makes two."""
    created_at: datetime
    updated_at: datetime
    due_at: datetime | None
    shots: tuple[str, ...]
    """The generation of each shot, in order; of one that was made anew, the newest."""
    continuous: bool = False
    """Whether each shot begins with the last frame of the one before."""
    version: int = 0
    woken: int = 0
    lease_until: datetime | None = None
    joined: tuple[str, ...] = ()
    """The shots that are in the film, in order; written down before they are joined."""
    enough: bool = False
    """Its member wants no more shots: what is made is joined."""
    stuck_since: datetime | None = None
    """Since when it waits for its member to decide about a shot that could not be made."""
    misses: int = 0
    card_id: int | None = None
    card_intended_at: datetime | None = None
    card_shown: str | None = None
    card_edited_at: datetime | None = None
    finished_at: datetime | None = None


def is_waiting(shot: Generation) -> bool:
    """Return whether a shot hasn't been released yet: it waits for the one before, and nothing was sent."""
    return shot.status is Status.QUEUED and shot.ready_at is None and shot.due_at is None


def is_made(shot: Generation) -> bool:
    """Return whether a shot's film is here."""
    return shot.status is Status.DELIVERED and shot.film is not None


def is_broken(shot: Generation) -> bool:
    """Return whether a shot ended without a film, so that its member must decide."""
    gone = shot.status is Status.DELIVERED and shot.film is None
    return shot.status in WITHOUT_FILM or shot.status is Status.PARKED or gone


def is_under_way(shot: Generation) -> bool:
    """Return whether a shot goes on by itself."""
    return not (is_waiting(shot) or is_made(shot) or is_broken(shot))


def following(board: Storyboard, shots: Sequence[Generation]) -> Generation | None:
    """Return the shot that may be begun now, if any: the first that waits, while no other is under way.

    One that begins with a last frame waits until that is filmed.
    """
    waiting = None if any(map(is_under_way, shots)) else next(filter(is_waiting, shots), None)
    if waiting is None or waiting.shot == 1 or not board.continuous:
        return waiting
    return waiting if is_made(shots[shots.index(waiting) - 1]) else None


def is_joined(generation: Generation) -> bool:
    """Return whether a generation is the film that is joined from a storyboard's shots."""
    return generation.storyboard_id is not None and generation.shot is None


def placeholder(asked: VideoRequest) -> MediaFile:
    """Return what stands for a last frame that isn't filmed yet, when a request is checked."""
    width, height = {"9:16": (720, 1280), "1:1": (720, 720), "3:4": (720, 960), "4:3": (960, 720)}.get(
        asked.ratio or "", (1280, 720)
    )
    return MediaFile("0" * 32, "", MediaKind.IMAGE, ".png", 1, "", "", width, height)


def for_shot(number: int, asked: VideoRequest, *, continuous: bool) -> VideoRequest:
    """Return what is asked for one shot, with a placeholder for the frame that it will begin with."""
    if number == 1 or not continuous:
        return replace(asked, mode=Mode.TEXT, media=())
    return replace(asked, mode=Mode.FIRST_FRAME, media=(placeholder(asked),))


def film_of(board: Storyboard, shots: Sequence[Generation], now: datetime) -> Generation:
    """Return the joined film as a generation: it costs nothing of its own, and its card is the storyboard's.

    It is of the shots that are made, and so are its words. Born `rendered`, it goes the way of every film:
    onto the disk, then to the people, once.
    """
    made = [shot for shot in shots if is_made(shot)]
    prompts = [shot.asked.prompt for shot in made or shots]
    asked = replace(shots[0].asked, mode=Mode.TEXT, media=(), prompt="\n".join(prompts))
    seconds = sum(shot.request.seconds or 0 for shot in made) or None
    return Generation(
        id=board.id,
        status=Status.RENDERED,
        asked=asked,
        request=replace(shots[0].request, mode=Mode.TEXT, media=(), prompt=asked.prompt, seconds=seconds),
        requester=board.requester,
        member=board.member,
        place=board.place,
        cost=Cost(),
        interaction_id=board.interaction_id,
        created_at=board.created_at,
        updated_at=now,
        due_at=now,
        version=0,
        used_model=shots[0].used_model,
        rendered_at=now,
        card_id=board.card_id,
        card_intended_at=board.card_intended_at,
        card_shown=NOWHERE,
        storyboard_id=board.id,
    )
