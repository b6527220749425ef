"""Rebuild the index, the tickets and the links in current/ from the artifact folders alone.

example:
  cineforge reindex --directory my_project
"""

from __future__ import annotations

import argparse

from cineforge.commands.options import add_directory


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_directory(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.project import open_store

    with open_store(options.directory) as store:
        store.reindex()
        print(f"index rebuilt: {len(store.heads())} artifacts")
    return 0
