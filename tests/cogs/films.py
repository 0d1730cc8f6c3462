"""A member's films on the real house, as the tracker would leave them, and what a private answer says."""

from datetime import timedelta
from itertools import count

from bot import quotas
from bot.models import Film, Mode, Place, Requester, Status, VideoRequest

NUMBERS = count(1)


async def made(home, prompt="a paper boat", who=None, **changes):
    """Make one of Ann's, or somebody's, on the real house; it counts nothing. `changes`: the tracker's."""
    who = who or home.ann
    house = home.house
    house.clock.forward(seconds=1)
    generation = await house.generations.start(
        VideoRequest(prompt, Mode.TEXT),
        Requester(who.id, "x"),
        Place(home.channel.id, home.guild.id),
        interaction_id=next(NUMBERS),
    )
    changes = {"status": Status.FAILED} | changes
    due = house.clock() if changes["status"] is Status.QUEUED else None
    return await house.generations._store.move(
        generation, house.clock(), due_at=due, give=quotas.held(generation), **changes
    )


def shown(result):
    """Return what a private answer says."""
    message = result.response
    return (message.content or "") + "".join(embed.description or "" for embed in message.embeds)


def kept(home, generation, data=b"film"):
    """Lay a film down, and return it."""
    path = home.house.own.privacy.hosting.films_dir / f"{generation.id}.mp4"
    path.write_bytes(data)
    return Film(f"films/{path.name}", len(data), "", 1280, 720, timedelta(seconds=5), sound=True)


async def noted(home, generation, **changes):
    """Write something down of a generation."""
    await home.house.generations._store.note(generation.id, **changes)


async def ones(home, who=None):
    """Return somebody's generations."""
    return await home.house.generations.history((who or home.ann).id)


def custom_ids(message):
    """Return what the parts of a message do."""
    return {part["custom_id"] for row in message.components for part in row["components"]}
