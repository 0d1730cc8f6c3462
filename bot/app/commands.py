"""What commands and buttons use, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.administration.accounts import Accounts
from bot.administration.audit import Audit
from bot.administration.operations import Operations
from bot.administration.people import People
from bot.administration.rules import Rules
from bot.admission import Admission
from bot.app.parts import gate, micros
from bot.generations import Generations
from bot.house import House
from bot.keepsakes import Keepsakes
from bot.members.ordering import Ordering
from bot.members.own import Own
from bot.store.audit import Deeds
from bot.store.blocks import Blocks
from bot.store.orders import Orders
from bot.store.servers import Servers
from bot.store.storyboards import Storyboards
from bot.store.switches import Switches
from bot.storyboards.direction import Direction

if TYPE_CHECKING:
    from bot.app.parts import Parts


def house(parts: Parts) -> House:
    """Put together what commands use."""
    engine = parts.store.engine
    deeds, blocks, pseudonym = Deeds(engine), Blocks(engine), parts.hosting.signer.pseudonym
    switches = Switches(engine, parts.clock)
    admission = Admission(
        Servers(engine), blocks, deeds, pseudonym, parts.clock, switches, gate(parts.settings)
    )
    generations = Generations(
        store=parts.store,
        admission=admission,
        router=parts.router,
        price=parts.price,
        capabilities=[model for each in parts.providers.values() for model in each.capabilities.values()],
        prober=parts.prober,
        hosting=parts.hosting,
        limits=parts.limits,
        clock=parts.clock,
        random=parts.chance,
        nudge=parts.nudged.set,
    )
    return House(
        generations=generations,
        admission=admission,
        orders=Orders(engine),
        ordering=Ordering(
            generations,
            admission,
            Orders(engine),
            parts.store,
            parts.clock,
            parts.chance,
            confirm_above=micros(parts.settings.confirm_above),
        ),
        own=Own.over(
            parts.store,
            hosting=parts.hosting,
            router=parts.router,
            admission=admission,
            clock=parts.clock,
            random=parts.chance,
        ),
        clock=parts.clock,
        audit=Audit(deeds, parts.clock),
        accounts=Accounts.over(parts.store, parts.hosting.signer.pseudonym, parts.clock),
        rules=Rules(admission.servers, generations.capabilities, parts.clock),
        people=People(blocks, parts.store, parts.clock),
        operations=_operations(parts, admission, generations),
        keepsakes=Keepsakes(parts.store, parts.hosting, generations),
        storyboards=Direction(generations, Storyboards(engine), parts.clock, parts.chance, parts.nudged.set),
    )


def _operations(parts: Parts, admission: Admission, generations: Generations) -> Operations:
    """Put together what operators run the bot with."""
    return Operations.over(
        parts.store,
        admission=admission,
        generations=generations,
        providers=parts.providers,
        health=parts.health,
        metrics=parts.metrics,
        hosting=parts.hosting,
        clock=parts.clock,
        nudge=parts.nudged.set,
        database="PostgreSQL" if parts.settings.database_url else "SQLite",
        watched=parts.duty.tracks,
    )
