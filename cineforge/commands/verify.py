"""Check every byte of every version: seals, digests, parents. Damaged ones are named, with what is built on them.

examples:
  cineforge verify
  cineforge verify --directory my_film --json

The exit status is 1 when something is damaged.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from cineforge.commands.options import add_question_options
from cineforge.model.errors import CineForgeError

if TYPE_CHECKING:
    from cineforge.model.refs import ArtifactRef
    from cineforge.store import ArtifactStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_question_options(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.project import open_store

    with open_store(options.directory) as store:
        refs = [ref for key in store.list_artifacts() for ref in store.list_versions(*key)]
        damaged = _damaged(store, refs)
        mended = store.mend_index()
        built_on = {
            ref: [str(other) for other in store.dependents(ref, transitive=True)] for ref in damaged
        }
    if options.json:
        records = [
            {"ref": str(ref), "what": what, "built_on_it": built_on[ref]}
            for ref, what in damaged.items()
        ]
        print(
            json.dumps(
                {"versions": len(refs), "damaged": records, "index_mended": mended}, indent=1
            )
        )
    else:
        for ref, what in damaged.items():
            print(f"{ref}: {what}")
            for other in built_on[ref]:
                print(f"  built on it: {other}")
        if mended:
            print("the index did not say what the folders say: it has been made anew")
        print(f"{len(refs)} versions, {len(damaged)} damaged")
    return 1 if damaged else 0


def _damaged(store: ArtifactStore, refs: list[ArtifactRef]) -> dict[ArtifactRef, str]:
    """What is wrong with each damaged version; a progress line goes by on a terminal."""
    from rich.console import Console
    from rich.progress import track

    found: dict[ArtifactRef, str] = {}
    console = Console(stderr=True)
    steps = track(
        refs, "checking", console=console, disable=not sys.stderr.isatty(), transient=True
    )
    for ref in steps:
        try:
            store.verify(ref)
        except CineForgeError as error:
            found[ref] = str(error)
    return found
