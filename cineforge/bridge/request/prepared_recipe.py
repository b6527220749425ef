"""The recipe that was just resolved to compile a workflow, handed to that workflow: what runs is what was checked.

A compiled workflow that is run by itself, without the Snakefile that compiles it, finds nothing here and resolves the
recipe that it holds.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.bridge.certificate.certificate import Certificate, data_digest

if TYPE_CHECKING:
    from pydantic import JsonValue

    from cineforge.bridge.certificate.rests_on import Basis
    from cineforge.recipes.listed import RecipeData
    from cineforge.recipes.resolved import ResolvedRecipe


@dataclass(frozen=True)
class PreparedRecipe:
    """`read` gives the recipe, and its data as read; `config` is what it is resolved with.

    With a certificate it is read only if that turns out to be of no use. `basis` is what another one may rest on.
    """

    project: Path
    config: Mapping[str, JsonValue]
    read: Callable[[], tuple[ResolvedRecipe, RecipeData]]
    basis: Basis | None
    certificate: Certificate | None = None


_prepared: list[PreparedRecipe] = []


def hand_over(prepared: PreparedRecipe) -> None:
    """Keep it for the workflow that this process includes next."""
    _prepared[:] = [replace(prepared, config=copy.deepcopy(dict(prepared.config)))]


def take_over(
    project: Path, data: RecipeData, config: Mapping[str, JsonValue]
) -> PreparedRecipe | None:
    """The recipe, if it was prepared for just this; once, for files may be edited before the next run."""
    if not _prepared:
        return None
    found = _prepared.pop()
    if (found.project, found.config) != (project, config):
        return None
    if found.certificate is not None:
        return found if found.certificate.data == data_digest(data) else None
    return found if found.read()[1] == data else None
