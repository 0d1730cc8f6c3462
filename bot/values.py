"""Frozen values of very many fields, made and copied at the price of a dictionary.

A frozen dataclass sets its fields one by one, which takes a generation 10 µs; it is copied some fifteen times
until its film is there. A value whose class has no `__slots__` is what its dictionary says.
"""

from __future__ import annotations

from typing import Any, TypeVar

Value = TypeVar("Value")


def of(kind: type[Value], fields: dict[str, Any]) -> Value:
    """Return the value with these fields, which are all that its kind has. The dictionary is its own now."""
    value = object.__new__(kind)
    object.__setattr__(value, "__dict__", fields)
    return value


def but(value: Value, **changes: Any) -> Value:
    """Return the value with other contents of some fields. Raises `TypeError` for one it doesn't have."""
    fields: dict[str, Any] = vars(value)
    if not fields.keys() >= changes.keys():
        unknown = ", ".join(sorted(changes.keys() - fields.keys()))
        raise TypeError(f"{type(value).__name__} has no {unknown}")
    return of(type(value), fields | changes)
