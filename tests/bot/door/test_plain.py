"""Laws of `bot.door.plain`: what is read here, aiohttp would read the same, and nothing else is read here."""

import asyncio
from http import HTTPStatus

import pytest
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_parser import HttpRequestParser
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.door.plain import LARGEST_BODY, MOST_FIELDS, answer, plain

PATH = "/callbacks/maxapi/" + "0123456789abcdef" * 3
LINE = f"POST {PATH} HTTP/1.1"
HOST = "Host: films.example"
NAMES = (
    *(
        "Host",
        "Content-Length",
        "content-length",
        "Transfer-Encoding",
        "Connection",
        "Expect",
        "Upgrade",
        "TE",
    ),
    *("Proxy-Connection", "Keep-Alive", "Content-Type", "User-Agent", "Trailer", "Sec-WebSocket-Key1", "X-Y"),
    *("Content-Encoding", "Content-Length ", " X", "", "X\0", "X(", "Cookie", "Forwarded"),
)
VALUES = (
    *(
        "",
        "2",
        " 2",
        "2 ",
        "02",
        "+2",
        "2, 2",
        "0x2",
        "chunked",
        "identity",
        "keep-alive",
        "Keep-Alive",
        "close",
    ),
    *(
        "films.example",
        "[::1]:8080",
        "a b",
        "100-continue",
        "h2c",
        "application/json",
        "\t",
        "a\tb",
        "gzip",
        "\x7f",
    ),
    *("x\r\n y", "x\ny", "x\ry", "\0", "é", "x" * 300, "keep-alive, close"),
)
FIELDS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=4)
BODIES = st.binary(min_size=1, max_size=9)


def request(*fields, line=LINE, body=b"{}"):
    """Return a request with these lines."""
    return "\r\n".join([line, *fields, "", ""]).encode("utf-8", "surrogateescape") + body


@pytest.fixture(scope="module")
def loop():
    """Give aiohttp's parser a loop, which it keeps but doesn't use."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def read_by_aiohttp(data, loop):
    """Return what aiohttp makes of bytes: method, target, whether the connection stays, and the body."""
    parser = HttpRequestParser(
        BaseProtocol(loop), loop, 2**20, max_line_size=8190, max_field_size=8190, auto_decompress=False
    )
    messages, upgraded, tail = parser.feed_data(data)
    ((head, payload),) = messages
    kept = not (head.should_close or head.chunked or head.upgrade or upgraded or tail)
    body = b"".join(payload._buffer)
    return head.method, head.path, tuple(head.version), kept, payload.is_eof(), body


@settings(deadline=None)
@given(fields=FIELDS, body=BODIES, told=st.integers(-1, 1), place=st.integers(0, 4), cut=st.data())
def test_whatever_is_read_here_aiohttp_reads_the_same(loop, fields, body, told, place, cut):
    """The same method, target and body, and nothing after it; and the connection stays."""
    lines = [f"{name}:{value}" for name, value in fields]
    lines[place:place] = [HOST, f"Content-Length: {len(body) + told}"]
    data = bytearray(request(*lines, body=body))
    if cut.draw(st.booleans()):
        at = cut.draw(st.integers(0, len(data) - 1))
        data[at : at + cut.draw(st.integers(0, 1))] = cut.draw(
            st.sampled_from([b"", b"\r", b"\n", b"\0", b" "])
        )
    found = plain(bytes(data))
    if found is not None and found.end == len(data):
        path = f"/callbacks/{found.provider}/{found.token}"
        wanted = ("POST", path, (1, 1), True, True, bytes(data[found.start :]))
        assert wanted == read_by_aiohttp(bytes(data), loop)


@pytest.mark.parametrize(
    "fields",
    [
        (HOST, "Content-Length: 2"),
        ("content-length:2", "host:x:80", "connection: Keep-Alive", "Accept: */*"),
        ("Host: [::1]:8080", "Content-Encoding: gzip", "X: ", "Content-Length:\t2\t", 'Y: {"a"}'),
    ],
)
def test_a_plain_callback_is_read(loop, fields):
    """Whatever the order and the case of its fields, and aiohttp agrees."""
    data = request(*fields)
    found = plain(data)

    assert ("maxapi", "0123456789abcdef" * 3, b"{}", len(data)) == (
        *found[:2],
        data[found.start :],
        found.end,
    )
    assert ("POST", PATH, (1, 1), True, True, b"{}") == read_by_aiohttp(data, loop)


def test_the_largest_body_is_read_and_a_larger_one_is_not():
    """64 KiB are plain; one byte more is for aiohttp, which refuses it."""
    sizes = [LARGEST_BODY, LARGEST_BODY + 1, 99_999]
    found = [plain(request(HOST, f"Content-Length: {size}")) for size in sizes]

    assert [True, False, False] == [one is not None for one in found]
    assert LARGEST_BODY == found[0].end - found[0].start


GOOD = (HOST, "Content-Length: 2")


@pytest.mark.parametrize(
    "data",
    [
        request(*GOOD, "Content-Length: 2"),
        request(*GOOD, "content-length: 3"),
        request(*GOOD, "Transfer-Encoding: chunked"),
        request(*GOOD, "Transfer-Encoding: identity"),
        request(*GOOD, "X: y", " folded"),
        request(*GOOD, "X: \0"),
        request(*GOOD, "X: y\nZ: z"),
        request(*GOOD, "X: y\rZ: z"),
        request(*GOOD, "X : y"),
        request(*GOOD, ": y"),
        request(*GOOD, "no colon"),
        request(*GOOD, "X: é"),
        request(*GOOD, "Expect: 100-continue"),
        request(*GOOD, "Connection: close"),
        request(*GOOD, "Connection: keep-alive, upgrade"),
        request(*GOOD, "Proxy-Connection: close"),
        request(*GOOD, "Upgrade: h2c"),
        request(*GOOD, "Trailer: X"),
        request(*GOOD, "X: y", "x: z"),
        request(*GOOD, "Host: other"),
        request(*GOOD, *(f"X{number}: y" for number in range(MOST_FIELDS))),
        request(*GOOD, "X: " + "x" * 5000),
        request("Content-Length: 2"),
        request("Host:", "Content-Length: 2"),
        request("Host: a b", "Content-Length: 2"),
        request(HOST),
        request(),
        request(HOST, "Content-Length: 0", body=b""),
        request(HOST, "Content-Length: 02"),
        request(HOST, "Content-Length: +2"),
        request(HOST, "Content-Length: -2"),
        request(HOST, "Content-Length: 2, 2"),
        request(HOST, "Content-Length: ٢"),
        request(*GOOD, line=LINE.replace("POST", "PUT")),
        request(*GOOD, line=LINE.replace("POST", "post")),
        request(*GOOD, line=LINE.replace("1.1", "1.0")),
        request(*GOOD, line=LINE.replace(" HTTP", "?a=b HTTP")),
        request(*GOOD, line=LINE.replace(" HTTP", "0 HTTP")),
        request(*GOOD, line=LINE.replace("0123", "012")),
        request(*GOOD, line=LINE.replace("abc", "ABC")),
        request(*GOOD, line=LINE.replace("/callbacks", "http://films.example/callbacks")),
        request(*GOOD, line=LINE.replace("maxapi", "m" * 33)),
        request(*GOOD, line=LINE + " "),
        request(*GOOD, line="\r\n" + LINE),
        request(*GOOD)[:-4],
        b"",
    ],
)
def test_anything_else_is_not(data):
    """Two lengths, foldings, control signs, other framings, other targets, half a head."""
    assert plain(data) is None


def test_odd_fields_cost_no_more_than_their_length():
    """A line that fits nowhere is given up at once, however long its blanks are."""
    assert plain(request(*GOOD, "X:" + " \t" * 1900 + "\0")) is None


@pytest.mark.parametrize(
    ("status", "closing", "wanted"),
    [
        (204, False, ["HTTP/1.1 204 No Content", "Date"]),
        (404, True, ["HTTP/1.1 404 Not Found", "Content-Length", "Date", "Connection"]),
    ],
)
def test_an_answer_is_empty_and_tells_the_time(status, closing, wanted):
    """It says when it was given, whether the connection ends, and nothing about who says it."""
    said = answer(HTTPStatus(status), closing=closing).decode()

    assert [*wanted, "", ""] == [line.split(":")[0] for line in said.split("\r\n")]
