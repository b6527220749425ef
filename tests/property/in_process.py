"""A run in this process, which plays Snakemake's part: some twenty times faster.

It calls the very functions that a compiled workflow hands to Snakemake, in every order that the dependencies allow,
and the modules by the worker's own code.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import random
import re
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from snakemake.cli import get_argument_parser
from snakemake.exceptions import WorkflowError
from snakemake.logging import logger
from snakemake.settings.types import ConfigSettings, DAGSettings

from cineforge.bridge.entry import WorkflowEntry
from cineforge.bridge.process import errors_at_exit
from cineforge.bridge.request.run_options import RUN_ID, run_options
from cineforge.bridge.snakemake.workflow import SnakemakeRun
from cineforge.commands.shared.project_option import load_project_recipe, project_config
from cineforge.deciding.instance import instance_of
from cineforge.model.errors import CineForgeError
from cineforge.recipes.resolved import ResolvedRecipe
from tests.in_this_process import InThisProcess
from tests.property.bills import LEFT_OUT
from tests.property.during import CHANGED
from tests.property.engine import Command, Outcome, carried_out, failed_in

PARSER = get_argument_parser()
_TICKET = re.compile(r"artifacts/([^/]+)/([^/]+)/v(\d+)(?:\.(\w+))?\.json")
_CURRENT = re.compile(r"current/([^/]+)/([^/]+)\.json")


def run_in_this_process(folder: Path, command: Command) -> Outcome:
    """Play Snakemake's part."""

    def snakemake(arguments: list[str], environment: Mapping[str, str]) -> Outcome:
        errors: list[str] = []
        with _in_folder(folder), _quiet():
            asked = PARSER.parse_args(arguments)
            try:
                with _begun(folder, asked, environment, errors) as forge:
                    failed = _Jobs(forge, asked, command.order).run_all()
                if not failed:
                    return Outcome()
                # What fails of a batch is not the instance that it is called by.
                return Outcome(failed_in(folder / "runs" / environment[RUN_ID]) or failed)
            except SystemExit:
                assert "an error in CineForge itself" not in "".join(errors), errors
                return Outcome(refused="\n".join(errors) or "no message")
            except CineForgeError as error:
                return Outcome(refused=str(error))

    return carried_out(folder, command, snakemake)


@contextlib.contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def _begun(
    folder: Path, asked: Namespace, environment: Mapping[str, str], errors: list[str]
) -> Iterator[WorkflowEntry]:
    """A workflow's `forge`, with its session begun."""
    given = dict(word.split("=", 1) for word in asked.config or ())
    config = project_config(folder, given)
    recipe = load_project_recipe(given.get("recipe"), folder, config)
    options = run_options(environment)
    assert options.run_id is not None
    forge = WorkflowEntry(
        SnakemakeRun(_workflow(folder, asked, recipe)), lambda: recipe, config, options
    )
    errors_at_exit.on_error(errors.append)
    try:
        session = errors_at_exit.exit_on_error(forge._parts.session)()
        atexit.unregister(session.close)
        calls = session._runner._calls
        atexit.unregister(calls.pool.stop)
        calls.pool = InThisProcess()  # type: ignore[assignment]
        yield forge
    finally:
        if forge._parts.begun is not None:
            forge._parts.begun.close()
        errors_at_exit._listeners.clear()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    before = logger.level
    logger.setLevel("CRITICAL")
    try:
        yield
    finally:
        logger.setLevel(before)


def _workflow(folder: Path, asked: Namespace, recipe: ResolvedRecipe) -> Any:
    """What CineForge looks at of Snakemake's `Workflow`, for a run on this machine."""
    dag = DAGSettings(
        targets=frozenset(asked.targets),
        forceall=asked.forceall,
        forcerun=frozenset(asked.forcerun),
        forcetargets=asked.force,
        until=frozenset(asked.until),
        omit_from=frozenset(asked.omit_from),
        rerun_triggers=frozenset(asked.rerun_triggers),
    )
    return SimpleNamespace(
        is_main_process=True,
        config_settings=ConfigSettings(config_args=list(asked.config or ())),
        executor_plugin=object(),
        local_exec=True,
        dryrun=False,
        touch=False,
        dag_settings=dag,
        group_settings=SimpleNamespace(overwrite_groups={}),
        resource_settings=SimpleNamespace(cores=2, nodes=None),
        execution_settings=SimpleNamespace(use_threads=True, keep_going=True),
        scheduling_settings=SimpleNamespace(max_jobs_per_timespan=None),
        persistence=SimpleNamespace(lock=None, noop=None, cleanup_metadata=lambda _path: None),
        dag=SimpleNamespace(forcefiles=set(), update_checkpoint_dependencies=None),
        rules=[
            SimpleNamespace(name=stage.id, restart_times=stage.options.retries)
            for stage in recipe.stages.values()
        ],
        workdir_init=str(folder),
    )


@dataclass
class _Job:
    """A rule's job: its output, what it waits for, and how an attempt is made."""

    output: str
    waits: set[str]
    run: Callable[[int], None]
    label: str
    stage: str = ""
    retries: int = 0
    is_checkpoint: bool = False


@dataclass
class _Jobs:
    """Builds the graph from the targets, runs what is ready, and asks again when a checkpoint has run."""

    forge: WorkflowEntry
    asked: Namespace
    order: int
    done: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)

    def run_all(self) -> frozenset[str]:
        """The labels of the jobs that failed."""
        chance = random.Random(self.order)
        graph = self._graph()
        while True:
            ready = [
                output
                for output, job in graph.items()
                if output not in self.done and output not in self.failed and job.waits <= self.done
            ]
            if not ready:
                break
            job = graph[chance.choice(sorted(ready))]
            if not self._attempted(job):
                self.failed[job.output] = job.label
                continue
            self._finish(job, graph)
            if job.is_checkpoint:
                graph = self._graph()
        left = [output for output in graph if output not in self.done | self.failed.keys()]
        assert self.failed or not left, f"nothing is ready, but not all is done: {left}"
        return frozenset(self.failed.values())

    @staticmethod
    def _attempted(job: _Job) -> bool:
        """Whether one of the attempts that the rule allows went well."""
        for attempt in range(1, job.retries + 2):
            try:
                job.run(attempt)
            except WorkflowError as error:
                known = ("asked to fail", CHANGED, LEFT_OUT)
                assert any(each in str(error) for each in known), error
            else:
                return True
        return False

    def _finish(self, job: _Job, graph: dict[str, _Job]) -> None:
        """A rule's outputs are all there when its one job is done."""
        for output, other in graph.items():
            if other.label == job.label:
                assert Path(output).exists(), f"{job.label} ended without {output}"
                self.done.add(output)

    def _graph(self) -> dict[str, _Job]:
        graph: dict[str, _Job] = {}
        # Snakemake takes for targets what is named by its path, and rules without wildcards.
        stages = self.forge._resolve().stages
        until = [name for name in self.asked.until if name not in stages]
        forced = [name for name in self.asked.forcerun if name not in stages]
        targets = (*self.asked.targets, *forced, *until)
        pending = [path for target in targets for path in self._target(target)]
        while pending:
            path = pending.pop()
            if path in graph:
                continue
            job = self._job(path)
            if job is None:
                assert Path(path).exists(), f"{path} is no output of any rule, and not there"
                continue
            graph[path] = job
            pending += job.waits
        for job in graph.values():
            job.waits &= graph.keys()
        return self._within_limits(graph, [path for name in until for path in self._target(name)])

    def _within_limits(self, graph: dict[str, _Job], until: list[str]) -> dict[str, _Job]:
        """What `--until` and `--omit-from` leave of all jobs."""
        if self.asked.until:
            named = [path for path, job in graph.items() if job.stage in self.asked.until]
            kept: set[str] = set()
            pending = [*named, *(path for path in until if path in graph)]
            while pending:
                path = pending.pop()
                if path not in kept:
                    kept.add(path)
                    pending += graph[path].waits
            graph = {path: job for path, job in graph.items() if path in kept}
        omitted = {path for path, job in graph.items() if job.stage in self.asked.omit_from}
        while more := {
            path for path, job in graph.items() if path not in omitted and job.waits & omitted
        }:
            omitted |= more
        return {path: job for path, job in graph.items() if path not in omitted}

    def _target(self, target: str) -> list[str]:
        recipe = self.forge._resolve()
        if target.startswith("current/"):
            return [target]
        stages = list(recipe.asked) if target == "all" else [target.removeprefix("all_")]
        return [path for stage in stages for path in self.forge.stage(stage)(None)]

    def _job(self, path: str) -> _Job | None:
        forge = self.forge
        if (match := _CURRENT.fullmatch(path)) is not None:
            artifact_type, entity = match.groups()
            words = _Wildcards(entity, None)
            waits = {str(each) for each in forge.current(artifact_type)(words)}
            run = lambda _attempt: forge.link(artifact_type, words)  # noqa: E731
            return _Job(path, waits, run, path)
        if (match := _TICKET.fullmatch(path)) is None:
            return None
        artifact_type, entity, version, by = match.groups()
        recipe = forge._resolve()
        maker = by or recipe.begun_by.get(artifact_type)
        instance = instance_of(recipe, artifact_type, None if entity == "_" else entity, maker)
        assert instance is not None, path
        words = _Wildcards(None if instance.entity is None else entity, version)
        if path in self.done or path in self.failed:
            # Snakemake does not ask again for what has run.
            return _Job(path, set(), lambda _attempt: None, str(instance), instance.stage)
        waits = set(forge.inputs(instance.stage)(words))
        stage = forge._resolve().stages[instance.stage]
        return _Job(
            path,
            waits,
            lambda attempt: forge.run(instance.stage, words, attempt),
            str(instance),
            instance.stage,
            stage.options.retries,
            stage.is_fan_out,
        )


class _Wildcards(SimpleNamespace):
    """A job's wildcards."""

    def __init__(self, entity: str | None, version: str | None) -> None:
        super().__init__(entity=entity, version=version)

    def get(self, name: str, default: str | None = None) -> str | None:
        return getattr(self, name, default)
