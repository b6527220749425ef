"""Show a version: its payload, or its sealed record.

examples:
  cineforge show scene_report/scene_7
  cineforge show scene_report/scene_7@2 --meta
  cineforge show script --json | jq .data.title_page
"""

from __future__ import annotations

import argparse
import json

from cineforge.commands.shared.options import add_directory


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ref", help="type[/entity][@version]; without a version the head")
    parser.add_argument("--meta", action="store_true", help="the sealed record instead")
    add_directory(parser)
    parser.add_argument("--json", action="store_true", help="both, for programs")


def run(options: argparse.Namespace) -> int:
    from cineforge.project import Project

    with Project(options.directory) as project:
        artifact = project.show(options.ref)
    meta = artifact.metadata.model_dump(mode="json")
    if options.json:
        record = {"ref": str(artifact.ref), "health": artifact.health.value}
        print(json.dumps({**record, "data": artifact.data, "metadata": meta}, ensure_ascii=False))
    elif options.meta:
        print(json.dumps({**meta, "health": artifact.health.value}, indent=1, ensure_ascii=False))
    else:
        print(json.dumps(artifact.data, indent=1, ensure_ascii=False))
    return 0
