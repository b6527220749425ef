"""Views of a run that is going on: lines for a pipe, progress bars for a terminal."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Protocol, TextIO

from cineforge.bridge.wording import decision_text
from cineforge.history.run_fold import OPEN, RunFold
from cineforge.model.display.quantities import money
from cineforge.model.display.visible import visible
from cineforge.model.records import run_events as ev
from cineforge.model.records.run_events import Event
from cineforge.model.records.run_state import InstanceState

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class RunView(Protocol):
    """Called from any thread."""

    def on_event(self, event: Event) -> None: ...

    def say(self, text: str) -> None: ...

    def complain(self, text: str) -> None: ...

    def close(self) -> None: ...


class PlainView:
    """A line when a job ends, and for whatever else a person should know."""

    def __init__(self, out: TextIO | None = None) -> None:
        """`out` instead of the standard error."""
        self._out = out
        self._why: dict[tuple[str, str | None], str] = {}
        self._lock = threading.Lock()

    def on_event(self, event: Event) -> None:
        with self._lock:
            line = self._line(event)
        if line:
            self.say(line)

    def say(self, text: str) -> None:
        print(visible(text), file=self._out or sys.stderr, flush=True)

    def complain(self, text: str) -> None:
        self.say(text)

    def close(self) -> None:
        """Nothing is open."""

    def _line(self, event: Event) -> str:
        match event:
            case ev.RunStarted():
                return f"run {event.run_id} of recipe {event.recipe_id}"
            case ev.Decided():
                decision = event.decision
                self._why[decision.stage, decision.entity] = decision_text(decision)
            case ev.JobFinished():
                return job_line(event, self._why.get((event.stage, event.entity), ""))
        return ""


class LiveView:
    """A progress bar for each stage, redrawn in place, with what must be read above it."""

    def __init__(self, out: TextIO | None = None) -> None:
        """`out` instead of the standard error."""
        self._out = out
        self._fold = RunFold()
        self._progress: Progress | None = None
        self._bars: dict[str, TaskID] = {}
        self._lock = threading.Lock()

    def on_event(self, event: Event) -> None:
        with self._lock:
            self._fold.add(event)
            if isinstance(event, ev.RunStarted):
                self._open(event)
            elif isinstance(event, ev.JobFinished) and event.error:
                self.complain(job_line(event, ""))
            self._redraw()
            if isinstance(event, ev.RunFinished):
                self.close()

    def say(self, text: str) -> None:
        self._print(text, "dim")

    def complain(self, text: str) -> None:
        self._print(text, "bold red")

    def close(self) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _open(self, started: ev.RunStarted) -> None:
        # Snakemake imports every logger plugin at each start: rich only when it is needed.
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeElapsedColumn as Elapsed

        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            Elapsed(),
            TextColumn("{task.fields[note]}"),
            console=Console(file=self._out or sys.stderr),
        )
        for plan in started.stages:
            task = self._progress.add_task(plan.stage, total=0, note="", visible=False)
            self._bars[plan.stage] = task
        self._progress.start()

    def _redraw(self) -> None:
        if self._progress is None:
            return
        for stage in self._fold.state(with_instances=False).stages:
            counts = stage.totals.instances
            total = sum(counts.values())
            if not total:
                continue
            left = sum(counts.get(state, 0) for state in OPEN)
            failed = counts.get(InstanceState.FAILED, 0)
            notes = [f"{failed} failed"] if failed else []
            if stage.totals.cost_usd:
                notes.append(money(stage.totals.cost_usd))
            self._progress.update(
                self._bars[stage.stage],
                total=total,
                completed=total - left,
                note=", ".join(notes),
                visible=True,
            )

    def _print(self, text: str, style: str) -> None:
        text = visible(text)
        if self._progress is None:
            print(text, file=self._out or sys.stderr, flush=True)
        else:
            self._progress.console.print(text, style=style, markup=False, highlight=False)


def job_line(event: ev.JobFinished, why: str) -> str:
    """How one attempt ended, in a line."""
    name = event.stage if event.entity is None else f"{event.stage}/{event.entity}"
    if event.error:
        return f"{name}: failed: {event.error} (log: {event.log})"
    return f"{name}: built in {event.seconds:.2f} s{f' ({why})' if why else ''}"
