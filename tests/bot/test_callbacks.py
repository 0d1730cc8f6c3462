"""Laws of `bot.callbacks`: what the internet may ask, and what it never learns."""

import asyncio
import gzip
import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.callbacks import LARGEST_BODY, Bucket, Patience, admin_app, callback_app
from bot.errors import StoreUnavailable
from bot.listener import Listener
from bot.metrics import Metrics
from bot.signatures import Signer

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ID = "0123456789abcdef"
SIGNER = Signer(b"a secret for tests")
PATH = f"/callbacks/maxapi/{SIGNER.callback_token('maxapi', ID)}"
FILE = "ab" * 16
BYTES = bytes(range(256)) * 4


class Ground:
    """A listener with the callback application, and what it asked of the house."""

    def __init__(self, folder):
        self.woken = []
        self.named = []
        self.metrics = Metrics()
        self.exists = True
        self.fault = None
        self.naming_fault = None
        self.hold = None
        self.media = folder / "media"
        self.films = folder / "films"
        self.media.mkdir()
        self.films.mkdir()
        self.session = None
        self.listener = None

    async def wake(self, generation):
        """Note the wake, as the store would."""
        if self.hold:
            await self.hold.wait()
        if self.fault:
            raise self.fault
        self.woken.append(generation)
        return self.exists

    async def name_task(self, provider, generation, body):
        """Note what a callback says."""
        self.named.append((provider, generation, body))
        if self.naming_fault:
            raise self.naming_fault

    @asynccontextmanager
    async def serving(self, patience=None):
        """Serve on loopback."""
        app = callback_app(
            signer=SIGNER,
            wake=self.wake,
            name_task=self.name_task,
            media_dir=self.media,
            films_dir=self.films,
            clock=lambda: NOW,
            metrics=self.metrics,
            patience=patience,
        )
        self.listener = Listener(app, "127.0.0.1:0")
        await self.listener.start()
        try:
            async with aiohttp.ClientSession(f"http://{self.listener.address}") as self.session:
                yield self
        finally:
            await self.listener.stop()

    async def answer(self, method, path, **how):
        """Return status, headers without the date, and body."""
        async with self.session.request(method, path, **how) as response:
            headers = {name: value for name, value in response.headers.items() if name != "Date"}
            return response.status, headers, await response.read()

    async def raw(self, data, *, size=-1):
        """Send bytes as they are and return what comes until the other side closes."""
        host, port = self.listener.address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(data)
        try:
            return await asyncio.wait_for(reader.read(size), 8)
        finally:
            writer.close()


@pytest.fixture
async def ground(tmp_path):
    """Return the ground, serving."""
    async with Ground(tmp_path).serving() as it:
        yield it


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"not json",
        b"\xff\xfe",
        b"[" * 20_000,
        b'{"a": NaN, "a": 1e999}',
        b'"\\ud800"',
        b"1" * 30_000,
        gzip.compress(b"x" * 10_000_000),
        b"x" * LARGEST_BODY,
    ],
    ids=["empty", "object", "text", "no utf-8", "deep", "nan", "surrogate", "bigint", "gzip", "largest"],
)
async def test_the_right_token_gets_the_same_empty_204_whatever_the_body(ground, body):
    """Any body within the limit wakes the generation once and learns nothing."""
    answer = await ground.answer("POST", PATH, data=body)

    assert answer == (204, {}, b"")
    assert ([ID], [("maxapi", ID, body)]) == (ground.woken, ground.named)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "nonsense"])
async def test_a_packed_body_is_never_unpacked(ground, encoding):
    """Whatever Content-Encoding says, the bytes are taken as they came: a bomb stays small."""
    bomb = gzip.compress(b"\0" * 50_000_000, compresslevel=9)[:LARGEST_BODY]

    status, _, _ = await ground.answer("POST", PATH, data=bomb, headers={"Content-Encoding": encoding})

    assert (204, bomb) == (status, ground.named[0][2])


async def test_a_body_over_64_kb_is_refused_and_wakes_nothing(ground):
    """One byte more is too large, told in advance or not."""

    async def pieces():
        for _ in range(65):
            yield b"x" * 1024

    told = await ground.answer("POST", PATH, data=b"x" * (LARGEST_BODY + 1))
    untold = await ground.answer("POST", PATH, data=pieces())

    assert [(status, body) for status, _, body in (told, untold)] == [(413, b""), (413, b"")]
    assert ground.woken == []


@pytest.mark.parametrize(
    "path",
    [
        f"/callbacks/evolink/{SIGNER.callback_token('maxapi', ID)}",
        f"/callbacks/maxapi/{ID}{'0' * 32}",
        f"/callbacks/maxapi/{SIGNER.callback_token('maxapi', ID).upper()}",
        f"/callbacks/maxapi/{ID}",
        "/callbacks/maxapi/x",
        "/callbacks/MAXAPI/" + SIGNER.callback_token("maxapi", ID),
        "/callbacks/%ff/%ff",
        "/callbacks/maxapi/" + "é" * 48,
        "/callbacks/nobody/" + "0" * 48,
    ],
)
@pytest.mark.parametrize("body", [b"", b"{}", b"x" * (LARGEST_BODY + 1)], ids=["empty", "json", "too large"])
async def test_a_wrong_token_or_provider_gets_the_same_empty_404(ground, path, body):
    """The answer is that of a path that isn't there, whatever the body, and nothing is asked of the house."""
    nothing = await ground.answer("POST", "/callbacks/nobody/nothing", data=b"")
    answer = await ground.answer("POST", path, data=body)

    assert nothing == answer
    assert (answer[0], answer[2]) == (404, b"")
    assert (ground.woken, ground.named) == ([], [])


async def test_a_purged_generation_looks_like_a_wrong_token(ground):
    """A genuine token of a generation that is gone tells no more than a guess."""
    ground.exists = False

    assert await ground.answer("POST", "/callbacks/nobody/x") == await ground.answer("POST", PATH)


async def test_a_fault_in_reading_the_body_does_not_stop_the_wake(ground):
    """Whatever goes wrong with the body, the generation is due."""
    ground.naming_fault = ValueError("nonsense")

    status, _, _ = await ground.answer("POST", PATH, data=b"{")

    assert (status, ground.woken) == (204, [ID])


async def test_a_wake_that_is_not_stored_is_not_claimed_to_be(ground):
    """With the database out of order the provider is told to come back, if it ever does."""
    ground.fault = StoreUnavailable("disk full")

    assert (await ground.answer("POST", PATH))[::2] == (503, b"")


async def test_a_fault_of_ours_says_nothing(ground, caplog):
    """An unforeseen error is an empty 500; the words are in the log."""
    ground.fault = RuntimeError("secret words")

    status, headers, body = await ground.answer("POST", PATH)

    assert (status, body) == (500, b"")
    assert "Server" not in headers


async def test_a_callback_is_answered_within_its_deadline(tmp_path):
    """A body that never ends and a database that never answers both meet the deadline."""
    ground = Ground(tmp_path)
    patience = Patience(callback=timedelta(seconds=0.3))
    async with ground.serving(patience):
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345".encode()
        stalled = await ground.raw(head)
        ground.hold = asyncio.Event()
        stuck = await ground.answer("POST", PATH, data=b"{}")
        ground.hold.set()

    assert stalled.startswith(b"HTTP/1.1 408")
    assert stuck[::2] == (503, b"")
    assert ground.woken == []


async def test_a_client_that_waits_to_be_asked_is_asked(ground):
    """`Expect: 100-continue` is obeyed, any other expectation ignored."""
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\nExpect: "
    asked = await ground.raw(f"{head}100-continue\r\n\r\n{{}}".encode())
    other = await ground.raw(f"{head}miracles\r\n\r\n{{}}".encode())

    assert asked.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204")
    assert other.startswith(b"HTTP/1.1 204")


async def test_only_the_documented_requests_get_more_than_a_refusal(ground):
    """200 odd requests get 400, 404 or 405, and wake nothing."""
    paths = [
        "/",
        "/callbacks",
        "/callbacks/",
        "/callbacks//x",
        f"{PATH}/",
        f"/{PATH}",
        f"{PATH}/x",
        "/media/",
        "/media/..%2fsecret_key",
        "/media/../secret_key",
        f"/media/{FILE}",
        "/films/",
        "/metrics",
        "/healthz",
        "/readyz",
        "/favicon.ico",
        "/callbacks/../media",
        "/%00",
        "/*",
        f"/films/{ID}/1/{'0' * 32}.mp4",
    ]
    methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW"]
    seen = set()
    for method in methods:
        for path in paths:
            line = f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            seen.add(int((await ground.raw(line.encode())).split()[1]))

    assert {400, 404, 405} >= seen
    assert ground.woken == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_a_callback_path_takes_post_alone(ground, method):
    """Another method is 405 whether or not the token is genuine."""
    genuine = await ground.answer(method, PATH)
    guessed = await ground.answer(method, "/callbacks/maxapi/x")

    assert genuine[::2] == (405, b"")
    assert guessed == genuine


async def test_two_lengths_in_one_request_are_refused(ground):
    """Content-Length beside Transfer-Encoding is 400: nobody smuggles a second request in."""
    lines = [
        f"POST {PATH} HTTP/1.1",
        "Host: x",
        "Content-Length: 4",
        "Transfer-Encoding: chunked",
        "",
        "0",
        "",
        "",
    ]

    answer = await ground.raw("\r\n".join(lines).encode())

    assert answer.split()[1] == b"400"
    assert ground.woken == []


async def test_a_members_file_is_served_as_what_it_is(ground):
    """Bytes, type and length are right, nothing may be guessed from it, and HEAD says the same."""
    (ground.media / f"{FILE}.png").write_bytes(BYTES)

    status, headers, body = await ground.answer("GET", f"/media/{FILE}.png")
    head = await ground.answer("HEAD", f"/media/{FILE}.png")

    assert (status, body) == (200, BYTES)
    assert tuple(headers[name] for name in ("Content-Type", "X-Content-Type-Options", "Content-Length")) == (
        "image/png",
        "nosniff",
        "1024",
    )
    assert (200, headers, b"") == head


async def test_a_part_of_a_file_can_be_had(ground):
    """Ranges work: players ask for them."""
    (ground.media / f"{FILE}.mp4").write_bytes(BYTES)

    status, headers, body = await ground.answer("GET", f"/media/{FILE}.mp4", headers={"Range": "bytes=10-19"})

    assert (206, "bytes 10-19/1024", BYTES[10:20]) == (status, headers["Content-Range"], body)


@pytest.mark.parametrize(
    "name",
    [
        f"{FILE}.jpg",
        f"{FILE}",
        f"{FILE.upper()}.png",
        f"{FILE}.png/",
        f"{FILE[:-1]}.png",
        "..%2f..%2fsecret_key",
        f"{FILE}.png%00",
        "",
        f"{FILE}..png",
    ],
)
async def test_no_other_name_opens_a_file(ground, name):
    """Only the exact name of a file that lies there is served; there are no lists."""
    (ground.media / f"{FILE}.png").write_bytes(BYTES)
    (ground.media.parent / "secret_key").write_bytes(b"secret")

    assert (await ground.answer("GET", f"/media/{name}"))[::2] == (404, b"")


async def test_a_film_is_served_to_a_link_that_we_signed(ground):
    """The link works until its moment; another film's signature opens nothing."""
    (ground.films / f"{ID}.mp4").write_bytes(BYTES)
    good = SIGNER.film_path(ID, NOW + timedelta(days=1))

    status, headers, body = await ground.answer("GET", good)
    dead = await ground.answer("GET", SIGNER.film_path(ID, NOW))
    forged = await ground.answer("GET", re.sub("0123456789abcdef", "fedcba9876543210", good))

    assert (status, headers["Content-Type"], body) == (200, "video/mp4", BYTES)
    assert [dead[::2], forged[::2]] == [(404, b""), (404, b"")]


async def test_a_film_that_is_gone_is_not_found(ground):
    """A good link to a film that was cleared away is an empty 404."""
    assert (await ground.answer("GET", SIGNER.film_path(ID, NOW + timedelta(days=1))))[::2] == (404, b"")


async def test_whoever_takes_a_file_too_slowly_is_cut(tmp_path):
    """A client that doesn't read is disconnected when the slowest allowed pace is over."""
    ground = Ground(tmp_path)
    with (ground.films / f"{ID}.mp4").open("wb") as film:
        film.truncate(50_000_000)
    async with ground.serving(Patience(pause=timedelta(seconds=0.1), slowest=500_000_000)):
        host, port = ground.listener.address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
        writer.write(
            f"GET {SIGNER.film_path(ID, NOW + timedelta(days=1))} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        )
        await asyncio.sleep(0.6)  # reads nothing
        taken = 0
        try:
            while chunk := await asyncio.wait_for(reader.read(1_000_000), 5):
                taken += len(chunk)
        except ConnectionError:
            pass
        writer.close()

    assert taken < 50_000_000


async def test_no_answer_names_the_software(ground):
    """Whatever is asked, no Server header tells which library and version answers."""
    (ground.media / f"{FILE}.png").write_bytes(BYTES)
    asked = [
        ("POST", PATH),
        ("POST", "/callbacks/a/b"),
        ("GET", "/"),
        ("GET", PATH),
        ("GET", f"/media/{FILE}.png"),
    ]

    headers = [(await ground.answer(*request))[1] for request in asked]

    assert [one for one in headers if "Server" in one] == []


async def test_knocking_too_often_costs_the_connection(ground):
    """The answer stays the same 404, but each further guess needs a connection of its own."""
    headers = [(await ground.answer("POST", "/callbacks/maxapi/guess"))[1] for _ in range(40)]

    assert "Connection" not in headers[0]
    assert headers[-1]["Connection"] == "close"
    assert (await ground.answer("POST", PATH))[0] == 204


async def test_callbacks_are_counted(ground):
    """Accepted ones by provider, refused ones together: a guesser's words never become a label."""
    await ground.answer("POST", PATH)
    await ground.answer("POST", "/callbacks/evil/x")

    page = ground.metrics.page().decode()
    assert 'matinee_callbacks_accepted_total{provider="maxapi"} 1.0' in page
    assert "matinee_callbacks_refused_total 1.0" in page
    assert "evil" not in page


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 3)), max_size=60))
@settings(deadline=None)
def test_a_bucket_gives_no_more_than_its_rate(takes):
    """Over any span an address gets at most its size and what trickled in."""
    bucket = Bucket(rate=2, size=3)
    now, given = 0.0, {"a": 0, "b": 0, "c": 0}
    for address, wait in takes:
        now += wait
        given[address] += bucket.take(address, now)

    assert all(number <= 3 + 2 * now + 1e-6 for number in given.values())


def test_a_bucket_remembers_only_so_many_addresses():
    """Memory stays bounded: the address that was seen longest ago starts anew."""
    bucket = Bucket(rate=0, size=1, most=2)
    answers = [bucket.take(address, 0.0) for address in ("a", "a", "b", "c", "a")]

    assert answers == [True, False, True, True, True]


@asynccontextmanager
async def administering(ready, metrics=None):
    """Serve the operator's application and yield a session."""
    listener = Listener(admin_app(ready, metrics or Metrics()), "127.0.0.1:0", variable="ADMIN_LISTEN")
    await listener.start()
    try:
        async with aiohttp.ClientSession(f"http://{listener.address}") as session:
            yield session
    finally:
        await listener.stop()


@pytest.mark.parametrize(("reasons", "status"), [([], 200), (["no gateway", "disk full"], 503)])
async def test_readyz_says_why_not(reasons, status):
    """Ready is 200; otherwise 503 with one reason per line."""

    async def ready():
        return reasons

    async with administering(ready) as session, session.get("/readyz") as response:
        assert (status, "".join(f"{line}\n" for line in reasons or ["ready"])) == (
            response.status,
            await response.text(),
        )


async def test_healthz_and_metrics_need_nothing_else():
    """The process is alive and can be measured even while it isn't ready."""

    async def ready():
        return ["starting"]

    metrics = Metrics()
    metrics.polled("evolink")
    async with administering(ready, metrics) as session:
        async with session.get("/healthz") as response:
            assert response.status == 200
        async with session.get("/metrics") as response:
            assert 'matinee_polls_total{provider="evolink"} 1.0' in await response.text()
