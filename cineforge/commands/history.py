"""List the versions of an artifact: when, who, why, by which run, at what cost; and what was judged of each.

examples:
  cineforge history scene_report/scene_7
  cineforge history script --json
"""

from __future__ import annotations

import argparse
import json
import sys
from math import fsum
from typing import TYPE_CHECKING, Any

from cineforge.commands.shared.options import add_question_options
from cineforge.commands.shared.words import assessment_text, first_words

if TYPE_CHECKING:
    from cineforge.project import Entry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("artifact", help="type[/entity]")
    add_question_options(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.shared.table import print_table
    from cineforge.project import Project

    with Project(options.directory) as project:
        entries = project.history(options.artifact)
    damaged = [entry for entry in entries if entry.metadata is None]
    if options.json:
        print(json.dumps([_record(entry) for entry in entries], indent=1))
    else:
        head = ["version", "made (UTC)", "source", "by", "health", "cost", "content", "run", "why"]
        print_table(head, [_row(entry) for entry in entries], right=["version", "cost"])
        for entry in entries:
            if entry.assessment is not None:
                print(assessment_text(entry.assessment))
    for entry in damaged:
        print(f"{entry.ref}: {entry.damage}", file=sys.stderr)
    return 1 if damaged else 0


def _row(entry: Entry) -> list[str]:
    from cineforge.model.display.quantities import money

    found = entry.metadata
    if found is None:
        return [str(entry.ref.version), "", "", "", "damaged", "", "", "", ""]
    return [
        str(entry.ref.version),
        f"{found.created_at:%Y-%m-%d %H:%M:%S}",
        found.source.value,
        found.producing_module or found.producing_role or "",
        entry.health.value,
        money(fsum(call.estimated_cost_usd for call in found.cost)),
        f"as @{found.reproduces}" if found.reproduces else found.content[7:15],
        found.run_id or "",
        first_words(found.rationale or found.intent),
    ]


def _record(entry: Entry) -> dict[str, Any]:
    if entry.metadata is None:
        return {"ref": entry.ref.model_dump(mode="json"), "damage": entry.damage}
    word = entry.assessment
    return {
        **entry.metadata.model_dump(mode="json"),
        "health": entry.health.value,
        "assessment": None if word is None else word.model_dump(mode="json"),
    }
