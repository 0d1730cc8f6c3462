"""What else a film could be made as, here and now: other ratios, resolutions, providers and models."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.errors import Refused, RequestRefused
from bot.models import RESOLUTIONS, Mode, VideoRequest
from bot.providers.router import why_not
from cogs import asking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.models import Capabilities, Generation


async def allowed(interaction: asking.Interaction) -> tuple[Capabilities, ...]:
    """Return what every model can do, as far as this server lets it; none of a provider that is paused."""
    return await interaction.client.house.ordering.allowed(interaction.guild_id)


async def for_a_form(interaction: asking.Interaction) -> tuple[Capabilities, ...]:
    """Return what can be chosen in a form here.

    Raises a `Refused` for whoever couldn't make anything with it: before they have filled it in.
    """
    asking.demand_permissions(interaction)
    await asking.admit(interaction, VideoRequest("", Mode.TEXT))
    models = await allowed(interaction)
    if not models:
        raise RequestRefused("rules_leave_nothing")
    return models


def of(generation: Generation, models: tuple[Capabilities, ...]) -> Capabilities | None:
    """Return the model that made it, or one that was meant as well; None: there is none any more."""
    asked, request = generation.asked, generation.request
    meant = [
        each
        for each in models
        if asked.provider in {None, each.provider} and asked.model in {None, each.model}
    ]
    made = [each for each in meant if (each.provider, each.model) == (request.provider, request.model)]
    return next(iter([*made, *meant]), None)


def lengths(generation: Generation, models: tuple[Capabilities, ...]) -> tuple[int, ...]:
    """Return how many seconds a film may last that begins with this one's last picture."""
    model = of(generation, models)
    return model.seconds if model and Mode.FIRST_FRAME in model.modes else ()


def ratios(generation: Generation, models: tuple[Capabilities, ...]) -> tuple[str, ...]:
    """Return the other ratios. Raises `RequestRefused` where there are none."""
    model = of(generation, models)
    others = tuple(each for each in model.ratios if each != generation.request.ratio) if model else ()
    if not others:
        raise RequestRefused("no_other_ratio", **_named(generation))
    return others


def higher(generation: Generation, models: tuple[Capabilities, ...]) -> str:
    """Return the next higher resolution. Raises `RequestRefused` where there is none."""
    model, now = of(generation, models), generation.request.resolution
    above = RESOLUTIONS[RESOLUTIONS.index(now) + 1 :] if now in RESOLUTIONS else ()
    possible = [each for each in above if model and each in model.resolutions]
    if not possible:
        raise RequestRefused("no_higher_resolution", value=now, **_named(generation))
    return possible[0]


def demand_switch(generation: Generation, models: tuple[Capabilities, ...]) -> None:
    """Raise `RequestRefused` where sound can't be switched off."""
    model = of(generation, models)
    if not model or not model.sound:
        raise RequestRefused("no_sound_switch", **_named(generation))


def makers(generation: Generation, models: tuple[Capabilities, ...]) -> tuple[Capabilities, ...]:
    """Return the other models that can make the same. Raises `RequestRefused` where there are none."""
    asked, request = generation.asked, generation.request
    others = tuple(
        each
        for each in models
        if (each.provider, each.model) != (request.provider, request.model)
        and why_not(replace(asked, provider=each.provider, model=each.model), each) is None
    )
    if not others:
        raise RequestRefused("no_other_model")
    return others


async def quoted(
    interaction: asking.Interaction, requests: Sequence[VideoRequest]
) -> list[Generation | None]:
    """Return what each would be if it were begun now; None where it can't be. Raises where none can be."""
    generations = interaction.client.generations
    requester, place = asking.requester_of(interaction), asking.place_of(interaction)
    standing = asking.standing_of(interaction)
    quotes: list[Generation | None] = []
    refusal: Refused | None = None
    for request in requests:
        try:
            quotes.append(await generations.quote(request, requester, place, standing=standing))
        except Refused as error:
            quotes.append(None)
            refusal = error
    if refusal is not None and not any(quotes):
        raise refusal
    return quotes


def _named(generation: Generation) -> dict[str, str | None]:
    return {"provider": generation.request.provider, "model": generation.request.model}
