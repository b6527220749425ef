"""Rebuild the index, the tickets and the links in current/ from the artifact folders alone.

example:
  cineforge reindex --directory my_project
"""

from __future__ import annotations

import argparse
import json

from cineforge.commands.shared.options import add_question_options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_question_options(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.shared.project_option import open_store

    with open_store(options.directory) as store:
        store.reindex()
        counts = store.health_counts()
    artifacts = sum(sum(states.values()) for states in counts.values())
    if options.json:
        print(json.dumps({"artifacts": artifacts}))
    else:
        print(f"index rebuilt: {artifacts} artifacts")
    return 0
