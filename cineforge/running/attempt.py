"""One attempt at one instance, on record from its start to its end."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cineforge.deciding.instance import Instance
from cineforge.deciding.reads import Reads
from cineforge.history.budgets import note_ended, purse_of
from cineforge.history.costs_file import costs_path, read_costs, read_given_back
from cineforge.model.errors import BudgetSpent, CineForgeError, ModuleFailed
from cineforge.model.metadata import CostRecord
from cineforge.model.records import run_events as ev
from cineforge.model.records.decision_record import Action, DecisionRecord
from cineforge.model.refs import ArtifactKey
from cineforge.recipes.resolved import ResolvedStage
from cineforge.running.publishing.work import Published, Work
from cineforge.running.scrubbing import scrub
from cineforge.running.workers.processes.pool_worker import WorkerInterrupted
from cineforge.running.workers.spec import JobReport, JobSpec, MadeOutput


@dataclass(frozen=True)
class Job:
    """One attempt at one instance, with everything upstream at rest.

    `expected_usd` is what it may come to pay. Without a `ticket` the instance's is not made: it stands for a batch.
    """

    instance: Instance
    stage: ResolvedStage
    reads: Reads
    version: int
    run_id: str
    attempt: int
    log: Path
    may_adopt: bool
    ticket: bool = True
    expected_usd: float | None = None

    @property
    def place(self) -> dict[str, str | None]:
        """Whose events its are."""
        return {"stage": self.instance.stage, "entity": self.instance.entity}

    def work(self, report: JobReport, costs: tuple[CostRecord, ...]) -> Work:
        """What a call of the module came to, ready to publish."""
        return self._work(report.made, costs)

    @property
    def costs(self) -> Path:
        """The file of its paid calls."""
        run_folder = self.log.parent.parent
        return costs_path(run_folder, self.stage.id, self.instance.entity, self.attempt)

    @property
    def output_keys(self) -> list[ArtifactKey]:
        """The artifacts whose heads stand for the instance."""
        return [ArtifactKey(name, self.instance.entity) for name in self.stage.ticket_types]

    def adopted_work(self, made: tuple[MadeOutput, ...]) -> Work:
        """The same of what an older version is taken for: it costs nothing."""
        return self._work(made, ())

    def _work(self, made: Collection[MadeOutput], costs: tuple[CostRecord, ...]) -> Work:
        return Work(
            self.instance,
            self.stage,
            self.reads,
            made,
            costs,
            self.version,
            self.run_id,
            ticket=self.ticket,
        )


#: How events are recorded: `Recorder.emit`, or a function that does nothing.
Record = Callable[..., None]


class Attempt:
    """Told by whoever does it: `begin`, what was paid, and how it ended."""

    def __init__(self, job: Job, project: Path, record: Record) -> None:
        self.job = job
        self._record = record
        self._project = project
        self._log = job.log.relative_to(project).as_posix()
        self._began = time.monotonic()
        #: Of the call, as far as there was one that ended.
        self.report: JobReport | None = None
        self.probed = False

    def admit(self) -> None:
        """Let the module be called, unless the budget forbids. Raises BudgetSpent; the run goes on without it."""
        purse = purse_of(self._project, self.job.run_id)
        if purse is not None:
            try:
                purse.admit(self.job.costs, self.job.expected_usd)
            except BudgetSpent as error:
                raise self._left_out(str(error)) from None

    def _left_out(self, why: str) -> BudgetSpent:
        self._record(ev.LeftOut, **self.job.place, why=why)
        return BudgetSpent(f"{self.job.instance}: {why}")

    def begin(self, at: datetime | None = None) -> None:
        """Put its beginning on record, be it told later than it was."""
        when = {} if at is None else {"at": at}
        self._record(ev.JobStarted, **self.job.place, attempt=self.job.attempt, **when)

    def paid(self, spec: JobSpec) -> tuple[CostRecord, ...]:
        """Put on record what the call has paid: that counts, however it ended."""
        scrub(spec.costs, self.job.reads.stage.secrets)
        costs = read_costs(spec.costs)
        for call in costs:
            self._record(ev.Cost, **self.job.place, attempt=self.job.attempt, call=call)
        return costs + self._given_back(spec)

    def _given_back(self, spec: JobSpec) -> tuple[CostRecord, ...]:
        """Put on record what was not paid again; returns what earlier attempts had paid for no version yet."""
        found = read_given_back(spec.costs)
        if found:
            calls = sum(len(each.given_back) for each in found)
            saved = math.fsum(each.saved_usd for each in found)
            place = self.job.place
            self._record(
                ev.GivenBack, **place, attempt=self.job.attempt, calls=calls, saved_usd=saved
            )
        return tuple(call for each in found if each.unpublished for call in each.given_back)

    def reported(self, report: JobReport) -> None:
        """Take what the worker said. Raises ModuleFailed when it is that the module failed, BudgetSpent."""
        self.report = report
        for text in report.warnings:
            self._record(ev.Warned, message=f"{self.job.instance}: {text}")
        if report.budget_spent:
            raise self._left_out(report.failure)
        if report.failure:
            raise ModuleFailed(report.failure)

    def failed(self, error: CineForgeError) -> ModuleFailed:
        """The same error as a person is told it."""
        attempt = f", attempt {self.job.attempt}" if self.job.attempt > 1 else ""
        kind = WorkerInterrupted if isinstance(error, WorkerInterrupted) else ModuleFailed
        module = self.job.stage.module.module_id
        raised = kind(
            f"{self.job.instance} ({module}{attempt}) failed: {error}\n  log: {self._log}"
        )
        raised.__cause__ = error
        return raised

    def end(self, failure: str = "", *, seconds: float | None = None) -> None:
        """Put its end on record. `seconds` are by default those since it was made."""
        note_ended(self.job.costs)
        scrub(self.job.log, self.job.reads.stage.secrets)
        self._record(
            ev.JobFinished,
            **self.job.place,
            attempt=self.job.attempt,
            seconds=round(time.monotonic() - self._began if seconds is None else seconds, 6),
            error=failure,
            log=self._log,
            usage=self.report.usage if self.report else None,
            probed=self.probed,
        )


def record_outcome(
    record: Record,
    kind: type[ev.Published | ev.Adopted],
    job: Job,
    done: Published,
    **more: float,
) -> None:
    """Put on record what became of an instance: versions, or a head that a person held meanwhile."""
    if done.refs:
        record(kind, **job.place, refs=tuple(str(ref) for ref in done.refs), **more)
        return
    head = str(next(iter(done.beside)))
    held = DecisionRecord(
        instance=str(job.instance), action=Action.KEEP, final=True, head=head, held=True
    )
    record(ev.Decided, decision=held)
    record(ev.Kept, **job.place, ref=head)


def all_of(failures: Sequence[CineForgeError]) -> CineForgeError:
    """One error for all of a batch: Snakemake tells one for each job."""
    return failures[0] if len(failures) == 1 else ModuleFailed("\n".join(map(str, failures)))
