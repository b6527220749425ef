"""The entry of compiled workflows: input functions, reasons, the bodies of jobs, and the end of a run."""

from __future__ import annotations

import atexit
import functools
import os
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cineforge.bridge.certificate.certified_run import CertifiedRun
from cineforge.bridge.paths import current_path, entity_of, is_ticket
from cineforge.bridge.prepared_recipe import PreparedRecipe, take_over
from cineforge.bridge.process.errors_at_exit import (
    completed_at_exit,
    exit_on_error,
    user_message,
)
from cineforge.bridge.process.signals import handle_sigterm_in_thread, install_signal_handlers
from cineforge.bridge.request.run_options import RUN_ID, RunOptions, new_run_id, run_options
from cineforge.bridge.snakemake import log
from cineforge.bridge.snakemake.executors import assume_shared_folder
from cineforge.bridge.snakemake.log import hide, show_controls
from cineforge.bridge.snakemake.rules import RuleInput, job_failed, rule_inputs, wildcard
from cineforge.bridge.snakemake.workflow import SnakemakeRun
from cineforge.bridge.wording import listed
from cineforge.deciding.instance import Instance
from cineforge.model.errors import CineForgeError, DecisionFailed
from cineforge.model.refs import ArtifactKey
from cineforge.model.secrets import secrets_in
from cineforge.recipes.reading.project_file import fill_config, override
from cineforge.recipes.reading.typed_values import assignments

# A command that a certificate answers needs none of this.
if TYPE_CHECKING:
    from cineforge.bridge.remote.job_process import JobProcess
    from cineforge.bridge.report_inputs import ReportInputs
    from cineforge.bridge.rule_inputs import RuleInputs
    from cineforge.bridge.session import Session
    from cineforge.recipes.listed import RecipeData
    from cineforge.recipes.resolved import ResolvedRecipe


class WorkflowEntry:
    """What one compiled workflow calls, in the main process and in those of its jobs."""

    def __init__(
        self,
        snakemake: SnakemakeRun,
        resolve: Callable[[], ResolvedRecipe],
        config: Mapping[str, Any],
        options: RunOptions,
        prepared: PreparedRecipe | None = None,
    ) -> None:
        self._snakemake = snakemake
        self._prepared = prepared
        self._certified: CertifiedRun | None = None
        if prepared is not None and prepared.certificate is not None and options.is_plain:
            self._certified = CertifiedRun(prepared.certificate, snakemake)
        self._resolve = functools.cache(resolve)
        self._config = dict(config)
        self._options = options
        self._project = Path.cwd()
        self._begun: Session | None = None
        self._process: JobProcess | None = None
        self._is_report = False

    @classmethod
    @exit_on_error
    def open(
        cls, workflow: object, config: MutableMapping[str, Any], recipe: RecipeData
    ) -> WorkflowEntry:
        """Attach to a workflow that is being parsed. `recipe` is its data, or each one's; `config` Snakemake's.

        Sets the environment variable that takes the run's id to jobs in other processes.
        """
        install_signal_handlers()
        show_controls()
        project = Path.cwd()
        options = run_options(os.environ)
        snakemake = SnakemakeRun(workflow)
        if snakemake.is_main_process:
            options = _of_one_run(options)
            os.environ[RUN_ID] = str(options.run_id)
            assume_shared_folder()
            override(config, assignments(snakemake.typed_config(), "--config"))
            prepared = take_over(project, recipe, config)
            if prepared is None:
                fill_config(config, project)
        else:
            from cineforge.bridge.remote.run_folder import load_config, run_folder_of

            prepared = None
            load_config(run_folder_of(project, options.run_id or ""), config)
        hide(secrets_in(config))

        def resolve() -> ResolvedRecipe:
            from cineforge.recipes.project_recipes import resolve_recipes

            if prepared is not None:
                read, data = prepared.read()
                if data == recipe:
                    return read
            return resolve_recipes(recipe, project, config)

        entry = cls(snakemake, resolve, config, options, prepared)
        _opened.append(entry)
        if snakemake.is_main_process:
            snakemake.attend_looks(entry._look, _tell_of_look)
            snakemake.attend_stage_targets(_refuse_stage)
            if entry._certified is None:
                # Mistakes end the command at once; in a job's own process they are the job's failure.
                hide(entry._resolve().secrets)
        return entry

    # -- input functions and params ----------------------------------------------------------------

    def stage(self, stage_id: str) -> Callable[[object], list[RuleInput]]:
        """All work to be done in a stage."""

        @exit_on_error
        def targets(_wildcards: object) -> list[RuleInput]:
            if self._report is not None:
                return self._report.stage_targets(stage_id)
            if self._begun is None and self._certified is not None:
                known = self._certified.targets(stage_id)
                if known is not None:
                    return known
            return self._session().rule_inputs.stage_targets(stage_id)

        return targets

    def inputs(self, stage_id: str) -> Callable[[object], list[RuleInput]]:
        """What the job that makes one ticket of a stage waits for."""

        @exit_on_error
        def wanted(wildcards: object) -> list[RuleInput]:
            instance, version = _job(stage_id, wildcards)
            if self._report is not None:
                return self._report.job_inputs(instance, version)
            answers = self._rule_inputs()
            try:
                paths = answers.job_inputs(instance, version)
            except DecisionFailed as error:
                from cineforge.bridge.request.native_targets import key_of

                target = current_path(key_of(self._resolve(), instance))
                raise self._told(target, error) from None
            return rule_inputs(paths, is_ticket)

        return wanted

    def reason(self, stage_id: str) -> Callable[[object], str]:
        """Why a job is there."""

        @exit_on_error
        def why(wildcards: object) -> str:
            if self._report is not None:
                return "{}, version {}".format(*_job(stage_id, wildcards))
            handle_sigterm_in_thread()
            return self._rule_inputs().reason(*_job(stage_id, wildcards))

        return why

    def current(self, artifact_type: str) -> Callable[[object], list[RuleInput]]:
        """What a `current/` link waits for."""

        @exit_on_error
        def wanted(wildcards: object) -> list[RuleInput]:
            key = ArtifactKey(artifact_type, entity_of(wildcard(wildcards, "entity")))
            if self._report is not None:
                return self._report.current_inputs(key)
            answers = self._session().rule_inputs
            try:
                paths, is_right = answers.current_inputs(key)
            except DecisionFailed as error:
                raise self._told(current_path(key), error) from None
            if is_right:
                # The link is a cache: what Snakemake remembers of an earlier one must not remake it.
                self._snakemake.forget(current_path(key))
            else:
                # A link that is there would do for Snakemake, whatever work is to be done behind it.
                self._snakemake.force(current_path(key))
            return rule_inputs(paths, is_ticket)

        return wanted

    @property
    def no_such_target(self) -> Callable[[object], list[str]]:
        """Ends the command for a target that nothing makes, and names the nearest that something does."""

        @exit_on_error
        def refused(wildcards: object) -> list[str]:
            from cineforge.bridge.request.native_targets import unknown_target

            target = str(wildcard(wildcards, "target"))
            others = [each for each in self._snakemake.command().targets if each != target]
            also = f"\nnothing was made of {listed(others)} either: leave out '{target}'"
            reason = unknown_target(target, self._resolve())
            raise DecisionFailed(reason + also if others else reason)

        return refused

    # -- job bodies --------------------------------------------------------------------------------

    def run(self, stage_id: str, wildcards: object, attempt: int) -> None:
        """Make one ticket. A failure reaches the user as Snakemake's own error, without a traceback."""
        try:
            job = _job(stage_id, wildcards)
            if self._is_main:
                self._session().do(*job, attempt)
            else:
                self._job_process().run(*job, attempt)
        except (CineForgeError, OSError) as error:
            raise _job_error(error) from None

    def link(self, artifact_type: str, wildcards: object) -> None:
        """Make one `current/` link."""
        try:
            key = ArtifactKey(artifact_type, entity_of(wildcard(wildcards, "entity")))
            self._session().link(key)
        except (CineForgeError, OSError) as error:
            raise _job_error(error) from None

    # -- the end of a run --------------------------------------------------------------------------

    @exit_on_error
    def run_succeeded(self) -> None:
        """What is left to do when Snakemake takes the run for a success. Ends the command when it is none."""
        if self._begun is not None:
            self._begun.collect_all()
            self._begun.require_complete()
            self._begun.links.require_made()
            self._begun.is_complete = True

    @exit_on_error
    def run_failed(self) -> None:
        """What is left to do when jobs have failed: say what others in other processes have done."""
        if self._begun is not None:
            self._begun.collect_all()
            # 'cineforge run' has it in its summary.
            if self._begun.left_out and not self._options.command:
                log.say_error(self._begun.left_out)

    def end(self) -> None:
        """End the run, if it has begun, before its process does."""
        if self._begun is not None:
            completed_at_exit(self._begun.close)()

    #: What the Snakefiles of older projects call in either case.
    take_up = run_failed

    # ----------------------------------------------------------------------------------------------

    def _look(self, option: str) -> None:
        """A command that only looks is about to ask: a report is of what is there, all others of work to be done."""
        self._is_report = option == "--report"

    @functools.cached_property
    def _report(self) -> ReportInputs | None:
        """Who answers in the place of a session while a report is made."""
        if not self._is_report:
            return None
        from cineforge.bridge.report_inputs import ReportInputs
        from cineforge.store import ArtifactStore

        self._snakemake.begin_run(executing=False, remote=False)
        store = ArtifactStore(self._project, only_look=True)
        atexit.register(store.close)
        return ReportInputs(store, self._resolve(), self._snakemake.remembers, log.say)

    @property
    def _is_main(self) -> bool:
        return self._snakemake.is_main_process

    def _told(self, target: str, error: DecisionFailed) -> DecisionFailed:
        """An error of a target, with what becomes of the others if the run has begun at all."""
        return error if self._begun is None else self._begun.rule_inputs.refused(target, error)

    def _rule_inputs(self) -> RuleInputs | JobProcess:
        """Who answers for a stage's rule: the run itself or, in a job's process, what the run left for it."""
        return self._session().rule_inputs if self._is_main else self._job_process()

    def _session(self) -> Session:
        """The run in the main process, begun at the first question."""
        if self._begun is None:
            if not self._is_main:
                raise DecisionFailed(
                    "only the main process knows targets: this job was not planned"
                )
            from cineforge.bridge.begin import begin_session

            recipe = self._resolve()
            hide(recipe.secrets)
            basis = None if self._prepared is None else self._prepared.basis
            self._begun = begin_session(
                self._snakemake, self._project, recipe, self._options, self._config, basis
            )
        return self._begun

    def _job_process(self) -> JobProcess:
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


def _tell_of_look(option: str, has_jobs: bool) -> None:
    """A picture of work to be done misleads where there is none: it is empty, and the project is not."""
    if option != "--report" and not has_jobs:
        whole = "cineforge status" if option == "--summary" else "cineforge graph"
        log.say(
            f"everything asked for is up to date, and {option} shows work to be done: '{whole}' shows all there is"
        )


#: The workflows that this process has opened: one, unless Python runs several.
_opened: list[WorkflowEntry] = []


def _of_one_run(options: RunOptions) -> RunOptions:
    """The options of a workflow that is opened now, with an id of its own. What was opened before has ended."""
    given = {entry._options.run_id for entry in _opened}
    while _opened:
        _opened.pop().end()
    if options.run_id is not None and options.run_id not in given:
        return options
    return replace(options, run_id=new_run_id(), is_run_named=False)


@exit_on_error
def _refuse_stage(stage_id: str) -> None:
    """Snakemake would speak of wildcards, and name nothing."""
    raise DecisionFailed(
        f"'{stage_id}' is a stage: as a target write all_{stage_id}, or current/TYPE/ENTITY.json for one artifact"
    )


def _job(stage_id: str, wildcards: object) -> tuple[Instance, int]:
    version = wildcard(wildcards, "version")
    assert version is not None, "every stage's rule has a version"
    return Instance(stage_id, entity_of(wildcard(wildcards, "entity"))), int(version)


def _job_error(error: CineForgeError | OSError) -> Exception:
    """An error as Snakemake tells it: without a traceback, unless it is a mistake in the code."""
    message = user_message(error)
    return error if message is None else job_failed(message)
