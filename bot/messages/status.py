"""How the bot stands, as an embed for admins and, with the whole bot's figures, for operators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import discord

from bot.messages import phrases
from bot.messages.text import fitting, moment, size, width

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from bot.i18n import Say
    from bot.store.overview import Backlog

_FIELD = 1024
_NAMED = 10
"""Channels that are named where the same is missing."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left at a provider."""

    credits: float | None = None
    """None: it doesn't tell."""
    failed: bool = False
    """It should have told, and didn't."""


@dataclass(frozen=True, slots=True)
class ProviderState:
    """How a provider stands for a server."""

    name: str
    paused: bool
    """By the operator."""
    paused_here: bool
    """By the server's admins."""
    healthy: bool
    """Whether something would be sent to it now."""
    rests_until: datetime | None
    """It asked for a pause, or only the operator can mend it."""
    tasks: int
    """Of this server, that it has now."""


@dataclass(frozen=True, slots=True)
class ProviderFigures:
    """What operators see of a provider besides."""

    tasks: int
    places: int
    """Tasks at once that it is given."""
    balance: Balance
    called_back: datetime | None
    """When its last callback came to this process; None: never since the start."""


@dataclass(frozen=True, slots=True)
class OfServer:
    """What concerns one server."""

    providers: tuple[ProviderState, ...]
    backlog: Backlog
    everything_paused: bool
    paused_here: bool
    draining: bool
    watched: bool = True
    """Whether this process itself deals with the providers, and so knows how they are."""


@dataclass(frozen=True, slots=True)
class OfBot:
    """The whole bot's figures."""

    providers: Mapping[str, ProviderFigures]
    backlog: Backlog
    free: int
    """Bytes, on the disk that `DATA_DIR` lies on."""
    kept: int
    """Bytes of members' files and films."""
    database: str
    writable: bool
    public: bool
    """Whether providers can call back at all."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """What the bot may not do in some channels."""

    names: tuple[str, ...]
    """Permissions, as Discord calls them in the reader's language."""
    channels: tuple[int, ...]


def status(
    server: OfServer, bot: OfBot | None, lacking: Sequence[Lacking], say: Say, version: str
) -> discord.Embed:
    """Return everything that whoever asks may know; `bot`: for operators alone."""
    embed = discord.Embed(
        title=say("How the bot stands"), description="\n".join(_paused(server, say)) or None
    )
    embed.add_field(name=say("Permissions"), value=_fitting(_lacking(lacking, say)), inline=False)
    for provider in server.providers:
        figures = bot.providers.get(provider.name) if bot else None
        lines = [
            _state(provider, server, say),
            *_figures(provider, figures, bot, say, watched=server.watched),
        ]
        embed.add_field(name=phrases.provider_name(provider.name), value=_fitting(lines), inline=True)
    embed.add_field(name=say("On this server"), value=_fitting(_backlog(server.backlog, say)), inline=False)
    if bot is not None:
        embed.add_field(name=say("On all servers"), value=_fitting(_backlog(bot.backlog, say)), inline=False)
        embed.add_field(name=say("Machine"), value=_fitting(_machine(bot, say)), inline=False)
    embed.set_footer(text=f"Matinee {version}")
    return embed


def _paused(server: OfServer, say: Say) -> Iterator[str]:
    if server.everything_paused:
        yield say("The operator has paused the whole bot.")
    if server.draining:
        yield say("The bot only finishes what is under way, and takes nothing new.")
    if server.paused_here:
        yield say("This server's admins have paused the bot here.")


def _lacking(lacking: Sequence[Lacking], say: Say) -> list[str]:
    if not lacking:
        return [say("Nothing is missing in any channel where the bot may be used.")]
    lines = [say("The bot lacks:")]
    for each in lacking:
        channels = say(", ").join(f"<#{channel}>" for channel in each.channels[:_NAMED])
        more = len(each.channels) - _NAMED
        if more > 0:
            channels = say("{names} and {more} more", names=channels, more=more)
        lines.append(f"- {say(', ').join(each.names)}: {channels}")
    return lines


def _state(provider: ProviderState, server: OfServer, say: Say) -> str:
    if provider.paused and not server.everything_paused:
        return say("Paused by the operator.")
    if provider.paused:
        return say("Paused, like the whole bot.")
    if provider.paused_here:
        return say("Paused on this server.")
    if not server.watched:
        return say("Not paused.")
    if provider.rests_until is not None:
        return say("Out of order or busy; tried again {when}.", when=moment(provider.rests_until))
    if not provider.healthy:
        return say("Out of order: it is tried now and then.")
    return say("In order.")


def _figures(
    provider: ProviderState, figures: ProviderFigures | None, bot: OfBot | None, say: Say, *, watched: bool
) -> Iterator[str]:
    if figures is None or bot is None:
        yield say("Tasks of this server: {count}.", count=provider.tasks)
        return
    yield say(
        "Tasks: {count} of {places}, {here} of this server.",
        count=figures.tasks,
        places=figures.places,
        here=provider.tasks,
    )
    yield _balance(figures.balance, say)
    if not watched:
        yield say("How it is, and when it last called back, other processes know.")
    elif figures.called_back is not None:
        yield say("Last callback: {when}.", when=moment(figures.called_back))
    elif bot.public:
        yield say("No callback since the start.")
    else:
        yield say("No callbacks: `PUBLIC_URL` isn't set, so it is asked.")


def _balance(balance: Balance, say: Say) -> str:
    if balance.failed:
        return say("It did not tell its balance just now.")
    if balance.credits is None:
        return say("It doesn't tell its balance.")
    return say("Balance: {amount} credits.", amount=f"{balance.credits:g}")


def _backlog(backlog: Backlog, say: Say) -> list[str]:
    counts = say(
        "Queued: {queued}. Under way: {under_way}. Parked: {parked}.",
        queued=backlog.queued,
        under_way=backlog.under_way,
        parked=backlog.parked,
    )
    lines = [counts]
    if backlog.waiting_since is not None:
        lines.append(say("The oldest one waits since {when}.", when=moment(backlog.waiting_since)))
    if backlog.parked:
        lines.append(say("What is parked needs a person: `/admin queue`."))
    return lines


def _machine(bot: OfBot, say: Say) -> list[str]:
    takes = (
        say("{database} takes writes.", database=bot.database)
        if bot.writable
        else say("{database} takes no writes just now!", database=bot.database)
    )
    return [
        say("Disk: {free} free; {kept} of films and files kept.", free=size(bot.free), kept=size(bot.kept)),
        takes,
    ]


def _fitting(lines: Sequence[str]) -> str:
    """Return as many lines as a field holds."""
    for shown in range(len(lines), 0, -1):
        text = "\n".join([*lines[:shown], *(["…"] if shown < len(lines) else [])])
        if width(text) <= _FIELD:
            return text
    return lines[0][: fitting(lines[0], _FIELD)]
