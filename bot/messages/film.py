"""The film's own message, and the news that there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.i18n import speaker
from bot.messages import buttons, orders, phrases
from bot.messages.draft import CardFacts, Draft
from bot.messages.text import ELLIPSIS, line, span
from bot.models import Status

if TYPE_CHECKING:
    from bot.i18n import Say
    from bot.models import Generation


def film(generation: Generation, facts: CardFacts, link: str | None = None) -> Draft:
    """Return the message that brings the film.

    Whoever posts it attaches the film, or gives a `link` to it, a signed address of ours.
    It mentions the requester, and may mention nobody else.
    """
    say = speaker(generation.place.locale)
    ready = say("{who} your film is ready.", who=mention(generation))
    prompt = line(generation.asked.prompt, 200) or ELLIPSIS
    content = f"{ready}\n> {prompt}\n{_facts(generation, facts, say)}"
    if facts.continues:
        continues = say("continues {where}", where=facts.continues)
        content = f"{content}\n-# {continues}"
    if link:
        why = say("Too large to be attached here, so as a link:")
        content = f"{content}\n{why}\n{link}"
    return Draft(
        content=content,
        view=buttons.of_film(generation, say),
        allowed_mentions=requester_only(generation),
    )


def copy(generation: Generation, facts: CardFacts, reader: int, say: Say) -> Draft:
    """Return the message that brings somebody a copy of the film, in their own language; it mentions nobody.

    Its Delete is theirs.
    """
    prompt = line(generation.asked.prompt, 200) or ELLIPSIS
    return Draft(
        content=f"> {prompt}\n{_facts(generation, facts, say)}",
        view=buttons.of_film(generation, say, reader=reader),
    )


def notice(generation: Generation, facts: CardFacts) -> Draft:
    """Return the news that there is no film: what happened, what it cost, what can be done."""
    say = speaker(generation.place.locale)
    if generation.status is Status.PARKED:
        told = [phrases.state(generation, facts, say), phrases.cost(generation, say)]
    else:
        told = [
            phrases.reason(generation, say),
            phrases.cost(generation, say),
            phrases.next_step(generation, say),
        ]
    return Draft(
        content=f"{mention(generation)} " + "\n".join(told),
        embed=discord.Embed(description=line(generation.asked.prompt, 200) or ELLIPSIS),
        view=buttons.of_notice(generation, say, orders.retries(generation.id, facts.mends, say)),
        allowed_mentions=requester_only(generation),
    )


def _facts(generation: Generation, facts: CardFacts, say: Say) -> str:
    taken = say("made in {span}", span=span(facts.now - generation.created_at, say))
    words = [phrases.provider(generation.request), phrases.model(generation)]
    words += [*phrases.options(generation.request, say), taken]
    if price := phrases.price(generation, say):
        words.append(price)
    return "-# " + " · ".join(words)


def mention(generation: Generation) -> str:
    """Return what calls the requester."""
    return f"<@{generation.requester.user_id}>"


def requester_only(generation: Generation) -> discord.AllowedMentions:
    """Return leave to call the requester, and nobody else."""
    requester = discord.Object(generation.requester.user_id)
    return discord.AllowedMentions(everyone=False, roles=False, users=[requester], replied_user=False)
