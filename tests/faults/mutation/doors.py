"""What keeps strangers out."""

from __future__ import annotations

from tests.faults.mutation.defence import Defence, defence

DOORS = (
    defence(
        "a callback without a genuine token reaches nothing (T-01, T-06)",
        "bot/callbacks.py",
        (
            "        if generation is None:\n"
            '            return _empty(*self._hearing.stranger(request.remote or ""))\n'
        ),
        "        generation = generation or token[:16]\n",
        "tests/bot/test_callbacks.py::test_a_wrong_token_or_provider_gets_the_same_empty_404",
    ),
    defence(
        "no shorter way past the token (T-01)",
        "bot/hearing.py",
        "return Letter(found.provider, generation, found.start, found.end)",
        "return Letter(found.provider, generation or found.token[:16], found.start, found.end)",
        "tests/bot/test_callbacks.py::test_a_wrong_token_or_provider_gets_the_same_empty_404",
    ),
    defence(
        "a token is an HMAC, checked (T-01)",
        "bot/signatures.py",
        "return shape[1] if shape and genuine else None",
        "return shape[1] if shape else None",
        "tests/bot/test_signatures.py::test_a_changed_callback_token_is_nobodys",
    ),
    Defence(
        "a token belongs to one provider (T-01)",
        "bot/signatures.py",
        (
            ('self._mac(f"callback/{provider}/{generation_id}")', 'self._mac(f"callback/{generation_id}")'),
            (
                "self._mac(f\"callback/{provider}/{shape[1] if shape else ''}\")",
                "self._mac(f\"callback/{shape[1] if shape else ''}\")",
            ),
        ),
        ("tests/bot/test_signatures.py::test_a_callback_token_is_for_one_provider",),
    ),
    Defence(
        "a token belongs to one generation (T-01)",
        "bot/signatures.py",
        (
            ('self._mac(f"callback/{provider}/{generation_id}")', 'self._mac(f"callback/{provider}")'),
            (
                "self._mac(f\"callback/{provider}/{shape[1] if shape else ''}\")",
                'self._mac(f"callback/{provider}")',
            ),
        ),
        ("tests/bot/test_signatures.py::test_a_callback_token_is_for_one_generation",),
    ),
    defence(
        "a link to a film is signed (T-26)",
        "bot/callbacks.py",
        (
            "        if not self._signer.film_link_is_good(generation, moment, signature, self._clock"
            "()):\n"
            "            return web.Response(status=HTTPStatus.NOT_FOUND)\n"
        ),
        "",
        "tests/bot/test_served_files.py::test_a_film_is_served_to_a_link_that_we_signed",
    ),
    defence(
        "a link to a film ends (T-26)",
        "bot/signatures.py",
        "return genuine and now < datetime.fromtimestamp(int(moment), UTC)",
        "return genuine",
        "tests/bot/test_signatures.py::test_a_film_link_works_until_it_expires",
    ),
    defence(
        "a body is 64 KiB at most, whatever was announced (T-05)",
        "bot/callbacks.py",
        ("        if len(body) > LARGEST_BODY:\n            return None\n"),
        "",
        "tests/bot/test_callbacks.py::test_a_body_over_64_kb_is_refused_and_wakes_nothing",
    ),
    defence(
        "a body that is announced too long isn't read (T-05)",
        "bot/callbacks.py",
        ("    if (request.content_length or 0) > LARGEST_BODY:\n        return None\n"),
        "",
        "tests/bot/test_callbacks.py::test_a_body_that_is_announced_too_long_is_not_waited_for",
    ),
    defence(
        "a body isn't unpacked (T-05)",
        "bot/listener.py",
        "            auto_decompress=False,\n",
        "",
        "tests/bot/test_callbacks.py::test_a_packed_body_is_never_unpacked",
    ),
    defence(
        "a callback's body comes soon or not at all (T-05)",
        "bot/callbacks.py",
        "async with asyncio.timeout(self._patience.callback.total_seconds()):",
        "async with asyncio.timeout(None):",
        "tests/bot/test_callbacks.py::test_a_callback_is_answered_within_its_deadline",
    ),
    defence(
        "a plain callback is answered soon, whatever the database does (T-05)",
        "bot/hearing.py",
        "async with asyncio.timeout_at(calls[0].since + self.patience):",
        "async with asyncio.timeout_at(None):",
        "tests/bot/test_hearing.py::test_a_store_that_is_too_slow_is_not_waited_for",
    ),
    defence(
        "a plain callback's body comes soon or not at all (T-05)",
        "bot/door/door.py",
        "            self._house.bodies.expect(self)\n",
        "",
        "tests/bot/door/test_door.py::test_who_falls_silent_is_cut_in_time",
    ),
    defence(
        "what can be read in two ways isn't read in front of aiohttp: no field twice (T-08)",
        "bot/door/plain.py",
        "        if name in found or name in _NOT_PLAIN:",
        "        if name in _NOT_PLAIN:",
        "tests/bot/door/test_plain.py::test_anything_else_is_not",
    ),
    defence(
        "what can be read in two ways isn't read in front of aiohttp: one framing (T-08)",
        "bot/door/plain.py",
        "        if name in found or name in _NOT_PLAIN:",
        "        if name in found:",
        "tests/bot/door/test_plain.py::test_anything_else_is_not",
    ),
    defence(
        "what comes after a plain request is no part of it (T-08)",
        "bot/door/door.py",
        "or missing < 0 or",
        "or",
        "tests/bot/door/test_door.py::test_what_is_not_a_letter_goes_on_unchanged",
    ),
    defence(
        "a plain body is 64 KiB at most (T-05)",
        "bot/door/plain.py",
        "return int(length) if int(length) <= LARGEST_BODY else None",
        "return int(length)",
        "tests/bot/door/test_plain.py::test_the_largest_body_is_read_and_a_larger_one_is_not",
    ),
    defence(
        "whoever doesn't take our answers is asked for nothing more (T-05)",
        "bot/door/door.py",
        "            self._deaf = True\n",
        "            pass\n",
        "tests/bot/door/test_door.py::test_who_takes_no_answer_asks_nothing_more",
    ),
    defence(
        "a connection speaks soon or not at all (T-05)",
        "bot/listener.py",
        "heads=Deadlines(self._head, Door.hang_up)",
        "heads=Deadlines(self._head * 6, Door.hang_up)",
        "tests/bot/test_listener.py::test_a_stalled_connection_is_cut",
    ),
    defence(
        "headers come soon or not at all (T-05)",
        "bot/listener.py",
        "keepalive_timeout=self._head,",
        "keepalive_timeout=self._head * 6,",
        "tests/bot/test_listener.py::test_a_stalled_connection_is_cut",
    ),
    defence(
        "so many connections and no more; the silent go first (T-05)",
        "bot/door/room.py",
        "if len(self) >= self._most else None",
        "if len(self) >= self._most * 100 else None",
        "tests/bot/door/test_room.py::test_the_silent_leave_before_those_who_spoke",
    ),
    defence(
        "so many connections of one address and no more (T-05)",
        "bot/door/room.py",
        (
            "        if self._addresses[address] >= self._most_per_address and is_public(address):\n"
            "            return guest\n"
        ),
        "",
        "tests/bot/door/test_room.py::test_a_public_address_has_a_share_of_the_room",
    ),
    defence(
        "whoever takes nothing of what we send is cut (T-05)",
        "bot/door/door.py",
        "            _forget_the_deaf(transport)\n",
        "",
        ("tests/bot/test_listener.py::test_whoever_takes_nothing_of_what_is_sent_is_cut_by_the_kernel"),
    ),
    defence(
        "a file must be taken at a pace (T-05)",
        "bot/callbacks.py",
        "            async with asyncio.timeout(self._limit):",
        "            async with asyncio.timeout(None):",
        "tests/bot/test_served_files.py::test_whoever_takes_a_file_too_slowly_is_cut",
    ),
    defence(
        "strangers are let in by the bucket (T-06)",
        "bot/hearing.py",
        "        enough = level >= 1\n",
        "        enough = True\n",
        "tests/bot/test_hearing.py::test_a_bucket_remembers_only_so_many_addresses",
    ),
    defence(
        "all strangers are answered alike, without a word (T-07)",
        "bot/callbacks.py",
        "        return web.Response(status=refusal.status, headers=allow)",
        "        return web.Response(status=refusal.status, headers=allow, text=refusal.reason)",
        "tests/bot/test_callbacks.py::test_a_callback_path_takes_post_alone",
    ),
    defence(
        "no server says what it is (T-07)",
        "bot/callbacks.py",
        "    response.headers.pop(hdrs.SERVER, None)",
        "    pass",
        "tests/bot/test_callbacks.py::test_no_answer_names_the_software",
    ),
    defence(
        "an unreadable body only wakes (T-04)",
        "bot/hearing.py",
        "        except Exception as error:  # noqa: BLE001  whatever the body holds",
        "        except ZeroDivisionError as error:  # whatever the body holds",
        "tests/bot/test_callbacks.py::test_a_fault_in_reading_the_body_does_not_stop_the_wake",
    ),
    defence(
        "nonsense instead of HTTP is answered without a word (T-08)",
        "bot/listener.py",
        '        response = web.Response(status=status, headers={hdrs.SERVER: ""})',
        '        response = web.Response(status=status, text=str(exc), headers={hdrs.SERVER: ""})',
        "tests/bot/test_listener.py::test_nonsense_is_answered_without_a_word",
    ),
)
