"""What spares Discord calls, and keeps still when it has had enough of them."""

from __future__ import annotations

from tests.faults.mutation.defence import defence

BANS = "tests/bot/delivery/test_ban.py::"
LESSONS = "tests/bot/delivery/test_lessons.py::"
PLACES = "tests/bot/delivery/test_places.py::"
CALLS = (
    defence(
        "while Discord has shut the address out, nothing goes out (D-02)",
        "bot/delivery/ban.py",
        "        if self.left and _is_discord(request.url):",
        "        if False:",
        f"{BANS}test_a_ban_lasts_ten_minutes_for_every_call_to_discords_api",
    ),
    defence(
        "a 429 of the API's own is no ban (D-02)",
        "bot/delivery/ban.py",
        '    if "via" in names or "x-ratelimit-scope" in names:\n        return False\n',
        "",
        f"{BANS}test_nothing_else_is_a_ban",
    ),
    defence(
        "what a busy proxy makes up is no ban (D-02)",
        "bot/delivery/ban.py",
        '    return URL(Route.BASE).host == ITS_HOST or "cf-ray" in names',
        "    return True",
        f"{BANS}test_behind_a_proxy_only_cloudflares_own_refusal_is_a_ban",
    ),
    defence(
        "a ban is seen however the operator writes a proxy's address (D-02)",
        "bot/client.py",
        '        Route.BASE = str(URL(api_url)).rstrip("/")  # as it is written in the calls that `Ban` sees',
        '        Route.BASE = api_url.rstrip("/")',
        "tests/bot/test_client.py::test_a_ban_is_seen_however_the_operator_writes_the_address",
    ),
    defence(
        "what a server takes is asked for once a minute where no gateway tells (D-02)",
        "bot/delivery/places.py",
        "        return self._lessons.server_limits.put(guild_id, guild.filesize_limit)",
        "        return guild.filesize_limit",
        f"{PLACES}test_without_the_gateway_a_servers_limit_is_asked_for_once_a_minute",
    ),
    defence(
        "an age limit is asked for once in a while where no gateway tells (D-02)",
        "bot/delivery/places.py",
        "        if known is not None:\n            return known\n        with discord_errors():\n"
        "            channel = await",
        "        del known\n        with discord_errors():\n            channel = await",
        f"{PLACES}test_without_the_gateway_an_age_limit_is_asked_for_once_in_a_while",
    ),
    defence(
        "what Discord answered is believed for a moment alone (T-28)",
        "bot/delivery/lessons.py",
        "since is not None and timedelta() <= self._clock() - since < self._span",
        "since is not None",
        f"{LESSONS}test_an_answer_holds_for_its_span_and_not_before_it_was_given",
    ),
    defence(
        "a courier is let in by its login, and loads no command",
        "bot/client.py",
        '        """Know that Discord takes the token: a courier needs no more, and loads no command."""\n'
        "        self.admitted = True",
        '        """Load them all the same."""\n        await super().setup_hook()',
        "tests/bot/test_client.py::test_a_courier_is_let_in_by_its_login_alone",
    ),
    defence(
        "a process is ready once the last of its shards hears commands",
        "bot/client.py",
        "        self.admitted = not self._expected",
        "        self.admitted = True",
        "tests/bot/test_client.py::test_a_sharded_client_is_let_in_with_its_last_shard",
    ),
    defence(
        "a shard that can't be connected ends the process after a while (D-14)",
        "bot/client.py",
        "            raise discord.GatewayNotFound\n",
        "            log.error('again')\n",
        "tests/bot/test_client.py::test_a_shard_that_can_not_be_connected_ends_the_process_after_a_while",
    ),
)
