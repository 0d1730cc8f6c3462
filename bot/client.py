"""The Discord client. Every error that nobody handled becomes words here, privately."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

import aiohttp
import discord
import structlog
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot.delivery.ban import Ban
from bot.errors import MatineeError, Refused
from bot.i18n import CATALOGUES, Kind, fits, later, speaker
from bot.media.portions import Portions
from bot.messages import words_for
from bot.precedence import Precedence

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from bot.generations import Generations
    from bot.house import House
    from bot.roles import Shards
    from bot.signatures import Signer

EXTENSIONS = (
    "cogs.video",
    "cogs.compose",
    "cogs.storyboard",
    "cogs.orders",
    "cogs.after",
    "cogs.library",
    "cogs.usage",
    "cogs.settings",
    "cogs.presets",
    "cogs.privacy",
    "cogs.help",
    "cogs.admin",
)
LOADED_AT_ONCE = 100_000_000
"""Bytes of members' files that are in memory at the same time; while one comes, it takes twice its size."""
MOST_FAILURES = 12
"""Times that a shard is connected in vain, 5 s apart, before the process ends and its supervisor tries."""
LONGEST_WAIT = 30.0
"""Seconds that discord.py may wait for a rate limit before it raises instead; it takes no less."""

log = structlog.get_logger(__name__)


def point_at(api_url: str | None, gateway_url: str | None) -> None:
    """Send every call to other addresses than Discord's: a rate-limit proxy, or a stand-in.

    discord.py 2.7 has no public option for this. All REST calls, those of interactions and webhooks
    included, are built from `Route.BASE`; READY names an address for resuming, which we don't follow.
    `None` leaves Discord's own.
    """
    if api_url:
        Route.BASE = str(URL(api_url)).rstrip("/")  # as it is written in the calls that `Ban` sees
    if gateway_url:
        address = URL(gateway_url)
        DiscordWebSocket.DEFAULT_GATEWAY = address
        setattr(DiscordWebSocket, "gateway", property(lambda _: address, lambda *_: None))  # noqa: B010 -- mypy


class Translator(app_commands.Translator):
    """Gives Discord the names and descriptions of commands in the languages that have a catalogue."""

    def __init__(self, catalogues: Path = CATALOGUES) -> None:
        self._catalogues = catalogues

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Return the text in a language, or None where there is none of its own that Discord takes.

        Discord takes all commands or none: a name against its rules would leave the bot without any.
        """
        say, kind = speaker(str(locale), self._catalogues), kind_of(context)
        said = say.name(kind, string.message) if kind else say.catalogue.gettext(string.message)
        return said if said != string.message and fits(said, kind) else None


def kind_of(context: app_commands.TranslationContextTypes) -> Kind | None:
    """Return which kind of name is to be translated, or None for a description."""
    if isinstance(context.data, app_commands.ContextMenu):
        return "menu"
    return _KINDS.get(context.location.name)


_KINDS: dict[str, Kind] = {
    "command_name": "command",
    "group_name": "command",
    "parameter_name": "option",
    "choice_name": "choice",
}


def _now() -> datetime:
    return datetime.now(UTC)


class Tree(app_commands.CommandTree["Matinee"]):
    """The slash commands."""

    async def on_error(
        self, interaction: discord.Interaction[Matinee], error: app_commands.AppCommandError, /
    ) -> None:
        """Tell whoever gave the command, in words."""
        await self.client.tell(interaction, error)


class Matinee(commands.Bot):
    """Matinee in Discord: it needs no privileged intent, mentions nobody by itself, and keeps no messages.

    It loads the commands, and starts nothing else. `reference` makes the id under which an unexpected error
    is logged and shown; files are loaded from Discord's own hosts, and from `trusted_hosts`.
    `operators` are the ids of those who run the bot, and may do on every server what its admins may.
    With `user_install`, members may install it for themselves, and use it in direct messages and everywhere.
    """

    intents_needed: ClassVar = discord.Intents(guilds=True)
    shut_out: ClassVar = "Discord's gateway has not let us in yet"

    def __init__(
        self,
        *,
        house: House,
        signer: Signer,
        reference: Callable[[], str],
        trusted_hosts: Collection[str] = (),
        operators: Collection[int] = (),
        user_install: bool = False,
        extensions: Sequence[str] = EXTENSIONS,
        clock: Callable[[], datetime] = _now,
        **options: Any,
    ) -> None:
        ban = Ban(clock)
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # we never speak
        super().__init__(
            command_prefix=commands.when_mentioned,  # there are none, and no intent to read any
            help_command=None,
            tree_cls=Tree,
            intents=self.intents_needed,
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=user_install, private_channel=user_install
            ),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=user_install),
            max_ratelimit_timeout=LONGEST_WAIT,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            http_trace=ban.watch(),
            **options,
        )
        self.ban = ban
        """Whether Discord has shut us out."""
        self.house = house
        self.signer = signer
        self.trusted_hosts = frozenset(trusted_hosts)
        self.operators = frozenset(operators)
        self.precedence = Precedence()
        """Whether members wait for an answer just now."""
        self.loading = Portions(LOADED_AT_ONCE)
        """Members' files that are loaded just now."""
        self.admitted = False
        """Whether Discord's gateway has said READY since the start."""
        self._reference = reference
        self._to_load = tuple(extensions)

    @property
    def generations(self) -> Generations:
        """What makes films."""
        return self.house.generations

    @property
    def troubles(self) -> list[str]:
        """What keeps us from Discord just now, in words for the operator."""
        banned = ["Discord has shut out this address for a while"] if self.ban.left else []
        return banned if self.admitted else [self.shut_out, *banned]

    async def setup_hook(self) -> None:
        """Load the commands by name; what moves by itself is started by whoever built us."""
        await self.tree.set_translator(Translator())
        for name in self._to_load:
            await self.load_extension(name)

    async def on_connect(self) -> None:
        """Know that Discord has let us in: from here on every command given reaches us."""
        self.admitted = True

    def locale_of(self, interaction: discord.Interaction[Any]) -> str:
        """Return the language of whoever pressed or typed: the one that they set, else their Discord's."""
        return self.house.own.defaults.known(interaction.user.id).language or str(interaction.locale)

    async def tell(self, interaction: discord.Interaction[Any], error: Exception) -> None:
        """Tell a person privately what went wrong, whether or not there was an answer yet. Never raises."""
        cause = _cause(error)
        if _is_too_late(cause):
            log.warning("interaction answered too late", kind=interaction.type.name)
            return
        words = self._words(interaction, cause)
        try:
            await _answer(interaction, words)
        except (discord.DiscordException, aiohttp.ClientError, TimeoutError) as failure:
            log.warning("answer did not arrive", kind=interaction.type.name, failure=type(failure).__name__)

    def _words(self, interaction: discord.Interaction[Any], cause: BaseException) -> str:
        locale = self.locale_of(interaction)
        sentence = _OF_DISCORD.get(type(cause))
        if sentence is not None:
            return speaker(locale)(sentence)
        if isinstance(cause, Refused):
            log.info("refused", code=cause.code)
            return words_for(cause, locale)
        if isinstance(cause, discord.Forbidden):
            log.info("not permitted", code=cause.code)
            return speaker(locale)(later("The bot is not permitted to do that here."))
        reference = self._reference()
        log.error(
            "unexpected error", reference=reference, known=isinstance(cause, MatineeError), exc_info=cause
        )
        return words_for(cause, locale, reference=reference)


class Courier(Matinee):
    """Posts by REST calls alone: it logs in and never connects, so that no command reaches it."""

    shut_out: ClassVar = "Discord has not let us in yet"

    async def setup_hook(self) -> None:
        """Know that Discord takes the token: a courier needs no more, and loads no command."""
        self.admitted = True


class Sharded(Matinee, discord.AutoShardedClient):
    """Hears only of the servers of its shards, over one connection for each (discord.py's own sharding)."""

    def __init__(self, *, shards: Shards, **options: Any) -> None:
        super().__init__(shard_ids=list(shards.ids), shard_count=shards.of, **options)
        self._expected = set(shards.ids)
        self._failures: Counter[int] = Counter()

    async def on_connect(self) -> None:
        """Wait for the others: this is the first of them."""

    async def on_shard_connect(self, shard_id: int) -> None:
        """Know which shard was let in; with the last of them we are."""
        self._expected.discard(shard_id)
        self.admitted = not self._expected

    async def launch_shard(self, gateway: URL, shard_id: int, *, initial: bool = False) -> None:
        """Connect one. discord.py would try for ever, each time one call deeper; we raise after a while."""
        self._failures[shard_id] += 1
        if self._failures[shard_id] > MOST_FAILURES:
            raise discord.GatewayNotFound
        await super().launch_shard(gateway, shard_id, initial=initial)

    async def close(self) -> None:
        """Close every connection. discord.py 2.7 trips over the end where there was no login."""
        with suppress(AttributeError):
            await super().close()


_OF_DISCORD: dict[type[BaseException], str] = {
    app_commands.CommandNotFound: later("This command has changed. Please type it again."),
    app_commands.CommandSignatureMismatch: later("This command has changed. Please type it again."),
    app_commands.NoPrivateMessage: later("This works in servers only."),
    app_commands.TransformerError: later("One of the options can't be read. Please type it again."),
}


def _cause(error: Exception) -> Exception:
    return error.original if isinstance(error, app_commands.CommandInvokeError) else error


def _is_too_late(error: Exception) -> bool:
    """Return whether it can't be answered any more, or another process has answered it."""
    gone = {10062, 40060, 50027}  # unknown, answered already, a token that is dead after 15 minutes
    return isinstance(error, discord.HTTPException) and error.code in gone


async def _answer(interaction: discord.Interaction[Any], words: str) -> None:
    if interaction.type is discord.InteractionType.autocomplete:
        return
    if interaction.response.is_done():
        await interaction.edit_original_response(
            content=words, embed=None, view=None, allowed_mentions=discord.AllowedMentions.none()
        )
    else:
        await interaction.response.send_message(
            words, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
        )
