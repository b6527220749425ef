"""Opening a project, and finding what a person names in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cineforge.model.errors import CineForgeError, NotFound, suggestion
from cineforge.model.health import RESERVED_TYPES
from cineforge.model.refs import ArtifactKey, ArtifactRef, parse_ref
from cineforge.store import ArtifactStore, layout

if TYPE_CHECKING:
    from pydantic import JsonValue

    from cineforge.deciding.dry_run.dry_run_planner import DryRunPlanner
    from cineforge.deciding.dry_run.probe import Probe
    from cineforge.deciding.facts.source_files import SourceFiles
    from cineforge.deciding.kept_before import KeptBefore
    from cineforge.recipes.project_recipes import ReadRecipes
    from cineforge.recipes.resolved import ResolvedRecipe

SHOWN = 8


def require_project(folder: Path) -> Path:
    """The absolute path of a project folder. Raises NotFound when the folder is no project."""
    if not folder.is_dir():
        raise NotFound(f"there is no folder '{folder}': name the project with --directory")
    if not layout.looks_like_project(folder):
        of_runs = folder / layout.OUTSIDE
        hint = "name one with --directory, or make one with 'cineforge init'"
        if layout.looks_like_project(of_runs):
            hint = f"'cineforge run' has worked in '{of_runs}', so type --directory {of_runs}"
        raise NotFound(
            f"'{folder}' is not a project (it has neither artifacts/ nor config.yaml): {hint}"
        )
    return folder.resolve()


def open_store(folder: Path) -> ArtifactStore:
    """The store of a project folder. Raises NotFound when the folder is no project."""
    return ArtifactStore(require_project(folder))


def project_config(project: Path, typed: Mapping[str, JsonValue] | None = None) -> dict[str, Any]:
    """The project's configuration, under what was typed for this command. Raises ProblemsFound."""
    from cineforge.recipes.reading.project_file import fill_config

    config = dict(typed or {})
    fill_config(config, project)
    return config


def load_project_recipe(
    name: str | None, project: Path, config: Mapping[str, JsonValue]
) -> ResolvedRecipe:
    """A recipe with the project's configuration filled in, without a name all that it lists as one.

    Of a recipe that stands beside others in that list, these are a part that makes what it reads. Raises NotFound,
    ProblemsFound.
    """
    from cineforge.recipes.named import recipe_path
    from cineforge.recipes.project_recipes import read_recipes

    named = {} if name is None else {"recipe": str(recipe_path(name, project).resolve())}
    return read_recipes(project, {**config, **named}).recipe


def read_project_recipes(project: Path, name: str | None) -> ReadRecipes:
    """The recipe of this name alone, or all that the project lists, as written: no variable is filled."""
    from cineforge.recipes.named import recipe_path
    from cineforge.recipes.project_recipes import read_recipes
    from cineforge.recipes.reading.project_file import RECIPES

    if name is not None:
        named: dict[str, JsonValue] = {"recipe": str(recipe_path(name, project).resolve())}
    else:
        config = project_config(project)
        named = {key: config[key] for key in ("recipe", RECIPES) if key in config}
    return read_recipes(project, named, require_variables=False)


def open_planner(
    store: ArtifactStore,
    folder: Path,
    probe_with: Callable[[SourceFiles], Probe] | None = None,
    *,
    for_many: bool = False,
) -> DryRunPlanner | None:
    """A planner for all recipes that the project's config.yaml lists, or None when it lists none.

    `probe_with` gives what runs pure modules for it, which read the user's files; without it none is run. Where it is
    `for_many` instances, it goes by what a run has found before, where nothing has changed since.
    """
    from cineforge.deciding.dry_run.dry_run_planner import DryRunPlanner
    from cineforge.deciding.dry_run.probe import no_probe
    from cineforge.deciding.facts.few_heads import FewHeads
    from cineforge.recipes.listed import names_a_recipe

    project = folder.resolve()
    config = project_config(project)
    if not names_a_recipe(config):
        return None
    recipe = load_project_recipe(None, project, config)
    world = FewHeads(store, (project, Path.cwd()))
    probe = no_probe if probe_with is None else probe_with(world.sources)
    kept = None
    if for_many:
        store.check_folders()
        kept = known_before(store, recipe)
    return DryRunPlanner(recipe, world, probe=probe, kept=kept)


def known_before(store: ArtifactStore, recipe: ResolvedRecipe) -> KeptBefore | None:
    """What an earlier run has found of a recipe's stages, and what has changed since."""
    from cineforge.bridge.certificate.kept_stages import kept_before

    return kept_before(store, recipe)


def is_certified(folder: Path) -> bool:
    """Whether a run's certificate says that of all recipes that the project lists there is nothing to do.

    To be asked after the store was: then what that said is of the same moment. Raises ProblemsFound.
    """
    from cineforge.bridge.certificate.all_certified import is_all_certified
    from cineforge.recipes.listed import names_a_recipe

    project = folder.resolve()
    config = project_config(project)
    return names_a_recipe(config) and is_all_certified(project, config)


def the_ref(store: ArtifactStore, key: ArtifactKey, version: int | None) -> ArtifactRef:
    """The version asked for, or the head. Raises NotFound with the nearest name."""
    store.check_artifacts([key])
    head = store.head(key)
    if head is None:
        raise NotFound(f"there is no artifact '{key}': {nearest_artifact(store, key)}")
    if version is None or version == head.version:
        return head
    ref = head.model_copy(update={"version": version})
    if not store.has(ref):
        raise NotFound(f"{key} has no version {version}: its head is {head}")
    return ref


def nearest_artifact(store: ArtifactStore, key: ArtifactKey) -> str:
    """A hint that names the artifact most like one that is not there, or else what there is."""
    entities = [str(each) for each in store.list_artifacts(key.artifact_type)]
    if entities:
        return suggestion(str(key), entities, shown=SHOWN)
    types = sorted(store.health_counts())
    if key.artifact_type in types or not types:
        return "there are none yet"
    return suggestion(key.artifact_type, types)


def read_ref(store: ArtifactStore, text: str) -> ArtifactRef:
    """The version that a typed ref names. Raises InvalidName, NotFound."""
    return the_ref(store, *parse_ref(text))


def schema_of(store: ArtifactStore, folder: Path, artifact_type: str) -> str | None:
    """The name of a type's schema by the project's recipe, or None where the recipe does not make it."""
    planner = open_planner(store, folder)
    if planner is None or artifact_type not in planner.recipe.makers:
        return None
    stage = planner.recipe.stages[planner.recipe.makers[artifact_type]]
    return next(out.schema for out in stage.outputs if out.artifact_type == artifact_type)


def require_ordinary(ref: ArtifactRef) -> None:
    """Raise CineForgeError for what no run makes because somebody asked for it."""
    if ref.artifact_type in RESERVED_TYPES:
        raise CineForgeError(
            f"'{ref.artifact_type}' is kept by CineForge itself: nobody judges it or holds it"
        )
