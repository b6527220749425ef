"""Compiles the recipe a project names, when the compiled file is not what it should be."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.bridge.certificate.certificate import (
    data_digest,
    find_certificate,
    question_of,
    text_digest,
)
from cineforge.bridge.certificate.files_read import files_read
from cineforge.bridge.certificate.rests_on import Basis
from cineforge.bridge.paths import compiled_path
from cineforge.bridge.process.errors_at_exit import exit_on_error, message_of_the_system, work_in
from cineforge.bridge.process.nameless_user import name_user
from cineforge.bridge.process.signals import install_signal_handlers
from cineforge.bridge.request.given_config import take_given
from cineforge.bridge.request.prepared_recipe import PreparedRecipe, hand_over
from cineforge.bridge.request.run_options import RUN_ID
from cineforge.bridge.snakemake.dry_runs import remember_elsewhere
from cineforge.bridge.snakemake.log import explain_errors, show_controls
from cineforge.bridge.snakemake.workflow import SnakemakeRun
from cineforge.bridge.workflow_text.generated_files import has_text, write_if_changed
from cineforge.recipes.listed import recipe_files
from cineforge.recipes.reading.project_file import fill_config
from cineforge.running.collector import spare_collector
from cineforge.store.disk.temporary import TemporaryFolder
from cineforge.store.layout import require_own_folders

if TYPE_CHECKING:
    from pydantic import JsonValue

    from cineforge.recipes.listed import RecipeData
    from cineforge.recipes.resolved import ResolvedRecipe


@exit_on_error
def prepare(config: MutableMapping[str, JsonValue], workflow: object) -> str:
    """The path of the compiled workflow for the project in the current folder; fills `config` from config.yaml.

    In a job's own process it is the workflow as it was when its run began.
    """
    install_signal_handlers()
    name_user()
    show_controls()
    project = Path.cwd()
    work_in(project)
    explain_errors(partial(message_of_the_system, project))
    run = SnakemakeRun(workflow)
    if not run.is_main_process:
        from cineforge.bridge.remote.run_folder import WORKFLOW_FILE, run_folder_of

        folder = run_folder_of(project, os.environ.get(RUN_ID, ""))
        return str(folder / WORKFLOW_FILE)
    spare_collector()
    require_own_folders(project)
    take_given(config, run)
    fill_config(config, project)
    paths = recipe_files(project, config)
    target, basis = _found_before(paths, config, run)
    if target is not None:
        if run.is_dry_run:
            remember_elsewhere(_folder_until_the_end())
        return str(target)
    recipe, data = _read(project, config)
    text = _compiled(recipe, data, paths)
    target = compiled_path(project, recipe.recipe_id)
    if basis is not None:
        basis = replace(basis, compiled=text_digest(text), data=data_digest(data))
    hand_over(PreparedRecipe(project, config, lambda: (recipe, data), basis))
    if run.is_dry_run:
        return str(_without_a_trace(target, text))
    target.parent.mkdir(parents=True, exist_ok=True)
    write_if_changed(target, text)
    return str(target)


def _found_before(
    paths: tuple[Path, ...], config: Mapping[str, JsonValue], run: SnakemakeRun
) -> tuple[Path | None, Basis | None]:
    """The compiled workflow of the recipes that a certificate vouches for, and what another certificate may rest on."""
    project = Path.cwd()
    files = files_read(project, paths)
    if files is None:
        return None, None
    folders = (project, run.started_in)
    basis = Basis(question_of(paths, config), paths, files, compiled="", data="", folders=folders)
    certificate = find_certificate(project, basis.question, files, folders)
    if certificate is None:
        return None, basis
    target = project / certificate.workflow

    def read() -> tuple[ResolvedRecipe, RecipeData]:
        return _read(project, config)

    basis = replace(basis, compiled=certificate.compiled, data=certificate.data)
    hand_over(PreparedRecipe(project, config, read, basis, certificate))
    return target, basis


def _read(project: Path, config: Mapping[str, JsonValue]) -> tuple[ResolvedRecipe, RecipeData]:
    from cineforge.recipes.project_recipes import read_recipes

    found = read_recipes(project, config)
    return found.recipe, found.data


def _compiled(recipe: ResolvedRecipe, data: RecipeData, paths: Iterable[Path]) -> str:
    from cineforge.bridge.workflow_text.compiler import compile_recipe

    return compile_recipe(recipe, data, ", ".join(path.name for path in paths))


def _without_a_trace(target: Path, text: str) -> Path:
    """The compiled workflow of a dry run: in the project only if it is there already."""
    folder = _folder_until_the_end()
    remember_elsewhere(folder)
    if has_text(target, text):
        return target
    write_if_changed(folder / target.name, text)
    return folder / target.name


def _folder_until_the_end() -> Path:
    _until_the_end.append(TemporaryFolder("run"))
    return _until_the_end[-1].path


#: Folders that are removed when the process ends.
_until_the_end: list[TemporaryFolder] = []
