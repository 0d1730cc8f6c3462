"""How settings are written: a variable's text becomes a value, or a sentence on how to write it."""

import os
import re
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import unquote

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from bot.errors import ForbiddenAddress
from bot.media.addresses import parse

PROVIDERS: Final = ("maxapi", "seedance2ink", "evolink")

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_SIZES = {"": 1, "kib": 1024, "mib": 1024**2, "gib": 1024**3, "kb": 1000, "mb": 1000**2, "gb": 1000**3}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([smhd]?)", re.IGNORECASE | re.ASCII)
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*((?:[kmg]i?b)?)", re.IGNORECASE | re.ASCII)
_PRICE = re.compile(r"([^/=\s]+)/([^/=\s]+)/([^/=\s]+)\s*=\s*([0-9]+(?:\.[0-9]+)?)", re.ASCII)
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/(?!\.{1,2}(/|$))[A-Za-z0-9._-]+)*/?", re.ASCII)
_REGION = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_LISTEN = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(?P<port>[0-9]{1,5})", re.ASCII)
_PLAIN_TEXT = re.compile(r"[\x21-\x7e]+")
_LARGEST_PORT = 65535
_SHORTEST, _LONGEST = Decimal("0.001"), timedelta(days=36_500)
_TWO_MONTHS = timedelta(days=62)
LONGEST_ID = 20
"""Digits of a Discord id (reference, "Snowflakes")."""
_MOST = 1_000_000_000
"""Of anything that is counted: in micro-credits it still fits into a column."""


def _duration(value: object) -> object:
    if not isinstance(value, str):
        return value
    shape = _DURATION.fullmatch(value.strip())
    seconds = Decimal(shape[1]) * _UNITS[shape[2].lower()] if shape is not None else Decimal()
    if seconds < _SHORTEST:
        raise ValueError(
            "write a time above zero such as 10s, 5m, 24h or 30d; without a letter it is in seconds"
        )
    if seconds > int(_LONGEST.total_seconds()):
        raise ValueError(f"is far too long a time; the most is {_LONGEST.days}d")
    return timedelta(seconds=float(seconds))


def _two_months(length: timedelta) -> timedelta:
    """Return how long history is kept: no limit and no report looks back further than the month before."""
    if length < _TWO_MONTHS:
        raise ValueError(f"is too short a time; the least is {_TWO_MONTHS.days}d")
    return length


def _size(value: object) -> object:
    if not isinstance(value, str):
        return value
    shape = _SIZE.fullmatch(value.strip())
    if shape is None:
        raise ValueError("write a size such as 10485760 or 10MiB")
    return int(Decimal(shape[1]) * _SIZES[shape[2].lower()])


def no_limit(value: object) -> object:
    """Read nothing, and the word `none`, as: there is no limit."""
    if isinstance(value, str) and value.strip().lower() in {"", "none"}:
        return None
    return value


def _decimal(value: object) -> object:
    try:
        number = Decimal(value.strip()) if isinstance(value, str) else value
    except InvalidOperation:
        number = None
    if isinstance(number, Decimal) and not number.is_finite():
        number = None
    if number is None:
        raise ValueError("write a number of credits such as 40 or 12.5, or none")
    return number


def _names(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(dict.fromkeys(name.strip().lower() for name in value.split(",") if name.strip()))


def _known(names: tuple[str, ...]) -> tuple[str, ...]:
    if any(name not in PROVIDERS for name in names):
        raise ValueError(f"names an unknown provider; those known are {', '.join(PROVIDERS)}")
    return names


def _ids(names: object) -> object:
    if not isinstance(names, tuple):
        return names
    if not all(name.isascii() and name.isdigit() and len(name) <= LONGEST_ID for name in names):
        raise ValueError("write Discord user ids, which are numbers, separated by commas")
    return frozenset(map(int, names))


def _hosts(names: frozenset[str]) -> frozenset[str]:
    for name in names:
        try:
            parse(f"http://[{name}]" if name.count(":") > 1 and "[" not in name else f"http://{name}")
        except ForbiddenAddress:
            raise ValueError("write host or host:port, separated by commas, without http://") from None
        if "/" in name:
            raise ValueError("write host or host:port, separated by commas, without a path")
    return names


def _prices(value: object) -> object:
    if not isinstance(value, str):
        return value
    prices = {}
    for part in value.split(","):
        shape = _PRICE.fullmatch(part.strip())
        if shape is None and part.strip():
            raise ValueError("write provider/model/resolution=credits per second, separated by commas")
        if shape is not None:
            _known((shape[1].lower(),))
            if Decimal(shape[4]) > _MOST:
                raise ValueError(f"is too large; the most is {_MOST} credits per second")
            prices[shape[1].lower(), shape[2], shape[3].lower()] = Decimal(shape[4])
    return prices


def _address(text: str) -> str:
    """Return a web address without its last slash, if it is nothing but scheme, host, port and path."""
    try:
        parse(text)
    except ForbiddenAddress:
        raise ValueError("write a whole address such as https://films.example.org") from None
    if set("?#") & set(text):
        raise ValueError("leave out everything from ? or # on")
    return text.rstrip("/")


def _gateway(text: str) -> str:
    scheme, _, rest = text.partition("://")
    try:
        parse(f"http://{rest}" if scheme.lower() in {"ws", "wss"} else "")
    except ForbiddenAddress:
        raise ValueError("write a whole address such as wss://gateway.discord.gg") from None
    return text


def _socket(text: str) -> str:
    shape = _LISTEN.fullmatch(text)
    if shape is None or int(shape["port"]) > _LARGEST_PORT:
        raise ValueError("write host:port such as 127.0.0.1:8080")
    return text


def _storage(text: str) -> str:
    """Return the address of a bucket, or the path of a folder."""
    path = text.removeprefix("file://")
    if path.startswith("/"):
        return str(_folder(Path(unquote(path) if path != text else path)))
    if not _BUCKET.fullmatch(text):
        raise ValueError("write s3://bucket or s3://bucket/prefix, or the whole path of a shared folder")
    return text.rstrip("/")


def _region(text: str) -> str:
    if not _REGION.fullmatch(text):
        raise ValueError("write the name of a region such as us-east-1 or auto")
    return text


def _folder(path: Path) -> Path:
    try:
        possible = b"\0" not in os.fsencode(path)
    except UnicodeError:
        possible = False
    if not possible:
        raise ValueError("holds signs that no path can have; write the path of a folder")
    return path


def _plain(secret: SecretStr) -> SecretStr:
    if not _PLAIN_TEXT.fullmatch(secret.get_secret_value()):
        raise ValueError("holds blanks, line breaks or signs outside ASCII; copy it anew")
    return secret


def _postgresql(secret: SecretStr) -> SecretStr:
    if not secret.get_secret_value().startswith("postgresql+asyncpg://"):
        raise ValueError("must begin with postgresql+asyncpg://; leave it out to use SQLite in DATA_DIR")
    return secret


def _upper(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
History = Annotated[
    Annotated[timedelta, AfterValidator(_two_months), BeforeValidator(_duration)] | None,
    BeforeValidator(no_limit),
]
Amount = Annotated[int | None, Field(ge=0, le=_MOST), BeforeValidator(no_limit)]
AtLeastOne = Annotated[int | None, Field(ge=1, le=_MOST), BeforeValidator(no_limit)]
Size = Annotated[int | None, Field(ge=1, le=2**50), BeforeValidator(_size), BeforeValidator(no_limit)]
Credits = Annotated[
    Annotated[Decimal, Field(ge=0, le=_MOST), BeforeValidator(_decimal)] | None, BeforeValidator(no_limit)
]
Prices = Annotated[dict[tuple[str, str, str], Decimal], BeforeValidator(_prices)]
"""Credits per second of film, by provider, model and resolution."""
Address = Annotated[str, AfterValidator(_address)]
Gateway = Annotated[str, AfterValidator(_gateway)]
Socket = Annotated[str, AfterValidator(_socket)]
Folder = Annotated[Path, AfterValidator(_folder)]
Hosts = Annotated[frozenset[str], BeforeValidator(_names), AfterValidator(_hosts)]
Ids = Annotated[frozenset[int], BeforeValidator(_ids), BeforeValidator(_names)]
Storage = Annotated[str, AfterValidator(_storage)]
Region = Annotated[str, AfterValidator(_region)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names), AfterValidator(_known)]
Secret = Annotated[SecretStr, AfterValidator(_plain)]
Postgresql = Annotated[SecretStr, AfterValidator(_postgresql)]
Tasks = Annotated[int, Field(ge=1, le=1000)]
Level = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)]
Format = Annotated[Literal["console", "json"], BeforeValidator(_lower)]
