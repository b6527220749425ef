"""List the runs of a project, or show one of them.

examples:
  cineforge runs
  cineforge runs show run-20261122-191502-3fa9c1 --directory my_film
  cineforge runs --limit 0                    all of them
  cineforge runs --json

The exit status is 1 when the record of a run is damaged or missing: it is told as far as that goes.
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from cineforge.commands.shared.options import add_question_options
from cineforge.commands.shared.words import report_troubles
from cineforge.model.errors import CineForgeError, StoreDamaged
from cineforge.model.records.run_state import InstanceState

if TYPE_CHECKING:
    from cineforge.model.records.run_state import RunState

#: So many of the newest runs are listed unless all are asked for.
SHOWN = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="*", metavar="show ID", help="show one run instead of all")
    parser.add_argument(
        "--limit",
        type=int,
        metavar="N",
        help=f"list the newest N; 0 lists all (default: {SHOWN}, with --json all)",
    )
    add_question_options(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.shared.project_option import project_at_rest
    from cineforge.history.reading.run_reading import find_run, read_run, read_runs
    from cineforge.history.run_files import read_state
    from cineforge.history.state_file import read_head

    project = project_at_rest(options.directory)
    if options.what:
        if len(options.what) != 2 or options.what[0] != "show":
            raise CineForgeError("write 'cineforge runs' or 'cineforge runs show ID'")
        found = read_run(find_run(project, options.what[1]), read_state)
        if found.state is None:
            raise StoreDamaged(found.trouble)
        _show(found.state, options.json)
        return report_troubles([found])
    limit = options.limit
    if limit is None:
        limit = 0 if options.json else SHOWN
    if limit < 0:
        raise CineForgeError(f"--limit {limit}: use 0 for all, or a number above")
    runs = list(read_runs(project, read_head))
    states = [each.state for each in runs if each.state is not None]
    states.sort(key=lambda state: state.started_at)
    newest = states[-limit:] if limit else states
    if options.json:
        records = [state.model_dump(mode="json", exclude={"stages"}) for state in newest]
        print(json.dumps(records, indent=1))
    else:
        if len(newest) < len(states):
            earlier = len(states) - len(newest)
            print(f"... and {earlier} earlier: cineforge runs --limit 0")
        _list(newest)
    return report_troubles(runs)


def _list(states: list[RunState]) -> None:
    from cineforge.commands.shared.run_totals import status_text
    from cineforge.commands.shared.table import print_table
    from cineforge.model.display.quantities import money

    rows = []
    for state in states:
        counts = state.totals.instances
        finished = state.finished_at
        seconds = f"{(finished - state.started_at).total_seconds():.1f}" if finished else ""
        rows.append(
            [
                state.run_id,
                state.recipe_id,
                status_text(state),
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
    from cineforge.commands.shared.run_totals import summary_lines
    from cineforge.commands.shared.table import print_table
    from cineforge.model.display.quantities import money

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
                stage.status.value if stage.status else "",
                *(str(counts.get(each, 0) or "") for each in InstanceState),
                f"{stage.totals.seconds:.2f}",
                str(stage.totals.calls or ""),
                money(stage.totals.cost_usd),
            ]
        )
    counted = [*(each.value for each in InstanceState), "seconds", "model calls", "cost"]
    print_table(["stage", "status", *counted], rows, right=counted)
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
