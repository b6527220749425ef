"""Everything of Snakemake that `cineforge.bridge.snakemake` relies on, each with what breaks without it.

Whoever touches another attribute there adds a line here; `test_conformance.py` fails for names that stand there alone.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import snakemake
import snakemake_interface_logger_plugins.settings as logger_settings
from snakemake import cli, exceptions
from snakemake.common import NOTHING_TO_BE_DONE_MSG, dict_to_key_value_args
from snakemake.dag import DAG
from snakemake.io import IOFile, ancient, report
from snakemake.iocontainers import Wildcards
from snakemake.jobs import Job
from snakemake.logging import DefaultFormatter, logger
from snakemake.persistence import PersistenceBase as Persistence
from snakemake.rules import Rule
from snakemake.scheduling.job_scheduler import JobScheduler
from snakemake.settings.types import (
    ConfigSettings,
    DAGSettings,
    ExecutionSettings,
    GroupSettings,
    ResourceSettings,
    SchedulingSettings,
)
from snakemake.sourcecache import LocalSourceFile
from snakemake.workflow import Workflow
from snakemake_interface_executor_plugins.registry import ExecutorPluginRegistry
from snakemake_interface_executor_plugins.settings import CommonSettings
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from cineforge.bridge.snakemake.workflow import LOOKS


@dataclass(frozen=True)
class Reliance:
    """One thing relied on: its names in our code, whether it is there, and what breaks without it."""

    place: str
    names: tuple[str, ...]
    is_there: Callable[[], bool]
    breaks: str


def attribute(owner: Any, name: str, breaks: str) -> Reliance:
    """A method, property, field or attribute of a class, its objects, or a module."""
    place = getattr(owner, "__name__", type(owner).__name__)
    return Reliance(place, (name,), lambda: _has(owner, name), breaks)


def _has(owner: Any, name: str) -> bool:
    if hasattr(owner, name) or not inspect.isclass(owner):
        return hasattr(owner, name)
    given = re.compile(rf"\b(self|_instance)\.{name} = ")
    return any(
        name in inspect.get_annotations(kind) or given.search(inspect.getsource(kind))
        for kind in owner.__mro__[:-1]
    )


def fields(owner: Any, names: Iterable[str], breaks: str) -> Reliance:
    """Fields of a settings class that can be set."""
    wanted = tuple(names)
    known = {field.name for field in dataclasses.fields(owner)}
    return Reliance(
        owner.__name__,
        wanted,
        lambda: known >= set(wanted) and not owner.__dataclass_params__.frozen,
        breaks,
    )


def takes(function: Any, arguments: tuple[str, ...], breaks: str) -> Reliance:
    """A function or method with just these arguments."""
    return Reliance(
        function.__module__,
        (function.__name__,),
        lambda: tuple(inspect.signature(function).parameters) == arguments,
        breaks,
    )


def text(path: str, words: str, breaks: str) -> Reliance:
    """Words in Snakemake's source."""
    file = Path(snakemake.__file__).parent / path
    return Reliance(path, (words,), lambda: words in file.read_text(encoding="utf-8"), breaks)


def _calls_at_each_turn(*methods: str) -> bool:
    turn = inspect.getsource(JobScheduler)
    places = [turn.index(f"self.{method}()") for method in methods]
    return places == sorted(places)


RELIED_ON = (
    # -- what was asked for
    attribute(Workflow, "is_main_process", "a submitted job would decide anew, and run everything"),
    attribute(Workflow, "workdir_init", "source files named from where the command was typed"),
    attribute(Workflow, "executor_plugin", "`--dag` and `--summary` would reserve versions"),
    attribute(Workflow, "dryrun", "a dry run would reserve versions and write a record"),
    attribute(Workflow, "touch", "--touch would be taken for a run"),
    attribute(Workflow, "local_exec", "jobs of an executor would get no job file"),
    attribute(Workflow, "dag_settings", "no target and no force would be known"),
    attribute(Workflow, "resource_settings", "refusals would name a command without -c"),
    attribute(Workflow, "group_settings", "jobs could not be submitted in groups"),
    fields(
        DAGSettings,
        (
            "targets",
            "forcerun",
            "forceall",
            "forcetargets",
            "until",
            "omit_from",
            "rerun_triggers",
            "batch",
        ),
        "what was asked for could not be read",
    ),
    fields(ResourceSettings, ("cores", "nodes"), "sizes of batches would not fit what runs them"),
    attribute(Workflow, "config_settings", "values of `--config` would have other types than ours"),
    fields(
        ConfigSettings,
        ("config", "config_args", "configfiles"),
        "values of `--config` would have other types than in config.yaml",
    ),
    takes(
        dict_to_key_value_args,
        ("some_dict", "quote_str", "repr_obj"),
        "values that Python gave would be read as if they had been typed",
    ),
    takes(Workflow.is_rule, ("self", "name"), "a stage as a target would not be named"),
    attribute(Rule, "name", "the same"),
    takes(Rule.has_wildcards, ("self",), "the same"),
    # -- what a run does otherwise
    attribute(Workflow, "execution_settings", "see use_threads"),
    fields(
        ExecutionSettings, ("use_threads",), "each local job would start a whole snakemake, 1.3 s"
    ),
    fields(
        ExecutionSettings, ("keep_going",), "a failed instance would hold up what needs its batch"
    ),
    attribute(Workflow, "scheduling_settings", "see max_jobs_per_timespan"),
    fields(
        SchedulingSettings, ("max_jobs_per_timespan",), "timers would add up: 71 s of CPU for 58 s"
    ),
    fields(
        GroupSettings,
        ("overwrite_groups", "group_components"),
        "a group would start a job a member",
    ),
    attribute(Workflow, "persistence", "see the methods of Persistence"),
    attribute(Persistence, "lock", "a killed run's lock files would stop the next one"),
    takes(Persistence.noop, ("self", "args"), "--nolock's stand-in for `lock`"),
    takes(
        Persistence.cleanup_metadata,
        ("self", "target"),
        "links would be remade for lost provenance",
    ),
    takes(
        Persistence.save_iocache,
        ("self",),
        "a dry run would write into the project",
    ),
    takes(
        Persistence.metadata,
        ("self", "target"),
        "a dry run would tell of links that stay as they are",
    ),
    takes(Persistence.incomplete, ("self", "job"), "a dry run would refuse what a killed run left"),
    attribute(Workflow, "output_settings", "a dry run would write what it has compiled"),
    attribute(
        snakemake.workflow, "FilePersistence", "a dry run would make the folder `.snakemake`"
    ),
    takes(
        snakemake.workflow.FilePersistence.__init__,
        tuple(inspect.signature(Persistence.__init__).parameters),
        "see the one above",
    ),
    attribute(Workflow, "rules", "see restart_times"),
    attribute(Rule, "restart_times", "a failing remote job would be tried (N+1)(N+2)/2 times"),
    # -- the DAG
    attribute(Workflow, "dag", "see the attributes of DAG"),
    attribute(DAG, "forcefiles", "a `current/` link that is there would count as made"),
    takes(
        DAG.update_checkpoint_dependencies,
        ("self", "jobs"),
        "nested fan-outs would cost their square",
    ),
    attribute(DAG, "ready_jobs", "finished fan-outs could not wait for other work"),
    attribute(
        DAG,
        "_running",
        "a failed job that waits for its next attempt would be lost (BUG: Out of jobs)",
    ),
    attribute(Job, "is_checkpoint", "fan-outs could not be told from other jobs"),
    attribute(Workflow, "scheduler", "see _error_jobs"),
    takes(
        JobScheduler._error_jobs,
        ("self",),
        "held-back fan-outs would be forgotten after a last failure",
    ),
    attribute(JobScheduler, "_finish_jobs", "the same"),
    takes(JobScheduler.progress, ("self",), "a batch of instances would count as one step"),
    Reliance(
        "JobScheduler",
        ("finished_jobs",),
        lambda: "self.finished_jobs = 0" in inspect.getsource(JobScheduler.__init__),
        "the same",
    ),
    text("scheduling/job_scheduler.py", "event=LogEvent.PROGRESS", "the same"),
    Reliance(
        "JobScheduler",
        (),
        lambda: _calls_at_each_turn("_finish_jobs", "_error_jobs"),
        "a fan-out would be looked after before it counts as finished",
    ),
    takes(Workflow.async_run, ("self", "coro"), "held-back fan-outs could not be shown to the DAG"),
    # -- rules
    takes(ancient, ("value",), "file times would make links and tickets out of date"),
    takes(IOFile, ("file", "rule"), "nothing could be forgotten"),
    attribute(Wildcards, "get", "a rule without an entity could not be told"),
    attribute(snakemake.exceptions, "WorkflowError", "failed jobs would print tracebacks"),
    # -- executors
    attribute(ExecutorPluginRegistry, "plugins", "see implies_no_shared_fs"),
    attribute(CommonSettings, "__dataclass_fields__", "see implies_no_shared_fs"),
    Reliance(
        "CommonSettings",
        ("common_settings", "implies_no_shared_fs"),
        lambda: "implies_no_shared_fs" in CommonSettings.__dataclass_fields__,
        "executors of a cloud would demand a storage provider",
    ),
    # -- log and command line
    attribute(snakemake.logging, "logger", "nothing could be said, and no log handler be found"),
    attribute(logger, "info", "nothing could be said"),
    attribute(logger, "error", "nothing that went wrong could be said"),
    attribute(DefaultFormatter, "format", "a module's escape sequences would reach the terminal"),
    Reliance(
        "LogEvent",
        ("JOB_ERROR", "ERROR", "PROGRESS"),
        lambda: {"JOB_ERROR", "ERROR", "PROGRESS"} <= set(LogEvent.__members__),
        "a failed job would be told twice",
    ),
    text("exceptions.py", "event=LogEvent.ERROR, exception=", "a failed job would be told twice"),
    attribute(logger_settings, "LogHandlerSettingsBase", "a plugin without settings is refused"),
    Reliance(
        "LogHandlerBase",
        ("writes_to_stream", "writes_to_file", "has_filter", "has_formatter", "needs_rulegraph"),
        lambda: (
            LogHandlerBase.__abstractmethods__
            <= {
                "writes_to_stream",
                "writes_to_file",
                "has_filter",
                "has_formatter",
                "needs_rulegraph",
                "emit",
            }
        ),
        "the live view would not load",
    ),
    Reliance(
        "common",
        ("Nothing to be done",),
        lambda: NOTHING_TO_BE_DONE_MSG.startswith("Nothing to be done"),
        "the view would not say that all is up to date",
    ),
    text(
        "workflow.py",
        "At least one job did not complete successfully",
        "said once more by the view",
    ),
    text("scheduling/job_scheduler.py", "Exiting because a job execution failed", "the same"),
    takes(
        exceptions.format_exception_to_string,
        ("ex", "linemaps"),
        "a full disk, or a project that is moved, would be told by a traceback",
    ),
    text(
        "exceptions.py",
        "format_exception_to_string(ex, linemaps),",
        "what stands in that function's place would not be asked",
    ),
    takes(cli.parse_config, ("entries",), "a wrong word of --config would be told by a traceback"),
    attribute(exceptions, "CliException", "the same"),
    takes(cli.main, ("argv",), "`cineforge run` could not start Snakemake in its own process"),
    text(
        "scheduling/job_scheduler.py",
        "signal.signal(signal.SIGTERM, self.exit_gracefully)",
        "`handle_sigterm_in_thread` would find no handler to take out of the main thread",
    ),
    attribute(
        Workflow,
        "default_target",
        "an included file does not set it: `snakemake` would make nothing",
    ),
    # -- commands that only look
    *(
        attribute(
            Workflow,
            name,
            f"{option} would say nothing of an empty answer, or a report be of nothing",
        )
        for name, option in LOOKS.items()
    ),
    takes(Persistence.metadata, ("self", "target"), "no report would know of any job"),
    attribute(Job, "wildcards_dict", "an empty picture would not be told from one of work"),
    attribute(DAG, "jobs", "the same"),
    takes(
        report,
        ("value", "caption", "category", "subcategory", "labels", "patterns", "htmlindex"),
        "no page would be in a report",
    ),
    text(
        "report/__init__.py",
        "for f in itertools.chain(job.output, job.input):",
        "pages, which are inputs, would not be in a report",
    ),
    attribute(LocalSourceFile, "get_path_or_uri", "no caption would be read"),
    attribute(Workflow, "onsuccess", "remote results would not be collected at the end"),
    attribute(Workflow, "onerror", "the same, of a run that failed"),
)
