"""Chains of stages: how deep decisions go in them, and which stages stand beside one."""

from __future__ import annotations

import sys

from cineforge.model.errors import DecisionFailed, suggestion
from cineforge.recipes.resolved import ResolvedRecipe

#: More calls than one stage's decision makes until it comes to the next one's.
_FRAMES = 40


def allow_depth(stages: int) -> None:
    """Let a decision ask what is upstream, and that in turn, through a chain of all stages."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 1000 + _FRAMES * stages))


def stages_beside(recipe: ResolvedRecipe, start_from: str | None) -> frozenset[str]:
    """The stages that do not depend on `start_from`. Raises DecisionFailed when there is no such stage."""
    if start_from is None:
        return frozenset()
    if start_from not in recipe.stages:
        hint = suggestion(start_from, list(recipe.stages))
        raise DecisionFailed(f"there is no stage '{start_from}' to start from: {hint}")
    return frozenset(
        stage
        for stage in recipe.stages
        if stage != start_from and start_from not in recipe.upstream(stage)
    )
