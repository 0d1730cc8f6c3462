"""Which addresses a download may not connect to."""

from __future__ import annotations

from tests.faults.mutation.defence import Defence, defence

PLACES = (
    defence(
        "10.0.0.0/8 isn't the public internet (T-10)",
        "bot/media/addresses.py",
        '        "10.0.0.0/8",\n',
        "",
        "tests/bot/media/test_addresses.py::test_no_special_network_is_public[10.0.0.0/8]",
    ),
    defence(
        "100.64.0.0/10 isn't the public internet (T-10)",
        "bot/media/addresses.py",
        '        "100.64.0.0/10",\n',
        "",
        "tests/bot/media/test_addresses.py::test_no_special_network_is_public[100.64.0.0/10]",
    ),
    defence(
        "127.0.0.0/8 isn't the public internet (T-10)",
        "bot/media/addresses.py",
        '        "127.0.0.0/8",\n',
        "",
        "tests/bot/media/test_addresses.py::test_no_special_network_is_public[127.0.0.0/8]",
    ),
    defence(
        "168.63.129.16/32 isn't the public internet (T-10)",
        "bot/media/addresses.py",
        '        "168.63.129.16/32",\n',
        "",
        "tests/bot/media/test_addresses.py::test_no_special_network_is_public[168.63.129.16/32]",
    ),
    defence(
        "169.254.0.0/16 isn't the public internet (T-10)",
        "bot/media/addresses.py",
        '        "169.254.0.0/16",\n',
        "",
        "tests/bot/media/test_addresses.py::test_no_special_network_is_public[169.254.0.0/16]",
    ),
    defence(
        "loopback, mapped, NAT64, local and multicast IPv6 aren't the public internet (T-10)",
        "bot/media/addresses.py",
        'IPv6Network("2000::/3")',
        'IPv6Network("::/0")',
        "tests/bot/media/test_addresses.py::test_no_ipv4_address_is_public_inside_ipv6",
    ),
    defence(
        "6to4 carries an IPv4 address (T-10)",
        "bot/media/addresses.py",
        '        "2002::/16",  # 6to4',
        "        # 6to4",
        "tests/bot/media/test_addresses.py::test_no_ipv4_address_is_public_inside_ipv6",
    ),
    defence(
        "Teredo carries an IPv4 address (T-10)",
        "bot/media/addresses.py",
        '        "2001::/23",  # protocol',
        "        # protocol",
        "tests/bot/media/test_addresses.py::test_no_ipv4_address_is_public_inside_ipv6",
    ),
    Defence(
        "no user names, percent signs or brackets in a host (T-13)",
        "bot/media/addresses.py",
        (
            ("(?P<name>[^\\[\\]:@%]+)", "(?P<name>[^\\[\\]:]+)"),
            (" or not all(_LABEL.fullmatch(label) for label in labels)", ""),
        ),
        ("tests/bot/media/test_addresses.py::test_odd_links_are_refused",),
    ),
    defence(
        "no control characters, blanks or backslashes in an address (T-13)",
        "bot/media/addresses.py",
        "    if len(text) > LONGEST_LINK or _CONTROL.search(text):",
        "    if len(text) > LONGEST_LINK:",
        "tests/bot/media/test_addresses.py::test_odd_links_are_refused",
    ),
    defence(
        "a number in place of a name is no name (T-13)",
        "bot/media/addresses.py",
        (
            "    if _NUMBER.fullmatch(labels[-1]):\n"
            "        try:\n"
            "            return str(IPv4Address(name))\n"
            "        except ValueError as error:\n"
            '            raise ForbiddenAddress("a number in place of a host name") from error\n'
        ),
        "",
        "tests/bot/media/test_addresses.py::test_odd_hosts_are_refused",
    ),
    defence(
        "names are ASCII by IDNA's strict rules (T-13)",
        "bot/media/addresses.py",
        'return idna.encode(text, strict=True).decode("ascii")',
        'return text.encode("idna").decode("ascii")',
        "tests/bot/media/test_addresses.py::test_odd_hosts_are_refused",
    ),
)
