"""Reading what providers say: unknown fields are ignored, and a wrong optional value is as good as none."""

from __future__ import annotations

import json
import math
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_T = TypeVar("_T")
_TASK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:~-]{0,127}", re.ASCII)
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}", re.ASCII)
_LONGEST_URL = 4096
_MOST_URLS = 10
_LONGEST_ESTIMATE = timedelta(days=1)
_LONGEST_WORDS = 2048


def _or_none(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    try:
        return handler(value)
    except (ValidationError, ArithmeticError):
        return None


Soft = Annotated[_T | None, WrapValidator(_or_none)]
"""Whatever it should be, or None."""


class Told(BaseModel):
    """A part of an answer. Every field is `Soft` and may be missing."""

    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        coerce_numbers_to_str=True,
        defer_build=True,  # with the first answer: it isn't needed for being ready
    )

    @classmethod
    def read(cls, body: object) -> Self:
        """Return what can be understood of a body, which may be anything."""
        return cls.model_validate(body if isinstance(body, dict) else {})


def write(body: Mapping[str, Any]) -> str:
    """Return a body as JSON, in its own order, with text as it is.

    Half a surrogate pair can't travel in UTF-8, so it becomes the sign for an unreadable character.
    """
    text = json.dumps(body, ensure_ascii=False)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def task_id(told: str | None) -> str | None:
    """Return a provider's id if it can be one: it becomes a part of an address."""
    return told if told is not None and _TASK_ID.fullmatch(told) else None


def model_name(told: str | None) -> str | None:
    """Return what a provider calls its model, if that can be a name: it is written down and shown."""
    return told if told is not None and _MODEL.fullmatch(told) else None


def links(told: Iterable[object]) -> tuple[str, ...]:
    """Return the absolute web addresses among what should be some, each once, and not too many."""
    found = dict.fromkeys(link for link in told if isinstance(link, str) and _is_link(link))
    return tuple(found)[:_MOST_URLS]


def _is_link(text: str) -> bool:
    if len(text) > _LONGEST_URL or not text.isprintable():
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def words(*told: str | None) -> str:
    """Return a provider's words about a task for the log, at no greater length than anybody reads."""
    return " ".join(word for word in told if word)[:_LONGEST_WORDS]


def percent(told: float | None) -> int | None:
    """Return a progress as a whole number from 0 to 100."""
    return None if told is None or math.isnan(told) else int(min(max(told, 0), 100))


def estimate(told: float | None) -> timedelta | None:
    """Return a number of seconds that can be one."""
    if told is None or not 0 < told <= _LONGEST_ESTIMATE.total_seconds():
        return None
    return timedelta(seconds=told)
