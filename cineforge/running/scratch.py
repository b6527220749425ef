"""The folders that module calls may fill while they last: `artifacts/.live/scratch/<owner>/<call>`."""

from __future__ import annotations

from pathlib import Path

from cineforge.store.layout import SCRATCH
from cineforge.store.locking.leftovers import sweep_scratch


def scratch_folder(project: Path, owner: str, call: str) -> Path:
    """Where one attempt at one instance may write. It is not made here."""
    return project / SCRATCH / owner / call


def sweep(project: Path, owner: str) -> None:
    """Remove what the calls of this owner, and of owners that are gone, have left: a killed worker tidies nothing."""
    sweep_scratch(project, ended=owner)
