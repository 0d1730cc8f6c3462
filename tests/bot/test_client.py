"""Laws of `bot.client`."""

from types import SimpleNamespace

import discord
import pytest
import simcord
import structlog
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot import client as module
from bot.client import Courier, Matinee, Sharded, Translator, point_at
from bot.errors import RequestRefused
from bot.members.preferences import OwnDefaults
from bot.roles import Shards
from bot.signatures import Signer


def client(kind=Matinee, **options):
    """Return the client with no commands in it."""
    own = SimpleNamespace(defaults=OwnDefaults(None, None, None, None))
    house = SimpleNamespace(own=own)
    return kind(house=house, signer=Signer(b"key"), reference=lambda: "7F3K", extensions=(), **options)


@pytest.fixture
def _discord_untouched(monkeypatch):
    """Put Discord's own addresses back afterwards."""
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    monkeypatch.setattr(DiscordWebSocket, "gateway", None, raising=False)


@pytest.mark.usefixtures("_discord_untouched")
def test_every_call_goes_where_the_operator_says():
    """Interactions and webhooks are built from the same base as everything else."""
    point_at("http://127.0.0.1:9/api/v10/", None)

    assert Route("GET", "/users/@me").url == "http://127.0.0.1:9/api/v10/users/@me"
    assert Route("POST", "/interactions/1/2/callback").url.startswith("http://127.0.0.1:9/")
    assert str(DiscordWebSocket.DEFAULT_GATEWAY) == "wss://gateway.discord.gg/"


@pytest.mark.usefixtures("_discord_untouched")
@pytest.mark.parametrize("written", ["https://Proxy.Example:443/api/v10", "http://proxy.example:80/api/v10/"])
async def test_a_ban_is_seen_however_the_operator_writes_the_address(written):
    """A host in capitals, or the port that goes without saying (D-02)."""
    point_at(written, None)
    bot, url = client(), URL(Route("GET", "/users/@me").url)
    [seen] = bot.ban.watch().on_request_end
    refused = SimpleNamespace(status=429, headers={"CF-RAY": "8f0-AMS"})
    await seen(None, None, SimpleNamespace(url=url, response=refused))

    assert bot.ban.left


@pytest.mark.usefixtures("_discord_untouched")
def test_reconnects_stay_where_the_operator_says():
    """READY names an address for resuming; a proxy would not see that connection."""
    point_at(None, "ws://127.0.0.1:9/gateway")
    socket = DiscordWebSocket.__new__(DiscordWebSocket)
    socket.gateway = URL("wss://elsewhere.example")

    assert str(socket.gateway) == "ws://127.0.0.1:9/gateway"
    assert str(DiscordWebSocket.DEFAULT_GATEWAY) == "ws://127.0.0.1:9/gateway"
    assert Route.BASE == "https://discord.com/api/v10"


async def test_the_client_needs_no_privileged_intent():
    """Servers are enough: commands and presses need no intent at all."""
    assert client().intents == discord.Intents(guilds=True)


async def test_the_client_mentions_nobody_by_itself():
    """Whoever is to be mentioned is named message by message."""
    assert client().allowed_mentions.to_dict() == {"parse": []}


@pytest.fixture
async def world():
    """Return a modelled Discord and a client with one command that fails as it is told."""
    bot = client()
    errors = []

    @bot.tree.command(description="Fail")
    async def fail(interaction: discord.Interaction, late: bool) -> None:
        if late:
            await interaction.response.defer(ephemeral=True, thinking=True)
        raise errors[-1]

    env = simcord.run(bot, check_errors=False)._env
    await env.start()
    await bot.tree.sync()
    guild = env.create_guild()
    yield env, guild.create_text_channel("general"), guild.add_member(env.create_user("ann")), errors
    await env.shutdown()


@pytest.mark.parametrize("late", [False, True])
async def test_an_unhandled_error_is_told_privately(world, late):
    """Whether or not there was an answer already, there is exactly one, and only the member sees it."""
    _, channel, ann, errors = world
    errors.append(RequestRefused("prompt_empty"))
    result = await ann.slash(channel, "fail", late=late)

    assert result.response.content.startswith("`prompt` is empty.")
    assert result.ephemeral
    assert result.followups == []


async def test_an_unexpected_error_is_logged_under_its_reference(world):
    """The member reads the reference, the operator finds the error under it."""
    _, channel, ann, errors = world
    errors.append(KeyError("secret"))
    with structlog.testing.capture_logs() as logged:
        result = await ann.slash(channel, "fail", late=True)

    assert "Ref 7F3K" in result.response.content
    assert [(each["event"], each["reference"]) for each in logged] == [("unexpected error", "7F3K")]


async def test_a_refusal_is_no_error_in_the_log(world):
    """People try things; nobody must be woken."""
    _, channel, ann, errors = world
    errors.append(RequestRefused("prompt_empty"))
    with structlog.testing.capture_logs() as logged:
        await ann.slash(channel, "fail", late=True)

    assert [each["log_level"] for each in logged] == ["info"]


@pytest.mark.parametrize(("status", "code"), [(404, 10062), (400, 40060), (401, 50027)])
async def test_an_interaction_that_nobody_can_answer_any_more_is_left_alone(world, status, code):
    """There is nobody to tell, and a second answer would be a second error (D-10)."""
    _, channel, ann, errors = world
    response = type("Response", (), {"status": status, "reason": ""})()
    errors.append(discord.HTTPException(response, {"code": code, "message": "too late"}))
    with structlog.testing.capture_logs() as logged:
        result = await ann.slash(channel, "fail", late=False)

    assert result.response is None
    assert ["interaction answered too late"] == [each["event"] for each in logged]


async def test_telling_never_fails(world):
    """An answer that can't arrive is a line in the log."""
    env, channel, ann, errors = world
    errors.append(RequestRefused("prompt_empty"))
    env.inject_error("POST", "/interactions/*", status=500)
    with structlog.testing.capture_logs() as logged:
        await ann.slash(channel, "fail", late=False)

    assert logged[-1]["event"] == "answer did not arrive"


WHERE = app_commands.TranslationContextLocation


@pytest.mark.parametrize(
    ("locale", "text", "where", "said"),
    [
        ("de", "video", WHERE.command_name, "film"),
        ("de", "video", WHERE.group_name, "film"),
        ("de", "video", WHERE.parameter_name, None),
        ("de", "shown", WHERE.parameter_name, None),
        ("de", "any", WHERE.choice_name, "Irgendeines!"),
        ("de", "Make a film", WHERE.command_description, "Mach einen Film"),
        ("de", "Long", WHERE.parameter_description, None),
        ("de", "Make", WHERE.command_description, None),
        ("fr", "video", WHERE.command_name, None),
    ],
)
async def test_discord_is_told_what_it_takes(tmp_path, locale, text, where, said):
    """Names by their kind; none where there is no translation, or none that keeps to Discord's rules."""
    (tmp_path / "de.po").write_text(
        'msgctxt "command"\nmsgid "video"\nmsgstr "film"\n'
        'msgctxt "option"\nmsgid "shown"\nmsgstr "Wird Gezeigt"\n'
        'msgctxt "choice"\nmsgid "any"\nmsgstr "Irgendeines!"\n'
        'msgid "Make a film"\nmsgstr "Mach einen Film"\n'
        f'msgid "Long"\nmsgstr "{"x" * 101}"\n',
        encoding="utf-8",
    )
    context = app_commands.TranslationContext(where, None)

    told = await Translator(tmp_path).translate(
        app_commands.locale_str(text), discord.Locale(locale), context
    )

    assert said == told


async def test_an_entry_of_a_menu_has_its_own_words(tmp_path):
    """It may have spaces and capitals, where a slash command of the same name may not."""
    (tmp_path / "de.po").write_text('msgctxt "menu"\nmsgid "Details"\nmsgstr "Zeig es mir"\n')

    async def show(interaction: discord.Interaction, message: discord.Message) -> None: ...

    entry = app_commands.ContextMenu(name="Details", callback=show)
    tree = app_commands.CommandTree(discord.Client(intents=discord.Intents.none()))
    payload = await entry.get_translated_payload(tree, Translator(tmp_path))

    assert payload["name_localizations"] == {"de": "Zeig es mir"}


async def test_a_courier_is_let_in_by_its_login_alone():
    """It never connects, so that the gateway is none of its troubles."""
    bot = client(Courier)
    assert ["Discord has not let us in yet"] == bot.troubles

    await bot.setup_hook()

    assert [] == bot.troubles


async def test_a_sharded_client_is_let_in_with_its_last_shard():
    """Until then commands of some servers would be lost."""
    bot = client(Sharded, shards=Shards(range(2, 4), 8))
    await bot.on_connect()
    for shard, left in ((2, 1), (2, 1), (3, 0), (3, 0)):
        await bot.on_shard_connect(shard)
        assert left == len(bot.troubles)
    assert ([2, 3], 8) == (bot.shard_ids, bot.shard_count)


async def test_a_sharded_client_that_never_logged_in_closes():
    """A stop may come before the login."""
    await client(Sharded, shards=Shards(range(1), 1)).close()


async def test_a_shard_that_can_not_be_connected_ends_the_process_after_a_while(monkeypatch):
    """discord.py would try for ever, which nobody sees; a supervisor does (D-14)."""
    tries = []

    async def in_vain(self, gateway, shard_id, *, initial=False):
        tries.append((shard_id, initial))
        await self.launch_shard(gateway, shard_id)

    monkeypatch.setattr(discord.AutoShardedClient, "launch_shard", in_vain)
    bot = client(Sharded, shards=Shards(range(1), 1))
    with pytest.raises(discord.GatewayNotFound):
        await bot.launch_shard(URL("ws://127.0.0.1:9"), 0, initial=True)

    assert [(0, True), *[(0, False)] * (module.MOST_FAILURES - 1)] == tries
