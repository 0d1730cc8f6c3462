"""What keeps secrets to themselves."""

from __future__ import annotations

from tests.faults.mutation.defence import defence

SECRETS = (
    defence(
        "known secrets are taken out of the log (T-30)",
        "bot/log.py",
        "            text = self._known.sub(GONE, text)",
        "            pass",
        "tests/bot/test_log.py::test_a_known_secret_is_in_no_line_whatever_it_hides_in",
    ),
    defence(
        "known secrets are found as links, JSON and Python write them (T-30)",
        "bot/log.py",
        "                self._values.update(forms)",
        "                self._values.add(value)",
        "tests/bot/test_log.py::test_a_known_secret_is_in_no_line_whatever_it_hides_in",
    ),
    defence(
        "callback addresses are taken out of the log (T-30)",
        "bot/log.py",
        '        (r"(/callbacks/[^/\\s]{1,64}/)[^/\\s\\"\'?]+", rf"\\1{GONE}"),\n',
        "",
        "tests/bot/test_log.py::test_what_looks_like_a_secret_is_cleaned_though_nobody_named_it",
    ),
    defence(
        "interactions and webhooks are taken out of the log (T-30)",
        "bot/log.py",
        '        (r"(/(?:interactions|webhooks)/[^/\\s\\"\']{1,64}/)[^/\\s\\"\'?]+", rf"\\1{GONE}"),\n',
        "",
        "tests/bot/test_log.py::test_what_looks_like_a_secret_is_cleaned_though_nobody_named_it",
    ),
    defence(
        "links to films are taken out of the log (T-30)",
        "bot/log.py",
        '        (r"(/films/[0-9a-f]{16}/)[0-9]+/[0-9a-f]{32}", rf"\\1{GONE}"),\n',
        "",
        "tests/bot/test_log.py::test_what_looks_like_a_secret_is_cleaned_though_nobody_named_it",
    ),
    defence(
        "links to members' files are taken out of the log (T-30)",
        "bot/log.py",
        '        (r"(/media/)[0-9a-f]{32}", rf"\\1{GONE}"),\n',
        "",
        "tests/bot/test_log.py::test_what_looks_like_a_secret_is_cleaned_though_nobody_named_it",
    ),
    defence(
        "user names in links are taken out of the log (T-30)",
        "bot/log.py",
        '        (r"([a-z][a-z0-9+.-]{1,20}://)[^\\s/@\\"\']+@", rf"\\1{GONE}@"),\n',
        "",
        "tests/bot/test_log.py::test_what_looks_like_a_secret_is_cleaned_though_nobody_named_it",
    ),
    defence(
        "queries of links are taken out of the log (T-30)",
        "bot/log.py",
        '        (r"(\\b(?:https?|wss?)://[^\\s\\"\'<>?]+\\?)[^\\s\\"\'<>]+", rf"\\1{GONE}"),\n',
        "",
        "tests/bot/test_log.py::test_what_looks_like_a_secret_is_cleaned_though_nobody_named_it",
    ),
    defence(
        "signatures are taken out of the log (T-30)",
        "bot/log.py",
        '        (rf"([?&](?:amp;)?(?:{_SIGNED})=)[^&\\s\\"\'<>]+", rf"\\1{GONE}"),\n',
        "",
        "tests/bot/test_log.py::test_what_looks_like_a_secret_is_cleaned_though_nobody_named_it",
    ),
    defence(
        "headers and fields by name are taken out of the log (T-30)",
        "bot/log.py",
        ('        (rf"((?<![a-z])(?:{_SENSITIVE})[\\"\']?\\s*{_BETWEEN}){_CREDENTIAL}", rf"\\1{GONE}"),\n'),
        "",
        "tests/bot/test_log.py::test_what_looks_like_a_secret_is_cleaned_though_nobody_named_it",
    ),
    defence(
        "credentials by shape are taken out of the log (T-30)",
        "bot/log.py",
        '        (r"\\b(bearer|basic)\\s+[^\\s\\"\',;)}\\]]{6,}", rf"\\1 {GONE}"),\n',
        "",
        "tests/bot/test_log.py::test_what_looks_like_a_secret_is_cleaned_though_nobody_named_it",
    ),
    defence(
        "bot tokens are taken out of the log (T-30)",
        "bot/log.py",
        '        (r"\\b[\\w-]{20,32}\\.[\\w-]{6,7}\\.[\\w-]{20,}", GONE),  # a Discord bot token\n',
        "",
        "tests/bot/test_log.py::test_what_looks_like_a_secret_is_cleaned_though_nobody_named_it",
    ),
    defence(
        "interaction tokens are taken out of the log (T-30)",
        "bot/log.py",
        (
            '        (r"\\baW50ZXJhY3Rpb246[\\w=+/-]+", GONE),  # a Discord interaction token: base64 o'
            'f "interaction:"\n'
        ),
        "",
        "tests/bot/test_log.py::test_what_looks_like_a_secret_is_cleaned_though_nobody_named_it",
    ),
    defence(
        "callback tokens are taken out of the log (T-30)",
        "bot/log.py",
        '        (r"(?<![0-9a-f])[0-9a-f]{48}(?![0-9a-f])", GONE),  # a callback token of ours\n',
        "",
        "tests/bot/test_log.py::test_what_looks_like_a_secret_is_cleaned_though_nobody_named_it",
    ),
    defence(
        "what stands under a telling name is taken out of the log (T-30)",
        "bot/log.py",
        (
            "        return GONE if value and _SENSITIVE_KEY.fullmatch(key) else self.cleaned(value, "
            "depth - 1)"
        ),
        "        return self.cleaned(value, depth - 1)",
        "tests/bot/test_log.py::test_a_fact_called_token_is_cleaned_whatever_it_looks_like",
    ),
    defence(
        "libraries that print links and headers are quiet (T-30)",
        "bot/log.py",
        "        logging.getLogger(name).setLevel(max(least, root.level))",
        "        pass",
        "tests/bot/test_log.py::test_talkative_libraries_stay_quiet_at_debug",
    ),
    defence(
        "an event is one line, whatever is in it (T-31)",
        "bot/log.py",
        '    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)',
        "    return text",
        "tests/bot/test_log.py::test_no_text_forges_a_line_for_people",
    ),
    defence(
        "a line for machines is JSON, whatever is in it (T-31)",
        "bot/log.py",
        "json.dumps(event, ensure_ascii=True, allow_nan=False)",
        "repr(event)",
        "tests/bot/test_log.py::test_no_text_forges_a_line_for_machines",
    ),
    defence(
        "a wrong setting is told without its value (T-30, S-14)",
        "bot/settings.py",
        'extra="ignore", frozen=True, hide_input_in_errors=True)',
        'extra="ignore", frozen=True)',
        "tests/bot/test_settings.py::test_even_the_error_below_holds_no_value",
    ),
    defence(
        "an error that nobody expected is told with a reference, not its words (T-30)",
        "bot/client.py",
        "        return words_for(cause, locale, reference=reference)",
        "        return str(cause)",
        "tests/bot/test_client.py::test_an_unexpected_error_is_logged_under_its_reference",
    ),
    defence(
        "a child process knows no secret of ours (T-30)",
        "bot/media/_worker.py",
        "    kept = {name: os.environ[name] for name in KEPT if name in os.environ}",
        "    kept = dict(os.environ)",
        "tests/bot/media/test_probe.py::test_the_child_knows_no_secret",
    ),
)
