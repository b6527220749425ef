"""A recipe file in, a resolved recipe out; or every mistake in it and in its modules, in one go."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from cineforge.model.canonical import digest_json
from cineforge.model.errors import CineForgeError, ProblemsFound, suggestion
from cineforge.model.own_payloads.project_config import ProjectConfig
from cineforge.model.secrets import secrets_in
from cineforge.recipes.modules.discovery import find_modules, module_roots
from cineforge.recipes.modules.module_folder import FoundModule
from cineforge.recipes.named import known_recipes
from cineforge.recipes.reading.key_paths import shown
from cineforge.recipes.reading.resources import replaced
from cineforge.recipes.reading.variables import Filling
from cineforge.recipes.reading.yaml_source import YamlDocument, parse_yaml
from cineforge.recipes.recipe import RecipeFile, StageEntry
from cineforge.recipes.resolved import ResolvedRecipe, ResolvedStage, RuleOptions
from cineforge.recipes.resolving.feeds import Feed, Feeder, makers_of
from cineforge.recipes.resolving.order import in_order
from cineforge.recipes.resolving.parameters import filled_params
from cineforge.recipes.resolving.partial_recipe import Draft, DraftStage, read_draft
from cineforge.recipes.resolving.reach import Reacher, domains_of
from cineforge.recipes.resolving.refinement import chains_of
from cineforge.recipes.resolving.stage_schemas import SchemaChecks
from cineforge.recipes.schema_registry import SchemaRegistry, registry_for


def load_recipe(
    path: Path,
    *,
    project: Path | None,
    variables: Mapping[str, JsonValue],
    project_values: Mapping[str, JsonValue] | None = None,
    require_variables: bool = True,
) -> ResolvedRecipe:
    """The recipe in a file, resolved against the shipped modules and those of `project`.

    `variables` fill its `${names}`; `project_values` go over its `project:`. With `require_variables` off,
    texts that cannot be filled stay as written and are not checked: enough to draw or describe a recipe.
    Raises NotFound for a missing file, ProblemsFound with all mistakes of the recipe and the modules it names.
    """
    return read_recipe(
        path,
        project=project,
        variables=variables,
        project_values=project_values,
        require_variables=require_variables,
    )[0]


def read_recipe(
    path: Path,
    *,
    project: Path | None,
    variables: Mapping[str, JsonValue],
    project_values: Mapping[str, JsonValue] | None = None,
    require_variables: bool = True,
) -> tuple[ResolvedRecipe, dict[str, Any]]:
    """Like `load_recipe`, with the file's data: what is compiled into a workflow must be what was checked."""
    document = parse_yaml(path)
    recipe = _resolve(document, path, project, variables, project_values or {}, require_variables)
    return recipe, document.data


def resolve_recipe(
    data: Mapping[str, Any],
    *,
    project: Path | None,
    variables: Mapping[str, JsonValue],
    project_values: Mapping[str, JsonValue] | None = None,
    require_variables: bool = True,
) -> ResolvedRecipe:
    """Like `load_recipe`, for a recipe that is data already, such as one embedded in a compiled workflow."""
    document = YamlDocument(dict(data))
    return _resolve(document, None, project, variables, project_values or {}, require_variables)


def recipes_making(artifact_type: str, project: Path | None) -> list[str]:
    """The names of the recipes that make a type, be there none yet. One that cannot be used makes nothing."""
    found = []
    for name, path in sorted(known_recipes(project).items()):
        with suppress(CineForgeError):
            recipe = load_recipe(path, project=project, variables={}, require_variables=False)
            only_refines = artifact_type in recipe.refiners and artifact_type not in recipe.begun_by
            if artifact_type in recipe.makers and not only_refines:
                found.append(name)
    return found


def _resolve(
    document: YamlDocument,
    file: Path | None,
    project: Path | None,
    variables: Mapping[str, JsonValue],
    project_values: Mapping[str, JsonValue],
    require_variables: bool,
) -> ResolvedRecipe:
    draft = read_draft(document, find_modules(module_roots(project)))
    filling = Filling(document, variables, require_variables)
    config = _project_config(document, filling, project_values)
    chains = chains_of(draft, makers_of(draft))
    order = _order(draft)
    domains = domains_of(draft)
    work = _StageWork(
        draft,
        filling,
        registry_for(project),
        Feeder(draft, chains),
        Reacher(draft, domains),
        ProjectConfig(values=config),
    )
    stages = {name: work.resolve(draft.stages[name]) for name in order}
    problems = [*draft.problems, *filling.problems]
    if problems:
        raise ProblemsFound(f"the recipe {document.file or 'given'} cannot be used:", problems)
    recipe = RecipeFile.model_validate(document.data)
    return ResolvedRecipe(
        recipe_id=recipe.recipe_id,
        description=recipe.description,
        stages={name: stage for name, stage in stages.items() if stage is not None},
        domains=domains,
        makers={
            name: last.id
            for name in {**chains.first, **chains.refiners}
            if (last := chains.last(name)) is not None
        },
        begun_by={
            name: stage.id for name, stage in chains.first.items() if name in chains.refiners
        },
        refiners={
            name: tuple(stage.id for stage in chain) for name, chain in chains.refiners.items()
        },
        project=config,
        digest=digest_json(recipe.model_dump(mode="json", exclude={"description"})),
        file=file,
        secrets=frozenset(secrets_in({**variables, **config})),
    )


def _project_config(
    document: YamlDocument, filling: Filling, project_values: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """The recipe's values with the project's over them; what the project sets needs no variable."""
    own = document.data.get("project")
    values = {
        key: filling.fill(value, ("project", key))
        for key, value in (own.items() if isinstance(own, dict) else ())
        if key not in project_values
    }
    return {**values, **project_values}


def _order(draft: Draft) -> list[str]:
    """The stage ids in topological order; names that are no stage, and cycles, are reported."""
    for stage in draft.stages.values():
        for key, names in (("needs", stage.entry.needs), ("after", stage.entry.after)):
            for index, name in enumerate(names):
                place = stage.place(key, index)
                if name in names[:index]:
                    draft.report(place, f"{shown(name)} is named twice", "remove one of the two")
                elif name not in draft.stages and name not in draft.unreadable:
                    known = [other for other in draft.stages if other != stage.id]
                    draft.report(place, f"there is no stage {shown(name)}", suggestion(name, known))
    waits_for = {name: [*stage.needs, *stage.entry.after] for name, stage in draft.stages.items()}
    order, cycles = in_order(waits_for)
    for cycle in cycles:
        _report_cycle(draft, cycle)
    return order


def _report_cycle(draft: Draft, cycle: list[str]) -> None:
    stage = draft.stages[cycle[0]]
    following = cycle[1 % len(cycle)]
    if following in stage.also_needs:
        ring = " -> ".join([*cycle, cycle[0]])
        message = f"it reads what '{following}' refines, and '{following}' waits for it: {ring}"
        hint = "a type is read as it is when all have refined it: let the refining stage not need this one"
        draft.report(stage.place("needs"), message, hint)
        return
    key = "needs" if following in stage.entry.needs else "after"
    place = stage.place(key, getattr(stage.entry, key).index(following))
    if len(cycle) == 1:
        draft.report(place, f"the stage '{stage.id}' needs itself", "remove this entry")
        return
    ring = " -> ".join([*cycle, cycle[0]])
    draft.report(place, f"a cycle, each needing the next: {ring}", "remove one of these needs")


class _StageWork:
    """Resolves one stage after the other; mistakes go to the draft."""

    def __init__(
        self,
        draft: Draft,
        filling: Filling,
        registry: SchemaRegistry,
        feeder: Feeder,
        reacher: Reacher,
        config: ProjectConfig,
    ) -> None:
        self._draft = draft
        self._filling = filling
        self._feeder = feeder
        self._reacher = reacher
        self._config = config
        self._schemas = SchemaChecks(draft, registry)

    def resolve(self, stage: DraftStage) -> ResolvedStage | None:
        """The stage with its inputs, outputs and parameters, or None when its module cannot be used."""
        params = self._filling.fill(stage.entry.params, stage.place("params"))
        found = stage.found
        if found is None:
            return None
        self._check_batch(stage, found)
        feeds = self._feeder.feeds(stage, found)
        self._schemas.check_feeds(stage, found, feeds)
        return ResolvedStage(
            id=stage.id,
            module=found.module,
            params=filled_params(self._draft, self._filling, stage, found, params),
            inputs=self._schemas.with_upgrades(
                self._reacher.resolve(stage, found, feeds), found, feeds
            ),
            outputs=self._schemas.outputs(stage, found),
            for_each=stage.entry.for_each,
            needs=tuple(stage.needs),
            after=tuple(stage.entry.after),
            options=_options(stage.entry, found),
            config=self._config.only(found.module.config_keys),
            absent_inputs=_absent(found, feeds),
            report=stage.entry.report,
            refines=stage.refines,
            is_gate=stage.entry.gate is not None,
        )

    def _check_batch(self, stage: DraftStage, found: FoundModule) -> None:
        if stage.entry.batch is None:
            return
        if stage.entry.for_each is None:
            message, hint = (
                "the stage has one instance: there is nothing to put together",
                "for_each",
            )
            self._draft.report(stage.place("batch"), message, f"remove 'batch', or say {hint}")
        elif stage.refines or any(output.many for output in found.manifest.outputs):
            message = "a stage that emits many, or refines, does each instance in a job of its own"
            self._draft.report(stage.place("batch"), message, "remove 'batch'")


def _absent(found: FoundModule, feeds: Mapping[str, Feed]) -> dict[str, bool]:
    return {name: its.many for name, its in found.manifest.inputs.items() if name not in feeds}


def _options(entry: StageEntry, found: FoundModule) -> RuleOptions:
    """What Snakemake is told: the stage's word over the module's."""
    defaults = dict(found.manifest.resources)
    threads = int(defaults.pop("threads", 1))
    return RuleOptions(
        threads=entry.threads if "threads" in entry.model_fields_set else threads,
        retries=entry.retries,
        priority=entry.priority,
        resources=replaced(defaults, entry.resources),
        timeout=entry.timeout,
        batch=entry.batch,
    )
