"""Count the artifacts of a project by type and health, and name what is stale, since which change, and what is held.

examples:
  cineforge status
  cineforge status --directory my_film --json
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cineforge.commands.shared.options import add_question_options
from cineforge.commands.shared.words import first_words, in_a_line, judge_text

if TYPE_CHECKING:
    from cineforge.model.health import Assessment
    from cineforge.model.metadata import ArtifactMetadata
    from cineforge.model.refs import ArtifactRef
    from cineforge.project import Change, Status

SHOWN = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_question_options(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.project import Project

    with Project(options.directory) as project:
        status = project.status(None if options.json else SHOWN)
    if options.json:
        print(json.dumps(_record(status), indent=1))
    elif not status.counts:
        print("there are no artifacts yet: snakemake -c4")
    else:
        _print(status)
    return 0


def _print(status: Status) -> None:
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
    since = [f"{ref}, since {change}" for ref, change in status.stale.items()]
    _list("to be revised", [_revision_text(*each) for each in status.to_revise.items()])
    _list("held", [str(ref) for ref in status.held])
    _list("vanished", [f"{key}: no fan-out names it any more" for key in status.vanished])
    _list("orphaned", [f"{key}: was made for what has vanished" for key in status.orphaned])
    _list("changed", [_change_text(change) for change in status.changes])
    _list("stale", since, stale_count)
    if status.far_ahead:
        print(_far_ahead_text(status.far_ahead))
    _list("current", list(status.not_linked))
    if status.stale:
        print(f"ask for all causes: cineforge why {next(iter(status.stale)).key}")


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


def _change_text(change: Change) -> str:
    """What changed, when, by whom and why, and how much stands on what was there before."""
    text = str(change.ref)
    if change.metadata is not None:
        made = change.metadata
        text += f", {made.created_at:%Y-%m-%d %H:%M} UTC, by {in_a_line(_maker(made))}"
        reason = first_words(made.rationale or made.intent)
        text += f": {reason}" if reason else ""
    return f"{text} ({change.direct} made from what was before)"


def _maker(made: ArtifactMetadata) -> str:
    return made.producing_role or made.producing_module or made.source.value


def _record(status: Status) -> dict[str, Any]:
    return {
        "counts": status.counts,
        "stale": [str(ref) for ref in status.stale],
        "changes": [
            {
                "ref": str(change.ref),
                "direct": change.direct,
                "made_at": None if made is None else made.created_at.isoformat(),
                "by": None if made is None else _maker(made),
                "why": None if made is None else made.rationale or made.intent,
            }
            for change in status.changes
            for made in [change.metadata]
        ],
        "needs_revision": [str(ref) for ref in status.to_revise],
        "held": [str(ref) for ref in status.held],
        "vanished": [str(key) for key in status.vanished],
        "orphaned": [str(key) for key in status.orphaned],
        "far_ahead": [str(ref) for ref in status.far_ahead],
        "not_linked": list(status.not_linked),
    }
