"""Opening the project that a command is about."""

from __future__ import annotations

from pathlib import Path

from cineforge.project.opening import (
    load_project_recipe,
    open_planner,
    open_store,
    project_config,
    read_ref,
    require_project,
)

__all__ = [
    "load_project_recipe",
    "open_planner",
    "open_store",
    "project_at_rest",
    "project_config",
    "read_ref",
    "require_project",
]


def project_at_rest(folder: Path) -> Path:
    """A project folder in which the records of dead runs have been given their end. Raises NotFound."""
    from functools import partial

    from cineforge.history.dead_runs import end_dead_runs
    from cineforge.history.run_claims import is_alive
    from cineforge.store.layout import require_own_folders

    project = require_project(folder)
    require_own_folders(project)
    end_dead_runs(project, partial(is_alive, project))
    return project
