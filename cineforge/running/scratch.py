"""The folders that module calls may fill while they last: `artifacts/.live/scratch/<owner>/<call>`."""

from __future__ import annotations

import shutil
from pathlib import Path

from cineforge.store import layout
from cineforge.store.owners import owner_path


def scratch_folder(project: Path, owner: str, call: str) -> Path:
    """Where one attempt at one instance may write. It is not made here."""
    return _root(project) / owner / call


def sweep(project: Path, owner: str) -> None:
    """Remove what the calls of this owner, and of owners that are gone, have left: a killed worker tidies nothing."""
    root = _root(project)
    for folder in root.iterdir() if root.is_dir() else ():
        if folder.name == owner or not owner_path(project, folder.name).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _root(project: Path) -> Path:
    return project / layout.LIVE / "scratch"
