"""List the runs of a project, or show one of them.

examples:
  cineforge runs
  cineforge runs show run-20261122-191502-3fa9c1 --directory my_film
  cineforge runs --json
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from cineforge.commands.options import add_question_options
from cineforge.model.errors import CineForgeError
from cineforge.model.run_state import InstanceState

if TYPE_CHECKING:
    from cineforge.model.run_state import RunState


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="*", metavar="show ID", help="show one run instead of all")
    add_question_options(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.project import project_at_rest
    from cineforge.running.run_files import read_state, run_folder, run_ids

    project = project_at_rest(options.directory)
    if options.what:
        if len(options.what) != 2 or options.what[0] != "show":
            raise CineForgeError("write 'cineforge runs' or 'cineforge runs show ID'")
        _show(read_state(run_folder(project, options.what[1])), options.json)
        return 0
    states = [read_state(run_folder(project, run_id)) for run_id in run_ids(project)]
    states.sort(key=lambda state: state.started_at)
    if options.json:
        records = [state.model_dump(mode="json", exclude={"stages"}) for state in states]
        print(json.dumps(records, indent=1))
    else:
        _list(states)
    return 0


def _list(states: list[RunState]) -> None:
    from cineforge.commands.run_summary import money
    from cineforge.commands.table import print_table

    rows = []
    for state in states:
        counts = state.totals.instances
        seconds = (
            f"{(state.finished_at - state.started_at).total_seconds():.1f}"
            if state.finished_at
            else ""
        )
        rows.append(
            [
                state.run_id,
                state.recipe_id,
                state.status.value,
                f"{state.started_at:%Y-%m-%d %H:%M:%S}",
                seconds,
                str(counts.get(InstanceState.DONE, 0)),
                str(counts.get(InstanceState.KEPT, 0)),
                str(counts.get(InstanceState.FAILED, 0)),
                money(state.totals.cost_usd),
            ]
        )
    head = [
        "run",
        "recipe",
        "status",
        "started (UTC)",
        "seconds",
        "built",
        "kept",
        "failed",
        "cost",
    ]
    print_table(head, rows, right=head[4:])


def _show(state: RunState, as_json: bool) -> None:
    from cineforge.commands.run_summary import money, summary_lines
    from cineforge.commands.table import print_table

    if as_json:
        print(state.model_dump_json(indent=1))
        return
    print("\n".join(summary_lines(state)))
    print(f"  {' '.join(state.command)}")
    rows = []
    for stage in state.stages:
        counts = stage.totals.instances
        rows.append(
            [
                stage.stage,
                *(str(counts.get(each, 0) or "") for each in InstanceState),
                f"{stage.totals.seconds:.2f}",
                str(stage.totals.calls or ""),
                money(stage.totals.cost_usd),
            ]
        )
    head = ["stage", *(each.value for each in InstanceState), "seconds", "model calls", "cost"]
    print_table(head, rows, right=head[1:])
    measured = [
        (stage.stage, instance)
        for stage in state.stages
        for instance in stage.instances
        if instance.usage is not None
    ]
    if measured:
        rows = [
            [
                stage if instance.entity is None else f"{stage}/{instance.entity}",
                f"{instance.usage.wall_seconds:.3f}",
                f"{instance.usage.cpu_seconds:.3f}",
                f"{instance.usage.peak_memory_bytes / 2**20:.1f}",
            ]
            for stage, instance in measured
            if instance.usage is not None
        ]
        head = ["job", "wall s", "CPU s", "peak MiB"]
        print_table(head, rows, right=head[1:])
