"""What keeps a message from being posted twice, lost, or shown to others."""

from __future__ import annotations

from tests.faults.mutation.defence import defence

POSTING = (
    defence(
        "a nonce on every message, so that Discord drops a repeated one (D-03)",
        "bot/delivery/delivery.py",
        '{"nonce": nonce, "allowed_mentions"',
        '{"allowed_mentions"',
        ("tests/bot/delivery/test_delivery.py::test_every_message_carries_a_nonce_of_its_generation"),
    ),
    defence(
        "the nonce is made from the generation, the same at every try (D-03, D-04)",
        "bot/delivery/delivery.py",
        'nonce = f"f{generation.id}"',
        'nonce = f"f{id(draft)}"',
        ("tests/bot/delivery/test_delivery.py::test_every_message_carries_a_nonce_of_its_generation"),
    ),
    defence(
        "a look at our own messages before a film is posted again (D-18)",
        "bot/tracker/finishing.py",
        "        if look.found is not None:",
        "        if look.found is NotImplemented:",
        "tests/bot/tracker/test_finishing.py::test_an_answer_lost_by_discord_makes_no_second_film",
    ),
    defence(
        "a look at our own messages before somebody is told again (D-18)",
        "bot/tracker/ending.py",
        ("generation, rung) is not None:\n                return await _told"),
        ("generation, rung) is NotImplemented:\n                return await _told"),
        "tests/bot/tracker/test_ending.py::test_a_notice_that_may_stand_is_looked_for_first",
    ),
    defence(
        "a look at the direct messages before a copy is sent again (D-18)",
        "bot/tracker/copying.py",
        "        if await context.delivery.find_film(generation, Rung.DM) is not None:",
        "        if await context.delivery.find_film(generation, Rung.DM) is NotImplemented:",
        "tests/bot/tracker/test_copying.py::test_an_answer_lost_by_discord_makes_no_second_copy",
    ),
    defence(
        "a card that an earlier lease may have posted is looked for (D-18)",
        "bot/tracker/cards.py",
        "    return generation.version == 1 and",
        "    return generation.version >= 1 and",
        "tests/bot/tracker/test_queueing.py::test_only_whoever_has_it_first_posts_its_card_without_a_look",
    ),
    defence(
        "a look for the card before it is posted again (D-18)",
        "bot/delivery/delivery.py",
        ("            if found is not None:\n                await self._edit"),
        ("            if found is NotImplemented:\n                await self._edit"),
        "tests/bot/delivery/test_delivery.py::test_a_card_that_may_stand_is_looked_for",
    ),
    defence(
        "the intent is written before a film is posted (D-18)",
        "bot/tracker/finishing.py",
        ("        status=Status.POSTING,\n        posting_since=now,\n"),
        "",
        "tests/bot/tracker/test_finishing.py::test_an_answer_lost_by_discord_makes_no_second_film",
    ),
    defence(
        "whoever lost the lease while packing sends no copy (S-09)",
        "bot/tracker/copying.py",
        (
            "    generation = await transition(context, generation, due_at=context.clock(), keep=True"
            ")\n"
            "    facts"
        ),
        "    facts",
        ("tests/bot/tracker/test_copying.py::test_whoever_loses_the_lease_while_packing_sends_no_copy"),
    ),
    defence(
        (
            "a film that may stand where nobody can look isn't posted again once its nonce is forgott"
            "en (D-05, D-18)"
        ),
        "bot/tracker/finishing.py",
        "        if look.hidden and nonce_is_forgotten(",
        "        if look.found and nonce_is_forgotten(",
        ("tests/bot/tracker/test_finishing.py::test_no_history_to_look_at_and_an_old_nonce_keeps_the_film"),
    ),
    defence(
        "a history that is hidden isn't taken for an empty one (D-05)",
        "bot/delivery/delivery.py",
        "            await self._places.demand_sight(channel, since)",
        "            pass",
        "tests/bot/delivery/test_places.py::test_a_gallery_that_is_gone_or_hidden_is_closed",
    ),
    defence(
        "messages are looked for by an id, not by a clock (S-06)",
        "bot/delivery/delivery.py",
        "since = generation.card_id or generation.interaction_id",
        (
            "since = discord.utils.time_snowflake(generation.posting_since or generation.created_at, "
            "high=True) or generation.card_id"
        ),
        "tests/bot/delivery/test_delivery.py::test_what_stands_is_found",
    ),
    defence(
        "a film goes from a direct message to no channel where others would see it (D-11)",
        "bot/delivery/rungs.py",
        "        return (Rung.DM, Rung.KEPT)\n",
        "        return (Rung.DM, Rung.CHANNEL, Rung.KEPT)\n",
        ("tests/bot/delivery/test_rungs.py::test_a_film_goes_where_it_belongs_then_down_and_never_elsewhere"),
    ),
    defence(
        "never the parent of a thread that is closed (D-11)",
        "bot/delivery/places.py",
        "                return self.at(place.channel_id, place.guild_id)",
        "                return self.at(place.parent_id or place.channel_id, place.guild_id)",
        ("tests/bot/delivery/test_places.py::test_a_film_asked_for_in_a_thread_or_a_forum_post_goes_there"),
    ),
    defence(
        "the age limit is looked at when the film is posted (T-28)",
        "bot/delivery/places.py",
        "        await self._demand_age(generation, rung)",
        "        pass",
        ("tests/bot/delivery/test_places.py::test_an_age_limit_is_looked_at_again_when_a_film_is_posted"),
    ),
    defence(
        "a film is hidden where the server wants it hidden (T-24)",
        "bot/delivery/delivery.py",
        "filename=marks.file_name(reply_to), spoiler=spoiler)",
        "filename=marks.file_name(reply_to))",
        (
            "tests/bot/delivery/test_delivery.py::test_a_hidden_film_is_hidden_as_a_file_and_as_a_lin"
            "k_and_found_again"
        ),
    ),
    defence(
        "only the requester is told in direct messages (T-26)",
        "bot/delivery/places.py",
        "discord.Object(generation.requester.user_id)",
        "discord.Object(generation.interaction_id)",
        "tests/bot/delivery/test_delivery.py::test_a_film_can_go_to_its_requester",
    ),
    defence(
        "too large a film is packed smaller or linked rather than refused for ever (D-07, P-22)",
        "bot/delivery/places.py",
        "return limit if generation.upload_limit is None else min(limit, generation.upload_limit)",
        "return limit",
        "tests/bot/delivery/test_delivery.py::test_a_limit_that_was_learned_is_kept_to",
    ),
    defence(
        "a film that is turned away goes down its ladder before it is kept (D-05, D-06, D-15)",
        "bot/delivery/rungs.py",
        "    return next(lower, Rung.KEPT)",
        "    return Rung.KEPT",
        ("tests/bot/delivery/test_rungs.py::test_a_film_goes_where_it_belongs_then_down_and_never_elsewhere"),
    ),
    defence(
        "the original stays after a smaller copy was posted (D-07)",
        "bot/delivery/delivery.py",
        "            await delete(parcel.path)",
        "            [path.unlink() for path in parcel.path.parent.iterdir()]",
        (
            "tests/bot/delivery/test_delivery.py::test_what_lies_at_discord_is_deleted_here_but_an_or"
            "iginal_that_was_shrunk_stays"
        ),
    ),
    defence(
        "waiting is no refusal: slow mode and too many edits are tried again (D-12)",
        "bot/delivery/places.py",
        " and error.code not in NOT_NOW",
        "",
        "tests/bot/delivery/test_delivery.py::test_every_answer_of_discord_is_one_of_three",
    ),
    defence(
        "where nobody could look, a film that is turned away there goes nowhere else (D-05)",
        "bot/tracker/finishing.py",
        "go_on = _keep(context, generation) if look.hidden else",
        "go_on = _keep(context, generation) if look.found else",
        (
            "tests/bot/tracker/test_finishing.py::test_a_place_that_closes_while_a_film_may_stand_the"
            "re_sends_it_nowhere_else"
        ),
    ),
    defence(
        "a look that is old is done again before posting (D-18)",
        "bot/tracker/finishing.py",
        ("        if context.clock() - look.since <= posting.LOOK_AGAIN:\n            break"),
        "        break",
        "tests/bot/tracker/test_finishing.py::test_what_arrives_while_a_film_is_packed_is_seen",
    ),
    defence(
        "a post is broken off before its nonce may be forgotten (D-04)",
        "bot/tracker/posting.py",
        "        async with asyncio.timeout(left.total_seconds()):",
        "        async with asyncio.timeout(None):",
        ("tests/bot/tracker/test_posting.py::test_a_post_is_broken_off_before_its_nonce_may_be_forgotten"),
    ),
    defence(
        "a post that would begin too late isn't begun (D-04)",
        "bot/tracker/posting.py",
        "    if left <= timedelta(0):",
        "    if not left:",
        "tests/bot/tracker/test_posting.py::test_a_look_that_is_too_old_lets_nothing_be_posted",
    ),
)
