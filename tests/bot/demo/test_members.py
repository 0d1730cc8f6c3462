"""Scripted members give their commands two at once and find the film that is theirs."""

from __future__ import annotations

from datetime import timedelta

from bot.demo.members import AT_ONCE, play
from bot.demo.script import Ask, deal
from bot.models import Mode
from tests.bot.demo.toy import open_toy

PATIENCE = timedelta(seconds=10)


class Plain(Ask):
    """A command with nothing but its prompt: all that the toy knows."""

    @property
    def command(self) -> tuple[str, dict[str, object]]:
        """Return the command."""
        return "video", {"prompt": self.prompt}


def plain(take: int, prompt: str = "a fox") -> Ask:
    """Return one that the toy can fulfil."""
    return Plain(take, "text", Mode.TEXT, "maxapi", "seedance-2.0", f"Take {take}: {prompt}", "1:1", 4)


async def test_every_command_finds_its_own_film() -> None:
    """Takes 1 and 10 aren't confused; times, bytes and mentions are those of the channel."""
    asks = [plain(take) for take in (1, 10, 11)]
    async with open_toy(b"a film") as server:
        outcomes = await play(server, deal(asks, ["mira", "jonas"]), patience=PATIENCE)
        assert [outcome.ask.take for outcome in outcomes] == [1, 10, 11]
        assert len({outcome.generation for outcome in outcomes}) == 3
        for outcome in outcomes:
            assert outcome.film == (f"{outcome.generation}.mp4", b"a film")
            assert outcome.mentions == {server.members[outcome.member].id}
            assert outcome.card_after is not None
            assert outcome.film_after is not None
            assert timedelta() < outcome.card_after < outcome.film_after < PATIENCE


async def test_a_refusal_is_not_waited_out() -> None:
    """The news that there is no film ends the wait, long before patience does."""
    async with open_toy() as server:
        before = server.clock()
        (outcome,) = await play(server, {"mira": [plain(1, "please refuse")]}, patience=timedelta(seconds=60))
        assert (outcome.film, outcome.state) == (None, "Refused")
        assert outcome.card_after is not None
        assert server.clock() - before < timedelta(seconds=30)


async def test_whoever_gets_no_card_keeps_the_answer() -> None:
    """What the member was told is all there is."""
    async with open_toy() as server:
        silent = Plain(1, "text", Mode.TEXT, "maxapi", "m", "no take in this prompt", "1:1", 4)
        (outcome,) = await play(server, {"mira": [silent]}, patience=timedelta(milliseconds=50))
        assert (outcome.generation, outcome.film) == (None, None)
        assert outcome.answer == "In the works, with 0 bytes."


async def test_a_member_has_no_more_under_way_than_it_may() -> None:
    """The third command waits for a film, and everyone is told of each as it comes."""
    told: list[int] = []
    async with open_toy() as server:
        asks = [plain(take) for take in range(1, 6)]
        waiting: list[int] = []

        def count(outcome: object) -> None:
            told.append(outcome.ask.take)
            waiting.append(sum("Take" in post.text for post in server.posts.values()) - len(told))

        await play(server, {"mira": asks}, patience=PATIENCE, told=count)
        assert sorted(told) == [1, 2, 3, 4, 5]
        assert max(waiting) < AT_ONCE
