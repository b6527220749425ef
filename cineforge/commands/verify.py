"""Check every byte of every version: seals, digests, parents, permissions.

Damaged versions are named, with what is built on them. Files that could be written to are made read-only again, and
an index that says anything else than the folders is made anew.

examples:
  cineforge verify
  cineforge verify --directory my_film --json

The exit status is 1 when something is damaged, 2 when the project cannot be looked at.
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from cineforge.commands.shared.options import add_question_options
from cineforge.commands.shared.progress import tracked

if TYPE_CHECKING:
    from cineforge.model.refs import ArtifactRef
    from cineforge.store import ArtifactStore

#: 1 is an answer, so trouble has a status of its own.
TROUBLE = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_question_options(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.shared.project_option import open_store

    with open_store(options.directory) as store:
        store.check_folders(deep=True)
        refs = store.every_version()
        damaged, writable = _check(store, refs)
        repaired = store.repair_index()
        built_on = {ref: [str(other) for other in store.built_on(ref)] for ref in damaged}
    if options.json:
        records = [
            {"ref": str(ref), "what": what, "built_on_it": built_on[ref]}
            for ref, what in damaged.items()
        ]
        record = {
            "versions": len(refs),
            "damaged": records,
            "made_read_only": writable,
            "index_mended": repaired,
        }
        print(json.dumps(record, indent=1))
    else:
        for ref, what in damaged.items():
            print(f"{ref}: {what}")
            for other in built_on[ref]:
                print(f"  built on it: {other}")
        if writable:
            were = (
                "version could be written to, and is"
                if writable == 1
                else "versions could be written to, and are"
            )
            print(f"{writable} {were} read-only again")
        if repaired:
            print("the index did not say what the folders say: it has been made anew")
        print(f"{len(refs)} versions, {len(damaged)} damaged")
    return 1 if damaged else 0


def _check(store: ArtifactStore, refs: list[ArtifactRef]) -> tuple[dict[ArtifactRef, str], int]:
    """What is wrong with each damaged version, and how many had files that could be written to."""
    damaged: dict[ArtifactRef, str] = {}
    writable = 0
    steps = tracked(zip(refs, store.look_over(refs), strict=True), "checking", len(refs))
    for ref, (what, was_writable) in steps:
        if what is not None:
            damaged[ref] = what
        writable += was_writable
    return damaged, writable
