"""The work of a plan that a run is to do, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from cineforge.deciding.instance import Instance
from cineforge.model.errors import DecisionFailed
from cineforge.model.records.plan_file import PlanFile
from cineforge.store.disk.safe_files import read_regular


@dataclass(frozen=True)
class PlannedWork:
    """`names` are the instances that have or may have work; which the `open_stages` will have was not known."""

    names: frozenset[str]
    open_stages: frozenset[str]
    fingerprints: Mapping[str, str]

    def only(self, instance: Instance) -> PlannedWork:
        """What it says of one instance, for its job."""
        name = str(instance)
        is_open = instance.stage in self.open_stages
        known = self.fingerprints.get(name)
        return PlannedWork(
            self.names & {name},
            frozenset({instance.stage} if is_open else ()),
            {} if known is None else {name: known},
        )

    def require(self, instance: Instance) -> None:
        """Raise DecisionFailed for work that was not planned."""
        if str(instance) not in self.names and instance.stage not in self.open_stages:
            raise DecisionFailed(
                f"{instance} is to be built, which was not planned: something was changed since the run began."
                " Make the plan again, and look at it"
            )

    def require_same(self, instance: Instance, fingerprint: str) -> None:
        """Raise DecisionFailed when an instance reads something else than was planned."""
        if self.fingerprints.get(str(instance), fingerprint) != fingerprint:
            raise DecisionFailed(
                f"{instance} reads something else than was planned: it was changed since the run began."
                " Make the plan again, and look at it"
            )


def read_planned_work(path: Path | None) -> PlannedWork | None:
    """What a plan's file allows; None without one. Raises DecisionFailed when it is gone."""
    if path is None:
        return None
    try:
        plan = PlanFile.model_validate_json(read_regular(path))
    except (OSError, ValidationError) as error:
        raise DecisionFailed(
            f"{path}: the plan of this run cannot be read: type the command again"
        ) from error
    at_work = ("build", "adopted", "unknown", "possible")
    return PlannedWork(
        names=frozenset(
            each.instance
            for stage in plan.report.stages
            for kind in at_work
            for each in getattr(stage, kind)
        ),
        open_stages=frozenset(each.stage for each in plan.report.stages if each.waits_for),
        fingerprints=plan.fingerprints,
    )
