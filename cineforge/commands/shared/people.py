"""The options and the words of every command that records what a person says."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from cineforge.commands.shared.options import add_question_options
from cineforge.model.errors import CineForgeError

if TYPE_CHECKING:
    from cineforge.model.refs import ArtifactRef
    from cineforge.project import Judgement, Project
    from cineforge.store import ArtifactStore


def add_word_arguments(parser: argparse.ArgumentParser) -> None:
    """`--why`, `--who`, `--directory` and `--json`."""
    parser.add_argument("--why", type=_text, default="", help="the reason, for the record")
    parser.add_argument("--who", type=_text, metavar="NAME", help="who says so (default: you)")
    add_question_options(parser)


def add_judge_arguments(parser: argparse.ArgumentParser, *, many: bool = False) -> None:
    """The version judged, or `many` of them, `--by`, `--confidence` and those of every word."""
    what = "type[/entity][@version]; without a version the head"
    if many:
        parser.add_argument("refs", nargs="+", metavar="ref", help=f"{what}; or a glob of heads")
    else:
        parser.add_argument("ref", help=what)
    parser.add_argument(
        "--by",
        choices=["person", "rule", "ai"],
        default="person",
        help="what kind of judge; a rule or an AI is named with --who",
    )
    parser.add_argument("--confidence", type=float, default=1.0, metavar="0..1")
    add_word_arguments(parser)


def _text(value: str) -> str:
    """An argument that goes on record. Python carries bytes that are no UTF-8 along in a form that cannot be saved."""
    if not value.isprintable() and any("\ud800" <= each <= "\udfff" for each in value):
        raise CineForgeError(f"{value!a} is not UTF-8 text: type it in UTF-8")
    return value


def judgement_record(judged: Judgement) -> dict[str, Any]:
    """A judgement for programs."""
    return {
        "assessment": str(judged.record),
        "subject": str(judged.assessment.subject),
        "verdict": judged.assessment.verdict.value,
        "examined": [str(ref) for ref in judged.assessment.examined],
        "by": judged.assessment.by.value,
        "who": judged.assessment.who,
        "why": judged.assessment.why,
        "confidence": judged.assessment.confidence,
        "health": judged.health.value,
    }


def report_saved(
    store: ArtifactStore, head: ArtifactRef | None, saved: ArtifactRef | None, *, as_json: bool
) -> None:
    """Say what a person's version means for the rest; `store` has watched health since before it was saved.

    `head` is what the head is when nothing was saved.
    """
    from cineforge.model.health import ArtifactHealth

    for trouble in store.links_not_made():
        print(f"warning: {trouble}", file=sys.stderr)
    turned = [change for change in store.health_changes() if change.after is ArtifactHealth.STALE]
    if as_json:
        record = {
            "saved": None if saved is None else str(saved),
            "head": str(saved or head),
            "turned_stale": [str(change.key) for change in turned],
        }
        print(json.dumps(record, indent=1))
        return
    if saved is None:
        print(f"{head} holds just that: nothing was saved")
        return
    print(f"{saved} is saved, and held: no run replaces it until 'cineforge release {saved.key}'")
    if turned:
        were = "artifact has" if len(turned) == 1 else "artifacts have"
        print(f"{len(turned)} {were} turned stale: cineforge status")


def record_hold(options: argparse.Namespace, action: str) -> int:
    """Hold or release the head of an artifact, and say so."""
    from cineforge.project import Project

    with Project(options.directory) as project:
        say = project.hold if action == "hold" else project.release
        head = say(options.artifact, why=options.why, who=options.who)
        freed = "" if options.json or action == "hold" else _freed_text(project, head)
    if options.json:
        print(json.dumps({"artifact": str(head.key), "head": str(head), "held": action == "hold"}))
    elif action == "hold":
        print(f"{head} is held: no run replaces it until 'cineforge release {head.key}'")
    else:
        print(f"{head.key} is free: {freed}")
    return 0


def _freed_text(project: Project, head: ArtifactRef) -> str:
    """What may replace a head that was released, by the recipes of the project."""
    from cineforge.deciding.instance import instance_of
    from cineforge.project.opening import open_planner

    try:
        planner = open_planner(project.store, project.folder)
    except CineForgeError:
        planner = None  # what is wrong with a recipe is told by whatever uses it
    if planner is None:
        return f"a run may replace {head}"
    maker = instance_of(planner.recipe, *head.key)
    if maker is None:
        return f"no recipe that config.yaml lists makes it, so nothing replaces {head}"
    if planner.recipe.stages[maker.stage].is_fan_out:
        return f"{maker} may replace {head} when it is to run again, if it still names {head.key}"
    return f"the next run may replace {head}"
