"""What happens in a run, as typed records: one JSON object a line in `pipeline_events.jsonl`.

The state of a run (`run_state.json`) is nothing but these events folded together.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, RootModel

from cineforge.model.health import ArtifactHealth
from cineforge.model.metadata import CostRecord
from cineforge.model.records.call_usage import Usage
from cineforge.model.records.decision_record import (
    WORDS_ALONE,
    Action,
    DecisionRecord,
    ReasonRecord,
)
from cineforge.model.refs import Strict


class RunStatus(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"  # the process died, or was stopped by a person


class _Event(Strict):
    """`seq` counts from 1 without gaps; `at` is UTC."""

    seq: Annotated[int, Field(ge=1)]
    at: AwareDatetime


class _OfInstance(_Event):
    """`entity` is None for a stage that works for the project as a whole."""

    stage: str
    entity: str | None = None


class StagePlan(Strict):
    stage: str
    module_id: str


class RunStarted(_Event):
    """`dry`: the run only says what it would do, and publishes nothing."""

    type: Literal["run_started"] = "run_started"
    run_id: str
    recipe_id: str
    recipe_digest: str
    stages: tuple[StagePlan, ...]
    command: tuple[str, ...]
    host: str
    pid: int
    dry: bool = False


class Decided(_Event):
    """What was decided for an instance. Of several the last holds; one that is not final is followed by one that is.

    Instances of which nothing is to be said stand together in `UpToDate`.
    """

    type: Literal["decided"] = "decided"
    decision: DecisionRecord


class EarlierPlanned(_OfInstance):
    """What earlier releases wrote for `Decided`: work to be done, or perhaps (`certain` false)."""

    type: Literal["planned"] = "planned"
    certain: bool
    version: int
    reasons: tuple[str, ...]

    def upgraded(self) -> Decided:
        action = Action.BUILD if self.certain else Action.UNKNOWN
        return _in_words(self, action, self.reasons, final=self.certain, version=self.version)


class EarlierHeld(_OfInstance):
    """What earlier releases wrote for `Decided`: a head that is kept although it has not seen these changes."""

    type: Literal["held"] = "held"
    unseen: tuple[str, ...]

    def upgraded(self) -> Decided:
        return _in_words(self, Action.KEEP, self.unseen, final=True, held=True)


def _in_words(event: _OfInstance, action: Action, texts: tuple[str, ...], **more: Any) -> Decided:
    name = event.stage if event.entity is None else f"{event.stage}/{event.entity}"
    reasons = tuple(ReasonRecord(kind=WORDS_ALONE, names=(text,)) for text in texts)
    decision = DecisionRecord(instance=name, action=action, reasons=reasons, **more)
    return Decided(seq=event.seq, at=event.at, decision=decision)


class UpToDate(_Event):
    """Instances of one stage that are kept without a job.

    `saved_usd` stands in the events of earlier releases: what making them had cost, which no run spares anew.
    """

    type: Literal["up_to_date"] = "up_to_date"
    stage: str
    entities: tuple[str | None, ...]
    saved_usd: float = 0.0


class StageStarted(_Event):
    type: Literal["stage_started"] = "stage_started"
    stage: str


class StageFinished(_Event):
    type: Literal["stage_finished"] = "stage_finished"
    stage: str


class JobStarted(_OfInstance):
    type: Literal["job_started"] = "job_started"
    attempt: int


class JobFinished(_OfInstance):
    """The end of one attempt. `error` is empty when it went well.

    `probed` says that the module was called before, for a plan.
    """

    type: Literal["job_finished"] = "job_finished"
    attempt: int
    seconds: float
    error: str = ""
    log: str = ""
    usage: Usage | None = None
    probed: bool = False


class Published(_OfInstance):
    """Versions made, as refs (`scene/scene_7@2`)."""

    type: Literal["published"] = "published"
    refs: tuple[str, ...]


class Adopted(_OfInstance):
    """Versions made without calling the module: the same work had made their content before.

    `saved_usd` is what making it had cost.
    """

    type: Literal["adopted"] = "adopted"
    refs: tuple[str, ...]
    saved_usd: float = 0.0


class Kept(_OfInstance):
    """A job found that nothing it reads has changed: the head stays, and `saved_usd` was not spent again."""

    type: Literal["kept"] = "kept"
    ref: str
    saved_usd: float = 0.0


class HealthChanged(_Event):
    type: Literal["health_changed"] = "health_changed"
    #: One alone, in records of older programs.
    artifact: str = ""
    artifacts: tuple[str, ...] = ()
    before: ArtifactHealth
    after: ArtifactHealth


class Cost(_OfInstance):
    """One paid call of one attempt, failed attempts included."""

    type: Literal["cost"] = "cost"
    attempt: int
    call: CostRecord


class GivenBack(_OfInstance):
    """A paid call that was remembered was given back to its module, and not made again."""

    type: Literal["given_back"] = "given_back"
    attempt: int
    calls: int
    saved_usd: float


class LeftOut(_OfInstance):
    """Something was not begun, or not gone on with, because of the budget: the next run goes on with it."""

    type: Literal["left_out"] = "left_out"
    why: str


class Warned(_Event):
    type: Literal["warning"] = "warning"
    message: str


class Failed(_Event):
    """An error that is not one job's: deciding failed, or Snakemake did."""

    type: Literal["error"] = "error"
    message: str


class RunFinished(_Event):
    type: Literal["run_finished"] = "run_finished"
    status: RunStatus


Event = Annotated[
    RunStarted
    | Decided
    | UpToDate
    | StageStarted
    | StageFinished
    | JobStarted
    | JobFinished
    | Published
    | Adopted
    | Kept
    | HealthChanged
    | Cost
    | GivenBack
    | LeftOut
    | Warned
    | Failed
    | RunFinished,
    Field(discriminator="type"),
]


class PipelineEvent(
    RootModel[Event | Annotated[EarlierPlanned | EarlierHeld, Field(discriminator="type")]]
):
    """One line of `pipeline_events.jsonl`."""

    @property
    def event(self) -> Event:
        """The event, what earlier releases wrote included."""
        root = self.root
        return root.upgraded() if isinstance(root, EarlierPlanned | EarlierHeld) else root
