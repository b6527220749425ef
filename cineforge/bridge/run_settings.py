"""What the user asked Snakemake for. Read late: these settings do not exist yet while a Snakefile is parsed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cineforge.deciding.instance import Instance
from cineforge.deciding.reasons import ReasonKind, heeded_reasons
from cineforge.model.errors import DecisionFailed, nearest
from cineforge.model.names import ENTITY_PATTERN, NO_ENTITY
from cineforge.recipes.resolved import ResolvedRecipe

_CURRENT = re.compile(rf"(?:\./)?current/([a-z0-9_.]+)/({ENTITY_PATTERN}|{NO_ENTITY})\.json")


@dataclass(frozen=True)
class RunSettings:
    """The command line, as far as decisions depend on it.

    `executing` is False for dry runs and for commands that only look (`--dag`, `--summary`, ...). `remote`: jobs
    run in processes of their own, on other hosts perhaps. `groups` maps stages to Snakemake's job groups.
    """

    executing: bool
    remote: bool
    groups: Mapping[str, str]
    cores: int
    targets: frozenset[str]
    force_all: bool
    forced_stages: frozenset[str]
    forced_instances: frozenset[Instance]
    limits: frozenset[str]
    limit_option: str
    heeded: frozenset[ReasonKind]

    def forced(self, instance: Instance) -> bool:
        return (
            self.force_all
            or instance.stage in self.forced_stages
            or instance in self.forced_instances
        )


def read_settings(workflow: Any, recipe: ResolvedRecipe) -> RunSettings:
    """The settings of a Snakemake `Workflow` that is about to build its DAG. Raises DecisionFailed."""
    dag = workflow.dag_settings
    executing = workflow.executor_plugin is not None and not workflow.dryrun
    if workflow.touch:
        raise DecisionFailed(
            "--touch has nothing to touch: file times mean nothing here, contents decide"
        )
    if dag.batch is not None:
        raise DecisionFailed("--batch is not supported: name the targets to run instead")
    forced_stages: set[str] = set()
    forced_instances: set[Instance] = set()
    asked = set(dag.forcerun)
    if dag.forcetargets:
        asked |= {target for target in dag.targets if _is_ours(target, recipe)}
    for name in asked:
        if name in recipe.stages:
            forced_stages.add(name)
        elif name.removeprefix("all_") in recipe.stages:
            forced_stages.add(name.removeprefix("all_"))
        elif name != "all":
            instance = _instance_behind(name, recipe)
            if instance is not None:
                forced_instances.add(instance)
    limits = dag.until or dag.omit_from
    return RunSettings(
        executing=executing,
        remote=executing and not workflow.local_exec,
        groups=dict(workflow.group_settings.overwrite_groups or {}) if executing else {},
        cores=workflow.resource_settings.cores or 1,
        targets=frozenset(dag.targets),
        force_all=dag.forceall,
        forced_stages=frozenset(forced_stages),
        forced_instances=frozenset(forced_instances),
        limits=frozenset(limits),
        limit_option="--until" if dag.until else "--omit-from",
        heeded=heeded_reasons([str(trigger) for trigger in dag.rerun_triggers]),
    )


def _is_ours(target: str, recipe: ResolvedRecipe) -> bool:
    return (
        target.startswith("all_")
        or _CURRENT.fullmatch(target) is not None
        or target in recipe.stages
    )


def _instance_behind(name: str, recipe: ResolvedRecipe) -> Instance | None:
    """The instance whose work a `current/` path shows. Raises DecisionFailed for what is no path of ours."""
    match = _CURRENT.fullmatch(name)
    if match is None:
        if name.startswith("artifacts/"):
            return None  # a ticket: published ones are never remade, planned ones are forced by Snakemake
        raise DecisionFailed(
            f"--forcerun {name}: there is no such stage; {_hint(name, recipe.stages)}"
        )
    artifact_type, entity = match.groups()
    maker = instance_of(recipe, artifact_type, None if entity == NO_ENTITY else entity)
    if maker is None:
        raise DecisionFailed(
            f"{name}: the recipe '{recipe.recipe_id}' makes no '{artifact_type}'; {_hint(artifact_type, recipe.makers)}"
        )
    return maker


def targets_asked(
    targets: Iterable[str], recipe: ResolvedRecipe
) -> tuple[list[str], list[Instance]]:
    """The stages and the single instances that Snakemake targets stand for; other files stand for none."""
    stages: list[str] = []
    instances: list[Instance] = []
    for name in list(targets) or ["all"]:
        match = _CURRENT.fullmatch(name)
        if name == "all":
            stages += recipe.stages
        elif name.removeprefix("all_") in recipe.stages:
            stages.append(name.removeprefix("all_"))
        elif match is not None:
            artifact_type, entity = match.groups()
            maker = instance_of(recipe, artifact_type, None if entity == NO_ENTITY else entity)
            instances += [] if maker is None else [maker]
    return stages, instances


def instance_of(recipe: ResolvedRecipe, artifact_type: str, entity: str | None) -> Instance | None:
    """The instance that makes an artifact, or None when the recipe makes no such type."""
    stage_id = recipe.makers.get(artifact_type, artifact_type.removesuffix(".members"))
    stage = recipe.stages.get(stage_id)
    if stage is None:
        return None
    if stage.for_each is None:
        return Instance(stage_id)
    is_member = any(out.many and out.artifact_type == artifact_type for out in stage.outputs)
    if is_member and entity is not None:
        return Instance(stage_id, entity.rpartition(".")[0] or None)
    return Instance(stage_id, entity)


def _hint(name: str, known: Iterable[str]) -> str:
    close = nearest(name, known)
    return f"did you mean '{close}'?" if close else f"there are: {', '.join(sorted(known))}"
