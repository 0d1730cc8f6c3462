"""What keeps a download from leading astray."""

from __future__ import annotations

from tests.faults.mutation.defence import defence

DOWNLOADS = (
    defence(
        "the address is checked on the socket that connects, whatever the resolver said (T-11)",
        "bot/media/download.py",
        "if not trusted and not is_public(host):",
        "if not trusted and not host:",
        "tests/bot/media/test_downloading_places.py::test_the_socket_itself_is_checked",
    ),
    defence(
        "every address of the resolver's answer must be public (T-10)",
        "bot/media/download.py",
        '        if not all(is_public(entry["host"]) for entry in answer):',
        '        if not any(is_public(entry["host"]) for entry in answer):',
        "tests/bot/media/test_downloading_places.py::test_no_name_that_leads_inside_is_connected",
    ),
    defence(
        "https only (T-10, T-12)",
        "bot/media/download.py",
        'if link.scheme != "https" or link.port != HTTPS_PORT:',
        "if link.port not in {HTTPS_PORT, 80}:",
        "tests/bot/media/test_downloading_places.py::test_only_https_on_its_own_port",
    ),
    defence(
        "port 443 only (T-10)",
        "bot/media/download.py",
        'if link.scheme != "https" or link.port != HTTPS_PORT:',
        'if link.scheme != "https":',
        "tests/bot/media/test_downloading_places.py::test_only_https_on_its_own_port",
    ),
    defence(
        "three redirects at the most (T-12)",
        "bot/media/download.py",
        "for _ in range(MOST_HOPS + 1):",
        "for _ in range(MOST_HOPS + 100):",
        "tests/bot/media/test_downloading_places.py::test_redirects_in_a_circle_end",
    ),
    defence(
        "each redirect is checked like the first address (T-12)",
        "bot/media/download.py",
        "link = self._permitted(link.follow(location), hosts)",
        "link = link.follow(location)",
        ("tests/bot/media/test_downloading_places.py::test_a_redirect_to_a_forbidden_place_is_not_followed"),
    ),
    defence(
        "aiohttp follows no redirect by itself (T-12)",
        "bot/media/download.py",
        "HEADERS | part.wanted(), allow_redirects=False",
        "HEADERS | part.wanted(), allow_redirects=True",
        ("tests/bot/media/test_downloading_places.py::test_a_redirect_to_a_forbidden_place_is_not_followed"),
    ),
    defence(
        "no key is sent along (T-12)",
        "bot/media/download.py",
        'HEADERS: Final = {"Accept": "*/*", ',
        'HEADERS: Final = {"Authorization": "Bearer key", "Accept": "*/*", ',
        "tests/bot/media/test_download.py::test_nothing_that_identifies_us_is_sent",
    ),
    defence(
        "no more bytes than are allowed, whatever was announced (T-14)",
        "bot/media/download.py",
        (
            "                        if size > most:\n"
            '                            raise Oversized(f"more than {most} bytes")\n'
        ),
        "",
        "tests/bot/media/test_download.py::test_the_limit_is_exact",
    ),
    defence(
        "too large a file is refused by its announcement (T-14)",
        "bot/media/download.py",
        "        if part.size + length > most:",
        "        if part.size + length > most * 1000:",
        ("tests/bot/media/test_lying_servers.py::test_a_server_that_lies_or_dawdles_gives_no_file[promised]"),
    ),
    defence(
        "all of it together has an end (T-14, P-20)",
        "bot/media/download.py",
        "            async with asyncio.timeout(deadline.total_seconds()):",
        "            async with asyncio.timeout(None):",
        ("tests/bot/media/test_lying_servers.py::test_the_whole_has_an_end_of_its_own"),
    ),
    defence(
        "a drip is no download (T-14, P-20)",
        "bot/media/pace.py",
        "if self._portion >= self._pace.portion and",
        "if self._portion and",
        "tests/bot/media/test_lying_servers.py::test_a_server_that_lies_or_dawdles_gives_no_file",
    ),
    defence(
        "a silent server is left (T-14)",
        "bot/media/download.py",
        "async with asyncio.timeout(self._pace.window.total_seconds()) as stall:",
        "async with asyncio.timeout(None) as stall:",
        "tests/bot/media/test_lying_servers.py::test_who_dawdles_is_left_after_a_window",
    ),
    defence(
        "nothing encoded is taken (T-14)",
        "bot/media/download.py",
        '        if encoding not in {"", "identity"} or transfer != "chunked":',
        '        if transfer != "chunked":',
        ("tests/bot/media/test_lying_servers.py::test_a_server_that_lies_or_dawdles_gives_no_file[bomb]"),
    ),
    defence(
        "a body that was cut is asked for again (P-21)",
        "bot/media/download.py",
        "            for _ in range(ATTEMPTS - 1):",
        "            for _ in range(0):",
        "tests/bot/media/test_download.py::test_a_cut_body_is_asked_for_three_times",
    ),
    defence(
        "room on the disk is looked at before (S-02)",
        "bot/media/download.py",
        "        self._check_room(part, COPIES * length)\n",
        "",
        "tests/bot/media/test_download.py::test_room_is_left_for_the_database",
    ),
    defence(
        "room on the disk is looked at on the way (S-02)",
        "bot/media/download.py",
        "                            self._check_room(part, 0)\n",
        "                            pass\n",
        "tests/bot/media/test_download.py::test_a_body_without_a_length_stops_when_the_disk_fills",
    ),
    defence(
        "a file appears once it is whole (S-02)",
        "bot/media/arriving.py",
        (
            '        handle, name = tempfile.mkstemp(prefix=f"{self._target.name}.", suffix=".part", '
            "dir=self.folder)\n"
        ),
        ("        handle, name = os.open(self._target, os.O_CREAT | os.O_WRONLY), str(self._target)\n"),
        "tests/bot/media/test_download.py::test_a_film_arrives_whole_with_its_digest",
    ),
    defence(
        "a file is on the disk before it has its name (S-05)",
        "bot/media/arriving.py",
        "        os.fsync(self._file.fileno())\n",
        "",
        "tests/bot/media/test_download.py::test_the_film_is_on_the_disk_before_it_has_its_name",
    ),
    defence(
        "no more than a block comes while one is written: memory is bounded",
        "bot/media/arriving.py",
        "        await self._settle()\n        chunks,",
        "        chunks,",
        "tests/bot/media/test_arriving.py::test_who_brings_more_than_the_disk_takes_waits",
    ),
    defence(
        "no more is read while two blocks are full: memory is bounded",
        "bot/media/inflow.py",
        "        if self._full or self._over:\n            self._transport.pause_reading()\n",
        "        if self._full or self._over:\n",
        "tests/bot/media/test_inflow.py::test_who_sends_waits_while_two_blocks_are_full",
    ),
    defence(
        "a block isn't filled anew while it is written",
        "bot/media/inflow.py",
        "        if len(self._given) > 1:\n",
        "        if self._given:\n",
        "tests/bot/media/test_inflow.py::test_all_comes_in_its_order_and_stays_until_the_second_next",
    ),
    defence(
        "what follows a body on its connection is no part of it",
        "bot/media/inflow.py",
        "self._filling[self._filled : self._filled + self._left]",
        "self._filling[self._filled :]",
        "tests/bot/media/test_inflow.py::test_all_comes_in_its_order_and_stays_until_the_second_next",
    ),
    defence(
        "a body that ends early isn't taken for a whole one (P-21)",
        "bot/media/inflow.py",
        "            if self._left:\n                raise",
        "            if not self:\n                raise",
        "tests/bot/media/test_inflow.py::test_a_body_that_ends_early_is_cut_after_what_came",
    ),
    defence(
        "no upload waits for the disk in the loop",
        "bot/media/outflow.py",
        "            return self._read(at, IN_MEMORY, NOWAIT)\n",
        "            return self._read(at, IN_MEMORY)\n",
        "tests/bot/media/test_outflow.py::test_what_only_the_disk_has_is_read_by_a_thread",
    ),
    defence(
        "an upload lets others have their turn",
        "bot/media/outflow.py",
        "            await asyncio.sleep(0)",
        "            pass",
        "tests/bot/media/test_outflow.py::test_others_have_their_turn_after_each_piece",
    ),
    defence(
        "no thread writes to a file that was closed",
        "bot/media/arriving.py",
        "            with contextlib.suppress(OSError):  # what has ended the download is told, not this\n"
        "                await self._settle()\n",
        "            pass\n",
        "tests/bot/media/test_arriving.py::test_whoever_leaves_waits_for_the_block_under_way",
    ),
    defence(
        "what an earlier try left half done goes (I8)",
        "bot/media/arriving.py",
        "        await delete(*_parts(self._target))\n",
        "",
        "tests/bot/media/test_download.py::test_a_new_try_sweeps_up_after_a_crash",
    ),
    defence(
        "a failed try leaves nothing (S-02)",
        "bot/media/arriving.py",
        "            await delete(self._path)",
        "            pass",
        "tests/bot/media/test_download.py::test_a_cut_body_is_asked_for_three_times",
    ),
    defence(
        "members' files come from Discord's own hosts alone (T-09)",
        "cogs/files.py",
        "        _check_address(file, client.trusted_hosts)\n",
        "",
        "tests/cogs/test_files.py::test_files_come_from_discord_or_trusted_hosts",
    ),
    defence(
        "only the rest of the very same body is put behind what has come (P-20)",
        "bot/media/arriving.py",
        "        if not same or (first, last)",
        "        if (first, last)",
        "tests/bot/media/test_resuming.py::test_a_rest_that_does_not_fit_is_never_appended",
    ),
    defence(
        "a body that is shorter than was said is cut, whoever closes (P-21)",
        "bot/media/download.py",
        "        if part.whole not in {None, part.size}:",
        "        if part.whole == -1:",
        "tests/bot/media/test_resuming.py::test_a_rest_that_ends_early_without_a_word_is_cut_too",
    ),
)
