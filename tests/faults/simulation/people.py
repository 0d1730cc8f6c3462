"""What people do: they ask for films, change their minds, and have things deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.models import MediaFile, Mode, Place, Requester, VideoRequest
from bot.tracker.parked import Act
from tests.faults.simulation.files import PICTURE

if TYPE_CHECKING:
    from bot.models import Generation
    from tests.faults.simulation.world import World


class People:
    """Everybody on the server, and what they asked for so far."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.asked = 0

    def requester(self, member: int = 0) -> Requester:
        """Return a member."""
        return Requester(self.world.server.members[member], f"member{member}")

    def place(self, **said: Any) -> Place:
        """Return where they ask."""
        server = self.world.server
        return Place(channel_id=server.channel.id, guild_id=server.guild.id, **said)

    def interaction(self) -> int:
        """Return the id of the next command."""
        self.asked += 1
        return int(self.world.server.backend.snowflake())

    def ask(self, member: int = 0, *, picture: bool = False, place: Place | None = None, **said: Any) -> None:
        """Ask for a film."""
        process = self.world.process
        if process is not None:
            process.begin(self._ask(process.app.generations, member, picture, place or self.place(), said))

    async def _ask(
        self, generations: Any, member: int, picture: bool, place: Place, said: dict[str, Any]
    ) -> None:
        interaction = self.interaction()
        media: tuple[MediaFile, ...] = ()
        if picture:
            expires = int(self.world.true_time().timestamp()) + 86_400
            url = f"https://cdn.discordapp.com/attachments/1/2/a.png?ex={expires:x}&is=1&hm=2"
            kept = await generations.keep("a.png", url, PICTURE)
            self.world.keep_time(kept)
            media = (kept,)
        mode = Mode.FIRST_FRAME if picture else Mode.TEXT
        asked = VideoRequest(prompt=f"film number {self.asked}", mode=mode, media=media, **said)
        await generations.start(asked, self.requester(member), place, interaction_id=interaction)

    def again(self, row: Generation, member: int) -> None:
        """Ask for one once more, with other words: so it can be told from the first."""
        process = self.world.process
        if process is not None:
            process.begin(self._again(process.app.generations, row, member))

    async def _again(self, generations: Any, row: Generation, member: int) -> None:
        interaction = self.interaction()
        asked = await generations.asked_again(row.id, prompt=f"film number {self.asked}")
        await generations.start(
            asked, self.requester(member), row.place, interaction_id=interaction, parent_id=row.id,
            press=f"again:{row.id}",
        )  # fmt: skip

    def cancel(self, row: Generation) -> None:
        """Press the button below a card."""
        process = self.world.process
        if process is not None:
            process.begin(process.app.generations.cancel(row.id, row.requester.user_id))

    def refund(self, row: Generation) -> None:
        """Give back what one cost, as an admin."""
        process = self.world.process
        if process is not None:
            process.begin(process.app.house.accounts.refund(row.id, None))

    def give_up(self, row: Generation) -> None:
        """Let one that is parked end, as an operator."""
        process = self.world.process
        if process is not None:
            process.begin(process.app.house.operations.queue.decide(row, Act.GIVE_UP))

    def forget(self, member: int) -> None:
        """Have everything deleted."""
        process = self.world.process
        if process is not None:
            self.world.note_rows()
            process.begin(process.app.house.own.privacy.forget(self.requester(member).user_id))

    def enough(self, board: str, user_id: int) -> None:
        """Let what is made of a storyboard be its film."""
        process = self.world.process
        if process is not None:
            process.begin(process.app.house.storyboards.enough(board, user_id))

    def storyboard(self, member: int = 0, shots: int = 2, *, continuous: bool = True, **said: Any) -> None:
        """Ask for several films that become one."""
        process = self.world.process
        if process is not None:
            process.begin(self._storyboard(process.app.house.storyboards, member, shots, continuous, said))

    async def _storyboard(
        self, direction: Any, member: int, shots: int, continuous: bool, said: dict[str, Any]
    ) -> None:
        interaction = self.interaction()
        prompts = [f"film number {self.asked} shot {number}" for number in range(1, shots + 1)]
        asked = VideoRequest(prompt="", mode=Mode.TEXT, **said)
        drafted = await direction.draft(
            prompts, asked, self.requester(member), self.place(), continuous=continuous,
            interaction_id=interaction,
        )  # fmt: skip
        await direction.start(*drafted)
