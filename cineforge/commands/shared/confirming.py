"""Asks before a run that may spend more than a person wants to spend unasked."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.bridge.wording import listed, money
from cineforge.model.errors import CineForgeError

if TYPE_CHECKING:
    from cineforge.commands.shared.run_request import RunRequest
    from cineforge.model.records.plan_report import PlanReport
    from cineforge.recipes.resolved import ResolvedRecipe


class NotConfirmed(CineForgeError):
    """Nobody said yes to what a run may spend."""


def confirm(
    recipe: ResolvedRecipe,
    request: RunRequest,
    project: Path,
    triggers: Sequence[str],
    above: float,
) -> None:
    """Ask, if the run may spend more than `above` US dollars. Raises NotConfirmed unless the answer is yes."""
    bill = _may_exceed(_plan(recipe, request, project, triggers), above)
    if not bill:
        return
    question = f"this run may spend more than {money(above)}: {bill}"
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
        raise NotConfirmed(f"{question}. Nobody can be asked here: --yes lets it go on")
    try:
        answer = input(f"{question}. Go on? [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() not in ("y", "yes"):
        raise NotConfirmed("nothing was run")


def _may_exceed(report: PlanReport, above: float) -> str:
    """The bill in words when it may be higher than that; else nothing."""
    usd, parts = report.forecast.usd, []
    if usd is not None and (usd.high is None or usd.high > above):
        high = "with no upper bound" if usd.high is None else f"at most {money(usd.high)}"
        parts.append(f"likely {money(usd.likely)}, {high}")
    if report.not_known:
        parts.append(f"not known for {listed(report.not_known)}")
    return "; ".join(parts)


def _plan(
    recipe: ResolvedRecipe, request: RunRequest, project: Path, triggers: Sequence[str]
) -> PlanReport:
    from cineforge.commands.shared.plan_answer import answer
    from cineforge.commands.shared.probe_progress import ProbeProgress
    from cineforge.deciding.facts.store_world import StoreWorld
    from cineforge.deciding.reasons import RERUN_TRIGGERS, enabled_reasons
    from cineforge.model.project_config import ProjectConfig
    from cineforge.running.prober import Prober
    from cineforge.store import ArtifactStore

    with ArtifactStore(project, only_look=True) as store:
        world = StoreWorld(store, (project, Path.cwd()))
        values = ProjectConfig(values=dict(recipe.project))
        enabled = enabled_reasons(triggers or RERUN_TRIGGERS)
        progress = ProbeProgress()
        with Prober(store, values, world.sources, progress) as prober:
            _, report = answer(recipe, store, world, values, request, enabled, prober)
        progress.clear()
    return report
