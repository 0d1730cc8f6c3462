"""What keeps files from hurting."""

from __future__ import annotations

from tests.faults.mutation.defence import defence

MEDIA = (
    defence(
        "the child's memory is bounded (T-15, S-08)",
        "bot/media/_child.py",
        "MEMORY = 320 << 20",
        "MEMORY = 640 << 20",
        "tests/faults/test_hostile_media.py::test_a_greedy_child_is_stopped[hoard]",
    ),
    defence(
        "the child's processor time is bounded (T-16)",
        "bot/media/_child.py",
        "    signal.setitimer(signal.ITIMER_PROF, seconds)",
        "    pass",
        "tests/bot/media/test_probe.py::test_the_kernel_counts_a_childs_seconds",
    ),
    defence(
        "a child that waits is ended (T-16)",
        "bot/media/_worker.py",
        "            async with asyncio.timeout(deadline.total_seconds()):",
        "            async with asyncio.timeout(None):",
        "tests/bot/media/test_probe.py::test_nobody_waits_for_a_child_beyond_its_deadline",
    ),
    defence(
        "a child that broke is replaced (T-15)",
        "bot/media/_worker.py",
        ("        except BaseException:\n            await self.kill()\n            raise\n"),
        "",
        "tests/bot/media/test_probe.py::test_a_crash_of_the_child_costs_one_file",
    ),
    defence(
        "only so many boxes (T-16)",
        "bot/media/_boxes.py",
        "MOST_BOXES = 2_000",
        "MOST_BOXES = 2_000_000",
        "tests/bot/media/test_probe.py::test_hostile_files_are_refused",
    ),
    defence(
        "boxes only so deep (T-16)",
        "bot/media/_boxes.py",
        "DEEPEST = 8",
        "DEEPEST = 8_000",
        "tests/bot/media/test_probe.py::test_hostile_files_are_refused",
    ),
    defence(
        "no box is larger than what holds it (T-16)",
        "bot/media/_boxes.py",
        ("        if start + size > end:\n            raise MediaError(outside)\n"),
        "",
        "tests/bot/media/test_probe.py::test_hostile_files_are_refused",
    ),
    defence(
        "only so much index (T-16)",
        "bot/media/_boxes.py",
        (
            "            if box.end - box.body > LARGEST_INDEX:\n"
            '                raise MediaError("too_complex")\n'
        ),
        "",
        "tests/bot/media/test_probe.py::test_an_index_is_only_so_large",
    ),
    defence(
        "only films' brands are films (T-15)",
        "bot/media/_boxes.py",
        " or every.isdisjoint(FILM_BRANDS):",
        ":",
        "tests/bot/media/test_probe.py::test_hostile_files_are_refused",
    ),
    defence(
        "only so many parts of a picture (T-17)",
        "bot/media/_pictures.py",
        "MOST_PARTS = 20_000",
        "MOST_PARTS = 20_000_000",
        "tests/bot/media/test_probe.py::test_hostile_files_are_refused",
    ),
    defence(
        "only so many pixels of a picture (T-17)",
        "bot/providers/rules.py",
        "    if limits.most_pixels and pixels > limits.most_pixels:",
        "    if limits.most_pixels is None:",
        "tests/bot/providers/test_rules.py::test_a_file_is_measured",
    ),
    defence(
        "a side only so long (T-17)",
        "bot/providers/rules.py",
        "    if limits.longest_side and long > limits.longest_side:",
        "    if limits.longest_side is None:",
        "tests/bot/providers/test_rules.py::test_a_file_is_measured",
    ),
    defence(
        "a file is what its name says (T-15)",
        "bot/generations.py",
        "        if not suits(name, probed.extension):",
        "        if not name:",
        "tests/bot/test_generations.py::test_a_file_that_is_not_what_its_name_says_leaves_nothing",
    ),
    defence(
        "a file is larger than allowed before it is loaded (T-17)",
        "cogs/files.py",
        "        if file.size > largest:",
        "        if not largest:",
        "tests/cogs/test_files.py::test_what_was_pointed_at_is_loaded_like_an_attachment",
    ),
)
