"""Every setting, read from the environment, from `.env` and from the files that `NAME_FILE` names."""

import os
from collections.abc import Mapping
from datetime import timedelta
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import unquote, urlsplit

from dotenv.parser import parse_stream
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.errors import SettingsError
from bot.files import Address as FilesAddress
from bot.media.addresses import Link, is_public, parse
from bot.setting_kinds import (
    PROVIDERS,
    Address,
    Amount,
    AtLeastOne,
    Credits,
    Duration,
    Folder,
    Format,
    Gateway,
    History,
    Hosts,
    Ids,
    Level,
    Names,
    Postgresql,
    Prices,
    Region,
    Secret,
    Size,
    Socket,
    Storage,
    Tasks,
    no_limit,
)

ENV_FILE: Final = Path(".env")
SECRETS: Final = (
    "discord_token",
    "database_url",
    "secret_key",
    "files_access_key",
    "files_secret_key",
    *(f"{provider}_api_key" for provider in PROVIDERS),
)
"""The settings that may also be given as a file: `DISCORD_TOKEN_FILE`, …"""
_OTHERS: Final = ("public_url", "evolink_files_url", "files_endpoint")
GUARDED: Final = (*(f"{provider}_base_url" for provider in PROVIDERS), *_OTHERS)
"""The addresses that must be https and public, unless `TRUSTED_HOSTS` names their host."""
_WORDS: Final = {
    "int_parsing": "write a whole number",
    "int_from_float": "write a whole number",
    "int_type": "write a whole number",
    "greater_than_equal": "is too small; the least is {ge}",
    "less_than_equal": "is too large; the most is {le}",
}


class Settings(BaseSettings):
    """What the operator decides. A field's variable is its name in capitals."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    discord_token: Secret | None = None
    """The bot's token, from Discord's developer portal; `run`, `sync` and `check` need it."""
    discord_api_url: Address = "https://discord.com/api/v10"
    """Discord's REST address up to and including `/api/v10`: for a rate-limit proxy or a stand-in."""
    discord_gateway_url: Gateway = "wss://gateway.discord.gg/"
    """Discord's gateway: for a proxy or a stand-in."""

    data_dir: Folder = Path("data")
    """Where the database, members' files and films lie."""
    database_url: Postgresql | None = None
    """`postgresql+asyncpg://…` for many machines; left out: SQLite in `DATA_DIR`."""
    files_url: Storage | None = None
    """`s3://bucket/prefix`, or a folder that all machines share; left out: films lie in `DATA_DIR`."""
    files_endpoint: Address | None = None
    """The address of the S3-compatible service; left out: Amazon's."""
    files_region: Region = "us-east-1"
    """The bucket's region."""
    files_access_key: Secret | None = None
    """The access key of the bucket."""
    files_secret_key: Secret | None = None
    """The secret key of the bucket."""
    files_path_style: bool = True
    """Whether the bucket stands in the path of an address; `false`: in its host."""
    secret_key: SecretStr | None = None
    """Signs links, callback addresses and pseudonyms; left out: made once in `DATA_DIR`.

    With PostgreSQL it must be set, on every machine the same.
    """

    providers: Names = ()
    """Providers in order of preference, separated by commas; left out: all that have a key."""
    maxapi_api_key: Secret | None = None
    """maxapi's key; a provider without a key is off."""
    maxapi_base_url: Address = "https://api.maxapi.io"
    """maxapi's address, or a stand-in's."""
    maxapi_concurrency: Tasks = 5
    """Tasks that maxapi is given at once."""
    seedance2ink_api_key: Secret | None = None
    """seedance2.ink's key."""
    seedance2ink_base_url: Address = "https://www.seedance2.ink"
    """seedance2.ink's address (with `www`), or a stand-in's."""
    seedance2ink_concurrency: Tasks = 3
    """Tasks that seedance2.ink is given at once."""
    evolink_api_key: Secret | None = None
    """EvoLink's key."""
    evolink_base_url: Address = "https://api.evolink.ai"
    """EvoLink's address, or a stand-in's."""
    evolink_files_url: Address | None = None
    """Where EvoLink takes uploads; left out: what belongs to `EVOLINK_BASE_URL`."""
    evolink_concurrency: Tasks = 5
    """Tasks that EvoLink is given at once."""

    public_url: Address | None = None
    """The https address at which the world reaches `LISTEN`; left out: providers are polled only."""
    listen: Socket = "127.0.0.1:8080"
    """Where callbacks, members' files and films are served."""
    admin_listen: Socket = "127.0.0.1:9090"
    """Where `/healthz`, `/readyz` and `/metrics` are served; never put it on the internet."""
    operators: Ids = frozenset()
    """Discord user ids of those who run the bot, separated by commas: they may use `/admin` everywhere."""
    allow_user_install: bool = False
    """Whether members may install the bot for themselves, for direct messages and servers without it."""
    trusted_hosts: Hosts = frozenset()
    """Hosts (`host` or `host:port`) that may be http or private: a stand-in or a private mirror."""

    daily_videos: Amount = 10
    """Videos per member and day (UTC)."""
    daily_seconds: Amount = 100
    """Seconds of video per member and day."""
    daily_credits: Credits = None
    """Credits per member and day."""
    monthly_videos: Amount = None
    """Videos per member and month."""
    monthly_seconds: Amount = None
    """Seconds of video per member and month."""
    monthly_credits: Credits = None
    """Credits per member and month."""
    concurrent: AtLeastOne = 2
    """Videos of one member under way at once."""
    server_concurrent: AtLeastOne = 200
    """Videos of one server under way at once."""
    server_daily_videos: Amount = None
    """Videos per server and day."""
    server_daily_seconds: Amount = None
    """Seconds of video per server and day."""
    bot_daily_videos: Amount = None
    """Videos of everybody together per day."""
    bot_daily_seconds: Amount = None
    """Seconds of video of everybody together per day."""
    bot_daily_credits: Credits = None
    """Credits of everybody together per day."""
    daily_refusals: AtLeastOne = 3
    """Films of one member that content rules may refuse per day (UTC); after that they wait for the next."""
    queue_videos: AtLeastOne = 1000
    """Videos of everybody that may wait to be sent; beyond them commands are refused at once."""
    confirm_above: Credits = None
    """Credits above which a member must confirm first; so must they where the price isn't known."""
    prices: Prices = Field(default_factory=dict)
    """`provider/model/resolution=credits per second`, separated by commas; overrides the built-in prices."""

    max_prompt: Annotated[int, Field(ge=1, le=6000)] = 2000
    """Characters of a prompt."""
    poll_min: Duration = timedelta(seconds=10)
    """The shortest time between two scheduled asks of one provider task."""
    poll_max: Duration = timedelta(seconds=300)
    """The longest; where callbacks have brought all the latest films, there is one late ask instead."""
    queue_max: Duration = timedelta(hours=24)
    """How long a video may wait unsent before it expires, uncharged."""
    keep_films: Duration = timedelta(days=30)
    """How long films are kept here, and links to them work."""
    keep_files: Duration = timedelta(days=400)
    """How long members' files are kept after they were last used, so that Again works months later."""
    keep_history: History = timedelta(days=400)
    """How long ended films are remembered, with what they cost and with admins' actions."""
    upload_limit: Size = None
    """Bytes that one message may carry; left out: what Discord says of each channel."""

    log_level: Level = "INFO"
    """The least important level that is logged."""
    log_format: Format = "console"
    """`console` for people, `json` for machines."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take only what is handed in: `read_settings` gathers it, and a demo sees no stray variable."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    @model_validator(mode="after")
    def _fits_together(self) -> "Settings":
        for name in GUARDED:
            if address := getattr(self, name):
                _check_trust(name.upper(), parse(address), self.trusted_hosts)
        for name in self.providers:
            if self.api_key(name) is None:
                key = f"{name}_api_key".upper()
                raise ValueError(f"{key}: is missing, but PROVIDERS names {name}; set it or leave {name} out")
        if self.poll_min > self.poll_max:
            raise ValueError("POLL_MIN: is longer than POLL_MAX; make it shorter")
        for name in ("keep_files", "keep_films"):  # what still waits must not lose what it is made of
            if getattr(self, name) < self.queue_max:
                raise ValueError(f"{name.upper()}: is shorter than QUEUE_MAX; make it longer")
            if self.keep_history is not None and self.keep_history < getattr(self, name):
                raise ValueError(f"KEEP_HISTORY: is shorter than {name.upper()}; make it longer, or none")
        if self.database_url is not None and self.secret_key is None:
            raise ValueError("SECRET_KEY: is missing; with PostgreSQL every machine needs the same one")
        return self

    @model_validator(mode="after")
    def _may_use_its_bucket(self) -> "Settings":
        for name in ("files_access_key", "files_secret_key"):
            if (self.files_url or "").startswith("s3://") and getattr(self, name) is None:
                raise ValueError(f"{name.upper()}: is missing, but FILES_URL names a bucket; set it")
        return self

    def api_key(self, provider: str) -> SecretStr | None:
        """Return a provider's key, or None where there is none."""
        key: SecretStr | None = getattr(self, f"{provider}_api_key")
        return key

    def files_at(self) -> FilesAddress | None:
        """Return where files are kept for all machines; None: in `DATA_DIR`."""
        if self.files_url is None:
            return None
        key, secret = self.files_access_key, self.files_secret_key
        return FilesAddress(
            url=self.files_url,
            endpoint=self.files_endpoint or "",
            region=self.files_region,
            access_key=key.get_secret_value() if key else "",
            secret_key=secret.get_secret_value() if secret else "",
            path_style=self.files_path_style,
        )

    def providers_on(self) -> tuple[str, ...]:
        """Return the providers in use, in order of preference."""
        return self.providers or tuple(name for name in PROVIDERS if self.api_key(name) is not None)

    def secret_values(self) -> tuple[str, ...]:
        """Return everything given here that no log line may hold."""
        given = [getattr(self, name) for name in SECRETS]
        values = [secret.get_secret_value() for secret in given if secret is not None]
        if self.database_url is not None:
            password = urlsplit(self.database_url.get_secret_value()).password
            values += [password, unquote(password)] if password else []
        return tuple(values)


def _check_trust(name: str, link: Link, trusted: frozenset[str]) -> None:
    if link.among(trusted):
        return
    remedy = "for a stand-in or a private mirror add its host to TRUSTED_HOSTS"
    if link.scheme != "https":
        raise ValueError(f"{name}: must be https; {remedy}")
    if not _looks_public(link.host):
        raise ValueError(f"{name}: must be a public address; {remedy}")


def _looks_public(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return False
    try:
        return is_public(host)
    except ValueError:  # a name: where it leads shows when somebody connects
        return True


def read_settings(environ: Mapping[str, str] | None = None, *, env_file: Path | None = ENV_FILE) -> Settings:
    """Read the settings from the environment (or from `environ` alone) and, behind it, from `env_file`.

    Raises `SettingsError` with one line that names every wrong variable and what to do, and holds no value.
    """
    given = _gathered(os.environ if environ is None else environ, env_file)
    try:
        return Settings(**given)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
    raise SettingsError("; ".join(dict.fromkeys(_sentence(fault) for fault in faults)))


def _gathered(environ: Mapping[str, str], env_file: Path | None) -> dict[str, Any]:
    given = _lines_of(env_file) if env_file is not None else {}
    ours = {*Settings.model_fields, *(f"{name}_file" for name in SECRETS)}
    own = {name.lower(): value for name, value in environ.items() if name.lower() in ours}
    for name in SECRETS:  # a secret in the environment, in either form, hides both forms in the file
        if {name, f"{name}_file"} & own.keys():
            given.pop(name, None)
            given.pop(f"{name}_file", None)
    given |= own
    for name in SECRETS:
        _take_file(given, name)
    return {name: value for name, value in given.items() if value.strip() or _may_be_empty(name)}


def _lines_of(env_file: Path) -> dict[str, str]:
    try:
        wrong = _wrong_line(env_file.read_text(encoding="utf-8")) if env_file.is_file() else None
        if wrong is not None:
            raise SettingsError(f".env: line {wrong} can't be read; write NAME=value, with quotes in pairs")
        lines = DotEnvSettingsSource(Settings, env_file=env_file).env_vars
    except (OSError, UnicodeError):
        raise SettingsError(".env: can't be read; it must be a text file in UTF-8") from None
    return {name: value for name, value in lines.items() if value is not None}


def _wrong_line(text: str) -> int | None:
    """Return the number of the first line that python-dotenv would skip with a warning of its own."""
    for found in parse_stream(StringIO(text)):
        if found.error:
            blank, _, _ = found.original.string.partition(found.original.string.strip())
            return found.original.line + blank.count("\n")
    return None


def misspelt(environ: Mapping[str, str] | None = None, *, env_file: Path | None = ENV_FILE) -> dict[str, str]:
    """Return variables that are no settings but look like one, with the one that is probably meant."""
    ours = {*Settings.model_fields, *(f"{name}_file" for name in SECRETS)}
    own = os.environ if environ is None else environ
    given = {*(_lines_of(env_file) if env_file is not None else ()), *map(str.lower, own)}
    close = {name: get_close_matches(name, ours, n=1, cutoff=0.87) for name in sorted(given - ours)}
    return {name.upper(): near[0].upper() for name, near in close.items() if near}


def _take_file(given: dict[str, str], name: str) -> None:
    """Put what `NAME_FILE` holds in the place of `NAME`."""
    path = given.pop(f"{name}_file", "")
    variable = f"{name.upper()}_FILE"
    if not path:
        return
    if given.get(name):
        raise SettingsError(f"{name.upper()}: is given twice; set either it or {variable}")
    try:
        given[name] = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError, ValueError):
        raise SettingsError(f"{variable}: the file can't be read; check its path and its rights") from None
    if not given[name]:
        raise SettingsError(f"{variable}: the file is empty")


def _may_be_empty(name: str) -> bool:
    """Say whether an empty value means something: no limit. Elsewhere it is the same as none given."""
    field = Settings.model_fields.get(name)
    rules = field.metadata if field is not None else []
    return any(isinstance(rule, BeforeValidator) and rule.func is no_limit for rule in rules)


def _sentence(fault: Any) -> str:
    """Return a fault in our words: never pydantic's own, which may quote the value."""
    facts = fault.get("ctx", {})
    place = fault["loc"]
    if fault["type"] == "value_error":
        text = str(facts["error"])
    elif fault["type"] == "literal_error":
        text = f"write one of {facts['expected']}"
    else:
        text = _WORDS.get(fault["type"], "can't be read; see the settings in the README").format(**facts)
    return f"{str(place[0]).upper()}: {text}" if place else text


def require_token(settings: Settings) -> str:
    """Return Discord's token. Raises `SettingsError` if there is none."""
    if settings.discord_token is None:
        raise SettingsError("DISCORD_TOKEN: is missing; copy it from Discord's developer portal, page Bot")
    return settings.discord_token.get_secret_value()


def require_for_running(settings: Settings) -> None:
    """Raise `SettingsError` unless there is a token and a provider."""
    require_token(settings)
    if not settings.providers_on():
        keys = ", ".join(f"{name}_api_key".upper() for name in PROVIDERS)
        raise SettingsError(f"PROVIDERS: none has a key; set at least one of {keys}")
