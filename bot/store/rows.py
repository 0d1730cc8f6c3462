"""Between values and rows: how a `Generation` is written down and read back."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin, get_type_hints

from bot.models import Cost, Generation, Place, Requester, VideoRequest
from bot.store.tables import generations
from bot.values import but, of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.store.statements import Parameters, Primitive, Row

T = TypeVar("T")
KNOWN = 512
"""Values of one column that are kept as they were read: what some hundred generations under way say."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Return microseconds since 1970. The moment must know its zone."""
    return (moment - EPOCH) // MICROSECOND


def moment(value: int) -> datetime:
    """Return the moment, in UTC."""
    return EPOCH + timedelta(microseconds=value)


known_moment = lru_cache(maxsize=4096)(moment)
"""The same row is read at each of its steps: some ten moments of it."""


def clean(value: str) -> str:
    """Return text that both databases take: PostgreSQL has no NUL, and neither has half a character."""
    if value.isascii() and "\0" not in value:
        return value
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


@cache
def _names(kind: Any) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    names = tuple(item.name for item in fields(kind))
    return names, attrgetter(*names, names[0])  # of one name alone it would return no tuple


def _plain(value: Any) -> Any:
    """Return what JSON has no word for: our own values, and lengths of time."""
    if isinstance(value, timedelta):
        return value // MICROSECOND
    kind: Any = type(value)
    names, values = _names(kind)
    return dict(zip(names, values(value), strict=False))


_json = json.JSONEncoder(separators=(",", ":"), default=_plain).encode
_known_json = lru_cache(maxsize=1024)(_json)
_SIMPLE: dict[type, Callable[[Any], Primitive]] = {
    NoneType: lambda value: value,
    int: lambda value: value,
    bool: int,
    str: clean,
    datetime: micros,
    Place: _known_json,  # these come again and again
    Requester: _known_json,
    Cost: _known_json,
    VideoRequest: lambda value: _json(_plain(value)),
}


def primitive(value: Any) -> Primitive:
    """Return a field's value as its column holds it: our own values and tuples as JSON."""
    simple = _SIMPLE.get(type(value))
    if simple is not None:
        return simple(value)
    return str(value.value) if isinstance(value, StrEnum) else _json(value)


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """Return what makes a value of this annotation from JSON's or a column's."""
    if get_origin(kind) is UnionType:
        (some,) = (_reader(one) for one in get_args(kind) if one is not NoneType)
        return lambda data: None if data is None else some(data)
    if get_origin(kind) is tuple:
        one = _reader(get_args(kind)[0])
        return lambda data: tuple(one(item) for item in data)
    if is_dataclass(kind):
        return _record_reader(kind)
    special: dict[Any, Callable[[Any], Any]] = {
        datetime: known_moment,
        timedelta: lambda data: timedelta(microseconds=data),
        str: lambda data: data,
    }
    return special.get(kind, kind)  # type: ignore[no-any-return]


def reader(kind: type[T]) -> Callable[[Any], T]:
    """Return what makes one of our frozen values from JSON; names that it doesn't know are left out."""
    return _reader(kind)  # type: ignore[arg-type]


def _record_reader(kind: Any) -> Callable[[Mapping[str, Any]], Any]:
    hints = get_type_hints(kind)
    readers = {item.name: _reader(hints[item.name]) for item in fields(kind)}

    def read(data: Mapping[str, Any]) -> Any:
        return kind(**{name: readers[name](value) for name, value in data.items() if name in readers})

    return read


def column_reader(kind: Any) -> Callable[[Any], Any]:
    """Return what reads a column: our own values lie there as JSON."""
    kinds = (
        [one for one in get_args(kind) if one is not NoneType] if get_origin(kind) is UnionType else [kind]
    )
    reader = _reader(kind)
    if get_origin(kinds[0]) is tuple or is_dataclass(kinds[0]):
        # The same row is read at each of its steps: what is as it was is the same frozen value.
        return lru_cache(maxsize=KNOWN)(lambda value: reader(None if value is None else json.loads(value)))
    return reader


HINTS = get_type_hints(Generation)
FIELDS = tuple(item.name for item in fields(Generation))
_READERS = tuple(
    (place, column_reader(HINTS[name]))
    for place, name in enumerate(FIELDS)
    if HINTS[name] not in {int, str, int | None, str | None}
)
"""By place in a row: a number or a text is what it is."""
_READER_OF = {FIELDS[place]: read for place, read in _READERS}
COLUMNS = tuple(generations.c[name] for name in FIELDS)
"""What a statement returns for `generation_of` to read, in this order."""


def generation_of(row: Row) -> Generation:
    """Return the value of a row of `COLUMNS`."""
    values: list[Any] = list(row)
    for place, read in _READERS:
        if values[place] is not None:
            values[place] = read(values[place])
    return of(Generation, dict(zip(FIELDS, values, strict=True)))


def after(before: Generation, names: Sequence[str], row: Row) -> Generation:
    """Return the value with fields of these names as a row of them says; the others stay as they were."""
    fields: dict[str, Any] = dict(zip(names, row, strict=True))
    for name, held in fields.items():
        if held is not None and name in _READER_OF:
            fields[name] = _READER_OF[name](held)
    return but(before, **fields)


def columns(changes: Mapping[str, Any]) -> Parameters:
    """Return fields as columns, and those that serve to search. Raises `TypeError` for an unknown one."""
    unknown = changes.keys() - HINTS.keys()
    if unknown:
        raise TypeError(f"a generation has no {', '.join(sorted(unknown))}")
    written = {name: primitive(value) for name, value in changes.items()}
    if "requester" in changes:
        written["user_id"] = changes["requester"].user_id
    if "asked" in changes:
        written["prompt"] = searchable(changes["asked"].prompt)
    return written | _searched(changes["request"]) if "request" in changes else written


def searchable(text: str) -> str:
    """Return text as it is compared in a search: small and large letters are one."""
    return clean(text).casefold()


def _searched(request: VideoRequest) -> Parameters:
    return {
        "provider": request.provider,
        "model": request.model,
        "resolution": request.resolution,
        "seconds": request.seconds,
    }


_values = attrgetter(*FIELDS)
_ALIKE = tuple(
    (item.name, item.default, _SIMPLE.get(HINTS[item.name], primitive)) for item in fields(Generation)
)
_ALWAYS: Parameters = {
    item.name: primitive(item.default)
    for item in fields(Generation)
    if item.default is not MISSING
    and not generations.c[item.name].nullable
    and generations.c[item.name].server_default is None
}


def unlike_new(value: Generation) -> Parameters:
    """Return the columns of a generation that the table doesn't fill by itself with what they hold."""
    written = dict(_ALWAYS)
    for (name, default, convert), held in zip(_ALIKE, _values(value), strict=True):
        if held is not default:
            written[name] = convert(held)
    written["user_id"] = value.requester.user_id
    written["guild_id"] = value.place.guild_id
    written["prompt"] = searchable(value.asked.prompt)
    return written | _searched(value.request)
