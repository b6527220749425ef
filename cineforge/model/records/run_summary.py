"""What a run came to, as the command that is to hear of it gets it on its standard input."""

from __future__ import annotations

from pydantic import AwareDatetime

from cineforge.model.records.run_events import RunStatus
from cineforge.model.records.run_state import Totals
from cineforge.model.refs import Strict


class FailedInstance(Strict):
    """A stage's work that failed, as `stage` or `stage/entity`; `log` is the path of its log below the project."""

    instance: str
    error: str
    log: str


class RunSummary(Strict):
    """One run that has ended.

    `done` and `adopted` name the versions that were made, by calls of modules and without; `failed` what failed, and
    `errors` what is no single job's. `stale` and `needs_revision` are the heads of the whole project that are so now,
    `changes` the heads that make others stale.
    """

    run_id: str
    recipe_id: str
    status: RunStatus
    project: str
    host: str
    command: tuple[str, ...]
    started_at: AwareDatetime
    finished_at: AwareDatetime | None
    totals: Totals
    done: tuple[str, ...]
    adopted: tuple[str, ...]
    failed: tuple[FailedInstance, ...]
    errors: tuple[str, ...]
    stale: tuple[str, ...]
    needs_revision: tuple[str, ...]
    changes: tuple[str, ...]
