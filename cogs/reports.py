"""What members report goes to those who moderate the server that the film was made on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import structlog

from bot.i18n import speaker
from bot.messages import modals, phrases
from bot.messages.text import line
from bot.servers import REPORT
from cogs import asking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.models import Generation

log = structlog.get_logger(__name__)


async def report(
    interaction: asking.Interaction,
    id: str,  # noqa: A002 -- the domain's word
    *,
    data: Mapping[str, Any],
) -> None:
    """Write a report into the log, and tell it in the server's log channel: once per film and person."""
    house, user = interaction.client.house, interaction.user
    generation = await house.generations.any(id)
    where, reason = phrases.where(generation), modals.told_reason(data)
    deed = house.audit.deed(
        id=f"report:{id}:{user.id}",
        guild_id=generation.place.guild_id,
        actor_id=user.id,
        actor=user.display_name,
        action=REPORT,
        detail=" · ".join(part for part in (id, where, " ".join(reason.split())) if part),
    )
    new = await house.audit.record(deed)
    if new:
        await _tell(interaction, generation, reason)
    say = asking.say_to(interaction)
    await asking.answer(interaction, say("Thank you. Those who moderate here will find your report."))


async def _tell(interaction: asking.Interaction, generation: Generation, reason: str) -> None:
    """Tell it in the log channel, if there is one that takes it."""
    guild_id = generation.place.guild_id
    rules = await interaction.client.house.admission.rules(guild_id)
    if rules.log_channel_id is None:
        return
    say = speaker(generation.place.locale)
    told = [
        say(
            "🚩 <@{who}> reports a film of <@{owner}>.",
            who=interaction.user.id,
            owner=generation.requester.user_id,
        ),
        phrases.where(generation) or generation.id,
        line(reason, 1000),
    ]
    channel = interaction.client.get_partial_messageable(rules.log_channel_id, guild_id=guild_id)
    try:
        await channel.send(
            "\n".join(part for part in told if part), allowed_mentions=discord.AllowedMentions.none()
        )
    except (discord.DiscordException, aiohttp.ClientError, TimeoutError) as failure:
        log.info("log channel took nothing", failure=type(failure).__name__)
