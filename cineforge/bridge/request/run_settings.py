"""What the user asked Snakemake for. Read late: these settings do not exist yet while a Snakefile is parsed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cineforge.bridge.request.carried import CarriedSelection, read_carried
from cineforge.bridge.request.limits import read_limits
from cineforge.bridge.request.native_targets import current_key, meaning
from cineforge.bridge.request.planned_work import PlannedWork
from cineforge.bridge.request.run_options import RunOptions
from cineforge.bridge.snakemake.workflow import SnakemakeCommand
from cineforge.deciding.dry_run.stage_decisions import Limits
from cineforge.deciding.instance import Instance, instance_of
from cineforge.deciding.reasons import enabled_reasons
from cineforge.deciding.selection import Selection
from cineforge.history.budgets import NO_BUDGET, Budget
from cineforge.model.errors import DecisionFailed, nearest
from cineforge.model.records.decision_record import ReasonKind
from cineforge.recipes.resolved import ResolvedRecipe
from cineforge.store import layout


@dataclass(frozen=True)
class RunSettings:
    """What was asked for, as far as decisions and jobs depend on it.

    `executing` is False for dry runs and for commands that only look (`--dag`, `--summary`, ...). `remote`: jobs
    run in processes of their own, on other hosts perhaps. `groups` maps stages to Snakemake's job groups. `asked`
    is what the targets stand for; `narrowed` what `cineforge run` leaves of the stages that it names. `forced_words`
    are those of `--forcerun` that name something of ours. With `start_from` only that stage and what depends on it may
    run; `enabled_reasons` are the kinds that count; `instrument` has jobs measured. `targets` are the words as typed.
    `budget` is what may be paid, `planned` all that may be done, if a plan says it. `keep_going`: other jobs go on when
    one has failed. `jobs`: how many are submitted at once.
    """

    executing: bool
    remote: bool
    groups: Mapping[str, str]
    cores: int
    asked: Selection
    narrowed: Selection | None
    force_all: bool
    forced_selection: Selection
    forced_words: Mapping[str, Selection]
    limits: Limits | None
    enabled_reasons: frozenset[ReasonKind]
    start_from: str | None = None
    instrument: bool = False
    targets: tuple[str, ...] = ()
    budget: Budget = NO_BUDGET
    planned: PlannedWork | None = None
    keep_going: bool = False
    jobs: int = 1

    @property
    def slots(self) -> int:
        """How many jobs are done at once."""
        return self.jobs if self.remote else self.cores

    def forced(self, instance: Instance) -> bool:
        return self.force_all or self.forced_selection.takes(instance)


def read_settings(
    command: SnakemakeCommand, recipe: ResolvedRecipe, options: RunOptions
) -> RunSettings:
    """What a command and our own options mean for this recipe. Raises DecisionFailed for what cannot be done."""
    if command.is_touch:
        raise DecisionFailed(
            "--touch has nothing to touch: file times mean nothing here, contents decide"
        )
    if command.is_batch:
        raise DecisionFailed("--batch is not supported: name the targets to run instead")
    carried: CarriedSelection = read_carried(options.selection)
    forced = _forced(command.forced, recipe)
    # Snakemake adds to the targets what is forced by its path, and rules without wildcards.
    also = {name for name in command.forced if name not in recipe.stages}
    asked = _narrowed(meaning([*(command.targets or ["all"]), *also], recipe), carried.targets)
    if command.force_targets:
        forced |= _narrowed(meaning(set(command.targets) - {"all"}, recipe), carried.targets)
    return RunSettings(
        executing=command.executing,
        remote=command.remote,
        groups=command.groups,
        cores=command.cores,
        asked=asked,
        narrowed=carried.targets,
        force_all=command.force_all,
        forced_selection=forced | (carried.forced or Selection()),
        forced_words={name: meant for name in command.forced if (meant := meaning([name], recipe))},
        limits=read_limits(recipe, command.until, command.omit_from),
        enabled_reasons=enabled_reasons(command.rerun_triggers),
        start_from=options.start_from,
        instrument=options.instrument,
        targets=command.targets,
        keep_going=command.keep_going,
        jobs=command.jobs,
    )


def _narrowed(asked: Selection, by: Selection | None) -> Selection:
    """Of the stages that `by` touches only what it takes."""
    if by is None:
        return asked
    whole = {stage for stage in asked.stages if stage in by.stages or stage not in by.touched}
    return Selection(frozenset(whole), asked.instances, asked.patterns) | Selection(
        instances=by.instances, patterns=by.patterns
    )


def _forced(names: Iterable[str], recipe: ResolvedRecipe) -> Selection:
    """What `--forcerun` names. Raises DecisionFailed for what is no stage and no path of ours."""
    for name in names:
        if name not in recipe.stages and name not in (
            "all",
            *(f"all_{each}" for each in recipe.stages),
        ):
            _require_known(name, recipe)
    return meaning((name for name in names if name != "all"), recipe)


def _require_known(name: str, recipe: ResolvedRecipe) -> None:
    key = current_key(name)
    if key is None:
        if name.startswith(f"{layout.ARTIFACTS}/"):
            return  # a ticket: published ones are never remade, planned ones are forced by Snakemake
        raise DecisionFailed(
            f"--forcerun {name}: there is no such stage; {_hint(name, recipe.stages)}"
        )
    if instance_of(recipe, *key) is None:
        made = key.artifact_type
        raise DecisionFailed(f"{name}: {recipe.title} no '{made}'; {_hint(made, recipe.makers)}")


def _hint(name: str, known: Iterable[str]) -> str:
    close = nearest(name, known)
    return f"did you mean '{close}'?" if close else f"there are: {', '.join(sorted(known))}"
