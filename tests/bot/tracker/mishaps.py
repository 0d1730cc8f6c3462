"""What goes wrong around the tracker: clocks, disks, channels, downloads, and callbacks that are forged."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from bot.delivery import Rung
from bot.errors import (
    ChannelClosed,
    DiscordUnavailable,
    DownloadError,
    LinkExpired,
    MediaError,
    TooLarge,
)
from tests.bot.tracker.ground import NAMES
from tests.bot.tracker.operated import Operated


class Mishaps(Operated):
    """The stage, with everything outside that fails."""

    @rule(hours=st.sampled_from([1, -1, 24, -24]), at_once=st.booleans())
    def clock_jumps(self, hours, at_once):
        """Set this machine's clock, forward or back, while everybody else's goes on as it should."""
        self.jumped += timedelta(hours=hours)
        self.clock.forward(hours=hours)
        if at_once:
            self.runner.run(self._round())

    @rule(commits=st.integers(1, 8), seconds=st.sampled_from([None, 2, 61, 300]))
    def disk_is_full(self, commits, seconds):
        """Let some commits find no room on the disk, whatever they are."""
        self.disk.left = commits
        if seconds is not None:
            self.wait(seconds)

    @rule(data=st.data(), flipped=st.integers(0, 191))
    def forge(self, data, flipped):
        """Somebody calls a generation's address with a token of which one bit is wrong, or another's."""
        found = self.some(data)
        if found is None:
            return
        signer, provider = self.world.hosting.signer, data.draw(st.sampled_from(NAMES))
        token = signer.callback_token(provider, found.id)
        forged = f"{int(token, 16) ^ (1 << flipped):048x}"
        other = NAMES[NAMES.index(provider) - 1]
        assert signer.read_callback_token(provider, token) == found.id
        assert signer.read_callback_token(provider, forged) is None
        assert signer.read_callback_token(other, token) is None

    @rule(
        fault=st.sampled_from(
            [
                None,
                DiscordUnavailable("503"),
                DiscordUnavailable("503"),
                ChannelClosed("50013"),
                TooLarge("40005"),
            ]
        ),
        times=st.integers(1, 3),
    )
    def discord(self, fault, times):
        """Plan Discord's next answers."""
        self.delivery.faults.extend([fault] * times)

    @rule(what=st.sampled_from(["lose", "hang", "close", "dm", "open", "hide", "gallery", "thread"]))
    def channel(self, what):
        """Change a channel."""
        match what:
            case "lose":
                self.delivery.lose_answers += 1
            case "hang":
                self.delivery.hang = True
            case "close":
                self.delivery.closed.add(Rung.CHANNEL)
            case "dm":
                self.delivery.closed.add(Rung.DM)
            case "gallery" | "thread":
                self.delivery.closed.add(Rung(what))
            case "hide":
                self.delivery.hidden.add(Rung.CHANNEL)
            case _:
                self.delivery.closed.clear()
                self.delivery.hidden.clear()

    @rule(
        fault=st.sampled_from(
            [
                DownloadError("cut"),
                LinkExpired("410"),
                MediaError("unreadable"),
                OSError(28, "full"),
                ValueError("bug"),
            ]
        ),
        times=st.integers(1, 3),
    )
    def downloads(self, fault, times):
        """Plan failures of the next downloads."""
        self.world.downloader.faults.extend([fault] * times)
