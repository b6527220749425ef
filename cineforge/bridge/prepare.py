"""Compiles the recipe a project names, when the compiled file is not what it should be."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from cineforge.bridge.paths import compiled_path
from cineforge.bridge.prepared_recipe import PreparedRecipe, hand_over
from cineforge.bridge.process.errors_at_exit import exit_on_error
from cineforge.bridge.process.signals import install_signal_handlers
from cineforge.bridge.remote.run_folder import WORKFLOW_FILE, run_folder_of
from cineforge.bridge.request.run_options import RUN_ID
from cineforge.bridge.snakemake.dry_runs import remember_elsewhere
from cineforge.bridge.snakemake.log import show_controls
from cineforge.bridge.snakemake.workflow import SnakemakeRun
from cineforge.bridge.workflow_text.compiler import compile_recipe
from cineforge.bridge.workflow_text.generated_files import has_text, write_if_changed
from cineforge.model.errors import NotFound
from cineforge.recipes.load import read_recipe, recipe_path
from cineforge.recipes.reading.project_file import fill_config, override, project_values
from cineforge.recipes.reading.typed_values import assignments
from cineforge.store.disk.temporary import TemporaryFolder
from cineforge.store.layout import require_own_folders


@exit_on_error
def prepare(config: MutableMapping[str, Any], workflow: object) -> str:
    """The path of the compiled workflow for the project in the current folder; fills `config` from config.yaml.

    In a job's own process it is the workflow as it was when its run began.
    """
    install_signal_handlers()
    show_controls()
    project = Path.cwd()
    run = SnakemakeRun(workflow)
    if not run.is_main_process:
        folder = run_folder_of(project, os.environ.get(RUN_ID, ""))
        return str(folder / WORKFLOW_FILE)
    require_own_folders(project)
    override(config, assignments(run.typed_config(), "--config"))
    fill_config(config, project)
    name = config.get("recipe")
    if not isinstance(name, str) or not name:
        raise NotFound(
            "no recipe is chosen: write 'recipe: screenplay' into config.yaml, pass --config recipe=screenplay,"
            " or make a project with 'cineforge init'"
        )
    path = recipe_path(name, project)
    recipe, data = read_recipe(
        path, project=project, variables=config, project_values=project_values(config)
    )
    hand_over(PreparedRecipe(project, data, config, recipe))
    text = compile_recipe(recipe, data, path.name)
    target = compiled_path(project, recipe.recipe_id)
    if run.is_dry_run:
        return str(_without_a_trace(target, text))
    target.parent.mkdir(parents=True, exist_ok=True)
    write_if_changed(target, text)
    return str(target)


def _without_a_trace(target: Path, text: str) -> Path:
    """The compiled workflow of a dry run: in the project only if it is there already."""
    folder = TemporaryFolder("run")
    _until_the_end.append(folder)
    remember_elsewhere(folder.path)
    if has_text(target, text):
        return target
    write_if_changed(folder.path / target.name, text)
    return folder.path / target.name


#: Folders that are removed when the process ends.
_until_the_end: list[TemporaryFolder] = []
