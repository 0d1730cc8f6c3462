"""Which addresses a download may connect to, and how a link is read.

`ipaddress.is_global` isn't asked: depending on Python's version it lets NAT64, 6to4, IPv4-compatible and
multicast addresses through, all of which can lead to this machine or its neighbours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import idna

from bot.errors import ForbiddenAddress

if TYPE_CHECKING:
    from collections.abc import Collection

# IANA's special-purpose registry for IPv4, multicast, the reserved class E, and Azure's wire server.
CLOSED_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# Only this part of IPv6 is given out for the public internet: loopback, mapped and compatible IPv4, NAT64,
# unique-local, link-local, site-local and multicast addresses all lie outside it.
OPEN_V6 = IPv6Network("2000::/3")
CLOSED_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries an IPv4 address
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
HTTPS_PORT = 443
PORTS = {"http": 80, "https": HTTPS_PORT}
LONGEST_LINK = 8192
LONGEST_NAME = 253

_LINK = re.compile(r"(?i:(?P<scheme>https?))://(?P<authority>[^/?#]*)(?P<rest>.*)")
_AUTHORITY = re.compile(
    r"(?:\[(?P<literal>[0-9A-Fa-f:.]+)\]|(?P<name>[^\[\]:@%]+))(?::(?P<port>[0-9]{1,5}))?"
)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\\\ud800-\udfff]")
_UNSAFE = re.compile(r"[^!$&-;=?-Z_a-z~%]")


def is_public(address: str) -> bool:
    """Say whether an address, in the form that a socket is given, belongs to the public internet."""
    if ":" in address:
        six = IPv6Address(address.partition("%")[0])
        return six in OPEN_V6 and not any(six in network for network in CLOSED_V6)
    four = IPv4Address(address)
    return not any(four in network for network in CLOSED_V4)


@dataclass(frozen=True, slots=True)
class Link:
    """An address on the web, read once: whoever connects uses these parts and reads nothing again."""

    scheme: str
    host: str
    """ASCII, lower case; an IPv6 address without brackets."""
    port: int
    target: str
    """Path and query, percent-encoded, beginning with a slash."""

    @property
    def url(self) -> str:
        """The whole address, ASCII only."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.target}"

    def among(self, hosts: Collection[str]) -> bool:
        """Say whether `hosts`, written `host` or `host:port`, name this one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return any(name in hosts for name in (self.host, host, f"{host}:{self.port}"))

    def follow(self, location: str) -> Link:
        """Read the address, whole or relative, that a redirect leads to. Raises `ForbiddenAddress`."""
        if _CONTROL.search(location):
            raise ForbiddenAddress("not a plain address")
        try:
            return parse(urljoin(self.url, location))
        except ValueError as error:
            raise ForbiddenAddress("not an address") from error


def parse(text: str) -> Link:
    """Read an http or https address strictly.

    Raises `ForbiddenAddress` for anything that two readers might understand differently: user names,
    control characters, backslashes, percent signs in the host, numbers that only look like a name.
    """
    if len(text) > LONGEST_LINK or _CONTROL.search(text):
        raise ForbiddenAddress("not a plain address")
    link = _LINK.fullmatch(text)
    parts = _AUTHORITY.fullmatch(link["authority"]) if link else None
    if link is None or parts is None:
        raise ForbiddenAddress("not a plain http or https address")
    scheme = link["scheme"].lower()
    port = int(parts["port"]) if parts["port"] else PORTS[scheme]
    host = _literal(parts["literal"]) if parts["literal"] else _name(parts["name"])
    return Link(scheme=scheme, host=host, port=port, target=_target(link["rest"]))


def _literal(text: str) -> str:
    try:
        return str(IPv6Address(text))
    except ValueError as error:
        raise ForbiddenAddress("not an address") from error


def _name(text: str) -> str:
    """Return a host name in ASCII; a name that ends in a number must be a plain IPv4 address."""
    name = _ascii(text)
    labels = name.split(".")
    if len(name) > LONGEST_NAME or not all(_LABEL.fullmatch(label) for label in labels):
        raise ForbiddenAddress("not a host name")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(IPv4Address(name))
        except ValueError as error:
            raise ForbiddenAddress("a number in place of a host name") from error
    return name


def _ascii(text: str) -> str:
    if text.isascii():
        return text.lower()
    try:
        return idna.encode(text, strict=True).decode("ascii")
    except idna.IDNAError as error:
        raise ForbiddenAddress("not a host name") from error


def _target(rest: str) -> str:
    path, _, query = rest.partition("#")[0].partition("?")
    target = path if path.startswith("/") else f"/{path}"
    if query:
        target += f"?{query}"
    return _UNSAFE.sub(lambda sign: "".join(f"%{byte:02X}" for byte in sign[0].encode()), target)
