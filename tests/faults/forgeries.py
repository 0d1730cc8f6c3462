"""Callbacks that nobody honest sends, made from a seed: forged tokens, true ones around hostile bodies."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.signatures import Signer

PER_SEED = 1_000
WILD = 0.25
"""Share of the requests that break the rules of HTTP itself."""
GENUINE_PER_SEED = 30
PROVIDERS = ("maxapi", "seedance2ink", "evolink")
METHODS = [
    *["POST"] * 12,
    *["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW", "post", "PROPFIND"],
    "P\0ST",
    "",
    "POST " * 9,
    "X" * 9000,
]
VERSIONS = [
    *["HTTP/1.1"] * 12,
    *["HTTP/1.0", "HTTP/2.0", "HTTP/9.9", "HTTP/0.9", "http/1.1", "HTTP/1.1.1", "HTTPS/1.1", "JUNK"],
    "",
]
STRANGE_PROVIDERS = [
    "",
    "MAXAPI",
    "maxapi ",
    "max%61pi%00",
    "m" * 33,
    "m" * 9000,
    "..",
    "%2e%2e",
    "maxapi%2f",
    "ｍaxapi",
    "%ff",
]
ELSEWHERE = [
    *("/", "*", "//", "/callbacks", "/callbacks/", "/callbacks//", "/callbacks/maxapi", "/callbacks/maxapi/"),
    *(
        "/metrics",
        "/healthz",
        "/readyz",
        "/favicon.ico",
        "/.env",
        "/media/",
        "/films/",
        "/%00",
        "/\\",
        "/?",
        "/#",
    ),
    *(
        "/media/..%2fsecret_key",
        "/films/../secret_key",
        "/callbacks/../../etc/passwd",
        "http://",
        "://",
        "x",
        "",
    ),
    *(
        "http://127.0.0.1:1/callbacks/maxapi/x",
        "http://[::1/",
        "http://[bad]:99999999/",
        "//evil.example/",
        "/" + "a" * 9000,
    ),
]
HEADERS = [
    *(
        "Content-Length: -1",
        "Content-Length: +5",
        "Content-Length: 5, 6",
        "Content-Length: 99999999999999999999",
    ),
    *(
        "Content-Length: 0x5",
        "Content-Length: five",
        "Content-Length: 70000",
        "Content-Length: 5\r\nContent-Length: 6",
    ),
    *("Transfer-Encoding: chunked", "Transfer-Encoding: xchunked", "Transfer-Encoding: gzip, chunked"),
    *(
        "Transfer-Encoding: chunked\r\nContent-Length: 4",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding:\tchunked",
    ),
    *(
        "Content-Encoding: gzip",
        "Content-Encoding: br",
        "Content-Type: \xff",
        "Content-Type: multipart/form-data",
    ),
    *(
        "Content-Type: application/json; charset=nonsense",
        "Expect: 100-continue",
        "Expect: miracles",
        "Upgrade: h2c",
    ),
    *(
        "Connection: upgrade\r\nUpgrade: websocket",
        "Connection: keep-alive, close",
        "Range: bytes=0-",
        "Host: a\r\nHost: b",
    ),
    *(
        "X: " + "x" * 9000,
        "\r\n".join(f"X{number}: y" for number in range(150)),
        " folded: x",
        "X:\r\n y",
        "no colon here",
    ),
    *(
        ": nameless",
        "X\0: y",
        "X: \0",
        "X: \x7f",
        "Cookie: " + "a=b; " * 500,
        "X-Forwarded-For: 127.0.0.1",
        "X: y\n\nX: z",
    ),
    *(
        "Authorization: Bearer x",
        "Content-Length: 3\r\n\r\nabcPOST /callbacks/maxapi/x HTTP/1.1",
        "Host:",
        "Trailer: X",
    ),
]
BODIES = [
    *(
        b"",
        b"{}",
        b"[]",
        b"null",
        b"0",
        b"not json",
        b"\xff\xfe\x00",
        b"\xef\xbb\xbf{}",
        b'"\\ud800"',
        b'{"a":NaN,"a":1e999}',
    ),
    *(
        b"[" * 20_000,
        b'{"a":' * 9_000,
        b"1" * 30_000,
        b"-" * 30_000,
        b'"' + b"\\" * 30_000,
        b"x" * 65_537,
        b"\0" * 4_000,
    ),
    *(
        b'{"id":-1}',
        b'{"id":{"id":[]}}',
        b'{"data":"x"}',
        b'{"data":[[]]}',
        b'{"id":true}',
        b'{"task_id":1e308}',
        b'{"id":null}',
    ),
    *(
        json.dumps({"id": "x" * 60_000}).encode(),
        b'{"code":200,"data":{"taskId":"../../x"}}',
        b"a=b&c=d" * 99,
        b"<?xml?>",
    ),
    *(
        gzip.compress(bytes(1 << 20)),
        b'{"status":"completed","results":["http://127.0.0.1/"]}',
        b'{"id":"\\u0000"}',
        b"\r\n\r\n",
    ),
    *(
        b"5\r\nhello\r\n0\r\n\r\n",
        b"FFFFFFFFFFFFFFFFF\r\n",
        b"-5\r\nhello\r\n",
        b"5\r\nhel",
        b"5;a=b\r\nhello\r\n0\r\n",
        b"zz\r\n\r\n",
        b"5\nhello\n0\n\n",
    ),
]
Dice = random.Random


@dataclass(frozen=True, slots=True)
class Knock:
    """One request, as bytes; `genuine`: its token is a true one, and only the rest is hostile."""

    data: bytes
    genuine: bool


class Forger:
    """Makes requests. It knows some true tokens, and nothing of the key."""

    def __init__(self, signer: Signer, ids: list[str], seed: int) -> None:
        self._tokens = {(name, each): signer.callback_token(name, each) for name in PROVIDERS for each in ids}
        self._true = {*((name, token) for (name, _), token in self._tokens.items())}
        self._ids = ids
        self._dice = random.Random(seed)
        self._ways: tuple[Callable[[str], str], ...] = (
            *(
                self._near,
                self._near,
                self._near,
                self._cut,
                self._longer,
                self._cased,
                self._crossed,
                self._spaced,
            ),
            *(self._guess, self._other_script, self._of_another, self._shuffled),
        )

    def knocks(self) -> list[Knock]:
        """Return the requests of one seed."""
        return [self._forged() for _ in range(PER_SEED - GENUINE_PER_SEED)] + [
            self._genuine() for _ in range(GENUINE_PER_SEED)
        ]

    def _forged(self) -> Knock:
        dice = self._dice
        provider, each = dice.choice(PROVIDERS), dice.choice(self._ids)
        true = self._tokens[provider, each]
        wild = dice.random() < WILD
        method, token = dice.choice(METHODS) if wild else "POST", dice.choice(self._ways)(true)
        if dice.random() < 0.1:
            provider = dice.choice(STRANGE_PROVIDERS)
        if method != "POST" and dice.random() < 0.3:
            token = true  # no other method takes even a true one
        elif (provider, token) in self._true:
            token = token[:-1]
        path = dice.choice(ELSEWHERE) if dice.random() < 0.1 else f"/callbacks/{provider}/{token}"
        return Knock(self._written(method, path, wild=wild), genuine=False)

    def _genuine(self) -> Knock:
        """Return a true token with a hostile body and hostile headers."""
        (provider, _), token = self._dice.choice([*self._tokens.items()])
        return Knock(self._written("POST", f"/callbacks/{provider}/{token}", wild=False), genuine=True)

    def _written(self, method: str, path: str, *, wild: bool) -> bytes:
        """Return a request; a wild one breaks the rules of HTTP in any way, another at most in one header."""
        dice, body = self._dice, self._dice.choice(BODIES)
        version = dice.choice(VERSIONS) if wild else "HTTP/1.1"
        lines = [f"{method} {path} {version}".rstrip(" "), "Host: x"]
        if not wild or dice.random() < 0.5:
            lines.append(f"Content-Length: {len(body)}")
        lines += dice.sample(HEADERS, dice.choice([0, 1, 2, 3] if wild else [0, 0, 0, 1]))
        end = "\r\n"
        if wild and dice.random() < 0.2:
            dice.shuffle(lines)
            end = dice.choice(["\r\n", "\n", "\r"])
        head = (end.join(lines) + end * 2).encode("utf-8", "surrogateescape")
        cut = wild and dice.random() < 0.1
        return head[: dice.randrange(1, len(head))] if cut else head + body

    def _near(self, token: str) -> str:
        at = self._dice.randrange(len(token))
        return token[:at] + self._dice.choice("0123456789abcdef".replace(token[at], "")) + token[at + 1 :]

    def _cut(self, token: str) -> str:
        return token[: self._dice.randrange(len(token))]

    def _longer(self, token: str) -> str:
        return token + self._dice.choice(
            ["0", "00", "/", "%00", "%0a", "%20", ";a", ".json", "/x", token, "%", "a" * 5000]
        )

    def _cased(self, token: str) -> str:
        other = "".join(self._dice.choice([sign.upper(), sign]) for sign in token)
        return other if other != token else token + "A"

    def _crossed(self, token: str) -> str:
        """Return one generation's name with another's signature."""
        id_, other = self._dice.sample(self._ids, 2)
        return id_ + self._tokens[self._dice.choice(PROVIDERS), other][16:]

    def _of_another(self, _token: str) -> str:
        """Return a token for another provider; the caller sees to it that it isn't true here."""
        return self._dice.choice([*self._tokens.values()])

    def _spaced(self, token: str) -> str:
        return self._dice.choice(["%20", "%09", "%0d%0a", "+", "%e2%80%8b", "%00", "."]) + token

    def _guess(self, token: str) -> str:
        return token[:16] + self._dice.randbytes(16).hex()

    def _other_script(self, token: str) -> str:
        return "".join(chr(ord(sign) + 0xFEE0) if sign.isdigit() else sign for sign in token)

    def _shuffled(self, token: str) -> str:
        signature = [*token[16:]]
        self._dice.shuffle(signature)
        return token[:16] + "".join(signature)
