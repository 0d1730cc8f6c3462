"""What keeps members from what isn't theirs."""

from __future__ import annotations

from tests.faults.mutation.defence import defence

PEOPLE = (
    defence(
        "a generation is found by its owner alone (T-26)",
        "bot/generations.py",
        (
            "        if generation.requester.user_id != user_id:\n"
            '            raise NotFound("not_found", id=id)\n'
        ),
        "",
        "tests/bot/test_generations.py::test_somebody_elses_is_not_found",
    ),
    defence(
        "whoever neither asked nor moderates may not press (T-26)",
        "cogs/presses.py",
        ("    if interaction.user.id != owner_id and not asking.is_moderator(interaction, guild_id):"),
        "    if not interaction.user.id:",
        "tests/cogs/test_after.py::test_others_cannot_delete",
    ),
    defence(
        "who may give /admin is checked in code (T-27)",
        "cogs/asking.py",
        "    if not is_admin(interaction):\n",
        "    if interaction.guild_id is None:\n",
        "tests/cogs/admin/test_rules.py::test_a_member_who_is_shown_the_command_changes_nothing",
    ),
    defence(
        "what concerns all servers is the operator's (T-27)",
        "cogs/asking.py",
        "def demand_operator(interaction: Interaction) -> None:",
        (
            "def demand_operator(interaction: Interaction) -> None:\n"
            "    return\n"
            "\n"
            "\n"
            "def _nobody(interaction: Interaction) -> None:"
        ),
        "tests/cogs/admin/test_running.py::test_an_admin_turns_nothing_off_for_others",
    ),
    defence(
        "the files of another server are unseen (T-27)",
        "bot/store/books.py",
        ('        return and_(_reserved.c.guild_id == number("its_guild"), days, of_kind, of_member)'),
        '        return and_(number("its_guild").is_not(None), days, of_kind, of_member)',
        "tests/bot/store/test_books.py::test_everywhere_is_all_servers[sqlite]",
    ),
    defence(
        "a blocked member is refused (T-24)",
        "bot/admission.py",
        ("            if stands(block, now):\n                raise _blocked(block)\n"),
        ("            if not block:\n                raise _blocked(block)\n"),
        "tests/bot/test_admission.py::test_who_is_blocked_reads_until_when_and_why",
    ),
    defence(
        "strikes pause a member on a server (T-25)",
        "bot/admission.py",
        (
            "        if until is not None and until > now:\n"
            '            raise RequestRefused("struck", until=until)\n'
        ),
        "",
        "tests/bot/test_admission.py::test_refusals_by_moderation_lead_to_a_pause",
    ),
    defence(
        "strikes everywhere stop a member for the day (T-25)",
        "bot/admission.py",
        "if self.gate.refusals is not None and len(today) >= self.gate.refusals:",
        "if self.gate.refusals is not None and len(today) >= 10**9:",
        "tests/bot/test_admission.py::test_a_day_s_refusals_count_wherever_they_were",
    ),
    defence(
        "forbidden words are refused before anything is sent (T-24)",
        "bot/admission.py",
        "        await self._check_words(rules, asked, requester, place.guild_id)\n",
        "",
        "tests/bot/test_admission.py::test_a_broken_word_rule_is_for_the_admins_log",
    ),
    defence(
        "queues are bounded (T-37)",
        "bot/admission.py",
        "        if most is not None and await Overview",
        "        if most is not None and 10**9 < await Overview",
        "tests/bot/test_admission.py::test_a_full_queue_takes_nobody",
    ),
    defence(
        "the age limit of a server is looked at when it is asked (T-24)",
        "bot/admission.py",
        (
            "    if rules.age_restricted and not standing.age_restricted:\n"
            '        raise RequestRefused("age_only")\n'
        ),
        "",
        "tests/bot/test_admission.py::test_each_rule_names_itself",
    ),
    defence(
        "an action of an admin is written down with its change (T-27)",
        "bot/store/store.py",
        "        steps += audit.entry(deed)\n",
        "",
        "tests/cogs/admin/test_queue.py::test_what_is_parked_is_decided",
    ),
)
