"""The options and the words of every command that records what a person says."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from cineforge.commands.shared.options import add_question_options
from cineforge.model.errors import CineForgeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cineforge.model.refs import ArtifactRef
    from cineforge.project import Judgement, Project
    from cineforge.recipes.resolved import ResolvedRecipe
    from cineforge.store import ArtifactStore

#: So many are told one by one.
SHOWN = 20


def add_word_arguments(parser: argparse.ArgumentParser) -> None:
    """`--why`, `--who`, `--directory` and `--json`."""
    parser.add_argument("--why", type=_text, default="", help="the reason, for the record")
    parser.add_argument("--who", type=_text, metavar="NAME", help="who says so (default: you)")
    add_question_options(parser)


def add_judge_arguments(parser: argparse.ArgumentParser) -> None:
    """The versions judged, `--by`, `--confidence` and those of every word."""
    parser.add_argument(
        "refs",
        nargs="+",
        metavar="ref",
        help="type[/entity][@version], without a version the head; or a glob of heads",
    )
    parser.add_argument(
        "--by",
        choices=["person", "rule", "ai"],
        default="person",
        help="what kind of judge; a rule or an AI is named with --who",
    )
    parser.add_argument("--confidence", type=float, default=1.0, metavar="0..1")
    add_word_arguments(parser)


def add_hold_arguments(parser: argparse.ArgumentParser) -> None:
    """The artifacts held or released, and those of every word."""
    parser.add_argument(
        "artifacts", nargs="+", metavar="artifact", help="type[/entity], or a glob of them"
    )
    add_word_arguments(parser)


def _text(value: str) -> str:
    """An argument that goes on record. Python carries bytes that are no UTF-8 along in a form that cannot be saved."""
    if not value.isprintable() and any("\ud800" <= each <= "\udfff" for each in value):
        raise CineForgeError(f"{value!a} is not UTF-8 text: type it in UTF-8")
    return value


def say_each(
    names: Sequence[str],
    said: Sequence[tuple[str, Mapping[str, Any]]],
    done: str,
    *,
    as_json: bool,
) -> None:
    """Tell what was recorded of each; programs get a list, but for one artifact that was named as it is."""
    from cineforge.project.named_refs import is_glob

    if as_json:
        records = [record for _, record in said]
        is_one = len(names) == 1 and not is_glob(names[0])
        print(json.dumps(records[0] if is_one else records, indent=1))
        return
    for text, _ in said[:SHOWN]:
        print(text)
    if len(said) > SHOWN:
        print(f"... and {len(said) - SHOWN} more: {len(said)} {done} in all")


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
    """Hold or release the heads of artifacts, and say so."""
    from cineforge.project import Project

    with Project(options.directory) as project:
        say = project.hold_all if action == "hold" else project.release_all
        heads = say(options.artifacts, why=options.why, who=options.who)
        if action == "hold":
            until = "no run replaces it until 'cineforge release"
            texts = [f"{head} is held: {until} {head.key}'" for head in heads]
        elif options.json:
            texts = [""] * len(heads)
        else:
            texts = _freed_texts(project, heads[:SHOWN]) + [""] * len(heads[SHOWN:])
    is_held = action == "hold"
    records = [{"artifact": str(head.key), "head": str(head), "held": is_held} for head in heads]
    done = "are held" if is_held else "are free"
    said = list(zip(texts, records, strict=True))
    say_each(options.artifacts, said, done, as_json=options.json)
    return 0


def _freed_texts(project: Project, heads: Sequence[ArtifactRef]) -> list[str]:
    """What may replace heads that were released, by the recipes of the project."""
    from cineforge.project.opening import open_planner

    try:
        planner = open_planner(project.store, project.folder)
    except CineForgeError:
        planner = None  # what is wrong with a recipe is told by whatever uses it
    recipe = None if planner is None else planner.recipe
    return [f"{head.key} is free: {_freed_text(recipe, head)}" for head in heads]


def _freed_text(recipe: ResolvedRecipe | None, head: ArtifactRef) -> str:
    from cineforge.deciding.instance import instance_of

    if recipe is None:
        return f"a run may replace {head}"
    maker = instance_of(recipe, *head.key)
    if maker is None:
        return f"no recipe that config.yaml lists makes it, so nothing replaces {head}"
    if recipe.stages[maker.stage].is_fan_out:
        return f"{maker} may replace {head} when it is to run again, if it still names {head.key}"
    return f"the next run may replace {head}"
