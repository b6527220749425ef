"""The runs of a project: which there were, what one did and why, what failed with the last lines of its log."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from starlette.responses import Response

from cineforge.history.reading.run_reading import find_run, read_run
from cineforge.history.run_claims import is_alive
from cineforge.history.run_files import read_state, runs_folder
from cineforge.history.state_file import read_head, read_stages
from cineforge.model.errors import CineForgeError, NotFound
from cineforge.model.records.run_events import RunStatus
from cineforge.model.records.run_state import InstanceRecord, InstanceState, RunState, StageRecord
from cineforge.store.disk import safe_files
from cineforge.store.layout import EVENTS_FILE, LIVE_FILE, STATE_FILE, require_inside
from cineforge.ui import started
from cineforge.ui.web import Asked, see

#: Runs on a page and on the overview; instances and failures on a page; bytes of a log's end.
SHOWN, NEWEST, INSTANCES, FAILURES, LOG_END = 50, 6, 100, 20, 12_000
#: In the order in which bars are drawn.
STATES = tuple(InstanceState)


@dataclass(frozen=True)
class Run:
    """A run as it is shown. `state` is None, and `trouble` says why, when nothing tells of it."""

    run_id: str
    state: RunState | None
    trouble: str
    alive: bool

    @property
    def status(self) -> str:
        """The status; a run whose process is gone was interrupted, also before somebody has ended its record."""
        if self.state is None:
            return "damaged"
        if self.state.status is RunStatus.RUNNING and not self.alive:
            return RunStatus.INTERRUPTED.value
        return f"{self.state.status.value}{' (dry)' if self.state.dry else ''}"

    @property
    def seconds(self) -> float | None:
        if self.state is None or self.state.finished_at is None:
            return None
        return (self.state.finished_at - self.state.started_at).total_seconds()


@dataclass(frozen=True)
class Failure:
    """An instance that failed, and how its log ends."""

    stage: str
    record: InstanceRecord
    log: str

    @property
    def instance(self) -> str:
        return instance_name(self.stage, self.record)


def instance_name(stage: str, record: InstanceRecord) -> str:
    return stage if record.entity is None else f"{stage}/{record.entity}"


def newest_ids(project: Path) -> list[str]:
    """All runs, those that last wrote their record first."""
    found: list[tuple[float, str]] = []
    try:
        with os.scandir(runs_folder(project)) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    found.append((_written(Path(entry.path)), entry.name))
    except FileNotFoundError:
        return []
    return [name for _, name in sorted(found, reverse=True)]


def _written(folder: Path) -> float:
    for name in (EVENTS_FILE, STATE_FILE):
        try:
            return (folder / name).lstat().st_mtime
        except OSError:
            continue
    return 0.0


def shown_run(project: Path, run_id: str) -> Run:
    """What the first line of a run's record tells."""
    folder = runs_folder(project) / run_id
    found = read_run(folder, read_head)
    alive = (folder / LIVE_FILE).exists() and is_alive(project, run_id)
    return Run(run_id, found.state, found.trouble, alive)


def runs(asked: Asked) -> Response:
    """The list of runs."""
    project = asked.site.folder
    ids, start = newest_ids(project), asked.number("from")
    shown = [shown_run(project, each) for each in ids[start : start + SHOWN]]
    return asked.page(
        "runs.html", title="Runs", runs=shown, total=len(ids), start=start, shown=SHOWN
    )


def newest(asked: Asked) -> Response:
    """The newest runs: a piece of the overview."""
    return asked.piece("runs_newest.html", title="Runs", runs=newest_runs(asked.site.folder))


def newest_runs(project: Path) -> list[Run]:
    return [shown_run(project, each) for each in newest_ids(project)[:NEWEST]]


def run(asked: Asked) -> Response:
    """One run: its stages, failures, and what it did with each instance."""
    project, run_id = asked.site.folder, asked.path("run_id")
    known = started.output_of(project, run_id)
    try:
        folder = find_run(project, run_id)
    except NotFound:
        if known is None:
            raise
        return asked.page("run_begins.html", title=run_id, run_id=run_id, started=known)
    alive = (folder / LIVE_FILE).exists() and is_alive(project, run_id)
    found = read_run(folder, read_stages if alive else read_state)
    shown = Run(run_id, found.state, found.trouble, alive)
    stage, state, start = asked.query("stage"), asked.query("state"), asked.number("from")
    rows = list(_instances(found.state, stage, state))
    return asked.page(
        "run.html",
        title=run_id,
        run=shown,
        failures=list(failures(project, found.state)),
        stage=stage,
        wanted=state,
        rows=rows[start : start + INSTANCES],
        total=len(rows),
        start=start,
        shown=INSTANCES,
        output=known,
        may_stop=alive and _is_here(found.state),
        all_states=STATES,
    )


def failures(project: Path, state: RunState | None) -> Iterator[Failure]:
    """What failed, the first few, each with the end of its log."""
    count = 0
    for stage in state.stages if state else ():
        for record in stage.instances:
            if record.state is InstanceState.FAILED and count < FAILURES:
                count += 1
                yield Failure(stage.stage, record, log_end(project, record.log))


def log(asked: Asked) -> Response:
    """The end of an instance's log."""
    project, run_id = asked.site.folder, asked.path("run_id")
    state = read_run(find_run(project, run_id), read_state).state
    for stage in state.stages if state else ():
        for record in stage.instances:
            if instance_name(stage.stage, record) == asked.query("instance"):
                text = log_end(project, record.log)
                return asked.page(
                    "log.html",
                    title=f"Log of {asked.query('instance')}",
                    run_id=run_id,
                    instance=asked.query("instance"),
                    record=record,
                    log=text,
                )
    raise NotFound(f"run {run_id} has no '{asked.query('instance')[:200]}'")


def log_end(project: Path, name: str) -> str:
    """The last lines of a log; only of a real file below a run's folder, whatever a record says."""
    parts = PurePosixPath(name).parts
    if len(parts) < 3 or parts[0] != "runs" or ".." in parts:
        return ""
    path = project.joinpath(*parts)
    try:
        require_inside(project, path.parent)
        with safe_files.stream(path) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - LOG_END))
            text = file.read(LOG_END).decode("utf-8", "replace")
    except (OSError, CineForgeError):
        return ""
    return text if size <= LOG_END else text.partition("\n")[2]


def stop(asked: Asked) -> Response:
    """Have a run end: after the jobs at work, or at once."""
    project, run_id = asked.site.folder, asked.path("run_id")
    folder = find_run(project, run_id)
    state = read_run(folder, read_head).state
    if state is None or not is_alive(project, run_id):
        raise CineForgeError(f"run {run_id} is over already")
    if not _is_here(state):
        raise CineForgeError(f"run {run_id} is on another host ({state.host}): stop it there")
    at_once = asked.said("how") == "at_once"
    try:
        os.kill(state.pid, signal.SIGINT if at_once else signal.SIGTERM)
    except ProcessLookupError:
        raise CineForgeError(f"run {run_id} is over already") from None
    return see(f"/runs/{run_id}")


def _is_here(state: RunState | None) -> bool:
    return state is not None and state.host == socket.gethostname() and state.pid > 1


def _instances(
    state: RunState | None, stage: str, wanted: str
) -> Iterator[tuple[StageRecord, InstanceRecord]]:
    """The instances asked for. Of a whole run those that are up to date are only counted."""
    for each in state.stages if state else ():
        if stage and each.stage != stage:
            continue
        for record in each.instances:
            if record.state.value == wanted or (
                not wanted and record.state is not InstanceState.KEPT
            ):
                yield each, record
