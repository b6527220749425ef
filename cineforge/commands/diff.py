"""Show what differs between two versions: field by field, long texts line by line, files by digest and size.

examples:
  cineforge diff scene/scene_7@2 scene/scene_7@3
  cineforge diff scene/scene_7@2 scene/scene_7           to the head
  cineforge diff strip_board@1 strip_board@2 --json

The exit status is 1 when there are differences, 2 when the versions cannot be compared.
"""

from __future__ import annotations

import argparse
import difflib
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from cineforge.commands.shared.options import add_question_options
from cineforge.commands.shared.words import note_older

if TYPE_CHECKING:
    from cineforge.model.artifact import Change

#: 1 is an answer, so trouble has a status of its own.
TROUBLE = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("a", help="type[/entity][@version]")
    parser.add_argument("b", help="type[/entity][@version]")
    add_question_options(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.project import Project
    from cineforge.views.alike_changes import gathered, shift_of

    with Project(options.directory) as project:
        found = project.diff(options.a, options.b)
        if not found.same_content:
            note_older(project.folder, map(project.store.metadata, (found.a, found.b)))
    if options.json:
        record = {
            "a": str(found.a),
            "b": str(found.b),
            "changes": [asdict(change) for change in found.changes],
            "files": [asdict(change) for change in found.files],
        }
        print(json.dumps(record, indent=1, ensure_ascii=False))
    elif found.same_content:
        print(f"{found.a} and {found.b} have the same content")
    else:
        print(f"--- {found.a}\n+++ {found.b}")
        for change, others in gathered(found.changes):
            print("\n".join(_lines(change)))
            if others:
                print(f"... and {others} more like it, each {shift_of(change):+}")
        for change in found.files:
            print("\n".join(_lines(change, "files/")))
    return 0 if found.same_content else 1


def _lines(change: Change, prefix: str = "") -> Iterator[str]:
    yield f"@ {prefix}{change.path} {change.kind.value}"
    before, after = change.before, change.after
    if isinstance(before, str) and isinstance(after, str) and "\n" in before + after:
        lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
        shown = list(lines)[2:]
        if shown:  # else they differ in what ends their lines
            yield from shown
            return
    if change.kind.value != "added":
        yield f"- {json.dumps(before, ensure_ascii=False)}"
    if change.kind.value != "removed":
        yield f"+ {json.dumps(after, ensure_ascii=False)}"
