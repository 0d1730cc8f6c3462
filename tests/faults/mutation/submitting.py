"""What keeps a submit from being paid twice."""

from __future__ import annotations

from tests.faults.mutation.defence import defence

SUBMITTING = (
    defence(
        "the intent and the body are written before the call (P-05)",
        "bot/tracker/submitting.py",
        (
            "            status=Status.SUBMITTING,\n"
            "            body=submission.body.replace(_token(context, generation), TOKEN_MARK),\n"
        ),
        "",
        "tests/bot/tracker/test_submitting.py::test_a_crash_during_the_submit_pays_once",
    ),
    defence(
        "a submit whose outcome is unknown isn't repeated without a key (P-05)",
        "bot/tracker/submitting.py",
        "if not repeatable or generation.attempts > 1 or generation.body is None:",
        "if generation.attempts > 1 or generation.body is None:",
        "tests/bot/tracker/test_submitting.py::test_a_crash_during_the_submit_pays_once",
    ),
    defence(
        "with a key it is repeated once and no more (P-05)",
        "bot/tracker/submitting.py",
        "if not repeatable or generation.attempts > 1 or generation.body is None:",
        "if not repeatable or generation.body is None:",
        "tests/bot/tracker/test_submitting.py::test_a_crash_during_the_second_try_makes_no_third",
    ),
    defence(
        "the second try carries the very same body (P-05)",
        "bot/tracker/submitting.py",
        ("    submission = _unmarked(context, generation, generation.body)\n    again"),
        ('    submission = _unmarked(context, generation, generation.body + " ")\n    again'),
        (
            "tests/bot/tracker/test_submitting.py::test_an_unclear_submit_with_a_key_is_repeated_once"
            "_to_the_byte"
        ),
    ),
    defence(
        "whatever the second try says, the first may have been accepted (P-05)",
        "bot/tracker/submitting.py",
        "        if generation.attempts > 1:  # the first try",
        "        if generation.attempts > 9:  # the first try",
        "tests/bot/tracker/test_submitting.py::test_unclear_twice_is_uncertain_even_with_a_key",
    ),
    defence(
        "an unknown outcome is held, not called a failure (P-05, P-06)",
        "bot/tracker/submitting.py",
        ("            return await _uncertain(context, generation)\n        case ModerationRejected"),
        (
            "            return await _not_accepted(context, generation, error)\n"
            "        case ModerationRejected"
        ),
        ("tests/bot/tracker/test_submitting.py::test_an_unclear_submit_is_never_repeated_without_a_key"),
    ),
    defence(
        "a task that was accepted is written down, whatever it takes (S-01)",
        "bot/tracker/submitting.py",
        "    for tries in range(1, WRITES):",
        "    for tries in range(1, 1):",
        (
            "tests/bot/tracker/test_submitting.py::test_an_accepted_task_is_written_down_though_the_d"
            "atabase_falters"
        ),
    ),
    defence(
        "a task whose lease was lost is named, as a callback would (P-13)",
        "bot/tracker/submitting.py",
        (
            "            its = generation.request.provider\n"
            "            await context.store.wake(generation.id, context.clock(), provider=its, "
            "task_id=task.id)\n"
            "            raise"
        ),
        "            raise",
        ("tests/bot/tracker/test_submitting.py::test_an_accepted_task_is_adopted_though_its_lease_was_lost"),
    ),
    defence(
        "the callback's token isn't in the database (T-35)",
        "bot/tracker/submitting.py",
        "body=submission.body.replace(_token(context, generation), TOKEN_MARK)",
        "body=submission.body",
        "tests/bot/tracker/test_context.py::test_the_callbacks_token_is_in_no_row",
    ),
    defence(
        "a refusal of the content rules isn't tried again (P-09)",
        "bot/tracker/submitting.py",
        (
            "        case ModerationRejected():\n"
            "            return await _end(context, generation, Status.REFUSED, _culprit(generation, "
            "error))\n"
        ),
        "",
        "tests/bot/tracker/test_submitting.py::test_a_refusal_costs_nothing_and_is_told_once",
    ),
    defence(
        "a provider that is paused is sent nothing (P-24)",
        "bot/tracker/submitting.py",
        '    if (await context.switches.now()).pauses(generation.request.provider or ""):',
        '    if (await context.switches.now()).pauses(""):',
        "tests/bot/tracker/test_draining.py::test_a_pause_comes_between_the_claim_and_the_submit",
    ),
    defence(
        "tries that surely didn't arrive are counted and end (P-04)",
        "bot/tracker/submitting.py",
        "if isinstance(error, NotSent) and misses < TRIES:",
        "if isinstance(error, NotSent):",
        ("tests/bot/tracker/test_submitting.py::test_out_of_reach_is_tried_three_times_and_given_back"),
    ),
    defence(
        "a cancel that came while the files were brought is obeyed before anything is sent (T-19)",
        "bot/tracker/submitting.py",
        "    if intended.cancel_wished:",
        "    if intended.cancel_wished is None:",
        (
            "tests/bot/tracker/test_submitting.py::test_a_wish_to_cancel_while_files_are_brought_ther"
            "e_sends_nothing"
        ),
    ),
    defence(
        "the member's file is only sent while its link lives (D-17)",
        "bot/tracker/media.py",
        ("    if expires(file.source_url) <= context.clock():\n        raise AttachmentExpired(file.id)\n"),
        "",
        "tests/bot/tracker/test_media.py::test_a_file_that_can_no_longer_be_had_costs_nothing",
    ),
    defence(
        "a price counts as reserved at the reservation (T-21)",
        "bot/generations.py",
        "return Cost(videos=1, seconds=request.seconds or 0, credits=price or 0)",
        "return Cost(videos=1, seconds=request.seconds or 0)",
        "tests/bot/test_generations.py::test_a_known_price_is_reserved",
    ),
)
