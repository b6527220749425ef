"""The entry of compiled workflows: input functions, reasons, the bodies of jobs, and the end of a run."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.bridge.certificate.certified_run import CertifiedRun
from cineforge.bridge.paths import current_path, entity_of, is_ticket
from cineforge.bridge.process.errors_at_exit import (
    completed_at_exit,
    exit_on_error,
    message_of_a_move,
    user_message,
)
from cineforge.bridge.process.signals import handle_sigterm_in_thread, install_signal_handlers
from cineforge.bridge.process_parts import ProcessParts
from cineforge.bridge.request.given_config import take_given
from cineforge.bridge.request.prepared_recipe import PreparedRecipe, take_over
from cineforge.bridge.request.run_options import RUN_ID, RunOptions, new_run_id, run_options
from cineforge.bridge.snakemake import log
from cineforge.bridge.snakemake.executors import assume_shared_folder
from cineforge.bridge.snakemake.log import hide, show_controls
from cineforge.bridge.snakemake.rules import RuleInput, job_failed, rule_inputs, wildcard
from cineforge.bridge.snakemake.workflow import SnakemakeRun
from cineforge.bridge.wording import listed
from cineforge.deciding.instance import Instance
from cineforge.model.errors import BudgetSpent, CineForgeError, DecisionFailed, ModuleFailed
from cineforge.model.refs import ArtifactKey
from cineforge.model.secrets import secrets_in
from cineforge.recipes.reading.project_file import fill_config

# A command that a certificate answers needs none of this.
if TYPE_CHECKING:
    from pydantic import JsonValue

    from cineforge.recipes.listed import RecipeData
    from cineforge.recipes.resolved import ResolvedRecipe


class WorkflowEntry:
    """What one compiled workflow calls, in the main process and in those of its jobs."""

    def __init__(
        self,
        snakemake: SnakemakeRun,
        resolve: Callable[[], ResolvedRecipe],
        config: Mapping[str, JsonValue],
        options: RunOptions,
        prepared: PreparedRecipe | None = None,
    ) -> None:
        self._project = Path.cwd()
        self._snakemake = snakemake
        self._certified: CertifiedRun | None = None
        if prepared is not None and prepared.certificate is not None and options.is_plain:
            self._certified = CertifiedRun(prepared.certificate, snakemake)
        self._resolve = functools.cache(resolve)
        self._options = options
        basis = None if prepared is None else prepared.basis
        self._parts = ProcessParts(snakemake, self._resolve, config, options, basis)

    @classmethod
    @exit_on_error
    def open(
        cls, workflow: object, config: MutableMapping[str, JsonValue], recipe: RecipeData
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
            take_given(config, snakemake)
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
            if self._parts.report is not None:
                return self._parts.report.stage_targets(stage_id)
            if self._parts.begun is None and self._certified is not None:
                known = self._certified.targets(stage_id)
                if known is not None:
                    return known
            return self._parts.session().rule_inputs.stage_targets(stage_id)

        return targets

    def inputs(self, stage_id: str) -> Callable[[object], list[RuleInput]]:
        """What the job that makes one ticket of a stage waits for."""

        @exit_on_error
        def wanted(wildcards: object) -> list[RuleInput]:
            instance, version = _job(stage_id, wildcards)
            if self._parts.report is not None:
                return self._parts.report.job_inputs(instance, version)
            answers = self._parts.answers()
            try:
                paths = answers.job_inputs(instance, version)
            except DecisionFailed as error:
                from cineforge.bridge.request.native_targets import key_of

                target = current_path(key_of(self._resolve(), instance))
                raise self._parts.of_target(target, error) from None
            return rule_inputs(paths, is_ticket)

        return wanted

    def reason(self, stage_id: str) -> Callable[[object], str]:
        """Why a job is there."""

        @exit_on_error
        def why(wildcards: object) -> str:
            if self._parts.report is not None:
                return "{}, version {}".format(*_job(stage_id, wildcards))
            handle_sigterm_in_thread()
            return self._parts.answers().reason(*_job(stage_id, wildcards))

        return why

    def current(self, artifact_type: str) -> Callable[[object], list[RuleInput]]:
        """What a `current/` link waits for."""

        @exit_on_error
        def wanted(wildcards: object) -> list[RuleInput]:
            key = ArtifactKey(artifact_type, entity_of(wildcard(wildcards, "entity")))
            if self._parts.report is not None:
                return self._parts.report.current_inputs(key)
            answers = self._parts.session().rule_inputs
            try:
                paths, is_right = answers.current_inputs(key)
            except DecisionFailed as error:
                raise self._parts.of_target(current_path(key), error) from None
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
            if self._parts.is_main:
                self._parts.session().do(*job, attempt)
            else:
                self._parts.job_process().run(*job, attempt)
        except (CineForgeError, OSError) as error:
            raise self._job_error(error) from None

    def link(self, artifact_type: str, wildcards: object) -> None:
        """Make one `current/` link."""
        try:
            key = ArtifactKey(artifact_type, entity_of(wildcard(wildcards, "entity")))
            self._parts.session().link(key)
        except (CineForgeError, OSError) as error:
            raise self._job_error(error) from None

    def _job_error(self, error: CineForgeError | OSError) -> Exception:
        """An error as Snakemake tells it: without a traceback, unless it is a mistake in the code."""
        moved = message_of_a_move(self._project, error)
        message = moved or user_message(error)
        if message is not None and (moved or not isinstance(error, ModuleFailed | BudgetSpent)):
            self._parts.tell_failure(message)
        return error if message is None else job_failed(message)

    # -- the end of a run --------------------------------------------------------------------------

    @exit_on_error
    def run_succeeded(self) -> None:
        """What is left to do when Snakemake takes the run for a success. Ends the command when it is none."""
        if self._parts.begun is not None:
            self._parts.begun.collect_all()
            self._parts.begun.require_complete()
            self._parts.begun.links.require_made()
            self._parts.begun.is_complete = True

    @exit_on_error
    def run_failed(self) -> None:
        """What is left to do when jobs have failed: say what others in other processes have done."""
        if self._parts.begun is not None:
            self._parts.begun.collect_all()
            # 'cineforge run' has it in its summary.
            if self._parts.begun.left_out and not self._options.command:
                log.say_error(self._parts.begun.left_out)

    def end(self) -> None:
        """End the run, if it has begun, before its process does."""
        if self._parts.begun is not None:
            completed_at_exit(self._parts.begun.close)()

    #: What the Snakefiles of older projects call in either case.
    take_up = run_failed

    # ----------------------------------------------------------------------------------------------

    def _look(self, option: str) -> None:
        """A command that only looks is about to ask: a report is of what is there, all others of work to be done."""
        self._parts.is_report = option == "--report"


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
