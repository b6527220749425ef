"""What a plan rests on, to be compared with what the same question rests on later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cineforge.deciding.dry_run.dry_run_planner import DryRunPlanner
from cineforge.deciding.dry_run.stage_decisions import StageDecisions
from cineforge.model.errors import DecisionFailed
from cineforge.model.records.decision_record import DecisionRecord
from cineforge.model.records.plan_file import PlanFile, StageFacts
from cineforge.model.records.plan_report import PlannedStage
from cineforge.model.secrets import sealed

#: The decisions of a planned stage, and what they come to, in words that go after its name.
_KINDS = {
    "build": "to be built",
    "adopted": "to be adopted",
    "unknown": "to be built or kept",
    "possible": "perhaps to be built",
    "held": "held",
    "as_is": "used as it is",
    "keep": "up to date",
}


def stage_facts(
    planner: DryRunPlanner, plan: Iterable[StageDecisions]
) -> tuple[dict[str, StageFacts], dict[str, str]]:
    """Of the stages with anything to do what they read alike, and the fingerprints of what is known to be done."""
    stages: dict[str, StageFacts] = {}
    fingerprints: dict[str, str] = {}
    for stage in plan:
        for decision in stage.at_work:
            try:
                reads = planner.reads(decision.instance)
            except DecisionFailed:  # what is only possible may not be there
                continue
            if not reads.pending:
                fingerprints[str(decision.instance)] = reads.digest
            common = reads.stage
            stages[stage.stage] = StageFacts(
                code=common.code,
                params=sealed(common.params, common.secrets),
                config=sealed(common.config, common.secrets),
                schemas=dict(common.schemas),
                sources=dict(common.sources),
            )
    return stages, fingerprints


def differences(planned: PlanFile, now: PlanFile) -> list[str]:
    """What is no longer as it was planned, in words. Empty when a run will do just what was planned."""
    changed = list(_changed_facts(planned.stages, now.stages))
    named_stages = {line.partition(":")[0] for line in changed}
    before, after = _by_instance(planned.report.stages), _by_instance(now.report.stages)
    for name in sorted({*before, *after}):
        stage = name.partition("/")[0]
        was, found = before.get(name), after.get(name)
        if was == found:
            is_other = planned.fingerprints.get(name) != now.fingerprints.get(name)
            if is_other and stage not in named_stages:
                changed.append(f"{name}: what it reads is another")
        elif not (stage in named_stages and was and found and was[0] == found[0]):
            said, meant = _in_words(found), _in_words(was)
            other = f"{said}, was {meant} when it was planned"
            changed.append(f"{name}: {other if said != meant else f'{said}, for another reason'}")
    waited = {each.stage: each.waits_for for each in planned.report.stages}
    for each in now.report.stages:
        if each.waits_for != waited.get(each.stage, ()):
            changed.append(f"{each.stage}: other fan-outs tell how many there will be")
    return changed


def _changed_facts(
    before: Mapping[str, StageFacts], after: Mapping[str, StageFacts]
) -> Iterator[str]:
    for name in sorted(before.keys() & after.keys()):
        was, now = before[name], after[name]
        if was.code != now.code:
            yield f"{name}: its module's code was changed"
        for kind, text in (
            ("params", "parameters were"),
            ("config", "the project's configuration was"),
            ("schemas", "schemas were"),
            ("sources", "source files were"),
        ):
            old, new = getattr(was, kind), getattr(now, kind)
            others = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
            if others:
                yield f"{name}: {text} changed: {', '.join(others)}"


def _by_instance(stages: Iterable[PlannedStage]) -> dict[str, tuple[str, DecisionRecord]]:
    return {
        each.instance: (kind, each)
        for stage in stages
        for kind in _KINDS
        for each in getattr(stage, kind)
    }


def _in_words(found: tuple[str, DecisionRecord] | None) -> str:
    if found is None:
        return "not part of it"
    kind, decision = found
    head = f" ({decision.head})" if decision.head else ""
    return f"{_KINDS[kind]}{head}"
