"""The recipe that was just resolved to compile a workflow, handed to that workflow: what runs is what was checked.

A compiled workflow that is run by itself, without the Snakefile that compiles it, finds nothing here and resolves the
recipe that it holds.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cineforge.recipes.resolved import ResolvedRecipe


@dataclass(frozen=True)
class PreparedRecipe:
    """`data` is the recipe as read, `config` what it was resolved with."""

    project: Path
    data: Mapping[str, Any]
    config: Mapping[str, Any]
    recipe: ResolvedRecipe


_prepared: list[PreparedRecipe] = []


def hand_over(prepared: PreparedRecipe) -> None:
    """Keep it for the workflow that this process includes next."""
    _prepared[:] = [replace(prepared, config=copy.deepcopy(dict(prepared.config)))]


def take_over(
    project: Path, data: Mapping[str, Any], config: Mapping[str, Any]
) -> ResolvedRecipe | None:
    """The recipe, if it was resolved for just this; once, for files may be edited before the next run."""
    if not _prepared:
        return None
    found = _prepared.pop()
    is_it = (found.project, found.data, found.config) == (project, data, config)
    return found.recipe if is_it else None
