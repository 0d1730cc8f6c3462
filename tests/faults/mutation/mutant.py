"""The program with one module changed while it is loaded; nothing on the disk is touched."""

from __future__ import annotations

import json
import os
import runpy
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder, SourceFileLoader
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

CHECKOUT = Path(__file__).parents[3]


class _Changed(SourceFileLoader):
    def __init__(self, module: str, path: str, source: str) -> None:
        super().__init__(module, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        del fullname
        return compile(self._source, self.path, "exec", dont_inherit=True)


class Mutant(MetaPathFinder):
    """Loads one module from another text than its file's."""

    def __init__(self, module: str, source: str) -> None:
        self._module = module
        self._source = source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find the one module where it lies."""
        spec = PathFinder.find_spec(fullname, path, target) if fullname == self._module else None
        if spec is not None and spec.origin is not None:
            spec.loader = _Changed(fullname, spec.origin, self._source)
        return spec


def install(module: str, source: str, folder: Path) -> None:
    """Change a module for this process and for every Python that it starts from now on."""
    sys.meta_path.insert(0, Mutant(module, source))
    told = folder / "mutant.json"
    told.write_text(json.dumps([module, source]), encoding="utf-8")
    python = folder / "python"
    python.write_text(
        f"#!{sys.executable}\n"
        "import sys\n"
        f"sys.path.insert(0, {str(CHECKOUT)!r})\n"
        "from tests.faults.mutation.mutant import stand_in\n"
        f"stand_in({str(told)!r}, {sys.executable!r})\n",
        encoding="utf-8",
    )
    python.chmod(0o700)
    sys.executable = str(python)


def stand_in(told: str, python: str) -> None:
    """Be the Python that a changed program starts: run `-m module` with the same change."""
    arguments = sys.argv[1:]
    if arguments[:1] != ["-m"]:
        os.execv(python, [python, *arguments])
    sys.meta_path.insert(0, Mutant(*json.loads(Path(told).read_text(encoding="utf-8"))))
    sys.argv = arguments[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
