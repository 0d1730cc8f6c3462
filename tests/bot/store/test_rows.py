"""What is written down reads back equal, whatever it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger

from bot.models import Film, Generation, MediaFile, Place, Requester, Status, VideoRequest
from bot.store.books import REFUND
from bot.store.cards import Cards
from bot.store.forgetting import Forgetting
from bot.store.generations import LOOSE
from bot.store.rows import (
    COLUMNS,
    FIELDS,
    HINTS,
    clean,
    columns,
    generation_of,
    micros,
    moment,
    unlike_new,
)
from bot.store.statements import Step
from bot.store.tables import generations
from bot.store.timekeeping import Timekeeping
from tests.bot.store.examples import LEASE, NOON, REQUEST, everything, generation, second, whole

if TYPE_CHECKING:
    from bot.store import Store
    from bot.store.statements import Parameters

moments = st.datetimes(timezones=st.just(UTC))
lengths = st.integers(0, 10**15).map(lambda count: timedelta(microseconds=count))
hostile = st.text(alphabet=st.characters(exclude_categories=()), max_size=20)
plain = hostile.map(clean)
rates = st.floats(allow_nan=False)
files = st.builds(MediaFile, name=hostile, source_url=hostile, duration=lengths, frame_rate=rates, width=...)
requests = st.builds(VideoRequest, prompt=hostile, media=st.lists(files, max_size=2).map(tuple), sound=...)
BY_HINT: dict[Any, Any] = {
    str: plain,
    str | None: st.none() | plain,
    datetime: moments,
    datetime | None: st.none() | moments,
    VideoRequest: requests,
    Requester: st.builds(Requester, name=hostile),
    Place: st.builds(Place, guild_id=..., locale=hostile),
    Film | None: st.none() | st.builds(Film, duration=lengths),
    tuple[str, ...]: st.lists(hostile, max_size=3).map(tuple),
}
generation_values = st.builds(Generation, **{name: BY_HINT.get(HINTS[name], ...) for name in FIELDS})


@given(generation_values)
def test_any_generation_comes_back(value: Generation):
    """Row and value are the same thing."""
    row = whole(value)
    assert value == generation_of(tuple(row[column.name] for column in COLUMNS))


@given(generation_values)
def test_what_a_new_row_leaves_out_the_table_fills_in(value: Generation):
    """Columns that are not written hold by themselves what they would have been written with."""
    by_itself = {column.name: column.server_default and column.server_default.arg for column in generations.c}
    left_out = whole(value).keys() - unlike_new(value).keys()
    assert whole(value) == {
        name: _as_stored(name, by_itself[name]) if name in left_out else held
        for name, held in (whole(value) | unlike_new(value)).items()
    }


def _as_stored(name: str, default: Any) -> Any:
    return int(default) if isinstance(generations.c[name].type, BigInteger) and default else default


def test_of_a_new_generation_little_is_written():
    """What every new one has alike isn't told to the database."""
    assert 30 > len(unlike_new(generation(1)))


@given(generation_values)
def test_rows_hold_numbers_and_text_only(value: Generation):
    """Every column of a row is a whole number, text that both databases take, or nothing."""
    row = whole(value)
    assert {column.name for column in generations.c} == row.keys()
    for held in row.values():
        assert held is None or type(held) in {int, str}
        assert not isinstance(held, str) or b"\0" not in held.encode()


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))])))
def test_moments_come_back_in_utc(value: datetime):
    """A moment of any zone reads back equal, to the microsecond, and says UTC."""
    back = moment(micros(value))
    assert value == back
    assert UTC is back.tzinfo


def test_an_older_row_is_read():
    """What stored JSON lacks takes its default, and what this program doesn't know is left out."""
    row = whole(generation(1)) | {"request": '{"prompt":"a cat","mode":"text","colour":"red"}'}
    value = generation_of(tuple(row[column.name] for column in COLUMNS))
    assert VideoRequest("a cat", REQUEST.mode) == value.request


def test_what_is_searched_for_has_a_column():
    """Provider, model, resolution, length and user lie in columns of their own, taken from the values."""
    row = columns({"request": REQUEST, "requester": everything().requester})
    names = ("provider", "model", "resolution", "seconds", "user_id")
    assert ("maxapi", "seedance-2.0", "720p", 5, 2**63 - 1) == tuple(row[name] for name in names)


async def test_a_move_knows_what_others_have_written_meanwhile(store: Store):
    """What it returns is what its row says, whoever has written there since without a new version."""
    later = {"ready_at": second(50), "ask_at": second(60), "asked_at": second(70)}
    await store.start(generation(1, **later), [])
    (held,) = await store.claim(NOON, lease=LEASE, most=1)
    await store.wake(held.id, second(2), provider="maxapi", task_id="named")
    await store.wish_cancel(held.id, second(2))
    await store.note(held.id, begun=7, removed=True, message_id=5, card_intended_at=second(80))
    await Cards(store).shown(held, second(4), card_id=9, card_shown="x", card_edited_at=second(90))
    await Forgetting(store.engine).mark(held.requester.user_id, second(4))
    await Timekeeping(store.engine).set_back(second(-9), leased_until=second(9))
    seen: Parameters = {"its_id": held.id, "its_version": held.version}
    await store.engine.write([Step(REFUND, seen)])
    body = "half \ud800 of one, and \0"
    moved = await store.move(held, second(5), due_at=second(6), status=Status.SUBMITTING, body=body)

    assert moved == await store.get(held.id)
    changed = [name for name in LOOSE if getattr(held, name) != getattr(moved, name)]
    assert sorted(LOOSE) == sorted(changed)
