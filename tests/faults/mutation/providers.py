"""What keeps a provider's answer from meaning more than it says."""

from __future__ import annotations

from tests.faults.mutation.defence import defence

PROVIDERS = (
    defence(
        "only what surely never left is called not sent (P-03, P-05)",
        "bot/providers/_http.py",
        "    httpx.PoolTimeout,\n",
        (
            "    httpx.PoolTimeout,\n"
            "    httpx.ReadTimeout,\n"
            "    httpx.ReadError,\n"
            "    httpx.RemoteProtocolError,\n"
        ),
        "tests/bot/providers/test__http.py::test_what_breaks_after_bytes_may_have_left_is_unknown",
    ),
    defence(
        "a submit goes over no kept connection (P-03)",
        "bot/providers/_http.py",
        "httpx.AsyncHTTPTransport(tls, limits=httpx.Limits(max_keepalive_connections=0))",
        "httpx.AsyncHTTPTransport(tls)",
        "tests/bot/providers/test__http.py::test_a_submit_goes_over_a_fresh_connection",
    ),
    defence(
        "a server's own trouble at a submit is an unknown outcome (P-05, P-06)",
        "bot/providers/_http.py",
        (
            "            case _ if call in {Call.SUBMIT, Call.CANCEL}:\n"
            "                return OutcomeUnknown(name, detail)\n"
        ),
        "",
        "tests/bot/providers/test__http.py::test_a_status_means_the_same_everywhere",
    ),
    defence(
        "a status in doubt is no refusal (P-05)",
        "bot/providers/_http.py",
        "        case 408 | 409 | 425 | 499:  # cut short",
        "        case 425 | 499:  # cut short",
        "tests/bot/providers/test__http.py::test_a_status_means_the_same_everywhere",
    ),
    defence(
        "a success without a task is an unknown outcome (P-06)",
        "bot/providers/maxapi.py",
        (
            "        if task_id(data.taskId) is None:\n"
            "            raise self._wire.broken(Call.SUBMIT, answer)\n"
        ),
        "",
        "tests/bot/providers/test_maxapi.py::test_errors_in_the_body_under_http_200",
    ),
    defence(
        "no redirect is followed with a key (T-12)",
        "bot/providers/_http.py",
        "stream=True, follow_redirects=False)",
        "stream=True, follow_redirects=True)",
        "tests/bot/providers/test__http.py::test_redirects_are_never_followed",
    ),
    defence(
        "an answer is read to so many bytes and no further (T-14)",
        "bot/providers/_http.py",
        ("        if len(data) > LARGEST_ANSWER:\n            break\n"),
        ("        if len(data) > LARGEST_ANSWER * 8:\n            break\n"),
        "tests/bot/providers/test__http.py::test_an_endless_answer_is_cut",
    ),
    defence(
        "a whole call has an end (P-05)",
        "bot/providers/_http.py",
        "        async with asyncio.timeout(whole.total_seconds()):",
        "        async with asyncio.timeout(None):",
        "tests/bot/providers/test__http.py::test_a_dripping_answer_has_an_end",
    ),
    defence(
        "a wait that is asked for is bounded (P-01)",
        "bot/providers/_http.py",
        "return timedelta(seconds=min(float(text), LONGEST_PAUSE.total_seconds()))",
        "return timedelta(seconds=min(float(text), 10**9))",
        "tests/bot/providers/test__http.py::test_retry_after_is_seconds_or_a_date",
    ),
    defence(
        "no key, token or signature in an error (T-30)",
        "bot/providers/_http.py",
        '        return _SECRETS.sub("…", text.replace(self.api_key, "…"))',
        "        return text",
        "tests/bot/providers/test__http.py::test_no_secret_in_errors_or_logs",
    ),
    defence(
        "the key isn't in what is printed of the wire (T-30)",
        "bot/providers/_http.py",
        "    api_key: str = field(repr=False)",
        "    api_key: str",
        "tests/bot/providers/test__http.py::test_no_secret_in_errors_or_logs",
    ),
    defence(
        "an id that becomes part of an address is one (T-13)",
        "bot/providers/_answers.py",
        "return told if told is not None and _TASK_ID.fullmatch(told) else None",
        "return told",
        "tests/bot/providers/test__answers.py::test_what_could_lead_elsewhere_is_no_id",
    ),
    defence(
        "only web addresses are links (P-18)",
        "bot/providers/_answers.py",
        '    return parts.scheme in {"http", "https"} and bool(parts.hostname)',
        "    return True",
        "tests/bot/providers/test__answers.py::test_only_absolute_web_addresses_are_links",
    ),
    defence(
        "not too many links (P-18)",
        "bot/providers/_answers.py",
        "    return tuple(found)[:_MOST_URLS]",
        "    return tuple(found)",
        "tests/bot/providers/test__answers.py::test_links_are_few_and_each_is_one",
    ),
    defence(
        "the key of a submit is the same at every try (P-05)",
        "bot/providers/evolink.py",
        '        headers = {"Idempotency-Key": idempotency_key(key)}',
        '        headers = {"Idempotency-Key": idempotency_key(key + str(id(submission)))}',
        "tests/bot/providers/test_evolink.py::test_a_submit_carries_its_key_and_its_body",
    ),
    defence(
        "the model is never changed without the member's yes (T-21)",
        "bot/providers/maxapi.py",
        '**({} if request.fallback is None else {"fallback": request.fallback})',
        '**({} if not request.fallback else {"fallback": request.fallback})',
        "tests/bot/providers/test_maxapi.py::test_every_field_that_the_model_has_is_sent",
    ),
    defence(
        "a key is sent where it is relied on, and relied on only there (P-05)",
        "bot/providers/capabilities.py",
        "idempotent=True",
        "idempotent=False",
        "tests/bot/providers/test_capabilities.py::test_only_evolink_has_switches_and_progress",
    ),
)
