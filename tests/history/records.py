"""Records of runs, written as a run writes them."""

from __future__ import annotations

from pathlib import Path

from cineforge.history.recorder import Recorder
from cineforge.model.metadata import CostRecord
from cineforge.model.records import run_events as ev
from cineforge.model.records.decision_record import Action, DecisionRecord
from cineforge.model.records.run_events import StagePlan

STAGES = ("split", "shout")


def started(run_id: str) -> dict[str, object]:
    return {
        "run_id": run_id,
        "recipe_id": "made",
        "recipe_digest": "sha256:" + "0" * 64,
        "stages": tuple(StagePlan(stage=name, module_id=f"{name}_v1") for name in STAGES),
        "command": ("snakemake",),
        "host": "here",
        "pid": 1,
    }


def begin(project: Path, run_id: str = "r1") -> Recorder:
    upstream: dict[str, set[str]] = {"split": set(), "shout": {"split"}}
    return Recorder(project / "runs" / run_id, started(run_id), upstream)


def decide(
    recorder: Recorder, stage: str, entity: str | None, action: Action = Action.BUILD
) -> None:
    decision = DecisionRecord(
        instance=stage if entity is None else f"{stage}/{entity}",
        action=action,
        final=action is Action.BUILD,
        version=1,
    )
    recorder.emit(ev.Decided, decision=decision)


def do_job(recorder: Recorder, stage: str, entity: str | None, *, usd: float = 0.0) -> None:
    place = {"stage": stage, "entity": entity}
    decide(recorder, stage, entity)
    recorder.emit(ev.JobStarted, **place, attempt=1)
    if usd:
        call = CostRecord(model="m", estimated_cost_usd=usd)
        recorder.emit(ev.Cost, **place, attempt=1, call=call)
    recorder.emit(ev.JobFinished, **place, attempt=1, seconds=0.5)
    recorder.emit(ev.Published, **place, refs=(f"{stage}@1",))
