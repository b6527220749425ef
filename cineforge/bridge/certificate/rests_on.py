"""What a run that may be certified rests on, as far as that is known before its recipe is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cineforge.bridge.certificate.files_read import FilesRead


@dataclass(frozen=True)
class Basis:
    """The question, and the files as they were before they were read. `folders` are where sources are looked up.

    `compiled` and `data` are digests of the compiled workflow and of the recipe in it.
    """

    question: str
    recipes: tuple[Path, ...]
    files: FilesRead
    compiled: str
    data: str
    folders: tuple[Path, ...]
