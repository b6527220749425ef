"""Who answers and works in this process: the run itself, or what it left for a job; begun at the first question."""

from __future__ import annotations

import atexit
import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.bridge.request.run_options import RunOptions
from cineforge.bridge.snakemake import log
from cineforge.bridge.snakemake.log import hide
from cineforge.bridge.snakemake.workflow import SnakemakeRun
from cineforge.model.errors import DecisionFailed

# A command that a certificate answers needs none of this.
if TYPE_CHECKING:
    from pydantic import JsonValue

    from cineforge.bridge.answers.report_inputs import ReportInputs
    from cineforge.bridge.answers.rule_inputs import RuleInputs
    from cineforge.bridge.certificate.rests_on import Basis
    from cineforge.bridge.remote.job_process import JobProcess
    from cineforge.bridge.session import Session
    from cineforge.recipes.resolved import ResolvedRecipe


class ProcessParts:
    """The parts of one workflow's process, each made when it is needed.

    `begun` is the run in the main process, if any question has begun it; `is_report` says that a report is asked for.
    """

    def __init__(
        self,
        snakemake: SnakemakeRun,
        resolve: Callable[[], ResolvedRecipe],
        config: Mapping[str, JsonValue],
        options: RunOptions,
        basis: Basis | None,
    ) -> None:
        """`basis` is what a certificate of this run may rest on."""
        self._snakemake = snakemake
        self._resolve = resolve
        self._config = dict(config)
        self._options = options
        self._basis = basis
        self._project = Path.cwd()
        self._process: JobProcess | None = None
        self.begun: Session | None = None
        self.is_report = False

    @property
    def is_main(self) -> bool:
        return self._snakemake.is_main_process

    def session(self) -> Session:
        """The run in the main process, begun at the first question."""
        if self.begun is None:
            if not self.is_main:
                raise DecisionFailed(
                    "only the main process knows targets: this job was not planned"
                )
            from cineforge.bridge.begin import begin_session

            recipe = self._resolve()
            hide(recipe.secrets)
            self.begun = begin_session(
                self._snakemake, self._project, recipe, self._options, self._config, self._basis
            )
        return self.begun

    def job_process(self) -> JobProcess:
        """What a job in a process of its own needs, made at its first question."""
        if self._process is None:
            from cineforge.bridge.remote.job_process import JobProcess
            from cineforge.bridge.remote.run_folder import load_groups, run_folder_of

            folder = run_folder_of(self._project, self._options.run_id or "")
            self._snakemake.begin_job(load_groups(folder))
            search_folders = (self._project, self._snakemake.started_in)
            self._process = JobProcess(
                self._project, folder, self._resolve, search_folders, log.say
            )
        return self._process

    def answers(self) -> RuleInputs | JobProcess:
        """Who answers for a stage's rule: the run itself or, in a job's process, what the run left for it."""
        return self.session().rule_inputs if self.is_main else self.job_process()

    @functools.cached_property
    def report(self) -> ReportInputs | None:
        """Who answers in the place of a session while a report is made."""
        if not self.is_report:
            return None
        from cineforge.bridge.answers.report_inputs import ReportInputs
        from cineforge.store import ArtifactStore

        self._snakemake.begin_run(executing=False, remote=False)
        store = ArtifactStore(self._project, only_look=True)
        atexit.register(store.close)
        return ReportInputs(store, self._resolve(), self._snakemake.remembers, log.say)

    def tell_failure(self, message: str) -> None:
        """Tell of a failure that is not of a call: those are told when they end.

        It goes on record; it is said here where Snakemake's own word for a job's failure is not shown.
        """
        if self.begun is not None:
            if self._options.command:
                log.say_error(message)
            self.begun.note_error(message)

    def of_target(self, target: str, error: DecisionFailed) -> DecisionFailed:
        """An error of a target, with what becomes of the others if the run has begun at all."""
        return error if self.begun is None else self.begun.rule_inputs.refused(target, error)
