"""Generations and limits to store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from bot.models import (
    Cost,
    Film,
    Generation,
    Hold,
    Limit,
    MediaFile,
    MediaKind,
    Mode,
    Notice,
    Place,
    Requester,
    Status,
    TaskStatus,
    VideoRequest,
)
from bot.store.rows import FIELDS, primitive, unlike_new
from bot.store.statements import Statement
from bot.store.tables import generations, ledger

if TYPE_CHECKING:
    from bot.store import Store
    from bot.store.statements import Parameters

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LEASE = timedelta(seconds=60)
COST = Cost(videos=1, seconds=5, credits=250_000)
REQUEST = VideoRequest(
    "a cat", Mode.TEXT, provider="maxapi", model="seedance-2.0", resolution="720p", seconds=5, ratio="16:9"
)


def second(number: float) -> datetime:
    """Return noon and some seconds."""
    return NOON + timedelta(seconds=number)


def generation(number: int, **changes: Any) -> Generation:
    """Return a new generation; its number is its id and its interaction."""
    values: dict[str, Any] = {
        "id": f"{number:016x}",
        "status": Status.QUEUED,
        "asked": REQUEST,
        "request": REQUEST,
        "requester": Requester(1001, "Anna"),
        "member": "anna",
        "place": Place(500, 400),
        "cost": COST,
        "interaction_id": number,
        "created_at": NOON,
        "updated_at": NOON,
        "due_at": NOON,
        "version": 0,
    }
    return Generation(**(values | changes))


PICTURE = MediaFile(
    "f" * 32,
    "\0\ud800 \u202e?.png",
    MediaKind.IMAGE,
    ".png",
    9,
    "ab",
    "https://x",
    3,
    4,
    timedelta(0, 1, 5),
    23.976,
)
ASKED = VideoRequest("cat \0 \U0001f408 'Ä' \ud800", Mode.REFERENCE, (PICTURE, PICTURE))
FULL_REQUEST = VideoRequest(
    "cat", Mode.REFERENCE, (PICTURE,), "evolink", "seedance-2.0", "21:9", "1080p", 15, True, False, True
)


def everything() -> Generation:
    """Return a generation with no field at its default."""
    moments = [NOON + timedelta(microseconds=n) for n in range(1, 21)]
    return Generation(
        id="00ff00ff00ff00ff",
        status=Status.POSTING,
        asked=ASKED,
        request=FULL_REQUEST,
        requester=Requester(2**63 - 1, "\0 name", "de"),
        member="pseudonym",
        place=Place(2**62, 4, 5, "ja", 6, True, "both", True, True, True),
        cost=Cost(1, 2, 3),
        interaction_id=2**62 + 1,
        created_at=moments[0],
        updated_at=moments[1],
        due_at=moments[2],
        version=7,
        woken=8,
        lease_until=moments[3],
        ready_at=moments[4],
        cancel_wished=True,
        attempts=2,
        body='{"prompt": "cat"}',
        submitted_at=moments[5],
        task_id="task",
        named_task_id="named",
        ask_at=moments[6],
        asked_at=moments[7],
        asks=9,
        misses=10,
        progress=11,
        expected_at=moments[8],
        worst_at=moments[16],
        task_status=TaskStatus.RUNNING,
        urls=("https://a/1.mp4", "https://a/2.mp4"),
        rendered_at=moments[9],
        charged=12,
        reason="moderation",
        used_model="seedance-2.0-fast",
        film=Film("films/1.mp4", 1, "cd", 1280, 720, timedelta(seconds=5, microseconds=1), True),
        upload_limit=10 * 2**20,
        card_id=13,
        card_intended_at=moments[10],
        card_shown="ef",
        card_edited_at=moments[11],
        posting_since=moments[12],
        posting_place="channel",
        message_id=14,
        message_channel_id=15,
        notice=Notice.TELLING,
        notice_since=moments[13],
        finished_at=moments[14],
        watch=True,
        counts_in_full=True,
        parent_id="0" * 16,
        tried=("maxapi", "seedance2ink"),
        **_since(moments[15]),
    )


def _since(moment: datetime) -> dict[str, Any]:
    return {
        "storyboard_id": "1" * 16,
        "shot": 2,
        "released_at": moment,
        "refunded": True,
        "removed": True,
        "copy": Notice.TELLING,
        "copy_since": moment,
        "forget": True,
        "begun": 3,
    }


def hold(subject: str = "anna", *, videos: int | None = None, cost: Cost = COST, **limit: int | None) -> Hold:
    """Return a hold on a member's day."""
    return Hold("user", subject, "2026-11-21", cost, Limit(videos=videos, **limit))


def slot(most: int | None = None, provider: str = "maxapi") -> Hold:
    """Return a hold on a place at a provider."""
    return Hold("provider", provider, "now", Cost(videos=1), Limit(videos=most))


async def used(store: Store, one: Hold) -> Cost:
    """Return what one counter stands at."""
    (cost,) = await store.used([one])
    return cost


async def entries(store: Store, id_: str) -> list[tuple[Any, ...]]:
    """Return a generation's ledger: kind, videos, seconds, credits, day."""
    columns = (ledger.c.kind, ledger.c.videos, ledger.c.seconds, ledger.c.credits, ledger.c.day)
    core = select(*columns).where(ledger.c.generation_id == id_).order_by(ledger.c.at, ledger.c.kind)
    return [tuple(row) for row in await store.engine.read(Statement("entries", core, returns=True), {})]


async def sizes(store: Store) -> tuple[int, int]:
    """Return how many generations and how many ledger entries there are."""
    tables = [select(func.count()).select_from(table).scalar_subquery() for table in (generations, ledger)]
    (row,) = await store.engine.read(Statement("sizes", select(*tables), returns=True), {})
    return int(row[0] or 0), int(row[1] or 0)


def whole(value: Generation) -> Parameters:
    """Return every column of a generation, those too that the table would fill by itself."""
    return unlike_new(value) | {name: primitive(getattr(value, name)) for name in FIELDS}
