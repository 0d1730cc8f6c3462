"""What keeps money from being spent twice, or without leave."""

from __future__ import annotations

from tests.faults.mutation.defence import Defence, defence

MONEY = (
    defence(
        "a limit is one condition on one write, not a look and then a write (T-18)",
        "bot/store/ledger.py",
        "            where=and_(*fits) if fits else None,",
        "            where=None,",
        "tests/bot/store/test_ledger.py::test_nobody_gets_through_a_limit[sqlite-1]",
    ),
    defence(
        "the first of a day is limited too (T-18)",
        "bot/store/ledger.py",
        ").where(*map(_fits_alone, UNITS)),",
        "),",
        (
            "tests/bot/store/test_ledger.py::test_a_limit_below_the_cost_refuses_the_first[sqlite-lim"
            "it0-videos]"
        ),
    ),
    defence(
        "a second entry of a kind undoes its transaction (P-05)",
        "bot/store/ledger.py",
        "_entry, strict=True))).on_conflict_do_nothing()",
        (
            '_entry, strict=True))).on_conflict_do_update(index_elements=["generation_id", "kind"], '
            'set_={"at": number("now")})'
        ),
        "tests/bot/store/test_ledger.py::test_an_end_is_written_once[sqlite-kinds0]",
    ),
    defence(
        "a refund comes after a settle only (P-05)",
        "bot/store/ledger.py",
        "select(*_entry).where(_settled))",
        "select(*_entry))",
        "tests/bot/store/test_books.py::test_nothing_is_refunded_before_it_is_settled[sqlite]",
    ),
    defence(
        "an entry that isn't written undoes the transition (P-05)",
        "bot/store/ledger.py",
        'return Step(ENTER_REFUND if entry.kind == "refund" else ENTER, parameters)',
        'return Step(ENTER_REFUND if entry.kind == "refund" else ENTER, parameters, rows=None)',
        "tests/bot/store/test_books.py::test_nothing_is_refunded_before_it_is_settled[sqlite]",
    ),
    defence(
        "a film is settled in the transaction in which it is known to be made (P-05)",
        "bot/tracker/context.py",
        "    if after.status is Status.RENDERED and not quotas.settled(before):",
        "    if after.status is Status.FETCHED and quotas.settled(before):",
        "tests/bot/tracker/test_finishing.py::test_a_film_that_is_lost_is_refunded",
    ),
    defence(
        "what ends without a film is released (P-04)",
        "bot/tracker/context.py",
        '        return Entry("refund" if quotas.settled(before) else "release", before.cost)',
        '        return Entry("refund", before.cost) if quotas.settled(before) else None',
        "tests/bot/tracker/test_context.py::test_what_ends_without_a_film_is_released",
    ),
    defence(
        "a charge that can't be right is a person's business (T-22)",
        "bot/tracker/money.py",
        "return charged < 0 or (reserved > 0 and charged > reserved * ABSURD)",
        "return charged < 0",
        "tests/bot/tracker/test_parked.py::test_a_film_of_a_doubtful_price_is_taken_as_reported",
    ),
    defence(
        "a charge that is no number is no charge (T-22)",
        "bot/tracker/money.py",
        ("if not math.isfinite(reported) or not 0 <= reported <= MICRO * MICRO:\n        return -1"),
        ("if math.isnan(reported):\n        return 0"),
        "tests/bot/tracker/test_watching.py::test_an_absurd_charge_is_a_persons_business",
    ),
    defence(
        "an unknown price is refused where credits are limited (T-21)",
        "bot/generations.py",
        "if price is None and (limits.on_credits or bound.on_credits):",
        "if price is None and bound.member is None:",
        ("tests/bot/test_generations.py::test_an_unknown_price_is_not_free_where_credits_are_limited"),
    ),
    defence(
        "another provider is taken only where the reservation covers it (T-21)",
        "bot/tracker/routing.py",
        "return price is not None and price <= reserved",
        "return True",
        ("tests/bot/tracker/test_routing.py::test_where_credits_are_limited_only_what_is_reserved_is_spent"),
    ),
    Defence(
        "a provider that the member named is never exchanged (P-24)",
        "bot/tracker/routing.py",
        (
            (("    if generation.asked.provider is not None:\n        return None\n"), ""),
            (
                "asked = replace(generation.asked, model=",
                "asked = replace(generation.asked, provider=None, model=",
            ),
        ),
        ("tests/bot/tracker/test_routing.py::test_a_provider_that_was_named_is_never_exchanged",),
    ),
    defence(
        "what is turned on by a callback may not be an end again: ends absorb (P-10)",
        "bot/store/generations.py",
        'text(f"status NOT IN ({words(TERMINAL)})")',
        "row.id.is_not(None)",
        "tests/bot/store/test_store.py::test_an_end_can_not_be_cancelled[sqlite-delivered]",
    ),
    defence(
        "one interaction makes one generation (T-19)",
        "bot/store/generations.py",
        '.on_conflict_do_nothing(index_elements=["interaction_id"])',
        '.on_conflict_do_nothing(index_elements=["id"])',
        "tests/bot/store/test_store.py::test_the_same_interaction_never_makes_two[sqlite]",
    ),
    defence(
        "what was done before isn't paid again (T-19)",
        "bot/store/store.py",
        "generations.begin(generation, done_if_none=True)",
        "generations.begin(generation, rows=None)",
        "tests/bot/store/test_store.py::test_the_same_interaction_never_makes_two[sqlite]",
    ),
    defence(
        "the same button twice within ten seconds is one film (T-19)",
        "bot/store/orders.py",
        '        where=presses.c.at <= number("before"),\n',
        "",
        "tests/bot/store/test_orders.py::test_one_press_makes_one[sqlite]",
    ),
    defence(
        "an order is taken once (T-19)",
        "bot/store/orders.py",
        (
            "delete(orders)\n"
            '    .where(orders.c.id == word("its_id"), orders.c.user_id == number("its_user"))\n'
            "    .returning(orders.c.content)"
        ),
        (
            "select(orders.c.content)\n"
            '    .where(orders.c.id == word("its_id"), orders.c.user_id == number("its_user"))'
        ),
        "tests/bot/store/test_orders.py::test_of_two_takers_one_gets_it[sqlite]",
    ),
    defence(
        "an order is its member's own (T-26)",
        "bot/store/orders.py",
        (
            "    delete(orders)\n"
            '    .where(orders.c.id == word("its_id"), orders.c.user_id == number("its_user"))'
        ),
        ('    delete(orders)\n    .where(orders.c.id == word("its_id"))'),
        "tests/bot/store/test_orders.py::test_an_order_comes_back_to_its_member_alone[sqlite]",
    ),
    defence(
        "quotas count a member over all servers (T-20)",
        "bot/quotas.py",
        'scopes = [("user", member), ("bot", "")]',
        'scopes = [("user", f"{guild_id}{member}"), ("bot", "")]',
        "tests/bot/test_quotas.py::test_a_generation_counts_for_its_member_its_server_and_the_bot",
    ),
    defence(
        "a member has so many under way and no more (T-37)",
        "bot/quotas.py",
        'own = {"user": limits.at_once, ',
        'own = {"user": None, ',
        "tests/bot/test_generations.py::test_two_at_once_and_no_third",
    ),
    defence(
        "another provider makes the same model and no other (T-21)",
        "bot/tracker/routing.py",
        "asked = replace(generation.asked, model=generation.request.model)",
        "asked = generation.asked",
        "tests/bot/tracker/test_routing.py::test_another_provider_makes_the_same_model_or_nothing",
    ),
)
