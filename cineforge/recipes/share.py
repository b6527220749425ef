"""Where the shipped modules, recipes, schemas, samples and profiles are."""

from __future__ import annotations

from pathlib import Path


def share_root() -> Path:
    """The folder that holds `workflow/modules`, `recipes`, `schemas`, `samples`, `profiles` and `Snakefile`.

    In an installed package that is `cineforge/share`; in a clone, where the wheel's copy does not exist, the
    root of the repository.
    """
    package = Path(__file__).resolve().parents[1]
    installed = package / "share"
    return installed if installed.is_dir() else package.parent
