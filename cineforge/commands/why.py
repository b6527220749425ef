"""Say why an artifact is stale, down to the first upstream change, and what a run would do about it.

examples:
  cineforge why scene_report/scene_7
  cineforge why scene/scene_7@2 --directory my_film
  cineforge why strip_board --json
"""

from __future__ import annotations

import argparse
import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from cineforge.commands.options import add_question_options
from cineforge.commands.words import assessment_text

if TYPE_CHECKING:
    from cineforge.deciding.decide import Decision
    from cineforge.model.health import ArtifactHealth
    from cineforge.model.refs import ArtifactRef
    from cineforge.store import Cause


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ref", help="type[/entity][@version]; without a version the head")
    add_question_options(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.project import Project

    with Project(options.directory) as project:
        found = project.why(options.ref)
    ref, causes, decision = found.ref, list(found.causes), found.decision
    health, held = found.health, [str(key) for key in found.held]
    if options.json:
        print(json.dumps(_record(ref, health.value, causes, held, decision), indent=1))
        return 0
    print(f"{ref} {_health_text(health)}")
    if found.assessment is not None:
        print(f"  {assessment_text(found.assessment)}")
    for cause in causes:
        for depth, line in enumerate(why_lines(cause)):
            print(f"{'  ' * (depth + 1)}{line}")
    if held:
        print(f"stale only behind a hold: nothing reaches it before {', '.join(held)} is released")
    if decision is not None:
        from cineforge.bridge.wording import decision_text

        print(f"a run would {_verb(decision)}: {decision_text(decision)}")
    return 0


def _health_text(health: ArtifactHealth) -> str:
    if health.value == "needs_revision":
        return "is to be revised"
    return f"is {health.value.replace('_', ' ')}"


def why_lines(cause: Cause) -> list[str]:
    """One cause, a line for each step from the stale version up to the change itself."""
    path = [*cause.path]
    lines = [f"{lower} was made from {upper}" for lower, upper in pairwise(path)]
    if cause.used is None:
        changes = [f"+{entity}" for entity in cause.came] + [f"-{entity}" for entity in cause.went]
        shown = ", ".join(changes[:8]) + (" ..." if len(changes) > 8 else "")
        lines.append(
            f"{path[-1]} gathered the members of {cause.head.key}, which are others now: {shown}"
        )
        return lines
    lines.append(f"{path[-1]} was made from {cause.used}")
    lines.append(f"{cause.used} has been followed by {cause.head}, which differs")
    return lines


def _verb(decision: Decision) -> str:
    from cineforge.deciding.decide import Action

    return {
        Action.BUILD: "build it",
        Action.KEEP: "keep it",
        Action.UNKNOWN: "decide when more is known",
    }[decision.action]


def _record(
    ref: ArtifactRef,
    health: str,
    causes: list[Cause],
    held: list[str],
    decision: Decision | None,
) -> dict[str, Any]:
    return {
        "ref": str(ref),
        "health": health,
        "causes": [
            {
                "kind": cause.kind.value,
                "head": str(cause.head),
                "used": None if cause.used is None else str(cause.used),
                "path": [str(step) for step in cause.path],
                "came": list(cause.came),
                "went": list(cause.went),
            }
            for cause in causes
        ],
        "behind_held": held,
        "decision": None
        if decision is None
        else {
            "action": decision.action.value,
            "held": decision.held,
            "reasons": [
                {name: value for name, value in vars(reason).items() if value}
                for reason in decision.reasons
            ],
            "pending": [str(instance) for instance in decision.pending],
        },
    }
