"""What lets many machines work on one database."""

from __future__ import annotations

from tests.faults.mutation.defence import defence

LATE = "tests/faults/test_late_machines.py::test_who_comes_late_changes_nothing"
MACHINES = (
    defence(
        "a server that lets us in no more is away, and no fault of ours (S-21)",
        "bot/store/postgres.py",
        "            connect=_admitted,\n",
        "",
        "tests/bot/store/test_admitting.py::test_a_server_that_lets_us_in_no_more_is_away[role]",
    ),
    defence(
        "a storyboard's step that takes long keeps its lease (S-17)",
        "bot/tracker/loop.py",
        "            await self._context.storyboards.extend(self._boards.values(), now + LEASE)",
        "            pass",
        "tests/bot/tracker/test_shooting_faults.py::test_a_long_step_keeps_its_lease_and_a_dead_machine_s_ends"
        "_within_a_minute[sqlite-True]",
    ),
    defence(
        "what is left for other processes is said (S-15)",
        "bot/store/postgres.py",
        "                    self._wakeups.say()",
        "                    pass",
        "tests/bot/store/test_wakeups.py::test_a_word_follows_the_commit",
    ),
    defence(
        "it is said after the commit, not within the transaction (S-15)",
        "bot/store/postgres.py",
        "                outcomes = await self._once(steps)\n",
        "                self._wakeups.say()\n                outcomes = await self._once(steps)\n",
        "tests/bot/store/test_wakeups.py::test_a_word_follows_the_commit",
    ),
    defence(
        "a word that couldn't be said is said on the next connection (S-15)",
        "bot/store/wakeups.py",
        "            self._unsaid = True  # for the next connection",
        "            pass",
        "tests/bot/store/test_wakeups.py::test_a_word_that_fails_is_said_on_the_next_connection",
    ),
    defence(
        "who was cut off looks once when it hears again (S-15)",
        "bot/store/wakeups.py",
        "                    listening = True\n                    self._heard()",
        "                    listening = True",
        "tests/bot/store/test_wakeups.py::test_after_a_cut_it_listens_anew_and_looks_once",
    ),
    defence(
        "a line on which a question failed or was given up is made anew (S-15)",
        "bot/store/wakeups.py",
        "                line.terminate()  # it is lost",
        "                # it is lost",
        "tests/bot/store/test_wakeups.py::test_a_question_that_fails_is_told_and_the_line_made_anew",
    ),
    defence(
        "a connection that has been silent for long is looked at (S-15)",
        "bot/store/wakeups.py",
        '                await connection.execute("SELECT 1", timeout=PATIENCE)',
        "                pass",
        "tests/bot/store/test_wakeups.py::test_a_silent_connection_is_looked_at",
    ),
    defence(
        "a lost word is made up for by looking (S-15)",
        "bot/tracker/sleeping.py",
        "look = wait if self._context.store.engine.alone or not looking else LOOK_EVERY",
        "look = wait",
        "tests/bot/tracker/test_sleeping.py::test_it_looks_for_what_others_have_left",
    ),
    defence(
        "what another process turned on is seen with its word (S-15)",
        "bot/tracker/sleeping.py",
        "        self._context.switches.forget()  # it may be one of them that was turned\n",
        "",
        "tests/bot/tracker/test_sleeping.py::test_what_another_process_turned_on_is_seen_with_its_word",
    ),
    defence(
        "all processes go by the database's clock (S-16)",
        "bot/app/opening.py",
        "        clock = clock or store.engine.now",
        "        clock = clock or utc_now",
        "tests/bot/test_app.py::test_without_a_clock_of_its_own_it_goes_by_the_database_s",
    ),
    defence(
        "the time follows the server's (S-16)",
        "bot/store/clock.py",
        "        self._ahead = min(max(known, least), most)",
        "        self._ahead = known",
        "tests/bot/store/test_clock.py::test_a_later_measure_never_makes_it_worse",
    ),
    defence(
        "who has lost its lease shows no card (S-17)",
        "bot/tracker/cards.py",
        "    if not await shelf.holds(one) or context.clock() - now > PATIENCE:",
        "    if context.clock() - now > PATIENCE:",
        f"{LATE}[an hour, refused]",
    ),
    defence(
        "who has slept since it looked whether it may shows no card (S-17)",
        "bot/tracker/cards.py",
        "    if not await shelf.holds(one) or context.clock() - now > PATIENCE:",
        "    if not await shelf.holds(one):",
        "tests/bot/tracker/test_cards.py::test_who_has_slept_meanwhile_shows_no_card",
    ),
    defence(
        "an edit whose transition comes too late is told (S-17)",
        "bot/tracker/loop.py",
        "    except Conflict:  # the card may show",
        "    except ZeroDivisionError:  # the card may show",
        "tests/bot/tracker/test_cards.py::test_an_edit_that_was_too_late_is_told",
    ),
    defence(
        "a card on which somebody was late is brought up to date (S-17)",
        "bot/store/generations.py",
        '    return {"woken": woken, "due_at": case((moved, now), else_=columns.due_at)}',
        '    return {"woken": columns.woken + ZERO, "due_at": columns.due_at + ZERO}',
        f"{LATE}[a minute, anywhere]",
    ),
    defence(
        "a film isn't posted by whom the database has answered too late (S-17)",
        "bot/tracker/finishing.py",
        "    return await _send(context, intended, rung, parcel, _Look(None, now))",
        "    return await _send(context, intended, rung, parcel, _Look(None, context.clock()))",
        f"{LATE}[an hour, at the database]",
    ),
    defence(
        "nor is anybody told by them (S-17)",
        "bot/tracker/ending.py",
        "            return await _post(context, generation, rungs, now)",
        "            return await _post(context, generation, rungs, context.clock())",
        f"{LATE}[an hour, refused]",
    ),
)
