"""Follow a run that goes on in another terminal, or on another host, by what it writes down.

examples:
  cineforge watch                                the newest run that is going on
  cineforge watch monday --directory my_film
  cineforge watch --json | while read -r event   every event as it comes, one JSON object a line

It ends when the run does. The exit status is 0 when the run ended well, 1 when it failed, 130 when it was interrupted
or its process died, and 2 when there is nothing to follow. Ctrl-C ends the watching, not the run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from cineforge.commands.shared.options import add_question_options
from cineforge.model.errors import CineForgeError

if TYPE_CHECKING:
    from pathlib import Path

    from cineforge.bridge.run_view import RunView
    from cineforge.model.records.run_events import Event

TROUBLE = 2
_DIED = (
    "the process of run {} is gone without having ended the run: it was killed, or its machine went down."
    " What it published is there; the same command again does the rest"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", nargs="?", help="its id (default: the newest that is going on)")
    add_question_options(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.shared.project_option import require_project
    from cineforge.history.dead_runs import end_dead_runs
    from cineforge.history.reading.follow import follow
    from cineforge.history.reading.run_reading import find_run
    from cineforge.history.run_claims import is_alive
    from cineforge.model.records import run_events as ev
    from cineforge.model.records.run_events import RunStatus

    project = require_project(options.directory)
    run_id = options.run or _newest(project)
    folder = find_run(project, run_id)
    died: list[str] = []

    def end_its_record() -> None:
        died.append(run_id)
        end_dead_runs(project, partial(is_alive, project))

    events = follow(folder, partial(is_alive, project, run_id), end_its_record)
    last = _print_json(events) if options.json else _show(events)
    if died:
        print(f"cineforge: {_DIED.format(run_id)}", file=sys.stderr)
    if not isinstance(last, ev.RunFinished):
        return 130
    if not options.json:
        _print_summary(folder)
    return {RunStatus.DONE: 0, RunStatus.FAILED: 1}.get(last.status, 130)


def _newest(project: Path) -> str:
    from cineforge.history.reading.follow import newest_alive
    from cineforge.history.run_claims import is_alive

    found = newest_alive(project, partial(is_alive, project))
    if found is None:
        raise CineForgeError(
            "no run is going on in this project: 'cineforge runs' lists those that were,"
            " and 'cineforge watch ID' tells one of them again"
        )
    return found


def _print_json(events: Iterable[Event | None]) -> Event | None:
    last = None
    for event in events:
        if event is not None:
            print(event.model_dump_json(), flush=True)
            last = event
    return last


def _show(events: Iterable[Event | None]) -> Event | None:
    from cineforge.bridge.run_view import LiveView, PlainView

    view: RunView = LiveView(sys.stdout) if sys.stdout.isatty() else PlainView(sys.stdout)
    last = None
    try:
        for event in events:
            if event is not None:
                _tell(view, event)
                last = event
    finally:
        view.close()
    return last


def _tell(view: RunView, event: Event) -> None:
    """What a run's own view hears from Snakemake as well: warnings and errors."""
    from cineforge.model.records import run_events as ev

    view.on_event(event)
    say: Callable[[str], None]
    if isinstance(event, ev.Warned | ev.Failed):
        say = view.say if isinstance(event, ev.Warned) else view.complain
        say(event.message)


def _print_summary(folder: Path) -> None:
    from cineforge.commands.shared.run_totals import summary_lines
    from cineforge.commands.shared.words import report_troubles
    from cineforge.history.reading.run_reading import read_run
    from cineforge.history.run_files import read_state

    found = read_run(folder, read_state)
    report_troubles([found])
    if found.state is not None:
        print("\n".join(summary_lines(found.state)))
