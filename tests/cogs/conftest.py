# ruff: noqa: A002, D102 -- the stand-in has the shape of bot.generations.Generations, where it is described
"""A modelled Discord with the real bot in it, and a stand-in for everything that costs money."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
import pytest_asyncio

from bot.administration.accounts import Accounts
from bot.administration.audit import Audit
from bot.administration.people import People
from bot.administration.rules import Rules
from bot.admission import Admission
from bot.client import Matinee
from bot.errors import NotFound, RequestRefused
from bot.generations import Generations
from bot.hosting import Hosting
from bot.house import House
from bot.keepsakes import Keepsakes
from bot.members.ordering import Ordering
from bot.members.own import Own
from bot.members.preferences import NOTHING, OwnDefaults
from bot.models import (
    UNTIL_PROVIDER_IS_DONE,
    Capabilities,
    Cost,
    Film,
    Generation,
    MediaFile,
    MediaKind,
    Mode,
    Place,
    Requester,
    Status,
    VideoRequest,
)
from bot.providers.health import Health
from bot.providers.router import Router
from bot.quotas import Limits
from bot.servers import ServerRules
from bot.signatures import Signer
from bot.store.audit import Deeds
from bot.store.blocks import Blocks
from bot.store.orders import Orders
from bot.store.servers import Servers
from bot.store.storyboards import Storyboards
from bot.store.switches import Switched, Switches
from bot.storyboards.direction import Direction
from tests.bot.media.shots import shoot
from tests.cogs.modelled import a_server
from tests.cogs.operating import operations_of
from tests.databases import SQLITE
from tests.fakes import Clock, FakeProber, FakeProvider

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def capabilities(provider, model, *modes):
    """Return what a model can do, as far as commands care."""
    return Capabilities(
        provider=provider,
        model=model,
        modes=frozenset(modes or Mode),
        media={},
        most_files=9,
        fewest_pictures_alone=1,
        seconds=(5,),
        ratios=("16:9",),
        resolutions=("720p",),
        longest_prompt=2000,
    )


@dataclass
class FakeGenerations:
    """Keeps what was asked of it, and refuses when told to."""

    rows: dict[str, Generation] = field(default_factory=dict)
    kept: list[tuple[str, str, bytes]] = field(default_factory=list)
    forgotten: list[MediaFile] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    refusal: Exception | None = None
    """Raised by `start`."""
    broken: Exception | None = None
    """Raised by every read."""
    unreadable: str | None = None
    """The name of a file that `keep` refuses."""
    charged: bool = False
    path: Path | None = None
    numbers: count = field(default_factory=lambda: count(1))

    def capabilities(self):
        return (
            capabilities("maxapi", "seedance-2.0"),
            capabilities("maxapi", "seedance-1.5-pro", Mode.TEXT),
            capabilities("evolink", "seedance-2.0"),
            capabilities("evolink", "seedance-2.0-fast"),
        )

    def largest_file(self):
        return 1000

    async def keep(self, name, url, data):
        if name == self.unreadable:
            raise RequestRefused("file_type", file=name, value=".txt", allowed=(".png",))
        self.kept.append((name, url, data))
        return MediaFile(f"{len(self.kept):032x}", name, MediaKind.IMAGE, ".png", len(data), "", url)

    async def forget(self, files):
        self.forgotten.extend(files)

    async def start(self, asked, requester, place, *, interaction_id, standing, parent_id, press):
        if self.refusal:
            raise self.refusal
        request = replace(asked, provider=asked.provider or "maxapi", model=asked.model or "seedance-2.0")
        return self.add(
            asked=asked,
            request=request,
            requester=requester,
            place=place,
            interaction_id=interaction_id,
            parent_id=parent_id,
        )

    def add(self, *, status=Status.QUEUED, **fields):
        number = next(self.numbers)
        when = NOW - timedelta(minutes=number)
        row = Generation(
            id=f"{number:016x}",
            status=status,
            member="m",
            cost=Cost(1, 5),
            created_at=when,
            updated_at=when,
            due_at=None,
            version=0,
            **fields,
        )
        self.rows[row.id] = row
        return row

    async def asked_again(self, id, **changes):
        return replace((await self.any(id)).asked, **changes)

    async def any(self, id):
        if self.broken:
            raise self.broken
        if id not in self.rows:
            raise NotFound("not_found", id=id)
        return self.rows[id]

    async def find(self, id, user_id):
        row = await self.any(id)
        if row.requester.user_id != user_id:
            raise NotFound("not_found", id=id)
        return row

    async def cancel(self, id, user_id, *, moderator=False):
        row = await (self.any(id) if moderator else self.find(id, user_id))
        if row.status not in UNTIL_PROVIDER_IS_DONE:
            raise RequestRefused("too_late")
        self.cancelled.append(id)
        return row

    def cancel_is_charged(self, generation):
        return self.charged

    async def history(self, user_id, *, before=None):
        own = [row for row in self.rows.values() if row.requester.user_id == user_id]
        return tuple(row for row in own if before is None or row.created_at < before)[:10]

    async def place_in_queue(self, generation):
        return 3 if generation.status is Status.QUEUED else None

    async def usage(self, user_id, guild_id, standing):
        return SimpleNamespace(
            videos_used=3,
            videos_limit=10,
            seconds_used=15,
            seconds_limit=None,
            credits=(500_000, 2_000_000),
            month={"videos": (4, 30), "seconds": (20, None), "credits": (1_250_000, 10_000_000)},
            running=1,
            waiting=0,
            at_once=2,
            resets=NOW + timedelta(hours=12),
            shared={},
            month_resets=NOW + timedelta(days=10),
            open=tuple(row for row in self.rows.values() if row.requester.user_id == user_id),
        )

    async def link(self, generation):
        return None

    async def has_film(self, generation):
        return self.path is not None

    async def film_path(self, generation):
        return self.path


@dataclass
class PlayedSearching:
    """Finds everything that is a member's own, from the first page on."""

    generations: FakeGenerations

    async def page(self, user_id, *, beyond=None, most=25, **_):
        return (await self.generations.history(user_id, before=beyond and beyond.created_at))[:most]


class NothingSet(OwnDefaults):
    """Members who leave everything to the bot."""

    async def of(self, user_id):
        return NOTHING


class Open:
    """A door that lets everybody in."""

    @property
    def switches(self):
        return self

    async def now(self):
        return Switched()

    async def admit(self, *asked):
        pass

    async def rules(self, guild_id):
        return ServerRules()


class AtOnce:
    """Nothing is asked before it is begun, nothing mends a refusal, and everything is allowed."""

    def __init__(self, generations):
        self.generations = generations

    async def allowed(self, guild_id):
        return self.generations.capabilities()

    async def to_confirm(self, *asked):
        return None

    async def mends(self, *asked):
        return ()

    async def expected(self, generation):
        return timedelta(minutes=2), timedelta(minutes=5)


def house_of(generations):
    """Return a house in which only what costs money is played, and nothing else is there yet."""
    defaults = NothingSet(None, None, None, None)
    searching = PlayedSearching(generations)
    return SimpleNamespace(
        generations=generations,
        own=SimpleNamespace(defaults=defaults, searching=searching),
        admission=Open(),
        ordering=AtOnce(generations),
        health=Health(Clock()),
    )


@pytest.fixture
def generations():
    """Everything that costs money, played."""
    return FakeGenerations()


@pytest.fixture
def build(generations):
    """Build the real client around the played generations: as often as it is restarted."""
    return lambda: Matinee(house=house_of(generations), signer=Signer(b"key"), reference=lambda: "7F3K")


@pytest_asyncio.fixture
async def world(build):
    """Make a server around the played generations."""
    async with a_server(build()) as server:
        yield server


@pytest.fixture
def own(world, generations):
    """Return a function that makes a generation of Ann's."""

    def make(status=Status.DELIVERED, prompt="a paper boat", **fields):
        asked = VideoRequest(prompt, Mode.TEXT)
        return generations.add(
            status=status,
            asked=asked,
            request=replace(asked, provider="maxapi", model="seedance-2.0"),
            requester=Requester(world.ann.id, "ann"),
            place=Place(world.channel.id, world.guild.id),
            interaction_id=1,
            **fields,
        )

    return make


@pytest.fixture(scope="session")
def clip(tmp_path_factory):
    """Return a short film with four different pictures."""
    return shoot(tmp_path_factory.mktemp("clip") / "a.mp4", size=(640, 360), count=4).read_bytes()


@pytest.fixture
def prober():
    """Say of every file that it is a film."""
    return FakeProber()


@pytest_asyncio.fixture
async def house(tmp_path, prober):
    """Build the real house on a real store: only providers, prober and clock are played."""
    clock = Clock()
    store = await SQLITE.open(tmp_path)
    providers = [FakeProvider("maxapi"), FakeProvider("seedance2ink"), FakeProvider("evolink")]
    hosting = Hosting(tmp_path, "https://bot.example", Signer(b"key"), timedelta(days=30))
    hosting.prepare()
    deeds, blocks = Deeds(store.engine), Blocks(store.engine)
    switches = Switches(store.engine, clock)
    servers, pseudonym = Servers(store.engine), hosting.signer.pseudonym
    admission = Admission(servers, blocks, deeds, pseudonym, clock, switches)
    health = Health(clock)
    router = Router(providers, health.healthy)
    generations = Generations(
        store=store,
        admission=admission,
        router=router,
        price=lambda _: None,
        capabilities=[model for each in providers for model in each.capabilities.values()],
        prober=prober,
        hosting=hosting,
        limits=Limits(at_once=5),
        clock=clock,
        random=Random(0),
        nudge=lambda: None,
    )
    yield House(
        generations=generations,
        admission=admission,
        orders=Orders(store.engine),
        ordering=Ordering(generations, admission, Orders(store.engine), store, clock, Random(2)),
        own=Own.over(
            store, hosting=hosting, router=router, admission=admission, clock=clock, random=Random(1)
        ),
        clock=clock,
        audit=Audit(deeds, clock),
        accounts=Accounts.over(store, hosting.signer.pseudonym, clock),
        rules=Rules(admission.servers, generations.capabilities, clock),
        people=People(blocks, store, clock),
        operations=operations_of(store, admission, generations, providers, health, hosting, clock),
        keepsakes=Keepsakes(store, hosting, generations),
        storyboards=Direction(generations, Storyboards(store.engine), clock, Random(3), lambda: None),
    )
    await store.close()


@pytest_asyncio.fixture
async def home(house):
    """Make a server around the real house."""
    client = Matinee(house=house, signer=Signer(b"key"), reference=lambda: "7F3K")
    async with a_server(client) as server:
        server.house = house
        yield server


@pytest.fixture
def film(tmp_path):
    """Return a kept film."""
    path = tmp_path / "film.mp4"
    path.write_bytes(b"film")
    return path, Film("films/film.mp4", 4, "", 1280, 720, timedelta(seconds=5), sound=True)
