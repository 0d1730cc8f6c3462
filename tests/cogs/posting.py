"""Cards and films in a modelled channel, as delivery posts them."""

from bot.messages import CardFacts, card, film


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
