"""What those who run the bot read and press: what is paused, what is left, what is under way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.i18n import later
from bot.messages import buttons, phrases
from bot.messages.draft import CardFacts, Draft
from bot.messages.text import code, moment, width
from bot.messages.text import name as visible_name
from bot.models import Status
from bot.store.rows import micros

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.i18n import Say
    from bot.models import Generation
    from bot.servers import ServerRules
    from bot.store.switches import Switched

PAGE = 8
"""Generations on one page."""
TURN = r"matinee:queue:(?P<where>here|all):(?P<after>[0-9]{1,17}):(?P<id>[0-9a-f]{16})"
CHOOSE = r"matinee:queued:(?P<where>here|all)"
"""Of the menu that carries which one is looked at."""
DECIDE = r"matinee:decide:(?P<what>cancel|ask|take|go_on|send|give_up):(?P<id>[0-9a-f]{16}):(?P<sure>yes|no)"
"""`yes`: what it may cost has been said."""
_BEGINNING = f"0:{0:016x}"
_MOST = 4000
_CREDIT = 1_000_000
_GAP = "\n\n"
_Style = discord.ButtonStyle
_LABELS = {
    "cancel": later("Cancel"),
    "ask": later("Ask again"),
    "take": later("Take the film"),
    "go_on": later("Go on"),
    "send": later("Send again"),
    "give_up": later("Give up"),
}
_SURE = {
    "cancel": later("The provider doesn't stop what it has, so it counts in full. Cancel anyway?"),
    "send": later("Its provider may have accepted it already. Then it may be paid twice. Send it anyway?"),
}
_DONE = {
    "ask": later("Its provider is asked now. If that leads nowhere, it is here again within a minute."),
    "take": later("The film is fetched and delivered. Its price counts as it is."),
    "go_on": later("It goes on where it stood."),
    "send": later("It is in the queue again, and sent once more."),
    "give_up": later("It is given up: it counts nothing, and its member is told."),
}
_MEANINGS = {
    "ask": later("**Ask again**: ask its provider how it stands. Costs nothing."),
    "take": later("**Take the film**: accept that price, and deliver the film."),
    "go_on": later("**Go on**: try once more where it stood. Nothing is paid twice."),
    "send": later("**Send again**: it may be paid twice, if it was accepted the first time."),
    "give_up": later("**Give up**: end it without a film. It counts nothing against its member."),
}


def paused(switched: Switched, say: Say) -> str:
    """Return what operators have turned off for the whole bot."""
    told = []
    if switched.everything:
        told.append(say("The whole bot is paused: it takes nothing new, and sends nothing."))
    if switched.draining:
        told.append(say("The bot is being drained: it finishes what is begun, and takes nothing new."))
    if switched.providers:
        names = say(", ").join(map(phrases.provider_name, switched.providers))
        told.append(say("Paused everywhere: {names}. What these have goes on.", names=names))
    return "\n".join(told) or say("Nothing is paused for the whole bot.")


def paused_here(rules: ServerRules, say: Say) -> str:
    """Return what a server's admins have paused."""
    told = []
    if rules.paused:
        told.append(say("The bot is paused on this server: it takes nothing new. What is begun is finished."))
    if rules.paused_providers:
        names = say(", ").join(map(phrases.provider_name, rules.paused_providers))
        told.append(say("Paused on this server: {names}. What is begun with these is finished.", names=names))
    return "\n".join(told) or say("Nothing is paused on this server.")


def drain(left: int, say: Say) -> str:
    """Return how far a drain is."""
    told = say("The bot takes nothing new.")
    if not left:
        done = say("Everything is finished: it can be stopped. `/admin resume` with `everywhere` ends this.")
        return f"{told} {done}"
    still = say.many("{number} is still under way.", "{number} are still under way.", left)
    again = say("Give `/admin drain` again to see how far it is; `/admin resume` with `everywhere` ends it.")
    return f"{told} {still}\n{again}"


def queue(rows: Sequence[Generation], say: Say, now: datetime, *, everywhere: bool, first: bool) -> Draft:
    """Return a page of what is under way or parked, oldest first, and what can be pressed.

    `rows` has one more than fit where there are more; `first`: nothing comes before it.
    """
    where = "all" if everywhere else "here"
    shown: list[Generation] = []
    lines: list[str] = []
    for number, generation in enumerate(rows[:PAGE], start=1):
        new = _line(number, generation, say, now, with_server=everywhere)
        if lines and sum(map(width, [*lines, new])) + len(_GAP) * len(lines) > _MOST:
            break
        lines.append(new)
        shown.append(generation)
    items: list[discord.ui.Item[Any]] = [_menu(shown, say, where)] if shown else []
    if not first:
        items.append(_turn(where, _BEGINNING, say("From the oldest")))
    if len(shown) < len(rows):
        beyond = micros(shown[-1].created_at)
        items.append(_turn(where, f"{beyond}:{shown[-1].id}", say("Later ones")))
    nothing = say("Nothing is under way.")
    embed = discord.Embed(title=say("Under way"), description=_GAP.join(lines) or nothing)
    return Draft(embed=embed, view=buttons.row(*items) if items else None)


def _line(number: int, generation: Generation, say: Say, now: datetime, *, with_server: bool) -> str:
    words = [
        f"**{number}.** <@{generation.requester.user_id}>",
        phrases.provider(generation.request),
        moment(generation.created_at),
        _shot(generation, say),
        code(str(generation.place.guild_id or "–"), 30) if with_server else "",
    ]
    return " · ".join(filter(None, words)) + f"\n{phrases.state(generation, CardFacts(now), say)}"


def _shot(generation: Generation, say: Say) -> str:
    if generation.storyboard_id is None:
        return ""
    if generation.shot is None:
        return say("film of a storyboard")
    return say("shot {number} of a storyboard", number=generation.shot)


def _menu(shown: Sequence[Generation], say: Say, where: str) -> discord.ui.Select[discord.ui.View]:
    menu = discord.ui.Select[discord.ui.View](
        custom_id=f"matinee:queued:{where}", placeholder=say("Look at one of these …")
    )
    for number, generation in enumerate(shown, start=1):
        who = visible_name(generation.requester.name, 60) or "?"
        menu.add_option(label=f"{number}. {who} · {generation.id}", value=generation.id)
    return menu


def _turn(where: str, after: str, label: str) -> discord.ui.Button[discord.ui.View]:
    return discord.ui.Button(style=_Style.secondary, label=label, custom_id=f"matinee:queue:{where}:{after}")


def one(generation: Generation, acts: Sequence[str], say: Say, now: datetime) -> Draft:
    """Return one of them with all that is known, and what may be decided about it."""
    facts = CardFacts(now, expected=generation.expected_at, worst=generation.worst_at)
    told = [
        f"<@{generation.requester.user_id}> · <#{generation.place.channel_id}>",
        f"{phrases.provider(generation.request)} · {phrases.model(generation)}",
        phrases.state(generation, facts, say),
        phrases.timing(generation, facts, say),
        phrases.cost(generation, say),
        _report(generation, say),
        say("Task at the provider: {id}", id=code(generation.task_id or "–", 100)),
        f"-# {generation.id}",
        *(say(_MEANINGS[act]) for act in acts if act in _MEANINGS),
    ]
    below = [_act(generation.id, act, say, sure=False) for act in acts]
    return Draft(content="\n".join(filter(None, told)), view=buttons.row(*below) if below else None)


def _report(generation: Generation, say: Say) -> str:
    """Return the price that can't be right, for whoever decides about it."""
    if generation.status is not Status.PARKED or generation.reason != "absurd_charge":
        return ""
    if generation.charged is None:
        return say("The provider reports a price that is no amount; the reserved one would count.")
    amount = f"{generation.charged / _CREDIT:g}"
    return say("The provider reports {amount} credits; that would count where credits do.", amount=amount)


def _act(id_: str, act: str, say: Say, *, sure: bool) -> discord.ui.Button[discord.ui.View]:
    grave = sure or act in {"cancel", "give_up"}
    return discord.ui.Button(
        style=_Style.danger if grave else _Style.secondary,
        label=say(_LABELS[act]),
        custom_id=f"matinee:decide:{act}:{id_}:{'yes' if sure else 'no'}",
    )


def sure(generation: Generation, act: str, say: Say) -> Draft:
    """Return the question before what may cost something, and the button that says yes."""
    return Draft(content=say(_SURE[act]), view=buttons.row(_act(generation.id, act, say, sure=True)))


def done(act: str, say: Say) -> str:
    """Return what was decided."""
    return say(_DONE[act])
