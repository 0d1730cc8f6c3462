"""Laws of `bot.settings`: each variable is read once, and what is wrong is one line without a value."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.errors import SettingsError
from bot.settings import (
    GUARDED,
    SECRETS,
    Settings,
    misspelt,
    read_settings,
    require_for_running,
    require_token,
)

CANARY = "cAnArY7f3k"


def read(**variables):
    """Read settings from these variables alone."""
    return read_settings({name.upper(): value for name, value in variables.items()}, env_file=None)


def refused(**variables):
    """Return the error that refuses these variables, or an empty one."""
    try:
        read(**variables)
    except SettingsError as error:
        return error
    return SettingsError()


def refusal(**variables):
    """Return the line that refuses these variables."""
    with pytest.raises(SettingsError) as error:
        read(**variables)
    return str(error.value)


def test_nothing_given_is_the_defaults():
    """An empty environment is valid: limits, addresses and bounds are those of the README."""
    given = read()

    assert (given.daily_videos, given.daily_seconds, given.concurrent) == (10, 100, 2)
    assert (given.poll_min, given.poll_max) == (timedelta(seconds=10), timedelta(seconds=300))
    assert (given.listen, given.admin_listen) == ("127.0.0.1:8080", "127.0.0.1:9090")
    assert (given.queue_max, given.keep_films) == (timedelta(hours=24), timedelta(days=30))
    assert given.providers_on() == ()


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_an_empty_variable_is_none_given_or_no_limit(name):
    """`NAME=` never is an error: it means the default, and for a limit that there is none."""
    value = getattr(read(**{name: ""}), name)

    assert value in (Settings.model_fields[name].get_default(call_default_factory=True), None)


@pytest.mark.parametrize(
    "name", ["daily_videos", "daily_seconds", "concurrent", "monthly_credits", "upload_limit"]
)
@pytest.mark.parametrize("written", ["", "none", " None "])
def test_no_limit_is_written_as_nothing_or_none(name, written):
    """Both forms take a limit away."""
    assert getattr(read(**{name: written}), name) is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("10", timedelta(seconds=10)),
        ("0.5", timedelta(seconds=0.5)),
        ("90s", timedelta(seconds=90)),
        (" 5 M ", timedelta(minutes=5)),
        ("24h", timedelta(hours=24)),
        ("30d", timedelta(days=30)),
    ],
)
def test_a_time_is_seconds_or_has_a_unit(written, meant):
    """Seconds, minutes, hours and days can be written as people write them."""
    assert read(queue_max=written).queue_max == meant


@pytest.mark.parametrize(("written", "meant"), [("1000", 1000), ("10MiB", 10 * 1024**2), ("8 mb", 8_000_000)])
def test_a_size_is_bytes_or_has_a_unit(written, meant):
    """Sizes can be written as Discord writes them."""
    assert read(upload_limit=written).upload_limit == meant


def test_prices_are_read_per_provider_model_and_resolution():
    """Commas separate them; the model's name is left as it is."""
    prices = read(prices="EvoLink/seedance-2.0/720p=1.5, maxapi/seedance-2.0-fast/1080P = 20,").prices

    assert prices == {
        ("evolink", "seedance-2.0", "720p"): Decimal("1.5"),
        ("maxapi", "seedance-2.0-fast", "1080p"): Decimal(20),
    }


def test_providers_are_those_with_a_key_or_those_named_in_order():
    """Without PROVIDERS, a key switches a provider on; with it, the order is the operator's."""
    keys = {"evolink_api_key": "e", "maxapi_api_key": "m"}

    assert read(**keys).providers_on() == ("maxapi", "evolink")
    assert read(**keys, providers=" EvoLink , maxapi,evolink ").providers_on() == ("evolink", "maxapi")
    assert read(**keys, providers="evolink").providers_on() == ("evolink",)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"daily_videos": "many"}, "DAILY_VIDEOS: write a whole number"),
        ({"daily_videos": "-1"}, "DAILY_VIDEOS: is too small; the least is 0"),
        ({"daily_seconds": "1.5"}, "DAILY_SECONDS: write a whole number"),
        ({"concurrent": "0"}, "CONCURRENT: is too small; the least is 1"),
        ({"daily_credits": "lots"}, "DAILY_CREDITS: write a number of credits"),
        ({"daily_credits": "nan"}, "DAILY_CREDITS: write a number of credits"),
        ({"daily_credits": "-3"}, "DAILY_CREDITS: is too small; the least is 0"),
        ({"poll_min": "soon"}, "POLL_MIN: write a time above zero such as 10s"),
        ({"poll_min": "0"}, "POLL_MIN: write a time above zero"),
        ({"poll_min": "10m"}, "POLL_MIN: is longer than POLL_MAX"),
        ({"queue_max": "9" * 400}, "QUEUE_MAX: is far too long a time"),
        ({"keep_films": "99999999d"}, "KEEP_FILMS: is far too long a time; the most is 36500d"),
        ({"poll_min": "0.0000001"}, "POLL_MIN: write a time above zero"),
        ({"daily_videos": "9" * 30}, "DAILY_VIDEOS: is too large; the most is 1000000000"),
        ({"concurrent": "9" * 30}, "CONCURRENT: is too large"),
        ({"bot_daily_credits": "9" * 30}, "BOT_DAILY_CREDITS: is too large"),
        ({"upload_limit": "9" * 400}, "UPLOAD_LIMIT: is too large"),
        ({"prices": "kling/x/720p=1"}, "PRICES: names an unknown provider"),
        ({"prices": f"evolink/x/720p={'9' * 30}"}, "PRICES: is too large"),
        ({"upload_limit": "big"}, "UPLOAD_LIMIT: write a size"),
        ({"max_prompt": "6001"}, "MAX_PROMPT: is too large; the most is 6000"),
        ({"maxapi_concurrency": "0"}, "MAXAPI_CONCURRENCY: is too small"),
        ({"log_level": "loud"}, "LOG_LEVEL: write one of 'DEBUG', 'INFO'"),
        ({"log_format": "xml"}, "LOG_FORMAT: write one of 'console' or 'json'"),
        ({"prices": "evolink=1"}, "PRICES: write provider/model/resolution=credits per second"),
        ({"providers": "maxapi,kling"}, "PROVIDERS: names an unknown provider; those known are maxapi"),
        ({"providers": "evolink"}, "EVOLINK_API_KEY: is missing, but PROVIDERS names evolink"),
        ({"listen": "8080"}, "LISTEN: write host:port"),
        ({"listen": "127.0.0.1:99999"}, "LISTEN: write host:port"),
        ({"admin_listen": "http://x:1"}, "ADMIN_LISTEN: write host:port"),
        ({"discord_token": "a b"}, "DISCORD_TOKEN: holds blanks"),
        ({"maxapi_api_key": "ключ"}, "MAXAPI_API_KEY: holds blanks, line breaks or signs outside ASCII"),
        ({"database_url": "mysql://x"}, "DATABASE_URL: must begin with postgresql+asyncpg://"),
        ({"database_url": "postgresql+asyncpg://x/y"}, "SECRET_KEY: is missing; with PostgreSQL"),
        ({"discord_api_url": "discord.com"}, "DISCORD_API_URL: write a whole address"),
        ({"discord_gateway_url": "https://x"}, "DISCORD_GATEWAY_URL: write a whole address such as wss://"),
        ({"trusted_hosts": "http://localhost"}, "TRUSTED_HOSTS: write host or host:port"),
        ({"public_url": "https://films.example/?x=1"}, "PUBLIC_URL: leave out everything from ? or # on"),
        ({"public_url": "https://user:pw@films.example"}, "PUBLIC_URL: write a whole address"),
    ],
)
def test_a_wrong_setting_is_one_line_that_says_what_to_do(variables, words):
    """The line begins with the variable and holds a remedy."""
    line = refusal(**variables)

    assert line.startswith(words)
    assert "\n" not in line


def test_every_wrong_setting_is_named_at_once():
    """Two mistakes are told together, still in one line."""
    assert refusal(daily_videos="x", log_level="y").startswith(
        "DAILY_VIDEOS: write a whole number; LOG_LEVEL: "
    )


@pytest.mark.parametrize("name", list(Settings.model_fields))
@pytest.mark.parametrize(
    "value", [f"{CANARY} {CANARY}\n", f"http://{CANARY}:{CANARY}@x/?{CANARY}", f"-{CANARY}"]
)
def test_no_refusal_holds_a_value(name, value, tmp_path, monkeypatch):
    """Whatever stands in whichever variable, neither the line nor what hangs on the error repeats it."""
    monkeypatch.chdir(tmp_path)
    error = refused(**{name: value})

    assert CANARY not in f"{error} {error.__cause__} {error.args}"
    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__


def test_even_the_error_below_holds_no_value():
    """Whoever logs pydantic's own words by mistake tells no secret (T-30)."""
    with pytest.raises(ValidationError) as caught:
        Settings(discord_token=f"{CANARY} {CANARY}", daily_videos=CANARY)

    assert CANARY not in str(caught.value)


@given(st.dictionaries(st.sampled_from(sorted(Settings.model_fields)), st.text(max_size=40), max_size=6))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused(variables):
    """No text in any variable raises anything but SettingsError, in one line."""
    assert "\n" not in str(refused(**variables))


def test_settings_do_not_show_their_secrets():
    """What is printed of them, or of their validation, has no secret in it."""
    variables = {name: f"{CANARY}{number}" for number, name in enumerate(SECRETS)}
    variables["database_url"] = f"postgresql+asyncpg://me:{CANARY}@db/x"
    given = read(**variables)

    assert CANARY not in repr(given) + str(given) + given.model_dump_json()
    with pytest.raises(ValidationError) as error:
        Settings(discord_token=f"{CANARY} x")
    assert CANARY not in str(error.value)


def test_every_secret_is_told_to_the_log():
    """All secret values, and the password within an address, are known to whoever cleans the log."""
    values = read(discord_token="t0ken", secret_key="k3y", database_url="postgresql+asyncpg://me:p%40ss@db/x")

    assert {"t0ken", "k3y", "p%40ss", "p@ss"} <= set(values.secret_values())


@pytest.mark.parametrize("name", GUARDED)
@pytest.mark.parametrize(
    "address",
    ["http://films.example", "http://127.0.0.1:9", "https://127.0.0.1", "https://localhost", "https://10.0.0.8:1",
     "https://[::1]:9", "https://169.254.169.254", "https://[64:ff9b::7f00:1]"],
)  # fmt: skip
def test_an_address_is_https_and_public_or_trusted(name, address):
    """http, loopback and private addresses need their host in TRUSTED_HOSTS, with or without the port."""
    line = refusal(**{name: address})
    host = address.partition("://")[2]

    assert line.startswith(f"{name.upper()}: must be ")
    assert "TRUSTED_HOSTS" in line
    assert getattr(read(**{name: address, "trusted_hosts": f"other.example,{host}"}), name) == address
    assert refusal(**{name: address, "trusted_hosts": "other.example"}) == line


@pytest.mark.parametrize(
    "address", ["https://2130706433", "https://0x7f.1", "https://127.1", "https://a@b", "ftp://x"]
)
def test_an_address_that_two_readers_read_differently_is_refused(address):
    """Numbers that only look like names, user names and other schemes aren't addresses here."""
    assert refusal(public_url=address).startswith("PUBLIC_URL: write a whole address")


def test_trust_in_one_port_is_trust_in_that_port():
    """`host:port` trusts nothing else on the host."""
    line = refusal(public_url="http://127.0.0.1:9", trusted_hosts="127.0.0.1:8")

    assert line.startswith("PUBLIC_URL: must be https")


def test_discords_address_may_be_a_proxy_next_door():
    """A rate-limit proxy speaks plain http on the inside."""
    given = read(discord_api_url="http://proxy:8000/api/v10/", discord_gateway_url="ws://proxy:8001/gateway")

    assert given.discord_api_url == "http://proxy:8000/api/v10"
    assert given.discord_gateway_url == "ws://proxy:8001/gateway"


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_can_come_from_a_file(name, tmp_path):
    """`NAME_FILE` names a file, whose last line break is no part of the secret."""
    file = tmp_path / "secret"
    file.write_text("postgresql+asyncpg://me:x@db/x\n")
    others = {"secret_key": "other"} if name == "database_url" else {}

    value = getattr(read(**{f"{name}_file": str(file), **others}), name)
    assert value.get_secret_value() == "postgresql+asyncpg://me:x@db/x"


def test_a_secret_is_given_once(tmp_path):
    """A value and a file at once would leave it open which counts."""
    (tmp_path / "s").write_text("x")

    line = refusal(discord_token="x", discord_token_file=str(tmp_path / "s"))
    assert line.startswith("DISCORD_TOKEN: is given twice")


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00", b" \n"])
def test_a_file_that_cannot_be_used_is_named(content, tmp_path):
    """Missing, empty or no text: the variable is named, the path and content aren't."""
    file = tmp_path / CANARY
    if content is not None:
        file.write_bytes(content)

    line = refusal(evolink_api_key_file=str(file))
    assert line.startswith("EVOLINK_API_KEY_FILE: the file ")
    assert CANARY not in line


def test_the_environment_wins_over_the_file(tmp_path):
    """`.env` fills in what the environment leaves open; a secret in either form hides both in the file."""
    (tmp_path / ".env").write_text(
        'DAILY_VIDEOS=3\nDAILY_SECONDS="40"\nDISCORD_TOKEN_FILE=/nowhere\n# no\nOTHER=1\n'
    )

    given = read_settings({"DAILY_VIDEOS": "5", "DISCORD_TOKEN": "x"}, env_file=tmp_path / ".env")
    assert (given.daily_videos, given.daily_seconds) == (5, 40)
    assert require_token(given) == "x"


def test_the_environment_is_the_processs_own_by_default(tmp_path, monkeypatch):
    """Without arguments, variables and `.env` of the working directory are read."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONCURRENT", "7")
    (tmp_path / ".env").write_text("MAX_PROMPT=99\n")

    given = read_settings()
    assert (given.concurrent, given.max_prompt) == (7, 99)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    """A broken `.env` is one line too."""
    (tmp_path / ".env").write_bytes(b"DAILY_VIDEOS=\xff\xfe")

    with pytest.raises(SettingsError, match=r"\.env: can't be read"):
        read_settings({}, env_file=tmp_path / ".env")


@pytest.mark.parametrize(
    ("text", "number"),
    [("DAILY_VIDEOS=3\nthis is cAnArY\n", 2), ("# a note\n\nDISCORD_TOKEN='cAnArY\nPOLL_MIN=1\n", 3)],
)
def test_a_line_that_is_none_is_named(tmp_path, text, number):
    """What would be skipped is refused by its number, so that no setting is lost without a word."""
    (tmp_path / ".env").write_text(text)

    with pytest.raises(
        SettingsError, match=rf"^\.env: line {number} can't be read; write NAME=value"
    ) as told:
        read_settings({}, env_file=tmp_path / ".env")
    assert "cAnArY" not in str(told.value)


def test_a_slip_of_the_pen_is_noticed(tmp_path):
    """A variable that is nearly a setting is shown with the one that is meant; others are none of ours."""
    (tmp_path / ".env").write_text("DAILY_VIDEO=3\nCOMPOSE_PROJECT_NAME=x\n")

    slips = misspelt({"EVOLINK_APIKEY": "x", "PATH": "/bin", "POLL_MIN": "1"}, env_file=tmp_path / ".env")
    assert slips == {"DAILY_VIDEO": "DAILY_VIDEOS", "EVOLINK_APIKEY": "EVOLINK_API_KEY"}


def test_running_needs_a_token_and_a_provider():
    """Each that is missing is named with what to do."""
    with pytest.raises(SettingsError, match=r"DISCORD_TOKEN: is missing"):
        require_for_running(read(maxapi_api_key="x"))
    with pytest.raises(SettingsError, match=r"PROVIDERS: none has a key; set at least one of MAXAPI_API_KEY"):
        require_for_running(read(discord_token="x"))
    assert require_for_running(read(discord_token="x", maxapi_api_key="x")) is None


@pytest.mark.parametrize(
    ("given", "expected"), [("", frozenset()), ("1", frozenset({1})), (" 12 ,34,12", frozenset({12, 34}))]
)
def test_operators_are_ids(given, expected):
    """Numbers, separated by commas."""
    assert expected == read_settings({"OPERATORS": given}, env_file=None).operators


@pytest.mark.parametrize("given", ["noor", "1;2", "-1", "<@1>", "1" * 30])
def test_an_operator_that_is_no_id_is_named(given):
    """One sentence that says what to write."""
    with pytest.raises(SettingsError, match="OPERATORS: write Discord user ids"):
        read_settings({"OPERATORS": given}, env_file=None)


@pytest.mark.parametrize("name", ["KEEP_FILES", "KEEP_FILMS"])
def test_nothing_is_deleted_while_it_may_still_wait(name):
    """What is kept is kept for as long as a video may wait unsent, at the least."""
    with pytest.raises(SettingsError, match=f"{name}: is shorter than QUEUE_MAX; make it longer"):
        read_settings({name: "23h"}, env_file=None)
    assert read_settings({name: "23h", "QUEUE_MAX": "22h"}, env_file=None).queue_max == timedelta(hours=22)


@pytest.mark.parametrize("name", ["KEEP_FILES", "KEEP_FILMS"])
def test_what_is_kept_is_remembered(name):
    """History is kept for as long as what belongs to it; or for ever."""
    with pytest.raises(SettingsError, match=f"^KEEP_HISTORY: is shorter than {name}; make it longer"):
        read_settings({name: "401d"}, env_file=None)
    assert read_settings({name: "401d", "KEEP_HISTORY": "none"}, env_file=None).keep_history is None
    given = {name: "401d", "KEEP_HISTORY": "402d"}
    assert timedelta(days=402) == read_settings(given, env_file=None).keep_history


def test_history_reaches_back_beyond_the_month_before():
    """Limits and reports look back so far."""
    given = {"KEEP_FILES": "30d", "KEEP_HISTORY": "61.9d"}
    with pytest.raises(SettingsError, match=r"^KEEP_HISTORY: is too short a time; the least is 62d"):
        read_settings(given, env_file=None)
    assert read_settings(given | {"KEEP_HISTORY": "62d"}, env_file=None).keep_history == timedelta(days=62)
