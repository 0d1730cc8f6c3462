"""Addresses that lead inside, in every spelling that some reader somewhere understands."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING

from tests.bot.media.test_addresses import CLOSED, ends

if TYPE_CHECKING:
    from collections.abc import Iterator

PUBLIC = "93.184.216.34"
PUBLIC_SIX = "2606:4700:4700::1111"
NAME = "film.example"
NEIGHBOURS = ["10.0.0.7", "127.0.0.53", "172.17.0.1", "192.168.1.1", "169.254.169.253", "100.100.100.201"]
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
CIRCLED = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
BOLD = str.maketrans("0123456789", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗")
SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def addresses() -> list[str]:
    """Return both ends and the middle of every network that isn't public, and well-known neighbours."""
    return sorted({address for network in CLOSED for address in ends(network)} | {*NEIGHBOURS})


def spelled(address: str) -> list[str]:
    """Return every way to write an address where a link has its host."""
    four = ":" not in address
    return [*(_four(IPv4Address(address)) if four else _six(IPv6Address(address)))]


def _four(four: IPv4Address) -> Iterator[str]:
    dotted, number = str(four), int(four)
    a, b, c, d = four.packed
    yield from (dotted, f"{dotted}.", str(number), hex(number), f"0X{number:X}", f"0{number:o}")
    yield from (f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}", f"0{a:o}.0{b:o}.0{c:o}.0{d:o}")
    yield from (f"0x{a:x}.{b}.0{c:o}.{d}", f"{a}.{number & 0xFFFFFF}", f"{a}.{b}.{number & 0xFFFF}")
    yield from (f"{a:03}.{b:03}.{c:03}.{d:03}", f"{a + 256}.{b}.{c}.{d}", str(number + (1 << 32)))
    yield from (dotted.translate(digits) for digits in (FULL_WIDTH, CIRCLED, ARABIC, BOLD, SUPERSCRIPT))
    yield from (dotted.replace(".", dot) for dot in "。．｡․")
    yield from ("".join(f"%{ord(sign):02x}" for sign in dotted), dotted.replace(".", "%2e"))
    yield from (dotted.replace(".", "\u200b."), dotted.replace(".", "\u00ad."), f"{dotted}%00.{NAME}")
    yield from (f"{PUBLIC},{dotted}", f"{dotted} {NAME}", f"{dotted}\t", f"{dotted}:80", f"{dotted}:22")
    high, low = f"{number >> 16:x}", f"{number & 0xFFFF:x}"
    yield from (f"[::ffff:{dotted}]", f"[::ffff:{high}:{low}]", f"[0:0:0:0:0:ffff:{dotted}]", f"[::{dotted}]")
    yield from (f"[::ffff:0:{dotted}]", f"[64:ff9b::{dotted}]", f"[64:ff9b:1::{dotted}]")
    yield from (f"[2002:{high}:{low}::1]", f"[2001:0:{high}:{low}::1]", f"[fe80::5efe:{dotted}]")
    yield f"[2001:0:5db8:d822:0:0:{~number >> 16 & 0xFFFF:x}:{~number & 0xFFFF:x}]"
    yield from (f"[::ffff:{dotted}%lo]", f"[::ffff:{dotted}%25lo]", f"[{dotted}]", f"[v1.{dotted}]")


def _six(six: IPv6Address) -> Iterator[str]:
    short, tail = str(six), IPv4Address(int(six) & 0xFFFFFFFF)
    yield from (f"[{short}]", f"[{six.exploded}]", f"[{short.upper()}]", f"[{short}]:8443", short)
    yield from (f"[{short}%lo]", f"[{short}%25lo]", f"[{short}%1]", f"[{short}%25]")
    yield f"[{':'.join(six.exploded.split(':')[:6])}:{tail}]"


def links(host: str) -> list[str]:
    """Return links in which two readers might find two hosts, one of them `host`."""
    return [
        *(f"https://{NAME}@{host}/", f"https://{NAME}:443@{host}/", f"https://{host}@{NAME}/"),
        *(f"https://{NAME}\\@{host}/", f"https://{host}\\@{NAME}/", f"https://{NAME}#@{host}/"),
        *(f"https://{host}#@{NAME}/", f"https://{NAME}?@{host}/", f"https://{NAME}%2f@{host}/"),
        *(f"https://{NAME}%00@{host}/", f"https://{NAME}\t@{host}/", f"https:{host}/", f"https:/{host}/"),
        *(f"https:///{host}/", f"https:\\\\{host}\\", f"//{host}/", f"///{host}/", f"http://{host}/"),
        *(f"https://{NAME};@{host}/", f"https://[{NAME}]@{host}/", f"https://{host}:443:443/"),
        *(f"ftp://{host}/", f"gopher://{host}/", f"file://{host}/etc/passwd", f"ws://{host}/"),
        *(
            f"https://{host}.:443/",
            f"https://{host}:0443/",
            f"https://{host}:65536443/",
            f"HTTPS://{host}:443/",
        ),
    ]
