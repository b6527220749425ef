"""What all parts of one run share."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cineforge.bridge.request.run_options import RunOptions
from cineforge.bridge.request.run_settings import RunSettings
from cineforge.bridge.wording import superseded_text
from cineforge.deciding.facts.adoption import cost_of_version
from cineforge.deciding.facts.store_world import StoreWorld
from cineforge.deciding.instance import Instance
from cineforge.deciding.planner import Planner
from cineforge.history.run_files import runs_folder
from cineforge.history.run_log import RunLog
from cineforge.model.refs import ArtifactRef
from cineforge.recipes.resolved import ResolvedRecipe
from cineforge.store import ArtifactStore

#: Tells a person something.
Say = Callable[[str], None]


@dataclass(frozen=True)
class RunContext:
    """One run of one recipe in one project.

    `planner` holds the decisions that the run goes by. `lock` guards them and all else that is decided in the main
    process: Snakemake asks, and does jobs, in many threads.
    """

    run_id: str
    recipe: ResolvedRecipe
    store: ArtifactStore
    world: StoreWorld
    planner: Planner
    settings: RunSettings
    log: RunLog
    say: Say
    lock: threading.RLock = field(default_factory=threading.RLock)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def project(self) -> Path:
        """The project's folder."""
        return self.store.project

    @property
    def folder(self) -> Path:
        """The run's own folder."""
        return run_folder(self.project, self.run_id)

    def fresh_planner(self, *, only_whether: bool = False) -> Planner:
        """A planner to look ahead with: what is decided too early must not be what the run goes by."""
        return _planner(self.recipe, self.world, self.settings, only_whether=only_whether)

    def planner_afterwards(self) -> Planner:
        """What the next run would decide, one that forces nothing."""
        settings = self.settings
        return Planner(
            self.recipe,
            self.world,
            start_from=settings.start_from,
            enabled=settings.enabled_reasons,
        )

    def say_if_superseded(self, refs: Iterable[ArtifactRef]) -> None:
        """Say of versions that were published whether a person made a later one meanwhile."""
        for ref, head in self.store.superseded(refs):
            self.say(superseded_text(ref, head))


def run_context(
    run_id: str,
    recipe: ResolvedRecipe,
    store: ArtifactStore,
    settings: RunSettings,
    options: RunOptions,
    *,
    search_folders: Iterable[Path],
    say: Say,
) -> RunContext:
    """The context of a run that begins now. Nothing is written."""
    world = StoreWorld(store, search_folders)
    planner = _planner(recipe, world, settings)

    def cost_of(instance: Instance) -> float:
        """What making the heads of an instance had cost, in US dollars."""
        heads = planner.own_heads(instance)
        return math.fsum(cost_of_version(store, head.ref) for head in heads if head)

    folder = run_folder(store.project, run_id)
    log = RunLog(
        folder, recipe, cost_of, options.command, recipe.secrets, dry=not settings.executing
    )
    return RunContext(run_id, recipe, store, world, planner, settings, log, say)


def run_folder(project: Path, run_id: str) -> Path:
    return runs_folder(project) / run_id


def _planner(
    recipe: ResolvedRecipe, world: StoreWorld, settings: RunSettings, *, only_whether: bool = False
) -> Planner:
    return Planner(
        recipe,
        world,
        settings.forced,
        settings.start_from,
        settings.enabled_reasons,
        only_whether=only_whether,
    )
