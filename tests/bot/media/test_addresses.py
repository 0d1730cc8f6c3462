"""Which addresses are public, and how links are read."""

from __future__ import annotations

import string
from ipaddress import IPv4Address, IPv4Network, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from bot.errors import ForbiddenAddress
from bot.media.addresses import is_public, parse

CLOSED = [
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
    "239.255.255.250/32",
    "240.0.0.0/4",
    "255.255.255.255/32",
    "169.254.169.254/32",
    "169.254.170.2/32",
    "100.100.100.200/32",
    "192.0.0.192/32",
    "::/128",
    "::1/128",
    "::/96",
    "::ffff:0:0/96",
    "::ffff:0:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "100:0:0:1::/64",
    "2001::/32",
    "2001:2::/48",
    "2001:10::/28",
    "2001:20::/28",
    "2001:db8::/32",
    "2002::/16",
    "2620:4f:8000::/48",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fd00:ec2::254/128",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
    "ff02::1/128",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.0",
    "168.63.129.15",
    "168.63.129.17",
    "172.15.255.255",
    "172.32.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "192.0.1.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "126.255.255.255",
    "128.0.0.0",
    "2606:4700:4700::1111",
    "2a00:1450:4001:82f::200e",
    "2001:4860:4860::8888",
    "2400:cb00::1",
    "2001:200::1",
    "2003::1",
]


def ends(network: str) -> list[str]:
    """Return the first, last and a middle address of a network."""
    net = (IPv6Network if ":" in network else IPv4Network)(network)
    return [str(net[0]), str(net[-1]), str(net[net.num_addresses // 2])]


@pytest.mark.parametrize("network", CLOSED)
def test_no_special_network_is_public(network):
    """The ends and the middle of every network that leads elsewhere are refused."""
    assert [is_public(address) for address in ends(network)] == [False] * 3


@pytest.mark.parametrize("address", PUBLIC)
def test_the_neighbours_of_special_networks_are_public(address):
    """The table takes no more than it must."""
    assert is_public(address)


def test_a_scope_doesn_t_hide_an_address():
    """A link-local address with its interface behind it is refused too."""
    assert not is_public("fe80::1%2")


@given(four=st.integers(0, 2**32 - 1).map(IPv4Address))
def test_no_ipv4_address_is_public_inside_ipv6(four):
    """Mapped, compatible, translated, NAT64, 6to4 and Teredo spellings are refused, whatever they carry."""
    number = int(four)
    carriers = [
        f"::ffff:{four}",
        f"::{four}",
        f"::ffff:0:{four}",
        f"64:ff9b::{four}",
        f"64:ff9b:1::{four}",
        f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1",
        f"2001:0:{number >> 16:x}:{number & 0xFFFF:x}::1",
    ]
    assert [False] * len(carriers) == [is_public(carrier) for carrier in carriers]


LOOPBACK = int(IPv4Address("127.0.0.1"))
ODD_HOSTS = [
    str(LOOPBACK),
    hex(LOOPBACK),
    "0X7F000001",
    oct(LOOPBACK).replace("o", ""),
    "0x7f.1",
    "0x7f.0x0.0x0.0x1",
    "0177.0.0.1",
    "0177.0x0.0.1",
    "127.1",
    "127.0.1",
    "127.0.0.01",
    "127.0.0.1.",
    "127.0.0.256",
    "127.0.0.0x1",
    "127.0.0.1.0x",
    "1.2.3.4.5",
    "①②⑦.⓪.⓪.①",
    "１２７.0.0.1",
    "127。0。0。1",
    "127．0．0．1",
    "a。b",
    "ⓔxample.com",
    "%31%32%37.0.0.1",
    "127%2e0.0.1",
    "[::1%25lo]",
    "[::1%lo]",
    "[::1",
    "::1]",
    "[]",
    "[127.0.0.1]",
    "[v1.a]",
    "",
    ".",
    "..",
    "a..b",
    ".a.b",
    "a.b.",
    "-a.b",
    "a-.b",
    "a b.c",
    "a!b.c",
    "a,b.c",
    "a$b.c",
    "a'b.c",
    "a;b.c",
    "a|b.c",
    "a{b}.c",
    "a*b.c",
    "a<b>.c",
    f"{'a' * 64}.com",
    ".".join(["a" * 60] * 5),
    "\u200bexample.com",
    "exa\u00admple.com",
    "\u202eexample.com",
    "xn--\u00fc.com",
    "\ud800.com",
]


@pytest.mark.parametrize("host", ODD_HOSTS)
def test_odd_hosts_are_refused(host):
    """Numbers that aren't plain addresses, other scripts' digits and dots, and broken names aren't hosts."""
    with pytest.raises(ForbiddenAddress):
        parse(f"https://{host}/film.mp4")


ODD_LINKS = [
    "",
    "https:",
    "https:/",
    "https://",
    "https:///film.mp4",
    "https:film.example",
    "//film.example/",
    "film.example/a.mp4",
    "/a.mp4",
    "http:/\\film.example",
    "https:\\\\film.example\\a",
    "https://film.example\\@127.0.0.1/",
    "https://127.0.0.1\\@film.example/",
    "https://film.example@127.0.0.1/",
    "https://film.example:443@127.0.0.1/",
    "https://user:word@film.example/",
    "https://@film.example/",
    "https://film.example:/",
    "https://film.example:443:443/",
    "https://film.example:+443/",
    "https://film.example:-1/",
    "https://film.example:4 43/",
    "https://film.example:１/",
    "https://film.example:999999/",
    "https://[::1]evil/",
    "https://film.example\t/",
    "https://film.example\n/",
    "ht\ntps://film.example/",
    " https://film.example/",
    "https://film.example/\r\nHost: evil",
    "https://film.example/\x00",
    "https://film.example/\x7f",
    "https://film.example/\x85",
    "file:///etc/passwd",
    "ftp://film.example/",
    "gopher://film.example/",
    "data:video/mp4;base64,AAAA",
    "javascript:alert(1)",
    "https://" + "a/" * 5000,
]


@pytest.mark.parametrize("link", ODD_LINKS)
def test_odd_links_are_refused(link):
    """What two readers might understand differently is no link."""
    with pytest.raises(ForbiddenAddress):
        parse(link)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://Film.Example/A.mp4", "https://film.example/A.mp4"),
        ("HTTPS://film.example:443", "https://film.example/"),
        ("https://film.example?x=1#y", "https://film.example/?x=1"),
        ("https://film.example#@127.0.0.1/", "https://film.example/"),
        ("https://film.example/?u=@127.0.0.1", "https://film.example/?u=@127.0.0.1"),
        ("https://film.example:8443/a", "https://film.example:8443/a"),
        ("http://film.example:80/a", "http://film.example/a"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://film.example/电影 1.mp4", "https://film.example/%E7%94%B5%E5%BD%B1%201.mp4"),
        ("https://a.b/x%2Fy?c=AK%2F20%2Bx&d=%7Ea&e=a+b", "https://a.b/x%2Fy?c=AK%2F20%2Bx&d=%7Ea&e=a+b"),
        ("https://1.1.1.1/", "https://1.1.1.1/"),
        ("https://[2606:4700:4700:0:0:0:0:1111]:443/", "https://[2606:4700:4700::1111]/"),
    ],
)
def test_plain_links_keep_every_byte_that_a_signature_may_cover(written, read):
    """Only the host's spelling and a needless port are changed, and what isn't ASCII is encoded."""
    assert read == parse(written).url


@given(
    host=st.text(string.ascii_letters + string.digits + ".-:@[]%/\\?#_é。\t", max_size=20),
    rest=st.text(max_size=10),
)
def test_everybody_reads_an_accepted_link_alike(host, rest):
    """If we accept a link, the HTTP client finds the same host and port in it as we did (T-13)."""
    try:
        link = parse(f"https://{host}/{rest}")
    except ForbiddenAddress:
        return
    seen = URL(link.url, encoded=True)
    assert (link.scheme, link.host, link.port, link.target) == (
        seen.scheme,
        seen.raw_host,
        seen.port,
        seen.raw_path_qs,
    )


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("b.mp4?x=1", "https://film.example/a/b.mp4?x=1"),
        ("/b", "https://film.example/b"),
        ("//other.example/b", "https://other.example/b"),
        ("http://127.0.0.1/", "http://127.0.0.1/"),
        ("?y", "https://film.example/a/film.mp4?y"),
    ],
)
def test_redirects_are_read_from_where_they_stand(location, leads_to):
    """Relative addresses belong to the page that they came from."""
    assert leads_to == parse("https://film.example/a/film.mp4").follow(location).url


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "//a@127.0.0.1/", "h\tttp://a/", "https://[bad/", "\\\\evil\\x"]
)
def test_odd_redirects_are_refused(location):
    """A redirect is read as strictly as a link."""
    with pytest.raises(ForbiddenAddress):
        parse("https://film.example/a").follow(location)


@pytest.mark.parametrize(
    ("hosts", "among"),
    [
        ({"film.example"}, True),
        ({"film.example:8443"}, True),
        ({"film.example:443"}, False),
        ({"example"}, False),
        (set(), False),
    ],
)
def test_hosts_are_named_with_or_without_a_port(hosts, among):
    """A name alone stands for every port; with a port for that one."""
    assert among == parse("https://film.example:8443/").among(hosts)
