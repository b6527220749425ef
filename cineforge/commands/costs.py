"""Sum up what modules paid: by stage, by run, and in all. Failed attempts count; kept work costs nothing.

examples:
  cineforge costs
  cineforge costs --run run-20261122-191502-3fa9c1
  cineforge costs --directory my_film --json

The exit status is 1 when the record of a run is damaged or missing: it is counted as far as that goes.
"""

from __future__ import annotations

import argparse
import json
from decimal import Decimal

from cineforge.commands.shared.options import add_question_options
from cineforge.commands.shared.words import report_troubles


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", metavar="ID", help="of one run only")
    add_question_options(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.shared.project_option import project_at_rest
    from cineforge.commands.shared.table import print_table
    from cineforge.history.reading.run_reading import find_run, read_run, read_runs
    from cineforge.history.state_file import read_stages
    from cineforge.model.display.quantities import money

    project = project_at_rest(options.directory)
    if options.run is None:
        found = read_runs(project, read_stages)
    else:
        found = iter([read_run(find_run(project, options.run), read_stages)])
    stages: dict[str, _Sum] = {}
    runs: dict[str, _Sum] = {}
    total = _Sum()
    troubled = []
    # One at a time: thousands of states together take longer to keep than to read.
    for run in found:
        if run.trouble:
            troubled.append(run)
        for stage in run.state.stages if run.state else ():
            for each in (
                stages.setdefault(stage.stage, _Sum()),
                runs.setdefault(run.run_id, _Sum()),
                total,
            ):
                each.add(stage.totals.calls, stage.totals.cost_usd, stage.totals.saved_usd)
    if options.json:
        record = {
            "stages": {name: each.record() for name, each in stages.items()},
            "runs": {name: each.record() for name, each in runs.items()},
            "total": total.record(),
        }
        print(json.dumps(record, indent=1))
        return report_troubles(troubled)
    for title, sums in (("stage", stages), ("run", runs), ("", {"total": total})):
        rows = [
            [name, str(each.calls), money(float(each.cost)), money(float(each.saved))]
            for name, each in sums.items()
        ]
        head = [title, "model calls", "cost", "saved"]
        print_table(head, rows, right=head[1:])
        print()
    return report_troubles(troubled)


class _Sum:
    """Calls, and US dollars as decimals: what was recorded adds up exactly."""

    def __init__(self) -> None:
        self.calls = 0
        self.cost = Decimal(0)
        self.saved = Decimal(0)

    def add(self, calls: int, cost_usd: float, saved_usd: float) -> None:
        if not (calls or cost_usd or saved_usd):
            return  # most stages of most runs
        self.calls += calls
        self.cost += Decimal(repr(cost_usd))
        self.saved += Decimal(repr(saved_usd))

    def record(self) -> dict[str, float]:
        return {"calls": self.calls, "cost_usd": float(self.cost), "saved_usd": float(self.saved)}
