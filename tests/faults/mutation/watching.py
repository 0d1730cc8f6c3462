"""What keeps a film that is under way from being lost or believed too soon."""

from __future__ import annotations

from tests.faults.mutation.defence import defence

WATCHING = (
    defence(
        "a price that can't be right parks the film (T-22)",
        "bot/tracker/watching.py",
        "if charged is not None and absurd(charged, generation.cost.credits):",
        "if charged is None and absurd(0, generation.cost.credits):",
        "tests/bot/tracker/test_watching.py::test_an_absurd_charge_is_a_persons_business",
    ),
    defence(
        "a task that a callback names is asked for, and compared, before it is ours (P-13, T-01)",
        "bot/tracker/watching.py",
        ("    if not is_ours(generation, task):\n        return await _disown(context, generation, end)\n"),
        "",
        ("tests/bot/tracker/test_watching.py::test_a_callback_that_names_somebody_elses_task_adopts_nothing"),
    ),
    defence(
        "nothing but the provider's own answer says how it ended (T-01)",
        "bot/tracker/watching.py",
        ("        task = await context.fetch(generation, generation.task_id)\n    except TaskNotFound:"),
        (
            "        task = __import__('bot.models').models.ProviderTask(generation.task_id, TaskStat"
            "us.SUCCEEDED, urls=('https://films.example/1.mp4',))\n"
            "    except TaskNotFound:"
        ),
        "tests/bot/tracker/test_watching.py::test_callbacks_lost_for_good_are_made_up_by_asking",
    ),
    defence(
        "an uncertain one is parked in the end, and never sent again (P-05, P-16)",
        "bot/tracker/watching.py",
        ('            return await park(context, generation, "uncertain")\n        generation = await cards'),
        (
            "            return await transition(context, generation, due_at=now, status=Status.QUEUE"
            "D)\n"
            "        generation = await cards"
        ),
        ("tests/bot/tracker/test_submitting.py::test_an_unclear_submit_is_never_repeated_without_a_key"),
    ),
    defence(
        "a task that never ends is parked with its quota held (P-16)",
        "bot/tracker/watching.py",
        (
            "    if now >= deadline(context, generation):\n"
            "        return await _give_up(context, generation, asked)\n"
        ),
        "",
        ("tests/bot/tracker/test_watching.py::test_a_task_that_never_ends_is_parked_with_its_quota_held"),
    ),
    defence(
        "a silence ends where a person is called (P-16)",
        "bot/tracker/pacing.py",
        "    return min(wait, max(end - now, context.bounds.shortest))",
        "    return wait",
        "tests/bot/tracker/test_pacing.py::test_a_task_that_never_ends_is_asked_for_at_its_end",
    ),
    defence(
        "what was let go gives its place back in time, however long a silence was planned (P-16)",
        "bot/tracker/watching.py",
        "        ask_at=min(generation.ask_at or now, last(context, generation)),",
        "        ask_at=generation.ask_at or now,",
        "tests/bot/tracker/test_pacing.py::test_a_task_that_was_let_go_gives_its_place_back_in_time",
    ),
    defence(
        "a task that its provider doesn't know is given time, then parked (P-17)",
        "bot/tracker/watching.py",
        '        return await park(context, generation, "task_unknown", **asked)',
        '        return await _ended(context, generation, Status.FAILED, "provider", asked)',
        ("tests/bot/tracker/test_watching.py::test_a_task_unknown_to_its_provider_is_parked_in_the_end"),
    ),
    defence(
        "callbacks bring an ask forward by a second at most (T-06)",
        "bot/store/generations.py",
        "_woken_at = case((_soonest_ask > now, _soonest_ask), else_=now)",
        "_woken_at = now",
        ("tests/bot/store/test_store.py::test_wake_brings_it_forward[sqlite-just asked: a second after]"),
    ),
    defence(
        "a success without a link is asked again, then it is lost and refunded (P-18)",
        "bot/tracker/watching.py",
        '        if asked["misses"] >= NO_LINK_MISSES:',
        '        if asked["misses"] >= 99:',
        (
            "tests/bot/tracker/test_watching.py::test_success_without_a_link_is_asked_for_again_then_"
            "given_back"
        ),
    ),
    defence(
        "a cancelled film counts in full where the provider goes on (P-16)",
        "bot/tracker/watching.py",
        "        counts_in_full=True,\n",
        "",
        (
            "tests/bot/tracker/test_watching.py::test_cancelled_where_the_provider_cannot_counts_in_f"
            "ull_and_keeps_its_place"
        ),
    ),
    defence(
        "what a person decides once isn't decided twice (T-19)",
        "bot/tracker/parked.py",
        ('    if act not in possible(generation):\n        raise RequestRefused("act_gone")\n'),
        "",
        "tests/bot/tracker/test_parked.py::test_nothing_is_possible_with_what_goes_on",
    ),
    defence(
        "a dead link is asked for anew (P-19)",
        "bot/tracker/finishing.py",
        ("    except LinkExpired as error:\n        return await _fresh_link(context, generation, error)\n"),
        "",
        "tests/bot/tracker/test_finishing.py::test_an_expired_link_is_asked_for_anew",
    ),
    defence(
        "what is no film is never posted (P-23, T-15)",
        "bot/tracker/finishing.py",
        ('if probed.kind is not MediaKind.VIDEO or probed.extension not in {".mp4", ".mov", ".m4v"}:'),
        "if probed.kind is None:",
        "tests/bot/tracker/test_finishing.py::test_a_file_that_is_no_film_is_given_up_soon",
    ),
    defence(
        "the breaker opens after failures in a row (P-24)",
        "bot/providers/health.py",
        "        if storm or record.closed_until is not None:",
        "        if record.closed_until is not None:",
        "tests/bot/providers/test_health.py::test_five_failures_open_the_breaker",
    ),
    defence(
        "a pause that the provider wished isn't ended by a success (P-01)",
        "bot/providers/health.py",
        ("        record.failures.clear()\n        if not record.trouble:"),
        (
            "        record.failures.clear()\n"
            "        record.paused_until = None\n"
            "        if not record.trouble:"
        ),
        "tests/bot/providers/test_health.py::test_a_pause_lasts_until_it_ends",
    ),
    defence(
        "a step that never ends well is parked in the end (S-11)",
        "bot/tracker/poison.py",
        "        return unended - self._excused[generation.id] >= MOST",
        "        return False",
        "tests/bot/tracker/test_poison.py::test_a_step_that_always_raises_is_parked_after_five",
    ),
    defence(
        "a step that fails takes no other along (S-12)",
        "bot/tracker/loop.py",
        "        except Exception:  # noqa: BLE001 - a step that fails must",
        "        except ZeroDivisionError:  # a step that fails must",
        "tests/bot/tracker/test_poison.py::test_a_step_that_hangs_is_cut_off_and_parked",
    ),
    defence(
        "a round that fails isn't the last (S-12)",
        "bot/tracker/loop.py",
        ("                except StoreUnavailable as error:\n                    misses += 1"),
        ("                except ZeroDivisionError as error:\n                    misses += 1"),
        "tests/bot/tracker/test_loop.py::test_a_round_without_a_database_is_followed_by_another",
    ),
    defence(
        "whose card was shown while the end came isn't sent any more (S-13)",
        "bot/tracker/places.py",
        " or context.stopping.is_set():",
        ":",
        "tests/bot/tracker/test_places.py::test_nobody_is_sent_whose_card_was_shown_while_the_end_came",
    ),
    defence(
        "the grace of an end is bounded (S-13)",
        "bot/tracker/loop.py",
        "            _, late = await asyncio.wait(steps, timeout=grace.total_seconds())",
        "            _, late = await asyncio.wait(steps, timeout=None)",
        "tests/bot/tracker/test_loop.py::test_an_end_waits_no_longer_than_its_grace",
    ),
    defence(
        ("a step is counted before its work, so that one that takes the process down is known (S-11)"),
        "bot/store/generations.py",
        (
            ".where(row.id.in_(select(_due.c.id)))\n"
            "    .values(lease_until=until, version=row.version + ONE, begun=row.begun + ONE)"
        ),
        (".where(row.id.in_(select(_due.c.id)))\n    .values(lease_until=until, version=row.version + ONE)"),
        "tests/bot/tracker/test_poison.py::test_steps_are_counted_before_their_work",
    ),
    defence(
        "so is one that follows under the same lease, by itself (S-11)",
        "bot/tracker/context.py",
        "due_at=context.clock(), keep=True, begun=1, **changes)",
        "due_at=context.clock(), keep=True, **changes)",
        "tests/bot/tracker/test_loop.py::test_a_step_that_follows_is_counted_before_its_work",
    ),
    defence(
        "after the end of a process nothing that would follow is held (S-13)",
        "bot/tracker/loop.py",
        "                await transition(context, went, due_at=context.clock())\n                return",
        "                return",
        "tests/bot/tracker/test_loop.py::test_an_end_between_two_steps_leaves_the_next_to_whoever_is_free",
    ),
    defence(
        "a step that hangs is cut off (S-11)",
        "bot/tracker/loop.py",
        "async with turn, asyncio.timeout(poison.LONGEST_STEP.total_seconds()):",
        "async with turn:",
        "tests/bot/tracker/test_poison.py::test_a_step_that_hangs_is_cut_off_and_parked",
    ),
    defence(
        "of suspects one at a time is stepped (S-11)",
        "bot/tracker/poison.py",
        ("        if self._suspect is not None:\n            return False\n"),
        "",
        "tests/bot/tracker/test_poison.py::test_of_suspects_one_at_a_time_is_stepped",
    ),
    defence(
        "a loop that fails is begun again (S-12)",
        "bot/tracker/supervision.py",
        "        except Exception:  # noqa",
        "        except LookupError:  # noqa",
        ("tests/bot/tracker/test_supervision.py::test_what_fails_is_begun_again_after_longer_and_longer"),
    ),
    defence(
        "a loop that keeps failing ends the process (S-12)",
        "bot/tracker/supervision.py",
        "        if len(failures) >= MOST:",
        "        if len(failures) >= 99:",
        ("tests/bot/tracker/test_supervision.py::test_the_fifth_failure_within_five_minutes_is_the_last"),
    ),
    defence(
        "a provider that is out of order is tried with one film (P-24)",
        "bot/tracker/places.py",
        "    return min(places, 1 - prepared) if context.health.out_of_order(provider) else places",
        "    return places",
        "tests/bot/tracker/test_queueing.py::test_a_provider_out_of_order_is_tried_with_one_film",
    ),
    defence(
        "a breaker that is open lets one call pass at a time (P-24)",
        "bot/providers/health.py",
        (
            "            self._record(provider).closed_until = self._clock() + PROBE_EVERY\n"
            "\n"
            "    def succeeded"
        ),
        ("            pass\n\n    def succeeded"),
        "tests/bot/providers/test_health.py::test_one_probe_passes_every_half_minute",
    ),
)
