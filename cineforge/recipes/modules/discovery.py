"""Modules found on disk. Finding lists folders only; a manifest is read when its module is asked for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from cineforge.model.errors import NotFound, Problem, ProblemsFound, suggestion
from cineforge.recipes.modules.module_code import MANIFEST, SHARED_FOLDER
from cineforge.recipes.modules.module_folder import FoundModule, read_module
from cineforge.recipes.reading.key_paths import shown
from cineforge.recipes.share import share_root
from cineforge.store import layout


def module_roots(project: Path | None) -> list[Path]:
    """Where modules are looked for: the shipped ones, and the project's own `modules/`."""
    shipped = share_root() / "workflow" / "modules"
    return [shipped] if project is None else [shipped, project / layout.MODULES]


class ModuleCatalog:
    """The modules of some roots by id. Two modules of one id are a mistake: neither is used."""

    def __init__(self, folders: Sequence[tuple[Path, Path]]) -> None:
        self._places: dict[str, list[tuple[Path, Path]]] = {}
        for folder, root in folders:
            self._places.setdefault(folder.name, []).append((folder, root))
        self._read: dict[str, FoundModule | ProblemsFound] = {}

    def names(self) -> list[str]:
        """Every module id, sorted."""
        return sorted(self._places)

    def get(self, module_id: str) -> FoundModule:
        """A module. Raises NotFound with the nearest id, or ProblemsFound with all that is wrong with it."""
        if module_id not in self._read:
            try:
                self._read[module_id] = self._read_from_disk(module_id)
            except ProblemsFound as problems:
                self._read[module_id] = problems
        found = self._read[module_id]
        if isinstance(found, ProblemsFound):
            raise found
        return found

    def all(self) -> list[FoundModule]:
        """Every module, sorted by id. Raises ProblemsFound with the mistakes of all of them."""
        modules: list[FoundModule] = []
        problems: list[Problem] = []
        for name in self.names():
            try:
                modules.append(self.get(name))
            except ProblemsFound as found:
                problems += found.problems
        if problems:
            raise ProblemsFound("some modules cannot be used:", problems)
        return modules

    def schema_folders(self) -> list[Path]:
        """The `schemas/` folders that modules bring along."""
        places = [folder for name in self.names() for folder, _ in self._places[name]]
        return [folder / "schemas" for folder in places if (folder / "schemas").is_dir()]

    def _read_from_disk(self, module_id: str) -> FoundModule:
        places = self._places.get(module_id)
        if not places:
            hint = suggestion(module_id, self.names())
            raise NotFound(f"there is no module {shown(module_id)}: {hint}")
        if len(places) > 1:
            first, *others = (str(folder / MANIFEST) for folder, _ in places)
            raise ProblemsFound(
                f"the module {module_id} cannot be used:",
                [
                    Problem(
                        f"the module_id '{module_id}' is already taken by {first}",
                        other,
                        hint="rename one of the two folders and its module_id",
                    )
                    for other in others
                ],
            )
        return read_module(*places[0])


def find_modules(roots: Sequence[Path]) -> ModuleCatalog:
    """The modules in `<root>/<stage>/<module_id>/` of every root; a root that does not exist holds none."""
    return ModuleCatalog(
        [
            (folder, root)
            for root in roots
            for stage in _folders(root)
            if stage.name != SHARED_FOLDER
            for folder in _folders(stage)
            if (folder / MANIFEST).is_file() or (folder / "main.py").is_file()
        ]
    )


def _folders(parent: Path) -> list[Path]:
    if not parent.is_dir():
        return []
    with os.scandir(parent) as entries:
        names = [
            entry.name
            for entry in entries
            if entry.is_dir() and not entry.name.startswith((".", "__"))
        ]
    return [parent / name for name in sorted(names)]
