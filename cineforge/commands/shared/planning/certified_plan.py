"""Whether a plan of everything is known without looking: by the certificate that a run left."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.recipes.reading.project_file import RECIPES

if TYPE_CHECKING:
    from pydantic import JsonValue


def is_plan_certified(
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
    from cineforge.bridge.certificate.all_certified import is_all_certified

    return is_all_certified(project, config)
