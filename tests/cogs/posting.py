"""Cards and films in a modelled channel, as delivery posts them."""

from datetime import timedelta
from itertools import count

import discord

from bot.client import Matinee
from bot.messages import CardFacts, card, film
from bot.models import Film, Mode, Place, Requester, Status, VideoRequest
from bot.signatures import Signer


async def post(world, draft):
    """Post a draft as delivery does, and return the message."""
    channel = world.client.get_channel(world.channel.id)
    return await channel.send(draft.content, embed=draft.embed, view=draft.view)


async def posted_film(world, row):
    """Post the film of a generation."""
    return await post(world, film(row, CardFacts(row.created_at)))


async def posted_card(world, row, *, charged=False):
    """Post the card of a generation."""
    return await post(world, card(row, CardFacts(row.created_at), cancel_charged=charged))


NUMBERS = count(1)


async def screened(home, clip, *, who=None, kept=False, smaller=False, **said):
    """Make a film of Ann's (or somebody's) as it stands after its delivery; return its row and message.

    It lies at Discord, and here as well if it is `kept`; `smaller`: Discord has less of it.
    """
    who, store, hosting = who or home.ann, home.house.keepsakes.store, home.house.keepsakes.hosting
    asked = VideoRequest(**{"prompt": "a paper boat", "mode": Mode.TEXT, **said})
    requester, place = Requester(who.id, who.name), Place(home.channel.id, home.guild.id)
    started = await home.house.generations.start(asked, requester, place, interaction_id=next(NUMBERS))
    path = hosting.film_target(started)
    path.write_bytes(clip)
    size = len(clip) + smaller
    made = Film(f"films/{path.name}", size, "0" * 64, 640, 360, timedelta(seconds=1), sound=True)
    row = await store.move(started, home.house.clock(), due_at=None, status=Status.DELIVERED, film=made)
    draft = film(row, CardFacts(row.created_at))
    message = await home.client.get_channel(home.channel.id).send(
        draft.content, view=draft.view, file=discord.File(path, filename=f"matinee-{row.id}.mp4")
    )
    await store.note(row.id, message_id=message.id, message_channel_id=home.channel.id)
    if not kept:
        path.unlink()
    return await store.get(row.id), message


async def made(home, who=None):
    """Return everything that somebody has asked for, newest first."""
    return await home.house.generations.history((who or home.ann).id)


async def restart(home):
    """Start another process on the same store, and look at the film's message again."""
    await home.env.restart_bot(Matinee(house=home.house, signer=Signer(b"key"), reference=lambda: "7F3K"))
    return home.channel.last_message


async def more(home, who, row, message, what):
    """Choose something in the menu below a film."""
    return await getattr(home, who).select(message, [what], custom_id=f"matinee:more:{row.id}")


def told(result):
    """Return the private answer."""
    assert result.ephemeral
    return result.response.content
