"""What `cineforge run` asks of a run and Snakemake has no word for; it travels in the environment."""

from __future__ import annotations

import json
import secrets as randomness
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cineforge.model.names import check_segment

RUN_ID = "CINEFORGE_RUN_ID"
START_FROM = "CINEFORGE_START_FROM"
INSTRUMENT = "CINEFORGE_INSTRUMENT"
COMMAND = "CINEFORGE_COMMAND"
SELECTION = "CINEFORGE_SELECTION"
DRY_RECORD = "CINEFORGE_DRY_RECORD"
BUDGET = "CINEFORGE_BUDGET"
PLAN = "CINEFORGE_PLAN"


@dataclass(frozen=True)
class RunOptions:
    """`start_from` names a stage: only it and what depends on it may run. `command` is what a person typed.

    A run that `is_run_named` has a record even if there is nothing to do. `selection` is the file of a
    `CarriedSelection`, for the main process alone. `dry_record`: a dry run is to leave a record all the same.
    `budget` is in US dollars. `plan` is the file of what may be done.
    """

    run_id: str | None = None
    is_run_named: bool = False
    start_from: str | None = None
    instrument: bool = False
    command: tuple[str, ...] = ()
    selection: Path | None = None
    dry_record: bool = False
    budget: float | None = None
    plan: Path | None = None

    @property
    def is_plain(self) -> bool:
        """Whether all that is asked for Snakemake has words for: such a run has no record if it has no work."""
        named = self.is_run_named or self.dry_record
        return not (named or self.start_from or self.selection or self.budget is not None)

    def environment(self) -> dict[str, str]:
        """These options as environment variables."""
        found = {RUN_ID: self.run_id, START_FROM: self.start_from}
        if self.instrument:
            found[INSTRUMENT] = "1"
        if self.command:
            found[COMMAND] = json.dumps(self.command)
        if self.selection:
            found[SELECTION] = str(self.selection)
        if self.dry_record:
            found[DRY_RECORD] = "1"
        if self.budget is not None:
            found[BUDGET] = repr(self.budget)
        if self.plan:
            found[PLAN] = str(self.plan)
        return {name: value for name, value in found.items() if value}


def new_run_id() -> str:
    """A unique id that sorts by time: UTC to the second, then a random tail."""
    return f"run-{datetime.now(UTC):%Y%m%d-%H%M%S}-{randomness.token_hex(3)}"


def run_options(environment: Mapping[str, str]) -> RunOptions:
    """The options of this process. Raises InvalidName for a run id that is none."""
    run_id = environment.get(RUN_ID)
    return RunOptions(
        run_id=check_segment("run id", run_id) if run_id else None,
        is_run_named=bool(run_id),
        start_from=environment.get(START_FROM),
        instrument=environment.get(INSTRUMENT) == "1",
        command=tuple(json.loads(environment.get(COMMAND, "[]"))),
        selection=Path(environment[SELECTION]) if environment.get(SELECTION) else None,
        dry_record=environment.get(DRY_RECORD) == "1",
        budget=float(environment[BUDGET]) if environment.get(BUDGET) else None,
        plan=Path(environment[PLAN]) if environment.get(PLAN) else None,
    )
