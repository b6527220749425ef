"""The files that a module reads for itself are those of the plan, before its call and all the time until its end.

Code and schemas need no look: workers have them as they were read for the plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cineforge.deciding.facts.source_files import SourceFiles
from cineforge.deciding.reads import StageReads
from cineforge.model.canonical import DIGEST_TAG
from cineforge.model.errors import ModuleFailed
from cineforge.recipes.modules.module_code import ModuleFiles
from cineforge.recipes.modules.watched_files import Watch, WatchedFile
from cineforge.recipes.resolved import ResolvedStage


@dataclass(frozen=True)
class PlannedFiles:
    """What one call may read: source files by parameter, and all files by the name that people know them by."""

    sources: Mapping[str, Path]
    _module: ModuleFiles
    _watched: Mapping[str, WatchedFile]

    def require_untouched(self) -> None:
        """Raise ModuleFailed when one of them was changed since, be it back again."""
        _require_no_others(self._module)
        for name, file in self._watched.items():
            if not file.is_untouched():
                raise _changed(name)


def files_as_planned(
    stage: ResolvedStage, planned: StageReads, sources: SourceFiles, watch: Watch
) -> PlannedFiles:
    """Look at all of them. Raises ModuleFailed when one is not what the plan was made with, DecisionFailed."""
    files = stage.module.files
    _require_no_others(files)
    watched = {}
    for known in files.data.values():
        try:
            now = watch.look(known.path, known)
        except OSError:
            raise _changed(known.path) from None
        if now.digest != known.digest:
            raise _changed(known.path)
        watched[str(known.path)] = now
    found = {}
    for param, digest in planned.sources.items():
        name = str(stage.params[param])
        source = watched[name] = sources.watched(name)
        if DIGEST_TAG + source.digest != digest:
            raise _changed(name)
        found[param] = source.path
    return PlannedFiles(found, files, watched)


def _require_no_others(files: ModuleFiles) -> None:
    other = files.other_name()
    if other is not None:
        raise _changed(other)


def _changed(name: Path | str) -> ModuleFailed:
    return ModuleFailed(f"{name} was changed while the run was on: run the same command again")
