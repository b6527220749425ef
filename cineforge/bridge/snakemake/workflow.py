"""A Snakemake `Workflow` in CineForge's words: what was asked for, and what is to be different in this run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snakemake.common import dict_to_key_value_args
from snakemake.io import IOFile

from cineforge.bridge.snakemake.dag_updates import update_together
from cineforge.bridge.snakemake.dry_runs import Forgotten, is_dry_run
from cineforge.bridge.snakemake.step_counts import count_instances

#: The methods by which Snakemake shows its DAG, with the options that ask for them.
LOOKS = {
    "printdag": "--dag",
    "printrulegraph": "--rulegraph",
    "printfilegraph": "--filegraph",
    "printd3dag": "--d3dag",
    "summary": "--summary",
    "create_report": "--report",
}
#: More jobs than any group holds.
ANY_NUMBER = 1_000_000


@dataclass(frozen=True)
class SnakemakeCommand:
    """The command line as Snakemake read it, as far as CineForge goes by it.

    `executing` is False for dry runs and for commands that only look (`--dag`, `--summary`, ...). `remote`: jobs are
    submitted by an executor to processes of their own. `groups` maps rules to the groups that `--groups` puts them in.
    `rerun_triggers` are Snakemake's names, as typed or by default.
    """

    targets: tuple[str, ...]
    forced: tuple[str, ...]
    force_all: bool
    force_targets: bool
    until: tuple[str, ...]
    omit_from: tuple[str, ...]
    rerun_triggers: tuple[str, ...]
    is_batch: bool
    is_touch: bool
    executing: bool
    remote: bool
    groups: Mapping[str, str]
    cores: int
    keep_going: bool = False
    jobs: int = 1


class SnakemakeRun:
    """One Snakemake command, around its `Workflow` object."""

    def __init__(self, workflow: Any) -> None:
        self._workflow = workflow
        self._forgotten: Forgotten | None = None
        self._has_begun = False

    @property
    def is_main_process(self) -> bool:
        """False in the process of a job that an executor started."""
        return bool(self._workflow.is_main_process)

    @property
    def started_in(self) -> Path:
        """The folder in which the command was typed; `--directory` has been entered since."""
        return Path(self._workflow.workdir_init)

    def command(self) -> SnakemakeCommand:
        """What was asked for. To be called late: while a Snakefile is parsed these settings do not exist yet."""
        workflow = self._workflow
        dag = workflow.dag_settings
        executing = workflow.executor_plugin is not None and not workflow.dryrun
        return SnakemakeCommand(
            targets=tuple(dag.targets or ()),
            forced=tuple(dag.forcerun),
            force_all=bool(dag.forceall),
            force_targets=bool(dag.forcetargets),
            until=tuple(dag.until),
            omit_from=tuple(dag.omit_from),
            rerun_triggers=tuple(str(trigger) for trigger in dag.rerun_triggers),
            is_batch=dag.batch is not None,
            is_touch=bool(workflow.touch),
            executing=executing,
            remote=executing and not workflow.local_exec,
            groups=dict(workflow.group_settings.overwrite_groups or {}) if executing else {},
            cores=workflow.resource_settings.cores or 1,
            jobs=workflow.resource_settings.nodes or 1,
            keep_going=executing and bool(workflow.execution_settings.keep_going),
        )

    def typed_config(self) -> tuple[str, ...]:
        """The words of `--config` as they were typed. None of what Python gives: that has its types."""
        settings = self._workflow.config_settings
        words = tuple(settings.config_args)
        by_python = words == tuple(dict_to_key_value_args(settings.config, repr_obj=True))
        return () if by_python and not set(words) & set(sys.argv) else words

    def configfiles(self) -> tuple[Path, ...]:
        """The files of `--configfile`, in order."""
        return tuple(self._workflow.config_settings.configfiles)

    def config_by_python(self) -> Mapping[str, Any]:
        """What Python gives as configuration where nothing was typed."""
        return {} if self.typed_config() else dict(self._workflow.config_settings.config)

    def attend_stage_targets(self, refuse: Callable[[str], None]) -> None:
        """Have `refuse` called with the name of a rule with wildcards that is a target: Snakemake would not name it."""
        is_rule = self._workflow.is_rule

        def attended(name: str) -> bool:
            found = bool(is_rule(name))
            settings = self._workflow.dag_settings
            if found and settings is not None and name in (settings.targets or ()):
                rules = {str(rule.name): rule for rule in self._workflow.rules}
                if rules[name].has_wildcards():
                    refuse(name)
            return found

        self._workflow.is_rule = attended

    def attend_looks(
        self, asked: Callable[[str], None], answered: Callable[[str, bool], None]
    ) -> None:
        """Have `asked` called with the option before a command that only looks builds its DAG.

        `answered` is called afterwards, with whether the DAG holds any job of a rule with wildcards."""

        def attended(name: str, option: str) -> Callable[..., Any]:
            look = getattr(self._workflow, name)

            def looking(*args: Any, **more: Any) -> Any:
                asked(option)
                found = look(*args, **more)
                answered(option, any(job.wildcards_dict for job in self._workflow.dag.jobs))
                return found

            return looking

        for name, option in LOOKS.items():
            setattr(self._workflow, name, attended(name, option))

    def remembers(self, path: str) -> bool:
        """Whether there is a record of the job that made a file."""
        record = self._workflow.persistence.metadata(IOFile(path))
        return bool(record) and not record["incomplete"]

    def forget(self, path: str) -> None:
        """Drop what is remembered of a file: Snakemake would remake it for reasons of its own."""
        if self._forgotten is not None:
            self._forgotten.add(path)
        else:
            self._workflow.persistence.cleanup_metadata(IOFile(path))

    def force(self, path: str) -> None:
        """Have the job that makes a file run, although the file is there."""
        self._workflow.dag.forcefiles.add(path)

    def begin_run(self, *, executing: bool, remote: bool) -> None:
        """What is to be different in the main process of a run: locks, threads and limits. Again does nothing."""
        if self._has_begun:
            return
        self._has_begun = True
        self.take_no_locks()
        if not executing:
            self.only_look()
            return
        self.use_threads()
        if not remote:
            self.lift_rate_limit()
        self.update_dag_together()

    def begin_job(self, groups: Mapping[str, str]) -> None:
        """What is to be different in the process of a job, or of a group of them: threads, groups and retries."""
        self.use_threads()
        self.join_groups(groups)
        self.never_retry()

    def take_no_locks(self) -> None:
        """Leave out Snakemake's lock files, as `--nolock` does: a killed run leaves them behind."""
        self._workflow.persistence.lock = self._workflow.persistence.noop

    def use_threads(self) -> None:
        """Do `run:` blocks in threads: in a process of its own, each would parse everything again."""
        self._workflow.execution_settings.use_threads = True

    def lift_rate_limit(self) -> None:
        """Let local jobs start as they can. The limit is meant for queues of a cluster.

        While it holds, whatever its value, each look at the jobs that are ready has the scheduler look again one
        timespan later, and so on: after a thousand jobs, a thousand times a second.
        """
        self._workflow.scheduling_settings.max_jobs_per_timespan = None

    def update_dag_together(self) -> None:
        """Go over the DAG once for many fan-outs that have finished."""
        update_together(self._workflow)

    def count_instances(self, beyond: Callable[[], tuple[int, int]]) -> None:
        """Have the progress count what jobs do beyond one step each: how many are done, and how many there are."""
        count_instances(self._workflow, beyond)

    @property
    def is_dry_run(self) -> bool:
        """Whether `-n` was typed. Known while the Snakefile is parsed, unlike what `command` tells."""
        return is_dry_run(self._workflow)

    def only_look(self) -> None:
        """Let a command that only tells leave nothing: from now on what is forgotten is so in this process alone."""
        self._forgotten = Forgotten(self._workflow.persistence)

    def join_groups(self, groups: Mapping[str, str]) -> None:
        """Make one job again of the jobs that were submitted as one, in the process that was submitted.

        An executor need not pass `--groups` on. Without them each member is started on its own, one after the other,
        and every start is another Snakemake: with Slurm two of them, and a step.
        """
        settings = self._workflow.group_settings
        settings.overwrite_groups = dict(groups)
        # What was submitted holds one group, whatever its size is.
        settings.group_components = dict.fromkeys(groups.values(), ANY_NUMBER)

    def attempts(self, rule: str) -> int:
        """How many attempts a rule's jobs have, by the recipe or by `--retries`."""
        found = (each.restart_times for each in self._workflow.rules if each.name == rule)
        return 1 + int(next(found, 0) or 0)

    def never_retry(self) -> None:
        """Try jobs once. The run submits failed jobs again; where both did, modules would be called too often."""
        for rule in self._workflow.rules:
            rule.restart_times = 0
