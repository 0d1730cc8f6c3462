"""What keeps the database whole."""

from __future__ import annotations

from tests.faults.mutation.defence import Defence, defence

STORE = (
    defence(
        "a status is changed only from the one that was seen (P-10)",
        "bot/store/generations.py",
        (', row.status == word("its_status"))\n        .values('),
        (")\n        .values("),
        "tests/bot/store/test_store.py::test_the_status_is_compared_too[sqlite]",
    ),
    defence(
        "who was overtaken changes nothing: compare-and-set on the version (S-09)",
        "bot/store/generations.py",
        '        .where(is_it, row.version == number("its_version"), row.status',
        "        .where(is_it, row.status",
        "tests/bot/store/test_store.py::test_of_two_moves_one_wins[sqlite]",
    ),
    defence(
        "what somebody works on isn't given to another (S-09)",
        "bot/store/generations.py",
        ('row.due_at <= now, free)\n    .order_by(row.due_at, row.id)\n    .limit(number("most"))'),
        ('row.due_at <= now)\n    .order_by(row.due_at, row.id)\n    .limit(number("most"))'),
        "tests/bot/store/test_store.py::test_claim_leases_what_is_due_longest_first[sqlite]",
    ),
    defence(
        "a lease that somebody else has taken isn't lengthened (S-09)",
        "bot/store/generations.py",
        'row.version == number("its_version"), row.lease_until.is_not(None))',
        "row.lease_until.is_not(None))",
        "tests/bot/store/test_store.py::test_a_late_holder_can_do_nothing[sqlite]",
    ),
    defence(
        "a storyboard's lease that somebody else has taken isn't lengthened (S-09)",
        "bot/store/storyboards.py",
        'row.version == number("its_version"), row.lease_until.is_not(None))',
        "row.lease_until.is_not(None))",
        "tests/bot/store/test_storyboards.py::test_a_lease_is_lengthened_for_its_holder_alone[sqlite]",
    ),
    defence(
        "a wake that came meanwhile isn't lost (P-13)",
        "bot/store/generations.py",
        '"due_at": case((late, now), else_=number("due"))',
        '"due_at": number("due")',
        "tests/bot/store/test_store.py::test_a_wake_during_a_step_is_never_lost[sqlite]",
    ),
    defence(
        "a callback names no task where one is known (T-01)",
        "bot/store/generations.py",
        "and_(row.task_id.is_(None), is_somebodys",
        "and_(is_somebodys",
        ("tests/bot/store/test_store.py::test_the_latest_name_of_its_present_provider_stands[sqlite]"),
    ),
    defence(
        "a callback of another provider names nothing (T-01)",
        "bot/store/generations.py",
        'is_somebodys, row.provider == word("its_provider"))',
        "is_somebodys)",
        ("tests/bot/store/test_store.py::test_the_latest_name_of_its_present_provider_stands[sqlite]"),
    ),
    defence(
        "a transition touches the rows that it must, or nothing (P-05)",
        "bot/store/sqlite.py",
        "            raise Conflict(step.statement.name)",
        "            continue",
        "tests/bot/store/test_store.py::test_of_two_moves_one_wins[sqlite]",
    ),
    defence(
        "a bad transition takes no neighbour in its commit along: a savepoint each (S-01)",
        "bot/store/sqlite.py",
        '        connection.execute("ROLLBACK TO one")\n',
        "        pass\n",
        "tests/bot/store/test_sqlite.py::test_a_bad_item_takes_no_neighbour_along",
    ),
    defence(
        "half of a refused transition isn't committed with its neighbours: all are done anew (P-05)",
        "bot/store/sqlite.py",
        "            if connection.total_changes != before:\n                return None\n",
        "",
        "tests/bot/store/test_sqlite.py::test_a_bad_item_takes_no_neighbour_along",
    ),
    defence(
        "a caller that is cancelled leaves no transition half way: a shield around commits (S-13)",
        "bot/store/postgres.py",
        "await asyncio.shield(task)",
        "await task",
        ("tests/bot/store/test_postgres.py::test_a_caller_that_is_cancelled_leaves_its_transition_whole"),
    ),
    defence(
        "a caller is answered after its commit (S-05)",
        "bot/store/sqlite.py",
        (
            "                self._answer(batch, commit(self._connection, transitions, again=self._wa"
            "its_after))"
        ),
        (
            "                self._answer(batch, [[__import__('bot.store.statements').store.statement"
            "s.Outcome(1)]] * len(batch))\n"
            "                commit(self._connection, transitions, again=self._waits_after)"
        ),
        "tests/bot/store/test_sqlite.py::test_a_bad_item_takes_no_neighbour_along",
    ),
    defence(
        "every commit is on the disk: synchronous FULL (S-05)",
        "bot/store/sqlite.py",
        '"synchronous = FULL"',
        '"synchronous = OFF"',
        "tests/bot/store/test_opening.py::test_the_settings_of_the_file",
    ),
    defence(
        "a commit survives what comes after: WAL (S-05)",
        "bot/store/sqlite.py",
        '"journal_mode = WAL"',
        '"journal_mode = MEMORY"',
        "tests/bot/store/test_opening.py::test_the_settings_of_the_file",
    ),
    defence(
        "what is deleted is gone from the file (T-32)",
        "bot/store/sqlite.py",
        '        "secure_delete = ON",',
        '        "secure_delete = OFF",',
        "tests/bot/tracker/test_forgetting.py::test_no_byte_is_left_of_what_was_under_way",
    ),
    defence(
        "leases of a process that died are cleared at once (S-09)",
        "bot/store/sqlite.py",
        ", *(clear.sqlite[0] for clear in leases)",
        "",
        "tests/bot/store/test_opening.py::test_a_restart_clears_leases",
    ),
    defence(
        "one process uses a SQLite file (S-09)",
        "bot/store/opening.py",
        "        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)",
        "        pass",
        "tests/bot/store/test_opening.py::test_a_second_process_is_refused",
    ),
    defence(
        "a damaged file is refused and left as it is (S-04)",
        "bot/store/seal.py",
        '    if first != "ok":',
        "    if not first:",
        "tests/bot/store/test_opening.py::test_a_damaged_file_is_refused_and_kept",
    ),
    defence(
        "a file that somebody else has written is looked at before anything else (S-04)",
        "bot/store/seal.py",
        'kept == {"boot": self._boot, "file": self.look()}',
        'kept["boot"] == self._boot',
        "tests/bot/store/test_opening.py::test_a_damaged_file_is_refused_and_kept",
    ),
    defence(
        "after another start of the machine the whole file is looked at first (S-04)",
        "bot/store/seal.py",
        'kept == {"boot": self._boot, "file": self.look()}',
        'kept["file"] == self.look()',
        "tests/bot/store/test_seal.py::test_another_start_of_the_machine_breaks_it",
    ),
    defence(
        "what rotted while nobody wrote it stops all writing, and the next start (S-04)",
        "bot/store/sqlite.py",
        "        if self._broken is not None:\n            raise StoreUnavailable(self._broken)\n",
        "",
        "tests/bot/store/test_opening.py::test_what_rotted_after_a_crash_is_found_while_it_runs",
    ),
    defence(
        "a file that is found damaged while it is written isn't marked as whole afterwards (S-04)",
        "bot/store/seal.py",
        " and not self._lifted",
        "",
        "tests/bot/store/test_seal.py::test_lifted_under_a_write_it_stays_off",
    ),
    defence(
        "two threads that write the file do so one after the other, and it stays known (S-04)",
        "bot/store/seal.py",
        "        with self._writing:",
        "        with contextlib.nullcontext():",
        "tests/bot/store/test_seal.py::test_two_writes_are_one_after_the_other",
    ),
    defence(
        "a file of a newer program is refused (S-10)",
        "bot/store/migrating.py",
        ('        raise SettingsError(\n            "the database was written by a newer'),
        (
            "        if error is None:\n"
            "            raise SettingsError(\n"
            '            "the database was written by a newer'
        ),
        "tests/bot/store/test_opening.py::test_a_newer_database_is_refused",
    ),
    defence(
        "the database is its owner's alone (T-35)",
        "bot/store/opening.py",
        "os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))",
        "os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o644))",
        "tests/bot/store/test_opening.py::test_the_settings_of_the_file",
    ),
    defence(
        "the folder of files is its owner's alone (T-35)",
        "bot/hosting.py",
        "folder.mkdir(mode=0o700,",
        "folder.mkdir(mode=0o755,",
        "tests/bot/test_hosting.py::test_folders_are_nobody_elses",
    ),
    Defence(
        "the key is its owner's alone (T-35)",
        "bot/secret_key.py",
        (
            ("os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)", "os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)"),
            ("        path.chmod(0o600)\n", ""),
        ),
        ("tests/bot/test_secret_key.py::test_a_key_is_made_once_and_readable_by_its_owner_alone",),
    ),
    defence(
        "what is forgotten takes no note that comes late (T-32)",
        "bot/store/generations.py",
        "where(is_it, is_somebodys, unmoved)",
        "where(is_it, unmoved)",
        "tests/bot/store/test_forgetting.py::test_what_comes_late_writes_nothing_into_it[sqlite]",
    ),
    defence(
        "the files of what is forgotten go from the disk (T-32)",
        "bot/hosting.py",
        '        await delete(*self.films_dir.glob(f"{generation.id}*"))\n',
        "",
        "tests/bot/tracker/test_forgetting.py::test_its_files_go",
    ),
    defence(
        "only what is old is swept (S-02)",
        "bot/hosting.py",
        (
            "                if path.stat().st_mtime >= (now - life).timestamp():\n"
            "                    continue\n"
        ),
        "",
        "tests/bot/test_hosting.py::test_old_files_are_swept_and_used_ones_stay",
    ),
    defence(
        "a full disk stops the intake, in words (S-01)",
        "bot/generations.py",
        (
            "            raise exceeded(error, generation) from error\n"
            "        except StoreUnavailable as error:\n"
            '            raise IntakeStopped("cannot_store") from error\n'
            "        self._nudge()"
        ),
        ("            raise exceeded(error, generation) from error\n        self._nudge()"),
        "tests/bot/test_generations.py::test_a_database_that_cannot_write_starts_nothing",
    ),
    defence(
        "nothing new is begun once the end has come (S-13)",
        "bot/generations.py",
        ('        if not self._taking:\n            raise IntakeStopped("stopping")\n'),
        "",
        "tests/bot/test_generations.py::test_nothing_is_taken_while_stopping",
    ),
    defence(
        "an update keeps the file as it was (S-10)",
        "bot/store/opening.py",
        "            _back_up(path)\n",
        "            pass\n",
        "tests/bot/store/test_opening.py::test_an_update_keeps_the_database_as_it_was",
    ),
)
