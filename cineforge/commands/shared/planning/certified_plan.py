"""Whether a plan of everything is known without looking: by the certificate that a run left."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.deciding.reasons import RERUN_TRIGGERS
from cineforge.model.errors import CineForgeError
from cineforge.recipes.reading.project_file import RECIPES

if TYPE_CHECKING:
    from pydantic import JsonValue


def is_all_certified(
    options: argparse.Namespace, project: Path, config: Mapping[str, JsonValue]
) -> bool:
    """Whether `cineforge plan`, with these options, would find everything up to date, and have nothing else to tell."""
    asked = (
        *options.targets,
        *options.config,
        *options.configfile,
        *options.forcerun,
        *options.until,
        *options.omit_from,
        *(options.rerun_triggers or ()),
        options.force,
        options.stale,
        options.start_from,
        options.json,
        options.out,
    )
    # Of a recipe that runs alone, a plan also tells what others have to make first.
    is_all = options.recipe is None or (
        options.recipe == config.get("recipe") and RECIPES not in config
    )
    if any(asked) or not is_all:
        return False
    from cineforge.bridge.certificate.certificate import find_certificate, question_of
    from cineforge.bridge.certificate.files_read import files_read
    from cineforge.recipes.listed import recipe_files

    try:
        paths = recipe_files(project, config)
    except CineForgeError:
        return False  # the plan itself says what is wrong
    files = files_read(project, paths)
    if files is None:
        return False
    question = question_of(paths, config)
    found = find_certificate(project, question, files, (project, Path.cwd()))
    return found is not None and found.complete and set(found.triggers) == set(RERUN_TRIGGERS)
