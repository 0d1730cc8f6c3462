"""Laws of the tree: every module has its test in the mirrored place, and none is too large to read."""

import ast
import tomllib
from pathlib import Path
from statistics import median

import pytest

CHECKOUT = Path(__file__).parents[1]
TESTS = CHECKOUT / "tests"
MODULES = sorted(
    path.relative_to(CHECKOUT)
    for package in ("bot", "cogs")
    for path in (CHECKOUT / package).rglob("*.py")
    if "migrations" not in path.parts
)
EVERY_MODULE = sorted(
    path.relative_to(CHECKOUT)
    for folder in ("bot", "cogs", "tests", "benchmarks")
    for path in (CHECKOUT / folder).rglob("*.py")
)
TESTABLE = [module for module in MODULES if module.name != "__init__.py"]
WITHOUT_TEST = {
    "bot/errors.py": "names and messages: every other test raises and catches them",
    "bot/files/kept.py": "values, and an interface: the tests of both that keep files hold them to it",
    "bot/house.py": "what is built in bot/app/commands.py, by name",
    "bot/models.py": "values without behaviour",
    "bot/orders.py": "values without behaviour",
    "bot/preferences.py": "values without behaviour",
    "bot/servers.py": "values without behaviour",
    "bot/providers/interface.py": "an interface: tests/contract holds every provider to it",
    "bot/store/tables.py": "data: every test of the store stands on it",
}
BY_ANOTHER_DOOR = {
    # A part that only its package uses is tested where the package is entered.
    "bot/app/commands.py": "bot/test_app.py",
    "bot/app/doors.py": "bot/test_app.py",
    "bot/app/opening.py": "bot/test_app.py",
    "bot/app/parts.py": "bot/test_app.py",
    "bot/app/steps.py": "bot/test_app.py",
    "bot/delivery/marks.py": "bot/delivery/test_delivery.py",
    "bot/demo/avatars.py": "bot/demo/test_page.py",
    "bot/demo/scene.py": "bot/demo/test_film.py",
    "bot/demo/table.py": "bot/demo/test_command.py",
    "bot/demo/stand_ins/control_desk.py": "bot/demo/stand_ins/test_control.py",
    "bot/demo/stand_ins/evolink_rules.py": "bot/demo/stand_ins/test_evolink.py",
    "bot/demo/stand_ins/faults.py": "bot/demo/stand_ins/test_control.py",
    "bot/demo/stand_ins/manners.py": "bot/demo/stand_ins/test_server.py",
    "bot/demo/stand_ins/material.py": "bot/demo/stand_ins/test_maxapi.py",
    "bot/demo/stand_ins/reception.py": "bot/demo/stand_ins/test_server.py",
    "bot/demo/stand_ins/records.py": "bot/demo/stand_ins/test_control.py",
    "bot/demo/stand_ins/results.py": "bot/demo/stand_ins/test_control.py",
    "bot/demo/stand_ins/studio.py": "bot/demo/stand_ins/test_server.py",
    "bot/keepsakes.py": "cogs/test_keeping.py",
    "bot/media/_boxes.py": "bot/media/test_probe.py",
    "bot/media/_child.py": "bot/media/test_probe.py",
    "bot/media/_encode.py": "bot/media/test_fit.py",
    "bot/media/_making.py": "bot/media/test_frames.py",
    "bot/media/_parts.py": "bot/media/test_join.py",
    "bot/media/_pictures.py": "bot/media/test_probe.py",
    "bot/media/_shown.py": "bot/media/test_frames.py",
    "bot/media/_streams.py": "bot/media/test_probe.py",
    "bot/media/_worker.py": "bot/media/test_probe.py",
    "bot/media/_writers.py": "bot/media/test_join.py",
    "bot/messages/admin_log.py": "cogs/admin/test_log.py",
    "bot/messages/admin_people.py": "cogs/admin/test_people.py",
    "bot/messages/admin_rules.py": "cogs/admin/test_rules.py",
    "bot/messages/card.py": "bot/messages/test_messages.py",
    "bot/messages/draft.py": "bot/messages/test_messages.py",
    "bot/messages/film.py": "bot/messages/test_messages.py",
    "bot/messages/operations.py": "cogs/admin/test_queue.py",
    "bot/messages/refusals.py": "bot/messages/test_words.py",
    "bot/messages/status.py": "cogs/admin/test_status.py",
    "bot/running.py": "bot/test_app.py",
    "cogs/admin/deciding.py": "cogs/admin/test_rules.py",
    "bot/setting_kinds.py": "bot/test_settings.py",
    "bot/store/generations.py": "bot/store/test_store.py",
    "bot/members/own.py": "bot/members/test_privacy.py",
    "bot/messages/help.py": "cogs/test_help.py",
    "bot/messages/settings.py": "cogs/test_settings.py",
    "cogs/choices.py": "cogs/test_library.py",
    "cogs/presses.py": "cogs/test_after.py",
    "bot/tracker/advance.py": "bot/tracker/test_loop.py",
    "bot/tracker/board_cards.py": "bot/tracker/test_shooting.py",
    "bot/tracker/money.py": "bot/tracker/test_ending.py",
}
ABOUT_A_PACKAGE = {
    "bot/delivery/test_refusals.py": "how the package takes what Discord refuses",
    "bot/files/test_intake.py": "bot/generations.py, where machines share files",
    "bot/media/test_downloading_places.py": "bot/media/download.py: where it may lead",
    "bot/media/test_lying_servers.py": "bot/media/download.py: from whom it takes nothing",
    "bot/media/test_resuming.py": "bot/media/download.py: what was cut goes on",
    "bot/store/test_plans.py": "bot/store/tables.py: its indexes, and what is asked of them",
    "bot/store/test_turns.py": "bot/store/store.py: whose turn it is",
    "bot/store/test_upgrading.py": "what the migrations make of a database with everything under way",
    "bot/test_demo_commands.py": "the two commands in bot/__main__.py that need the demo's packages",
    "bot/test_locales.py": "bot/locales: every language, held against all that is said",
    "bot/test_served_files.py": "the other half of bot/callbacks.py: what it serves",
    "bot/messages/test_messages.py": "card, film and notice together, through what the package gives out",
    "bot/providers/test_registry.py": "the table of providers in the package itself",
    "bot/store/test_admitting.py": "bot/store/postgres.py: a server that lets us in no more, or not so",
    "bot/store/test_counters.py": "many writers at once, on both databases",
    "bot/tracker/test_asking.py": "bot/tracker/watching.py: when it asks, and answers that surprise",
    "bot/tracker/test_film_faults.py": "bot/tracker/finishing.py: what goes, and what closes",
    "bot/tracker/test_shooting_faults.py": "bot/tracker/shooting.py: steps that fail",
    "bot/tracker/test_laws.py": "the whole tracker, with everything going wrong in any order",
    "cogs/test_installs.py": "every command where only its member brought the bot, and in direct messages",
    "cogs/test_commands.py": "all commands together, as Discord is told of them",
    "cogs/test_every_command.py": "everything that can be touched, by whoever may and may not",
}
LONGEST_MODULE = 400
LONGEST_FUNCTION = 60
MEDIAN_FUNCTION = 8
MOST_METHODS = 20
METHOD = ast.FunctionDef | ast.AsyncFunctionDef
FORBIDDEN_NAMES = ("Manager", "Handler", "Helper", "Util", "Service", "Base", "Abstract", "Impl")


def names_of_tests(module):
    """Return where a module's test may lie."""
    folder = CHECKOUT / "tests" / module.parent
    return {folder / f"test_{module.stem}.py", folder / f"test_{module.stem.strip('_')}.py"}


def tree_of(module):
    """Return a module's syntax tree."""
    return ast.parse((CHECKOUT / module).read_text(encoding="utf-8"))


def functions(modules):
    """Return every function with its place and length in lines, docstring included."""
    return [
        (f"{module}:{node.name}", node.end_lineno - node.lineno + 1)
        for module in modules
        for node in ast.walk(tree_of(module))
        if isinstance(node, METHOD)
    ]


def classes(modules):
    """Return every class with its place."""
    return [
        (f"{module}:{node.name}", node)
        for module in modules
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.ClassDef)
    ]


@pytest.mark.parametrize("module", TESTABLE, ids=lambda module: module.as_posix())
def test_every_module_has_its_test(module):
    """`bot/a/b.py` is tested in `tests/bot/a/test_b.py`, or where the list says, or not, with a reason."""
    name = module.as_posix()
    own = any(path.exists() for path in names_of_tests(module))
    elsewhere = name in BY_ANOTHER_DOOR and (TESTS / BY_ANOTHER_DOOR[name]).exists()

    assert [own, elsewhere, name in WITHOUT_TEST].count(True) == 1


def test_every_test_has_its_module():
    """A test in the mirrored tree is about a module that is there, or about a package."""
    known = {path for module in MODULES for path in names_of_tests(module)}
    tests = {path for package in ("bot", "cogs") for path in (TESTS / package).rglob("test_*.py")}
    doors = {*BY_ANOTHER_DOOR.values(), *ABOUT_A_PACKAGE}

    assert {path.relative_to(TESTS).as_posix() for path in tests - known} - doors == set()


def test_reasons_are_for_modules_that_exist():
    """An excuse doesn't outlive its module."""
    assert {*WITHOUT_TEST, *BY_ANOTHER_DOOR} <= {module.as_posix() for module in MODULES}
    assert all((TESTS / name).exists() for name in ABOUT_A_PACKAGE)


@pytest.mark.parametrize("module", EVERY_MODULE, ids=lambda module: module.as_posix())
def test_no_module_is_too_long(module):
    """A module fits in a head, be it the program's, a test or a benchmark."""
    assert len((CHECKOUT / module).read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


def test_functions_are_short():
    """No function is longer than a screen, and half of the program's have a few lines."""
    assert [place for place, length in functions(EVERY_MODULE) if length > LONGEST_FUNCTION] == []
    assert median(length for _, length in functions(MODULES)) <= MEDIAN_FUNCTION


def test_classes_are_small():
    """No class has too many methods, counting all that it defines."""
    large = [
        place
        for place, node in classes(EVERY_MODULE)
        if sum(isinstance(part, METHOD) for part in node.body) > MOST_METHODS
    ]

    assert large == []


def test_classes_are_named_after_things():
    """No class has a name that says nothing."""
    vague = [place for place, node in classes(MODULES) if any(word in node.name for word in FORBIDDEN_NAMES)]

    assert vague == []


@pytest.mark.parametrize(
    ("contract", "allowed"),
    [
        ("Only the edge knows Discord", "cogs client messages delivery keepsakes app check demo running"),
        ("Only the store speaks SQL", "store"),
        ("Only providers, and what they trust, speak httpx", "authorities providers"),
        ("Only the storage of files speaks to buckets", "files"),
        (
            "Settings are read where things are built",
            "__main__ app check demo roles running secret_key settings",
        ),
    ],
)
def test_a_contract_leaves_no_module_out(contract, allowed):
    """What isn't allowed is forbidden: a new module falls under every contract from its first day."""
    config = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {each["name"]: each for each in config["tool"]["importlinter"]["contracts"]}
    parts = {path.stem for path in (CHECKOUT / "bot").iterdir() if path.suffix == ".py" or path.is_dir()}
    known = {*(f"bot.{part}" for part in parts - {"__init__", "__pycache__", "locales"}), "cogs"}
    free = {"cogs" if name == "cogs" else f"bot.{name}" for name in allowed.split()}

    assert known - free == set(contracts[contract]["source_modules"])
