"""Show a version: its payload, or its sealed record.

examples:
  cineforge show scene_report/scene_7
  cineforge show scene_report/scene_7@2 --meta
  cineforge show script --json | jq .data.title_page
  cineforge show scene/scene_7 --lifted > mine.json      as modules get it, where TYPE.upgrade.py lifts old payloads

What is of an older version of its schema is shown as it was saved, and that is noted.
"""

from __future__ import annotations

import argparse
import json

from cineforge.commands.shared.options import add_directory
from cineforge.commands.shared.words import note_older


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ref", help="type[/entity][@version]; without a version the head")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--meta", action="store_true", help="the sealed record instead")
    shown.add_argument(
        "--lifted", action="store_true", help="as modules get it: by the project's TYPE.upgrade.py"
    )
    add_directory(parser)
    parser.add_argument("--json", action="store_true", help="both, for programs")


def run(options: argparse.Namespace) -> int:
    from cineforge.project import Project

    with Project(options.directory) as project:
        artifact = project.show(options.ref)
        data = project.as_of_today(artifact.ref) if options.lifted else artifact.data
        if not options.lifted and not options.meta:
            note_older(project.folder, [artifact.metadata])
    meta = artifact.metadata.model_dump(mode="json")
    if options.json:
        record = {"ref": str(artifact.ref), "health": artifact.health.value}
        print(json.dumps({**record, "data": data, "metadata": meta}, ensure_ascii=False))
    elif options.meta:
        print(json.dumps({**meta, "health": artifact.health.value}, indent=1, ensure_ascii=False))
    else:
        print(json.dumps(data, indent=1, ensure_ascii=False))
    return 0
