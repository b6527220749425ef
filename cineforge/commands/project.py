"""Opening the project that a command is about."""

from __future__ import annotations

from pathlib import Path

from cineforge.model.errors import NotFound
from cineforge.store import ArtifactStore


def open_store(folder: Path) -> ArtifactStore:
    """The store of a project folder. Raises NotFound when the folder is no project."""
    if not folder.is_dir():
        raise NotFound(f"there is no folder '{folder}': name the project with --directory")
    if not (folder / "artifacts").is_dir() and not (folder / "config.yaml").is_file():
        raise NotFound(
            f"'{folder}' is not a project (it has neither artifacts/ nor config.yaml):"
            " name one with --directory, or make one with 'cineforge init'"
        )
    return ArtifactStore(folder.resolve())
