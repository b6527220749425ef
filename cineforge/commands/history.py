"""List the versions of an artifact: when, who, why, by which run, at what cost.

examples:
  cineforge history scene_report/scene_7
  cineforge history script --json
"""

from __future__ import annotations

import argparse
import json
from math import fsum

from cineforge.commands.options import add_question_options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("artifact", help="type[/entity]")
    add_question_options(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.project import open_store, read_ref
    from cineforge.commands.run_summary import money
    from cineforge.commands.table import print_table

    with open_store(options.directory) as store:
        head = read_ref(store, options.artifact)
        found = [store.metadata(ref) for ref in store.list_versions(*head.key)]
        health = {each.ref: store.health(each.ref).value for each in found}
    if options.json:
        records = [{**each.model_dump(mode="json"), "health": health[each.ref]} for each in found]
        print(json.dumps(records, indent=1))
        return 0
    rows = [
        [
            str(each.ref.version),
            f"{each.created_at:%Y-%m-%d %H:%M:%S}",
            each.source.value,
            each.producing_module or each.producing_role or "",
            health[each.ref],
            money(fsum(call.estimated_cost_usd for call in each.cost)),
            f"as @{each.reproduces}" if each.reproduces else each.content[7:15],
            each.run_id or "",
            (each.rationale or each.intent).split("\n")[0][:60],
        ]
        for each in found
    ]
    head_row = ["version", "made (UTC)", "source", "by", "health", "cost", "content", "run", "why"]
    print_table(head_row, rows, right=["version", "cost"])
    return 0
