"""Say why an artifact is stale, down to the first upstream change, what a run would do about it, and at what cost.

examples:
  cineforge why scene_report/scene_7
  cineforge why scene/scene_7@2 --directory my_film
  cineforge why strip_board --json
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from cineforge.commands.shared.options import add_question_options
from cineforge.commands.shared.words import assessment_text

if TYPE_CHECKING:
    from cineforge.model.health import ArtifactHealth
    from cineforge.project import KeptBy, Why, Would


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ref", help="type[/entity][@version]; without a version the head")
    add_question_options(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.bridge.wording import cause_lines, presence_text
    from cineforge.project import Project

    with Project(options.directory) as project:
        found = project.why(options.ref)
    if options.json:
        print(json.dumps(_record(found), indent=1))
        return 0
    print(f"{found.ref} {_health_text(found.health)}")
    if found.assessment is not None:
        print(f"  {assessment_text(found.assessment)}")
    if found.kept_by is not None:
        how = "made by" if found.kept_by.made_it else "by"
        reason = f": {found.kept_by.why}" if found.kept_by.why else ""
        print(f"  it is held, {how} {found.kept_by.who}{reason}")
    for cause in found.causes:
        for depth, line in enumerate(cause_lines(cause)):
            print(f"{'  ' * (depth + 1)}{line}")
    if found.held:
        held = ", ".join(map(str, found.held))
        print(f"stale only behind a hold: nothing reaches it before {held} is released")
    if text := presence_text(found.vanished, found.there_after_a_run):
        print(text)
    if found.would is not None:
        _print_would(str(found.ref.key), found.would)
    return 0


def _print_would(artifact: str, would: Would) -> None:
    from cineforge.bridge.wording import decision_text
    from cineforge.model.display.quantities import duration, money

    instance = str(would.decision.instance)
    what = "it" if instance == artifact else f"{instance}, which makes it"
    verb = {
        "build": f"build {what}",
        "adopt": f"take what the same work made before for {what}, and call no module",
        "keep": f"keep {what}",
        "unknown": f"decide on {what} when more is known",
    }[would.action]
    print(f"a run would {verb}: {decision_text(would.decision.record())}")
    if would.action == "keep":
        return
    if would.usd is None:
        print("what a call of its module costs is not known: none is on record")
        return
    low, likely = money(would.usd.low), money(would.usd.as_known)
    high = money(would.usd.high if would.usd.high is not None else would.usd.as_known)
    if would.action == "adopt":
        if would.usd.as_known:
            print(f"that saves about {likely}")
        return
    spent = likely if low == high else f"{likely} ({low} to {high})"
    taken = "" if would.seconds is None else f" and takes {duration(would.seconds.as_known)}"
    print(f"a call of its module costs {spent}{taken}, by what is on record")


def _health_text(health: ArtifactHealth) -> str:
    if health.value == "needs_revision":
        return "is to be revised"
    return f"is {health.value.replace('_', ' ')}"


def _held_record(kept_by: KeptBy) -> dict[str, str]:
    return {
        "who": kept_by.who,
        "why": kept_by.why,
        "as": "maker" if kept_by.made_it else "hold",
    }


def _record(found: Why) -> dict[str, Any]:
    word = found.assessment
    return {
        "ref": str(found.ref),
        "health": found.health.value,
        "causes": [
            {
                "kind": cause.kind.value,
                "head": str(cause.head),
                "used": None if cause.used is None else str(cause.used),
                "path": [str(step) for step in cause.path],
                "came": list(cause.came),
                "went": list(cause.went),
            }
            for cause in found.causes
        ],
        "held": None if found.kept_by is None else _held_record(found.kept_by),
        "assessment": None if word is None else word.model_dump(mode="json"),
        "behind_held": [str(key) for key in found.held],
        "vanished": found.vanished,
        "there_after_a_run": found.there_after_a_run,
        "decision": None if found.would is None else _decision_record(found.would),
        "one_call": None if found.would is None else _one_call(found.would),
    }


def _decision_record(would: Would) -> dict[str, Any]:
    return would.decision.record(adopts=would.adopts).model_dump(mode="json")


def _one_call(would: Would) -> dict[str, Any]:
    return {
        "usd": would.usd and vars(would.usd),
        "seconds": would.seconds and vars(would.seconds),
    }
