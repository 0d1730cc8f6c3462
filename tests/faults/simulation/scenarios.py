"""What is going on when the process dies: each way in which a film comes to the people, or doesn't."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot.models import Status
from tests.faults.simulation.outside import Outside
from tests.faults.simulation.people import People
from tests.faults.simulation.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tests.faults.simulation.world import Stage

DELIVERED: Final = ("delivered", None)
UNCLEAR: Final = ("parked", "uncertain")
REPEATABLE: Final = frozenset({"evolink"})


@dataclass(frozen=True)
class Scenario:
    """One course of events, and how what was asked for may end in it."""

    name: str
    provider: str
    act: Callable[[World, People], None]
    public: bool = True
    ends: frozenset[tuple[str, str | None]] = frozenset({DELIVERED})
    faults: Mapping[str, float] = field(default_factory=dict)
    limit: int | None = None
    """Bytes that the channel takes of a file."""

    def staged(self, stage: Stage, at: Iterable[int] = (), gap: float = 1.0) -> World:
        """Return its world, at the beginning; the process dies `at` these moments, for `gap` seconds each."""
        outside = Outside(likely=dict(self.faults), at=frozenset(at))
        world = World(stage, outside, providers=[self.provider], public=self.public, gap=gap)
        if self.limit is not None:
            world.server.upload_limits[world.server.channel.id] = self.limit
        self.act(world, People(world))
        return world

    def possible(self, deaths: int) -> frozenset[tuple[str, str | None]]:
        """Return every end that is no mistake: unclear is what nobody can repeat safely, or not once more."""
        return self.ends | {UNCLEAR} if deaths > (self.provider in REPEATABLE) else self.ends


def asks(**said: object) -> Callable[[World, People], None]:
    """Ask for one film."""

    def act(world: World, people: People) -> None:
        world.at(1.0, lambda: people.ask(**said))  # type: ignore[arg-type]

    return act


def placed(**said: object) -> Callable[[World, People], None]:
    """Ask for one film that goes to a place of its own."""

    def act(world: World, people: People) -> None:
        world.at(1.0, lambda: people.ask(place=people.place(**said)))

    return act


def in_the_gallery(world: World, people: People) -> None:
    """Ask for one film where admins chose a channel for films."""
    world.at(1.0, lambda: people.ask(place=people.place(film_channel_id=world.server.gallery.id)))


def cancels(world: World, people: People) -> None:
    """Ask for one film, and cancel it while it is made."""

    def press() -> None:
        for row in world.rows():
            if row.status in {Status.QUEUED, Status.SUBMITTING, Status.RUNNING}:
                people.cancel(row)

    world.at(1.0, people.ask)
    world.at(20.0, press)


def shoots(world: World, people: People) -> None:
    """Ask for a storyboard of two shots."""
    world.at(1.0, people.storyboard)


def named(ends: Iterable[tuple[str, str | None]]) -> frozenset[tuple[str, str | None]]:
    """Return ends."""
    return frozenset(ends)


ENDED: Final = {
    "refused": named([("refused", "moderation")]),
    "failed": named([("failed", "provider")]),
    "cancelled": named([("cancelled", "cancelled"), DELIVERED]),
    "let go": named([("cancelled", "cancelled_charged"), ("cancelled", "cancelled"), DELIVERED]),
}
SCENARIOS: Final = (
    Scenario("maxapi", "maxapi", asks()),
    Scenario("maxapi without callbacks", "maxapi", asks(), public=False),
    Scenario("seedance2ink", "seedance2ink", asks()),
    Scenario("seedance2ink without callbacks", "seedance2ink", asks(), public=False),
    Scenario("evolink", "evolink", asks()),
    Scenario("evolink without callbacks", "evolink", asks(), public=False),
    Scenario("first frame by address", "maxapi", asks(picture=True)),
    Scenario("first frame by upload", "evolink", asks(picture=True), public=False),
    Scenario("refused", "evolink", asks(), ends=ENDED["refused"], faults={"task is refused": 1.0}),
    Scenario("failed", "seedance2ink", asks(), ends=ENDED["failed"], faults={"task fails": 1.0}),
    Scenario("cancelled", "seedance2ink", cancels, ends=ENDED["cancelled"]),
    Scenario("let go", "maxapi", cancels, ends=ENDED["let go"]),
    Scenario("too large", "evolink", asks(), limit=1_000),
    Scenario("encoded, into a thread", "evolink", placed(thread=True), faults={"film needs encoding": 1.0}),
    Scenario("with a copy", "evolink", placed(deliver="both")),
    Scenario("in person", "seedance2ink", placed(deliver="dm")),
    Scenario("into the gallery", "evolink", in_the_gallery),
    Scenario("storyboard", "evolink", shoots),
)
