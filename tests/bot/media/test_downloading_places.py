"""Downloads lead to no place inside, whatever a link, a name or a redirect says."""

from __future__ import annotations

import errno
import ssl

import pytest

from bot.errors import DownloadError, ForbiddenAddress
from bot.media.download import Downloader, _PublicOnly, plain_socket
from tests.bot.media.downloading import MOST, TRUSTED, WHOLE, fetched, honest, left
from tests.bot.media.servers import Names, Peer, serving
from tests.bot.media.test_addresses import CLOSED, ODD_HOSTS, ends


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
    asked = []

    async def round_again(peer: Peer) -> None:
        asked.append(peer.target)
        await peer.give("307 Temporary", Location=location)

    with pytest.raises(DownloadError):
        await fetched(round_again, tmp_path)
    assert (4, []) == (len(asked), left(tmp_path))


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


async def test_a_resolver_is_let_go_with_what_guards_it():
    """Whoever closes the guard closes what it asks."""

    class Closable(Names):
        closed = False

        async def close(self):
            self.closed = True

    inner = Closable({})
    await _PublicOnly(inner).close()
    assert inner.closed
