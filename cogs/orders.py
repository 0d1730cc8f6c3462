"""The buttons before the spend: Confirm and Cancel below a question, and what mends a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.errors import Refused
from bot.messages import orders
from bot.providers.mends import mended, read
from cogs import asking
from cogs.after import again
from cogs.presses import Press

if TYPE_CHECKING:
    from bot.client import Matinee


class Confirm(Press, template=orders.CONFIRM):
    """Begins what its member was asked about."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Begin it, once."""
        await _begin(interaction, self.found["id"], confirmed=True)


class Drop(Press, template=orders.DROP):
    """Begins nothing."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Forget the order and its files."""
        ordering, say = interaction.client.house.ordering, asking.say_to(interaction)
        await ordering.drop(await ordering.take(self.found["id"], interaction.user.id))
        await asking.answer(interaction, say("Cancelled. Nothing was sent, and nothing counted."))


class Mend(Press, template=orders.MEND):
    """Makes what we refused, with something changed."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Begin it so, once."""
        await _begin(interaction, self.found["id"], self.found["mend"])


class Retry(Press, template=orders.RETRY):
    """Makes what a provider refused, with something changed, at the cost of whoever presses."""

    async def press(self, interaction: asking.Interaction) -> None:
        """Begin it so."""
        mend = self.found["mend"]
        changes: dict[str, Any] = dict(read(mend))
        await again(interaction, self.found["id"], press=f"retry {mend}", **changes)


BUTTONS = (Confirm, Drop, Mend, Retry)


async def _begin(interaction: asking.Interaction, id_: str, mend: str = "", **how: Any) -> None:
    """Begin an order that its member was asked about; if it is refused just now, it may be pressed again."""
    ordering, user_id = interaction.client.house.ordering, interaction.user.id
    order = await ordering.take(id_, user_id)
    asked = mended(order.asked, read(mend))
    try:
        await asking.begin(
            interaction, asked, parent_id=order.parent_id, press=f"order:{id_}", whole=True, **how
        )
    except Refused:
        await ordering.put_back(id_, order, user_id)
        raise


async def setup(bot: Matinee) -> None:
    """Add the buttons; called by discord.py."""
    bot.add_dynamic_items(*BUTTONS)


async def teardown(bot: Matinee) -> None:
    """Take the buttons out again; called by discord.py."""
    bot.remove_dynamic_items(*BUTTONS)
