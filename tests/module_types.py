"""The types of the shipped modules: `python -m tests.module_types` checks them, strictly.

A module imports its helpers as `.shared.<name>`, which is known to CineForge's loader alone. So each module is laid out
as a package, of links, in `.mypy_modules/`: its own files, and in `shared/` the helpers that its manifest declares.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from mypy import api

from cineforge.recipes.modules.discovery import find_modules
from cineforge.recipes.modules.module_folder import FoundModule

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / ".mypy_modules"
PACKAGE = "shipped"


def main() -> int:
    """The exit status: 0 if all types are right."""
    lay_out(find_modules([ROOT / "workflow" / "modules"]).all())
    os.environ["MYPYPATH"] = str(PLACE)
    words = ["--config-file", str(ROOT / "pyproject.toml"), "--package", PACKAGE]
    told, trouble, status = api.run(words)
    # A helper is checked once with each module that imports it.
    print("\n".join(dict.fromkeys(map(with_real_path, told.splitlines()))))
    print(trouble, end="", file=sys.stderr)
    return status


def lay_out(modules: Iterable[FoundModule]) -> None:
    """Make the packages anew."""
    shutil.rmtree(PLACE, ignore_errors=True)
    for found in modules:
        module = found.module
        files = [path for path in module.folder.rglob("*.py") if "__pycache__" not in path.parts]
        _link({path.relative_to(module.folder): path for path in files}, module.folder.name)
        _link({Path("shared", path.name): path for path in module.helpers}, module.folder.name)


def _link(files: dict[Path, Path], module_id: str) -> None:
    for name, path in files.items():
        place = PLACE / PACKAGE / module_id / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(path)


def with_real_path(line: str) -> str:
    """A line of mypy's, with the file that a link leads to."""
    path, mark, rest = line.partition(":")
    real = Path(path).resolve()
    return f"{real.relative_to(ROOT)}{mark}{rest}" if mark and real.is_relative_to(ROOT) else line


if __name__ == "__main__":
    sys.exit(main())
