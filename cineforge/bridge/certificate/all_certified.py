"""Whether all that a project lists is known to be up to date without deciding about it: by a run's certificate."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.bridge.certificate.certificate import find_certificate, question_of
from cineforge.bridge.certificate.files_read import files_read
from cineforge.deciding.reasons import RERUN_TRIGGERS
from cineforge.model.errors import CineForgeError
from cineforge.recipes.listed import recipe_files

if TYPE_CHECKING:
    from pydantic import JsonValue


def is_all_certified(project: Path, config: Mapping[str, JsonValue]) -> bool:
    """Whether every instance would be kept, whatever reasons count, and no head is held. `config` is the filled one.

    It is so as of now: what was read of the project before is as old as the certificate, or it is none.
    """
    try:
        paths = recipe_files(project, config)
    except CineForgeError:
        return False  # whoever decides tells what is wrong
    files = files_read(project, paths)
    if files is None:
        return False
    question = question_of(paths, config)
    found = find_certificate(project, question, files, (project, Path.cwd()))
    return found is not None and found.complete and set(found.triggers) == set(RERUN_TRIGGERS)
