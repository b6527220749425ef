"""`python -m benchmarks.runs`: what `cineforge runs` and `costs` cost as the number of runs grows.

Makes projects of 1,000 and of 10,000 runs, each of the size that the screenplay recipe leaves of a feature film, and
prints the CPU seconds of both commands and their ratio per run.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cineforge.history.run_fold import fold
from cineforge.history.state_file import state_text
from cineforge.model.metadata import CostRecord
from cineforge.model.records import run_events as ev
from cineforge.model.records.decision_record import Action, DecisionRecord
from cineforge.model.records.run_events import Event, RunStatus, StagePlan
from cineforge.store.layout import EVENTS_FILE, STATE_FILE

CINEFORGE = str(Path(sys.executable).parent / "cineforge")
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
STAGES = ("ingest", "breakdown", "scene_report", "character_bible", "location_bible", "board")


def events(run_id: str, at: datetime, instances: int) -> list[Event]:
    """A run of so many instances in one of its stages, each with a paid call."""
    found: list[Event] = [
        ev.RunStarted(
            seq=1,
            at=at,
            run_id=run_id,
            recipe_id="made",
            recipe_digest="sha256:" + "0" * 64,
            stages=tuple(StagePlan(stage=name, module_id=f"{name}_v1") for name in STAGES),
            command=("snakemake", "-c4"),
            host="here",
            pid=1,
        )
    ]
    call = CostRecord(model="m", estimated_cost_usd=0.25)
    for number in range(instances):
        place: dict[str, Any] = {"stage": "scene_report", "entity": f"scene_{number}"}
        decision = DecisionRecord(
            instance=f"scene_report/scene_{number}", action=Action.BUILD, final=True, version=1
        )
        seq = len(found) + 1
        found += [
            ev.Decided(seq=seq, at=at, decision=decision),
            ev.JobStarted(seq=seq + 1, at=at, **place, attempt=1),
            ev.Cost(seq=seq + 2, at=at, **place, attempt=1, call=call),
            ev.JobFinished(seq=seq + 3, at=at, **place, attempt=1, seconds=0.5),
            ev.Published(seq=seq + 4, at=at, **place, refs=(f"report/scene_{number}@1",)),
        ]
    found.append(ev.RunFinished(seq=len(found) + 1, at=at, status=RunStatus.DONE))
    return found


def make_runs(project: Path, count: int, instances: int) -> None:
    """So many runs, an hour after one another, all alike but for their names and times."""
    (project / "artifacts").mkdir(parents=True, exist_ok=True)
    name, moment = "run-00000", "2026-01-01T00:00:00Z"
    recorded = events(name, BEGAN, instances)
    lines = "".join(event.model_dump_json() + "\n" for event in recorded)
    state = state_text(fold(recorded).state())
    for number in range(count):
        at = f"{BEGAN + timedelta(hours=number):%Y-%m-%dT%H:%M:%SZ}"
        folder = project / "runs" / f"run-{number:05}"
        folder.mkdir(parents=True)
        for file, text in ((EVENTS_FILE, lines), (STATE_FILE, state)):
            (folder / file).write_text(text.replace(name, folder.name).replace(moment, at))


def cpu_seconds(project: Path, *words: str) -> float:
    """What a command took of the processor."""
    command = [CINEFORGE, *words, "--directory", str(project)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with status {process.returncode}")
    return used.ru_utime + used.ru_stime


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.runs", description=__doc__)
    parser.add_argument("--runs", type=int, nargs=2, default=[1_000, 10_000], metavar="N")
    parser.add_argument("--instances", type=int, default=50, metavar="N", help="in each run")
    options = parser.parse_args()
    few, many = options.runs
    with tempfile.TemporaryDirectory(prefix="runs-") as folder:
        for count in (few, many):
            make_runs(Path(folder) / str(count), count, options.instances)
        print(f"{'':24}{few:>10,} runs  {many:>10,} runs   each of {many:,} / of {few:,}")
        for words in (["runs"], ["runs", "--limit", "0"], ["costs"]):
            took = [cpu_seconds(Path(folder) / str(count), *words) for count in (few, many)]
            ratio = took[1] / many / (took[0] / few)
            print(
                f"cineforge {' '.join(words):14}{took[0]:>13.2f} s{took[1]:>15.2f} s{ratio:>15.2f}"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
