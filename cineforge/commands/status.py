"""Count the artifacts of a project by type and health, say what the next run would do about them, and what is held.

It makes the same plan as 'cineforge plan', over all recipes that the project lists: so it sees edits of files, code
and parameters too, and of what is stale it tells what a run would rebuild, and what it expects to keep.

examples:
  cineforge status
  cineforge status --gone                 names what has vanished, and what was made for that
  cineforge status --no-plan              counts and names alone, at once
  cineforge status --directory my_film --json
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cineforge.commands.shared.options import add_question_options
from cineforge.commands.shared.words import first_words, in_a_line, judge_text

if TYPE_CHECKING:
    from cineforge.deciding.facts.source_files import SourceFiles
    from cineforge.model.health import Assessment
    from cineforge.model.metadata import ArtifactMetadata
    from cineforge.model.refs import ArtifactRef
    from cineforge.project import Change, Project, Status
    from cineforge.project.next_run import NextRun

SHOWN = 10
#: What becomes of stale artifacts, in words.
FATES = {
    "rebuild": "{} will be rebuilt",
    "keep": "{} are expected to be kept",
    "unknown": "{} cannot be known yet",
    "held": "{} are held",
    "not made": "{} are made by no recipe that config.yaml lists",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--gone", action="store_true", help="name what has vanished and what is orphaned"
    )
    parser.add_argument(
        "--no-plan", action="store_true", help="say nothing of what a run would do: at once"
    )
    add_question_options(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.project import Project

    with Project(options.directory) as project:
        limit = None if options.json else SHOWN
        newest = project.store.newest_version()
        status = project.status(limit)
        coming = None
        if not options.no_plan:
            coming = _next_run(project, any_stale=bool(status.stale), whole=options.json)
        if coming is not None and project.store.newest_version() != newest:
            status = project.status(limit)  # what came from elsewhere has been registered
        since = {} if coming is None else project.store.nearest_changes()
    if options.json:
        print(json.dumps(_record(status, coming, since), indent=1))
    elif not status.counts:
        print("there are no artifacts yet: snakemake -c4")
        if coming is not None and coming.trouble:
            _print_next_run(coming)
    else:
        _print(status, coming, since, gone=options.gone)
    return 1 if coming is not None and coming.trouble else 0


def _next_run(project: Project, *, any_stale: bool, whole: bool) -> NextRun | None:
    """The plan of everything; pure modules are run for it where what they make must be known."""
    from contextlib import ExitStack

    from cineforge.commands.shared.planning.late_prober import LateProber
    from cineforge.commands.shared.planning.probe_progress import ProbeProgress
    from cineforge.project.next_run import next_run

    progress = ProbeProgress()
    probers: list[LateProber] = []
    with ExitStack() as closing:

        def probe_with(sources: SourceFiles) -> LateProber:
            probers.append(LateProber(project.store, sources, progress))
            return closing.enter_context(probers[-1])

        found = next_run(
            project.store, project.folder, probe_with, any_stale=any_stale, whole=whole
        )
    progress.clear()
    for prober in probers:
        prober.tell_failures()
    return found


def _print(
    status: Status,
    coming: NextRun | None,
    nearest: Mapping[ArtifactRef, ArtifactRef | None],
    *,
    gone: bool,
) -> None:
    from cineforge.model.health import ArtifactHealth

    counts = {name: Counter(states) for name, states in status.counts.items()}
    states = [*(health.value for health in ArtifactHealth), "vanished"]
    used = [state for state in states if any(row[state] for row in counts.values())]
    width = max(len(name) for name in counts)
    print(f"{'type':<{width}}  " + "  ".join(f"{state:>15}" for state in used))
    for name, counted in counts.items():
        row = "  ".join(f"{counted[state] or '':>15}" for state in used)
        print(f"{name:<{width}}  {row}".rstrip())
    stale_count = sum(counted[ArtifactHealth.STALE.value] for counted in counts.values())
    since = [
        f"{ref}, since {change}" for ref, change in _first_to_do(nearest or status.stale, coming)
    ]
    _list("to be revised", [_revision_text(*each) for each in status.to_revise.items()])
    approve = "'cineforge confirm {0}', or 'cineforge revise {0}'"
    _list(
        "waiting",
        [f"{ref} is to be approved: {approve.format(ref.key)}" for ref in status.to_approve],
    )
    _list("held", [str(ref) for ref in status.held])
    if gone:
        _list("vanished", [f"{key}: no fan-out names it any more" for key in status.vanished])
        _list("orphaned", [f"{key}: was made for what has vanished" for key in status.orphaned])
    elif status.vanished or status.orphaned:
        print(
            f"gone: {len(status.vanished)} vanished, {len(status.orphaned)} made for these:"
            " 'cineforge status --gone' names them"
        )
    fates = _fates_by_change(coming, nearest)
    _list("changed", [_change_text(each, fates.get(each.ref)) for each in status.changes])
    _list("stale", since, stale_count)
    if coming is not None:
        _print_next_run(coming)
    if status.far_ahead:
        print(_far_ahead_text(status.far_ahead))
    _list("current", list(status.not_linked))
    if status.stale:
        print(f"ask for all causes: cineforge why {next(iter(status.stale)).key}")


def _print_next_run(coming: NextRun) -> None:
    """What a run would do about it, in the words of the plan."""
    from cineforge.bridge.wording import decision_text, listed

    if coming.trouble:
        print(f"what a run would do cannot be told: {coming.trouble}")
        return
    if coming.fates:
        fates = Counter(fate.value for fate in coming.fates.values())
        print(f"of what is stale, {_fates_text(fates)}")
    if coming.up_to_date:
        print("everything is up to date: a run would call no module")
        return
    if coming.waiting:
        names = [each.instance for each in coming.waiting]
        print(f"waits until somebody approves what it reads: {listed(names)}")
    if not coming.count and not coming.is_open:
        print("a run would call no module")
        return
    _list("to do", [f"{each.instance}: {decision_text(each)}" for each in coming.starts])
    more = " or more" if coming.is_open else ""
    print(f"a run would have {coming.count}{more} to do, all told: cineforge plan")


def _fates_by_change(
    coming: NextRun | None, nearest: Mapping[ArtifactRef, ArtifactRef | None]
) -> dict[ArtifactRef | None, Counter[str]]:
    """By change, what becomes of the heads that are stale by it before any other. Nothing where that is not known."""
    found: dict[ArtifactRef | None, Counter[str]] = {}
    fates = {} if coming is None else coming.fates or {}
    for ref, fate in fates.items():
        found.setdefault(nearest.get(ref), Counter())[fate.value] += 1
    return found


def _first_to_do(
    since: Mapping[ArtifactRef, ArtifactRef | None], coming: NextRun | None
) -> list[tuple[ArtifactRef, ArtifactRef | None]]:
    """The first of the stale heads, each with its change: those to be rebuilt before those that will be kept."""
    fates = {} if coming is None else coming.fates or {}
    order = [*FATES]
    order.remove("keep")

    def place(ref: ArtifactRef) -> int:
        fate = fates.get(ref)
        return order.index(fate.value) if fate and fate.value in order else len(order)

    return sorted(since.items(), key=lambda each: place(each[0]))[:SHOWN]


def _fates_text(fates: Counter[str]) -> str:
    return ", ".join(words.format(fates[fate]) for fate, words in FATES.items() if fates[fate])


def _list(label: str, lines: list[str], count: int | None = None) -> None:
    for line in lines[:SHOWN]:
        print(f"{label}: {line}")
    more = (len(lines) if count is None else count) - SHOWN
    if more > 0:
        print(f"{label}: ... and {more} more")


def _far_ahead_text(refs: Sequence[ArtifactRef]) -> str:
    """That a clock was wrong, here or when something was saved."""
    more = f" and {len(refs) - 1} more are" if len(refs) > 1 else " is"
    return (
        f"warning: {refs[0]}{more} dated more than a day ahead of this machine's clock. If the clock is right, it was"
        " wrong when they were saved: only what is saved of the same artifacts is dated after them"
    )


def _revision_text(ref: ArtifactRef, word: Assessment | None) -> str:
    """Who asks for a revision, and why."""
    if word is None:
        return str(ref)
    reason = first_words(word.why)
    return f"{ref}, by {judge_text(word)}" + (f": {reason}" if reason else "")


def _change_text(change: Change, fates: Counter[str] | None) -> str:
    """What changed, when, by whom and why, how much stands on what was there before, and what becomes of that."""
    text = str(change.ref)
    if change.metadata is not None:
        made = change.metadata
        text += f", {made.created_at:%Y-%m-%d %H:%M} UTC, by {in_a_line(_maker(made))}"
        reason = first_words(made.rationale or made.intent)
        text += f": {reason}" if reason else ""
    text = f"{text} ({change.direct} made from what was before)"
    return f"{text}: of {fates.total()} stale, {_fates_text(fates)}" if fates else text


def _maker(made: ArtifactMetadata) -> str:
    return made.producing_role or made.producing_module or made.source.value


def _next_record(coming: NextRun) -> dict[str, Any]:
    fates = {str(ref): fate.value for ref, fate in (coming.fates or {}).items()}
    return {
        "up_to_date": coming.up_to_date,
        "instances": [str(each) for each in coming.at_work],
        "waiting": [each.instance for each in coming.waiting],
        "may_be_more": coming.is_open,
        "stale": dict(sorted(Counter(fates.values()).items())),
        "fates": fates,
        "trouble": coming.trouble,
    }


def _record(
    status: Status, coming: NextRun | None, nearest: Mapping[ArtifactRef, ArtifactRef | None]
) -> dict[str, Any]:
    fates = _fates_by_change(coming, nearest)
    return {
        "next_run": None if coming is None else _next_record(coming),
        "counts": status.counts,
        "stale": [str(ref) for ref in status.stale],
        "changes": [
            {
                "ref": str(change.ref),
                "direct": change.direct,
                "made_at": None if made is None else made.created_at.isoformat(),
                "by": None if made is None else _maker(made),
                "why": None if made is None else made.rationale or made.intent,
                "stale": dict(sorted(fates.get(change.ref, {}).items())),
            }
            for change in status.changes
            for made in [change.metadata]
        ],
        "needs_revision": [str(ref) for ref in status.to_revise],
        "to_approve": [str(ref) for ref in status.to_approve],
        "held": [str(ref) for ref in status.held],
        "vanished": [str(key) for key in status.vanished],
        "orphaned": [str(key) for key in status.orphaned],
        "far_ahead": [str(ref) for ref in status.far_ahead],
        "not_linked": list(status.not_linked),
    }
