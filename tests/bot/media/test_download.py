"""Downloads arrive whole or not at all, and lead nowhere else."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import socket
import ssl
import subprocess
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from bot.errors import DownloadError, ForbiddenAddress, LinkExpired, Oversized
from bot.media.download import KEPT_FREE, Downloaded, Downloader, Pace, plain_socket
from tests.bot.media.servers import BOMB, FILM, Names, Peer, serving
from tests.bot.media.test_addresses import CLOSED, ODD_HOSTS, ends

MOST = 1 << 20
BRISK = Pace(rate=1_000_000, window=timedelta(seconds=0.2))
WHOLE = Downloaded(size=len(FILM), sha256=sha256(FILM).hexdigest())
TRUSTED = frozenset({"127.0.0.1"})


@pytest.fixture
def connected(monkeypatch) -> list[tuple[object, ...]]:
    """Note every address that a socket of this process is asked to connect to."""
    seen: list[tuple[object, ...]] = []

    def recording(name):
        real = getattr(socket.socket, name)

        def connect(self, address):
            if self.family in {socket.AF_INET, socket.AF_INET6}:
                seen.append(address)
            return real(self, address)

        return connect

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, recording(name))
    return seen


def left(folder) -> list[str]:
    """Return what lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


async def fetched(answer, tmp_path, *, path="/film", most=MOST, downloader=None, **limits):
    """Download once from a server that answers so; return the result and the requests it saw."""
    downloader = downloader or Downloader(trusted_hosts=TRUSTED)
    async with serving(answer) as (port, requests):
        result = await downloader.download(
            f"http://127.0.0.1:{port}{path}", tmp_path / "film.mp4", most=most, **limits
        )
    return result, requests


async def honest(peer: Peer) -> None:
    """Give the film."""
    await peer.give(body=FILM)


async def test_a_film_arrives_whole_with_its_digest(tmp_path):
    """Size and digest are those of the bytes on the disk, and nothing else is left there."""
    result, _ = await fetched(honest, tmp_path)
    assert (result, (tmp_path / "film.mp4").read_bytes(), left(tmp_path)) == (WHOLE, FILM, ["film.mp4"])


async def test_nothing_that_identifies_us_is_sent(tmp_path):
    """No authorization and no cookie; identity encoding is asked for; the signed path is untouched."""
    _, (request,) = await fetched(honest, tmp_path, path="/a%2Fb?sig=x%2By%3D&k=%7E")
    assert {"host", "accept", "accept-encoding", "user-agent"} == set(request.headers) - {"connection"}
    assert (request.headers["accept-encoding"], request.target) == ("identity", "/a%2Fb?sig=x%2By%3D&k=%7E")


async def test_a_body_without_a_length_is_taken_to_its_end(tmp_path):
    """Chunked bodies, and those that end with the connection, are taken too."""

    async def chunked(peer: Peer) -> None:
        await peer.give(Content_Length="", Transfer_Encoding="chunked")
        await peer.say(b"%x\r\n" % len(FILM), FILM, b"\r\n0\r\n\r\n")

    async def bare(peer: Peer) -> None:
        await peer.give(Content_Length="")
        await peer.say(FILM)

    assert [(await fetched(answer, tmp_path))[0] for answer in (chunked, bare)] == [WHOLE, WHOLE]


async def short(peer: Peer) -> None:
    """Promise more than is given."""
    await peer.give(body=FILM, Content_Length=str(len(FILM) + 1))


async def chunk_cut(peer: Peer) -> None:
    """Stop in the middle of a chunk."""
    await peer.give(Content_Length="", Transfer_Encoding="chunked")
    await peer.say(b"%x\r\n" % len(FILM), FILM[:1000])


async def unfinished(peer: Peer) -> None:
    """Leave out the last chunk."""
    await peer.give(Content_Length="", Transfer_Encoding="chunked")
    await peer.say(b"5\r\nhello\r\n")


@pytest.mark.parametrize("answer", [short, chunk_cut, unfinished])
async def test_a_cut_body_is_asked_for_three_times(tmp_path, answer):
    """A body that ends early never becomes a file."""
    asked = 0

    async def counting(peer: Peer) -> None:
        nonlocal asked
        asked += 1
        await answer(peer)

    with pytest.raises(DownloadError):
        await fetched(counting, tmp_path)
    assert (asked, left(tmp_path)) == (3, [])


async def test_a_body_cut_twice_may_come_whole_the_third_time(tmp_path):
    """What came of a cut body isn't mixed with the next."""
    answers = iter([short, chunk_cut, honest])

    async def in_turn(peer: Peer) -> None:
        await next(answers)(peer)

    result, requests = await fetched(in_turn, tmp_path)
    assert (result, len(requests)) == (WHOLE, 3)


async def test_what_comes_after_the_promised_length_is_not_taken(tmp_path):
    """The length that a server names is the length of the film."""

    async def long(peer: Peer) -> None:
        await peer.give(body=FILM + b"more", Content_Length=str(len(FILM)))

    assert (await fetched(long, tmp_path))[0] == WHOLE


async def promised(peer: Peer) -> None:
    """Name a length over the limit."""
    await peer.give(Content_Length=str(MOST + 1))


async def endless(peer: Peer) -> None:
    """Give for ever without a length."""
    await peer.give(Content_Length="")
    while True:
        await peer.say(bytes(1 << 16))


async def bomb(peer: Peer) -> None:
    """Send compressed what wasn't asked for."""
    await peer.give(body=BOMB, Content_Encoding="gzip")


async def wrapped_bomb(peer: Peer) -> None:
    """Hide the compression in the transfer."""
    await peer.give(body=BOMB, Transfer_Encoding="gzip, chunked", Content_Length="")


async def drip(peer: Peer) -> None:
    """Give a byte now and then."""
    await peer.give(Content_Length="1000")
    while True:
        await peer.say(b"x")
        await asyncio.sleep(0.02)


async def stall(peer: Peer) -> None:
    """Stop short of the end."""
    await peer.give(body=FILM[:-1000], Content_Length=str(len(FILM)))
    await asyncio.sleep(60)


async def silent(peer: Peer) -> None:
    """Never answer."""
    await asyncio.sleep(60)


async def slow_head(peer: Peer) -> None:
    """Drip the head of the answer."""
    for byte in b"HTTP/1.1 200 OK\r\n" * 100:
        await peer.say(bytes([byte]))
        await asyncio.sleep(0.02)


async def garbage(peer: Peer) -> None:
    """Speak something else than HTTP."""
    await peer.say(b"220 ftp.example ready\r\n" * 10)


async def reset(peer: Peer) -> None:
    """Hang up at once."""


async def endless_head(peer: Peer) -> None:
    """Give headers for ever."""
    await peer.say(b"HTTP/1.1 200 OK\r\n")
    while True:
        await peer.say(b"X-A: " + b"a" * 4000 + b"\r\n")


async def two_lengths(peer: Peer) -> None:
    """Name two lengths."""
    await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")


async def negative(peer: Peer) -> None:
    """Name a length below nothing."""
    await peer.give(Content_Length="-5")


@pytest.mark.parametrize(
    "answer",
    [
        promised,
        endless,
        bomb,
        wrapped_bomb,
        drip,
        stall,
        silent,
        slow_head,
        garbage,
        reset,
        endless_head,
        two_lengths,
        negative,
    ],
)
async def test_a_server_that_lies_or_dawdles_gives_no_file(tmp_path, answer):
    """Too large, compressed, dripping, stalled, silent or broken: an error of ours, and an empty folder."""
    with pytest.raises(DownloadError) as caught:
        await fetched(answer, tmp_path, downloader=Downloader(trusted_hosts=TRUSTED, pace=BRISK))
    expected = Oversized if answer in {promised, endless} else DownloadError
    assert (expected, []) == (type(caught.value), left(tmp_path))


async def test_a_slow_but_steady_server_is_stopped_at_the_deadline(tmp_path):
    """Being just fast enough doesn't help beyond the deadline."""
    pace = Pace(rate=10, window=timedelta(seconds=5))
    downloader = Downloader(trusted_hosts=TRUSTED, pace=pace)
    with pytest.raises(DownloadError):
        await fetched(drip, tmp_path, downloader=downloader, deadline=timedelta(seconds=0.3))
    assert left(tmp_path) == []


async def test_a_server_that_keeps_the_pace_may_take_many_windows(tmp_path):
    """The least rate holds for each window, not for the whole."""
    pace = Pace(rate=1000, window=timedelta(seconds=0.5))

    async def steady(peer: Peer) -> None:
        await peer.give(Content_Length="16000")
        for _ in range(16):
            await peer.say(bytes(1000))
            await asyncio.sleep(0.05)

    downloader = Downloader(trusted_hosts=TRUSTED, pace=pace)
    assert (await fetched(steady, tmp_path, downloader=downloader))[0].size == 16_000


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "410 Gone"])
async def test_a_dead_link_says_so(tmp_path, status):
    """These three mean: ask the provider for a fresh link."""
    with pytest.raises(LinkExpired):
        await fetched(lambda peer: peer.give(status), tmp_path)


@pytest.mark.parametrize("status", ["201 Created", "204 No Content", "206 Part", "401 X", "429 X", "503 X"])
async def test_any_other_status_is_no_film(tmp_path, status):
    """Only 200 brings a film."""
    with pytest.raises(DownloadError) as caught:
        await fetched(lambda peer: peer.give(status), tmp_path)
    assert DownloadError is type(caught.value)


async def test_a_redirect_or_three_are_followed(tmp_path):
    """Up to three hops, without a cookie or authorization on any of them."""

    async def hop(peer: Peer) -> None:
        number = int(peer.target[1:])
        if number == 3:
            await honest(peer)
        else:
            await peer.give("302 Found", Location=f"/{number + 1}", Set_Cookie="a=b; Path=/")

    result, requests = await fetched(hop, tmp_path, path="/0")
    assert result == WHOLE
    assert [request.target for request in requests] == ["/0", "/1", "/2", "/3"]
    assert not any({"cookie", "authorization", "referer"} & set(request.headers) for request in requests)


@pytest.mark.parametrize("location", ["/film", "", "?again"])
async def test_redirects_in_a_circle_end(tmp_path, location):
    """The fourth redirect is one too many."""
    with pytest.raises(DownloadError):
        await fetched(lambda peer: peer.give("307 Temporary", Location=location), tmp_path)
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    "location",
    [
        "http://10.0.0.1/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data",
        "http://film.example/",
        "https://film.example:8443/",
        "file:///etc/passwd",
        "https://user@film.example/",
        "//2130706433/",
        "https://inner.example/",
    ],
)
@pytest.mark.parametrize("hops", [1, 3])
async def test_a_redirect_to_a_forbidden_place_is_not_followed(tmp_path, connected, location, hops):
    """Every hop is checked like the first address, before anything is connected."""

    async def astray(peer: Peer) -> None:
        number = int(peer.target[1:])
        await peer.give("308 Moved", Location=location if number == hops else f"/{number + 1}")

    names = Names({"inner.example": [["10.0.0.7"]], "film.example": [["93.184.216.34"]]})
    downloader = Downloader(trusted_hosts=TRUSTED, resolver=names)
    with pytest.raises(ForbiddenAddress):
        await fetched(astray, tmp_path, path="/1", downloader=downloader)
    assert {"127.0.0.1"} == {address[0] for address in connected}


LITERALS = [address for network in CLOSED for address in ends(network)]


async def test_no_forbidden_literal_is_connected(tmp_path, connected):
    """An address written into the link is refused before a socket exists."""
    downloader = Downloader()
    for address in LITERALS:
        host = f"[{address}]" if ":" in address else address
        with pytest.raises(ForbiddenAddress):
            await downloader.download(f"https://{host}/film.mp4", tmp_path / "film.mp4", most=MOST)
    assert (connected, left(tmp_path)) == ([], [])


async def test_no_odd_spelling_is_connected(tmp_path, connected):
    """What `getaddrinfo` would turn into loopback is refused as it is written."""
    downloader = Downloader()
    for host in ODD_HOSTS:
        with pytest.raises(ForbiddenAddress):
            await downloader.download(f"https://{host}/film.mp4", tmp_path / "film.mp4", most=MOST)
    assert connected == []


async def test_no_name_that_leads_inside_is_connected(tmp_path, connected):
    """One closed address among a name's answers is enough to refuse it."""
    public = ["93.184.216.34", "2606:4700:4700::1111"]
    names = Names({})
    downloader = Downloader(resolver=names)
    for address in LITERALS:
        for answer in ([address], [*public, address], [address, *public]):
            names.answers = {"film.example": [answer]}
            with pytest.raises(ForbiddenAddress):
                await downloader.download("https://film.example/", tmp_path / "film.mp4", most=MOST)
    assert (connected, left(tmp_path)) == ([], [])


async def test_the_socket_itself_is_checked(tmp_path, connected, monkeypatch):
    """Even if every earlier check were blind, no socket is made for a closed address."""
    made = []

    def open_socket(address):
        made.append(address)
        return plain_socket(address)

    monkeypatch.setattr("bot.media.download._PublicOnly", lambda resolver: resolver)
    names = Names({"film.example": [["127.0.0.1"]]})
    downloader = Downloader(resolver=names, open_socket=open_socket)
    with pytest.raises(ForbiddenAddress):
        await downloader.download("https://film.example/", tmp_path / "film.mp4", most=MOST)
    assert (made, connected) == ([], [])


async def test_a_name_that_changes_its_answer_is_asked_once(tmp_path):
    """The address that was checked is the one that is connected: the second answer isn't looked at."""
    names = Names({"film.example": [["93.184.216.34"], ["127.0.0.1"]]})
    tried = []

    def open_socket(address):
        tried.append(address[4][0])
        raise OSError(errno.ENETUNREACH, "not in a test")

    downloader = Downloader(resolver=names, open_socket=open_socket)
    with pytest.raises(DownloadError):
        await downloader.download("https://film.example/", tmp_path / "film.mp4", most=MOST)
    assert (names.asked, tried) == (["film.example"], ["93.184.216.34"])


@pytest.mark.parametrize("url", ["http://film.example/", "https://film.example:8443/", "http://127.0.0.1:1/"])
async def test_only_https_on_its_own_port(tmp_path, connected, url):
    """Whoever isn't trusted is spoken to by https on port 443 alone."""
    with pytest.raises(ForbiddenAddress):
        await Downloader().download(url, tmp_path / "film.mp4", most=MOST)
    assert connected == []


async def test_trust_is_for_the_port_that_was_named(tmp_path, connected):
    """`host:port` opens that port and no other."""
    downloader = Downloader(trusted_hosts=frozenset({"127.0.0.1:1"}))
    with pytest.raises(ForbiddenAddress):
        await fetched(honest, tmp_path, downloader=downloader)
    assert connected == []


async def test_a_trusted_name_may_lead_inside(tmp_path):
    """A private mirror is reached by its name."""
    names = Names({"mirror.internal": [["127.0.0.1"]]})
    downloader = Downloader(trusted_hosts=frozenset({"mirror.internal"}), resolver=names)
    async with serving(honest) as (port, _):
        url = f"http://mirror.internal:{port}/"
        result = await downloader.download(url, tmp_path / "film.mp4", most=MOST)
    assert result == WHOLE


async def test_hosts_can_be_restricted(tmp_path, connected):
    """With a list of hosts, others are refused, however public they are; lookalikes too."""
    for host in ("film.example", "cdn.example.evil.example", "xcdn.example", "cdn.example.evil"):
        with pytest.raises(ForbiddenAddress):
            await Downloader().download(
                f"https://{host}/", tmp_path / "film.mp4", most=MOST, hosts={"cdn.example"}
            )
    assert connected == []


async def test_a_name_that_nobody_knows_is_an_ordinary_error(tmp_path):
    """No such name: try later, nothing forbidden about it."""
    with pytest.raises(DownloadError) as caught:
        await Downloader(resolver=Names({})).download("https://film.example/", tmp_path / "f", most=MOST)
    assert DownloadError is type(caught.value)


async def test_errors_never_show_the_signed_link(tmp_path):
    """An error is for the log, and a log holds no signature."""
    for answer in (garbage, promised, silent, lambda peer: peer.give("403 No")):
        with pytest.raises(DownloadError) as caught:
            await fetched(
                answer,
                tmp_path,
                path="/film?signature=s3cret",
                downloader=Downloader(trusted_hosts=TRUSTED, pace=BRISK),
            )
        assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(("spare", "fits"), [(0, True), (-1, False)])
async def test_room_is_left_for_the_database(tmp_path, spare, fits):
    """A film that would fill the disk isn't begun."""
    room = KEPT_FREE + len(FILM) + spare
    downloader = Downloader(trusted_hosts=TRUSTED, space=lambda _: room)
    if fits:
        assert (await fetched(honest, tmp_path, downloader=downloader))[0] == WHOLE
    else:
        with pytest.raises(DownloadError, match=r"^disk"):
            await fetched(honest, tmp_path, downloader=downloader)
        assert left(tmp_path) == []


async def test_a_body_without_a_length_stops_when_the_disk_fills(tmp_path):
    """The disk is looked at again while the body comes."""
    free = iter([KEPT_FREE * 2, KEPT_FREE, KEPT_FREE - 1])
    downloader = Downloader(trusted_hosts=TRUSTED, space=lambda _: next(free))
    with pytest.raises(DownloadError, match=r"^disk"):
        await fetched(endless, tmp_path, downloader=downloader, most=1 << 30)
    assert left(tmp_path) == []


async def test_a_folder_that_can_t_be_written_is_an_error_of_the_disk(tmp_path):
    """What the system says of the disk becomes our error."""
    with pytest.raises(DownloadError, match=r"^disk: ENOENT"):
        await fetched(honest, tmp_path / "missing")


async def test_a_cancelled_download_leaves_nothing(tmp_path):
    """Cancelling takes the unfinished file along."""
    begun = asyncio.Event()

    async def begin(peer: Peer) -> None:
        await peer.give(Content_Length="")
        await peer.say(bytes(2 << 20))
        begun.set()
        await asyncio.sleep(60)

    downloader = Downloader(trusted_hosts=TRUSTED)
    task = asyncio.create_task(fetched(begin, tmp_path, downloader=downloader, most=1 << 30))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert left(tmp_path) == []


async def test_a_new_try_sweeps_up_after_a_crash(tmp_path):
    """What a killed process left of this film goes; other films' files stay."""
    (tmp_path / "film.mp4.abc.part").write_bytes(b"old")
    (tmp_path / "other.mp4.abc.part").write_bytes(b"busy")
    await fetched(honest, tmp_path)
    assert left(tmp_path) == ["film.mp4", "other.mp4.abc.part"]


async def test_the_film_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    """The file is synced before it is renamed, and its folder after."""
    order = []

    def watch(owner, name):
        original = getattr(owner, name)

        def watched(*arguments):
            order.append(name)
            return original(*arguments)

        monkeypatch.setattr(owner, name, watched)

    watch(os, "fsync")
    watch(Path, "replace")
    await fetched(honest, tmp_path)
    assert order == ["fsync", "replace", "fsync"]


@pytest.fixture
def certificate(tmp_path):
    """Return the path of a certificate, with its key, for film.example alone."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    path = tmp_path / "certificate.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=film.example"
    options = ["-addext", "subjectAltName=DNS:film.example", "-keyout", path, "-out", tmp_path / "public.pem"]
    subprocess.run([*command.split(), *options], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + (tmp_path / "public.pem").read_bytes())
    return path


@pytest.mark.parametrize(
    ("host", "known", "comes"),
    [("film.example", True, True), ("film.example", False, False), ("other.example", True, False)],
)
async def test_the_server_must_prove_its_name(tmp_path, certificate, host, known, comes):
    """A film comes over TLS only from a server whose certificate we trust for the very name in the link."""
    theirs, ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    theirs.load_cert_chain(certificate)
    if known:
        ours.load_verify_locations(certificate)
    downloader = Downloader(
        trusted_hosts=frozenset({host}), resolver=Names({host: [["127.0.0.1"]]}), tls=lambda: ours
    )
    target = tmp_path / "films" / "film.mp4"
    target.parent.mkdir()
    async with serving(honest, theirs) as (port, _):
        try:
            await downloader.download(f"https://{host}:{port}/", target, most=MOST)
        except DownloadError:
            assert not comes
    assert target.exists() == comes


@pytest.mark.parametrize(
    ("most", "comes"), [(len(FILM) - 1, False), (len(FILM), True), (len(FILM) + 1, True)]
)
@pytest.mark.parametrize("length", ["", str(len(FILM))])
async def test_the_limit_is_exact(tmp_path, most, comes, length):
    """A film of just the limit comes, a byte more doesn't, whether its length was named or not."""

    async def answer(peer: Peer) -> None:
        await peer.give(body=FILM, Content_Length=length)

    try:
        await fetched(answer, tmp_path, most=most)
    except DownloadError:
        assert not comes
    assert left(tmp_path) == ["film.mp4"] * comes
