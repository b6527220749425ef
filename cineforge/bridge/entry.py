"""The object that a compiled workflow talks to: input functions, reasons, and the bodies of jobs."""

from __future__ import annotations

import atexit
import functools
import os
from collections.abc import Callable, Mapping, MutableMapping
from pathlib import Path
from typing import Any

from cineforge.bridge.on_finish import configured, tell_finished
from cineforge.bridge.paths import compiled_path, current_path, entity_of, is_ticket
from cineforge.bridge.planning.rule_inputs import Answers
from cineforge.bridge.process.guard import ending_the_command, in_good_order, on_error, told
from cineforge.bridge.process.signals import end_quietly, mend_sigterm, stop_with
from cineforge.bridge.remote.job_process import (
    DetachedSession,
    freeze_workflow,
    groups_of,
    run_folder_of,
    thaw_config,
)
from cineforge.bridge.remote.submittable import require_submittable
from cineforge.bridge.request.carried import read_carried
from cineforge.bridge.request.limits import require_possible
from cineforge.bridge.request.native_targets import unknown_target
from cineforge.bridge.request.run_options import RUN_ID, RunOptions, run_options
from cineforge.bridge.request.run_settings import read_settings
from cineforge.bridge.session import Session, new_run_id
from cineforge.bridge.snakemake import log
from cineforge.bridge.snakemake.executors import assume_shared_folder
from cineforge.bridge.snakemake.log import hide, show_controls
from cineforge.bridge.snakemake.rules import RuleInput, job_failed, rule_inputs, wildcard
from cineforge.bridge.snakemake.workflow import SnakemakeRun
from cineforge.deciding.instance import Instance
from cineforge.history.dead_runs import end_dead_runs
from cineforge.history.recorder import require_unused
from cineforge.history.run_claims import RunClaims, is_alive
from cineforge.model.errors import CineForgeError, DecisionFailed
from cineforge.model.refs import ArtifactKey
from cineforge.model.secrets import secrets_in
from cineforge.recipes.load import resolve_recipe
from cineforge.recipes.reading.project_file import fill_config, project_values
from cineforge.recipes.resolved import ResolvedRecipe
from cineforge.store import ArtifactStore


class Forge:
    """Input functions, reasons and job bodies for one Snakemake command."""

    def __init__(
        self,
        snakemake: SnakemakeRun,
        resolve: Callable[[], ResolvedRecipe],
        config: Mapping[str, Any],
        options: RunOptions,
        run_id: str,
    ) -> None:
        self._snakemake = snakemake
        self._resolve = functools.cache(resolve)
        self._config = dict(config)
        self._options = options
        self._run_id = run_id
        self._project = Path.cwd()
        self._session: Session | None = None
        self._detached: DetachedSession | None = None
        self._on_finish = configured(config)

    @classmethod
    @ending_the_command
    def open(
        cls, workflow: object, config: MutableMapping[str, Any], recipe: Mapping[str, Any]
    ) -> Forge:
        """Attach to a workflow that is being parsed. `recipe` is the recipe's data, `config` Snakemake's.

        Sets the environment variable that takes the run's id to jobs in other processes.
        """
        end_quietly()
        show_controls()
        project = Path.cwd()
        options = run_options(os.environ)
        snakemake = SnakemakeRun(workflow)
        if snakemake.is_main_process:
            run_id = options.run_id or new_run_id()
            os.environ[RUN_ID] = run_id
            assume_shared_folder()
            fill_config(config, project)
        else:
            run_id = options.run_id or ""
            thaw_config(run_folder_of(project, run_id), config)
        hide(secrets_in(config))
        forge = cls(
            snakemake,
            functools.partial(
                resolve_recipe,
                recipe,
                project=project,
                variables=config,
                project_values=project_values(config),
            ),
            config,
            options,
            run_id,
        )
        if snakemake.is_main_process:
            # Mistakes are told at once; in a job's own process when it works, as its failure.
            hide(forge._resolve().secrets)
        return forge

    # -- input functions and params ----------------------------------------------------------------

    def stage(self, stage_id: str) -> Callable[[object], list[str]]:
        """All work to be done in a stage."""

        @ending_the_command
        def targets(_wildcards: object) -> list[str]:
            return self._begun().answers.stage_targets(stage_id)

        return targets

    def inputs(self, stage_id: str) -> Callable[[object], list[RuleInput]]:
        """What the job that makes one ticket of a stage waits for."""

        @ending_the_command
        def wanted(wildcards: object) -> list[RuleInput]:
            instance, version = _job(stage_id, wildcards)
            return rule_inputs(self._answering().job_inputs(instance, version), is_ticket)

        return wanted

    def reason(self, stage_id: str) -> Callable[[object], str]:
        """Why a job is there."""

        @ending_the_command
        def why(wildcards: object) -> str:
            mend_sigterm()
            return self._answering().reason(*_job(stage_id, wildcards))

        return why

    def current(self, artifact_type: str) -> Callable[[object], list[RuleInput]]:
        """What a `current/` link waits for."""

        @ending_the_command
        def wanted(wildcards: object) -> list[RuleInput]:
            key = ArtifactKey(artifact_type, entity_of(wildcard(wildcards, "entity")))
            paths, is_right = self._begun().answers.current_inputs(key)
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

        @ending_the_command
        def refused(wildcards: object) -> list[str]:
            target = str(wildcard(wildcards, "target"))
            raise DecisionFailed(unknown_target(target, self._resolve()))

        return refused

    # -- job bodies --------------------------------------------------------------------------------

    def run(self, stage_id: str, wildcards: object, attempt: int) -> None:
        """Make one ticket. A failure reaches the user as Snakemake's own error, without a traceback."""
        try:
            self._at_work().run(*_job(stage_id, wildcards), attempt)
        except (CineForgeError, OSError) as error:
            raise _job_error(error) from None

    def link(self, artifact_type: str, wildcards: object) -> None:
        """Make one `current/` link."""
        try:
            self._begun().link(ArtifactKey(artifact_type, entity_of(wildcard(wildcards, "entity"))))
        except (CineForgeError, OSError) as error:
            raise _job_error(error) from None

    @ending_the_command
    def run_succeeded(self) -> None:
        """What is left to do when Snakemake takes the run for a success. Ends the command when it is none."""
        if self._session is not None:
            self._session.take_up_all()
            self._session.require_complete()
            self._session.require_links()

    @ending_the_command
    def run_failed(self) -> None:
        """What is left to do when jobs have failed: say what others in other processes have done."""
        if self._session is not None:
            self._session.take_up_all()

    #: What the Snakefiles of older projects call in either case.
    take_up = run_failed

    # ----------------------------------------------------------------------------------------------

    def _at_work(self) -> Session | DetachedSession:
        """Who answers for jobs: the run itself or, in another process, what it froze."""
        if self._snakemake.is_main_process:
            return self._begun()
        if self._detached is None:
            folder = run_folder_of(self._project, self._run_id)
            self._snakemake.use_threads()
            self._snakemake.join_groups(groups_of(folder))
            self._snakemake.never_retry()
            self._detached = DetachedSession(
                self._project,
                folder,
                self._resolve,
                self._search_folders(),
                log.say,
            )
        return self._detached

    def _answering(self) -> Answers | DetachedSession:
        at_work = self._at_work()
        return at_work.answers if isinstance(at_work, Session) else at_work

    def _begun(self) -> Session:
        """The session, begun at the first question: only then does Snakemake know what the user asked for."""
        if self._session is None:
            self._session = self._begin()
        return self._session

    def _begin(self) -> Session:
        snakemake, recipe = self._snakemake, self._resolve()
        if not snakemake.is_main_process:
            raise DecisionFailed("only the main process knows targets: this job was not planned")
        settings = read_settings(snakemake.command(), recipe, read_carried(self._options.selection))
        if settings.remote:
            require_submittable(self._project)
        claims = RunClaims(self._project, self._run_id)
        snakemake.take_no_locks()  # claims stand in for them
        if settings.executing:
            claims.begin()
            require_unused(self._project / "runs" / self._run_id)
            snakemake.use_threads()
            if not settings.remote:
                snakemake.lift_rate_limit()
            snakemake.update_dag_together()
        else:
            snakemake.only_look()
        store = ArtifactStore(self._project, only_look=not settings.executing)
        store.look_around()
        store.require_line_ends()
        session = Session(
            store,
            recipe,
            settings,
            self._search_folders(),
            log.say,
            snakemake.forget,
            self._options,
            claims,
        )
        if settings.executing and not self._options.command:
            # 'cineforge run' tells it by itself, also when this process is killed. What is registered first comes last.
            atexit.register(self._tell_finished)
        atexit.register(in_good_order(session.close))
        on_error(session.note_error)
        stop_with(session.stop_workers)
        require_possible(
            session.fresh_planner(),
            settings.asked,
            settings.limits,
            settings.forced_words,
            settings.cores,
        )
        if settings.executing:
            end_dead_runs(self._project, functools.partial(is_alive, self._project))
            session.claim_ahead()
            session.link_all_heads()
            session.record_config()
        else:
            session.tell_odd_links()
        session.note_what_is_used_as_it_is()
        if settings.remote:
            compiled = self._compiled()
            freeze_workflow(session.folder, compiled, self._config, settings.groups)
        return session

    def _tell_finished(self) -> None:
        words = self._on_finish
        if words is not None:
            tell_finished(self._project, self._run_id, words, self._project, log.say_error)

    def _compiled(self) -> Path:
        """The file that opened this object."""
        return compiled_path(self._project, self._resolve().recipe_id)

    def _search_folders(self) -> tuple[Path, ...]:
        return (self._project, self._snakemake.started_in)


def _job(stage_id: str, wildcards: object) -> tuple[Instance, int]:
    version = wildcard(wildcards, "version")
    assert version is not None, "every stage's rule has a version"
    return Instance(stage_id, entity_of(wildcard(wildcards, "entity"))), int(version)


def _job_error(error: CineForgeError | OSError) -> Exception:
    """An error as Snakemake tells it: without a traceback, unless it is a mistake in the code."""
    message = told(error)
    return error if message is None else job_failed(message)
