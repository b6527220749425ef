"""Two ways to carry out a run: Snakemake itself, and this process in Snakemake's part.

The second calls the very functions that a compiled workflow hands to Snakemake, in every order that the
dependencies allow, and the modules by the worker's own code. It is some twenty times faster.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import random
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from snakemake.exceptions import WorkflowError
from snakemake.settings.types import DAGSettings

from cineforge.bridge import guard
from cineforge.bridge.forge import Forge
from cineforge.bridge.run_options import RunOptions
from cineforge.bridge.run_settings import instance_of
from cineforge.bridge.session import new_run_id
from cineforge.commands.project import load_project_recipe
from cineforge.model.errors import CineForgeError
from cineforge.recipes.project_file import read_config
from cineforge.running.spec import JobReport, JobSpec
from cineforge.running.worker import call_module
from tests.e2e import warm

SNAKEFILE = Path(__file__).resolve().parents[2] / "Snakefile"
_TICKET = re.compile(r"artifacts/([^/]+)/([^/]+)/v(\d+)\.json")
_CURRENT = re.compile(r"current/([^/]+)/([^/]+)\.json")


@dataclass(frozen=True)
class Command:
    """What is asked of a run. `order` seeds the order of its jobs, where somebody chooses it."""

    targets: tuple[str, ...] = ("all",)
    forcerun: tuple[str, ...] = ()
    force_all: bool = False
    start_from: str | None = None
    order: int = 0

    def unforced(self) -> Command:
        return Command(self.targets, (), False, self.start_from, self.order + 1)

    def plan_words(self) -> list[str]:
        """The same, asked of `cineforge plan`."""
        words = ["plan", "made", *self.targets, *(["--force"] if self.force_all else [])]
        words += ["--start-from", self.start_from] if self.start_from else []
        return words + (["--forcerun", *self.forcerun] if self.forcerun else [])


@dataclass(frozen=True)
class Outcome:
    """How a run ended: what failed, and why it was refused, if it was."""

    failed: frozenset[str] = frozenset()
    refused: str = ""


Engine = Callable[[Path, Command], Outcome]


def run_by_snakemake(folder: Path, command: Command) -> Outcome:
    """Through Snakemake, as `cineforge run` has it."""
    words = [*command.targets, "--snakefile", str(SNAKEFILE), "--directory", str(folder)]
    words += ["--keep-going", "-c2", *(["--forceall"] if command.force_all else [])]
    words += ["--forcerun", *command.forcerun] if command.forcerun else []
    options = RunOptions(start_from=command.start_from).environment()
    environment = {**os.environ, **options}
    done = warm.run("snakemake", *words, cwd=folder, env=environment, stderr=subprocess.STDOUT)
    failed = re.findall(r"(?m)^.*?(s\d+(?:/\S+)?) \(s\d+_v1\) failed: ", done.stdout)
    assert "Traceback" not in done.stdout, done.stdout
    assert done.returncode or not failed, done.stdout
    return Outcome(frozenset(failed), done.stdout if done.returncode and not failed else "")


def run_in_this_process(folder: Path, command: Command) -> Outcome:
    """Play Snakemake's part."""
    errors: list[str] = []
    with _in_folder(folder):
        try:
            with _begun(folder, command, errors) as forge:
                return Outcome(frozenset(_Jobs(forge, command).run_all()))
        except SystemExit:
            assert "an error in CineForge itself" not in "".join(errors), errors
            return Outcome(refused="\n".join(errors) or "no message")
        except CineForgeError as error:
            return Outcome(refused=str(error))


class _InThisProcess:
    """The worker pool's part: the worker's own code, called directly."""

    def call(self, spec: JobSpec, timeout: float | None) -> JobReport:
        del timeout
        return call_module(spec)

    def stop(self) -> None:
        pass


@contextlib.contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def _begun(folder: Path, command: Command, errors: list[str]) -> Iterator[Forge]:
    """A workflow's `forge`, with its session begun."""
    config = read_config(folder)
    recipe = load_project_recipe("made", folder, config)
    workflow = _workflow(folder, command)
    options = RunOptions(start_from=command.start_from)
    forge = Forge(workflow, recipe, config, options, new_run_id())
    guard.on_error(errors.append)
    try:
        with _quiet():
            guard.ending_the_command(forge._begun)()
            session = forge._session
            assert session is not None
            atexit.unregister(session.close)
            atexit.unregister(session._runner._pool.stop)
            session._runner._pool = _InThisProcess()  # type: ignore[assignment]
            yield forge
    finally:
        if forge._session is not None:
            forge._session.close()
        guard._listeners.clear()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    from snakemake.logging import logger

    before = logger.level
    logger.setLevel("CRITICAL")
    try:
        yield
    finally:
        logger.setLevel(before)


def _workflow(folder: Path, command: Command) -> Any:
    """What CineForge looks at of Snakemake's `Workflow`, for a run on this machine."""
    dag = DAGSettings(
        targets=frozenset(command.targets),
        forceall=command.force_all,
        forcerun=frozenset(command.forcerun),
    )
    return SimpleNamespace(
        is_main_process=True,
        executor_plugin=object(),
        local_exec=True,
        dryrun=False,
        touch=False,
        dag_settings=dag,
        group_settings=SimpleNamespace(overwrite_groups={}),
        resource_settings=SimpleNamespace(cores=2),
        execution_settings=SimpleNamespace(use_threads=True),
        scheduling_settings=SimpleNamespace(max_jobs_per_timespan=None),
        persistence=SimpleNamespace(lock=None, noop=None, cleanup_metadata=lambda _path: None),
        dag=SimpleNamespace(forcefiles=set(), update_checkpoint_dependencies=None),
        workdir_init=str(folder),
    )


@dataclass
class _Job:
    """A rule's job: its output, what it waits for, and whether it is a checkpoint."""

    output: str
    waits: set[str]
    run: Callable[[], None]
    label: str
    is_checkpoint: bool = False


@dataclass
class _Jobs:
    """Builds the graph from the targets, runs what is ready, and asks again when a checkpoint has run."""

    forge: Forge
    command: Command
    done: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)

    def run_all(self) -> set[str]:
        """The labels of the jobs that failed."""
        chance = random.Random(self.command.order)
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
            try:
                job.run()
            except WorkflowError as error:
                assert "asked to fail" in str(error), error
                self.failed[job.output] = job.label
                continue
            self._finish(job, graph)
            if job.is_checkpoint:
                graph = self._graph()
        left = [output for output in graph if output not in self.done | self.failed.keys()]
        assert self.failed or not left, f"nothing is ready, but not all is done: {left}"
        return set(self.failed.values())

    def _finish(self, job: _Job, graph: dict[str, _Job]) -> None:
        """A rule's outputs are all there when its one job is done."""
        for output, other in graph.items():
            if other.label == job.label:
                assert Path(output).exists(), f"{job.label} ended without {output}"
                self.done.add(output)

    def _graph(self) -> dict[str, _Job]:
        graph: dict[str, _Job] = {}
        # Snakemake takes what is forced by its path for a target.
        forced = [name for name in self.command.forcerun if name.startswith("current/")]
        targets = (*self.command.targets, *forced)
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
        return graph

    def _target(self, target: str) -> list[str]:
        recipe = self.forge._recipe
        if target.startswith("current/"):
            return [target]
        stages = list(recipe.stages) if target == "all" else [target.removeprefix("all_")]
        return [path for stage in stages for path in self.forge.stage(stage)(None)]

    def _job(self, path: str) -> _Job | None:
        forge = self.forge
        if (match := _CURRENT.fullmatch(path)) is not None:
            artifact_type, entity = match.groups()
            words = _Wildcards(entity, None)
            waits = {str(each) for each in forge.current(artifact_type)(words)}
            run = lambda: forge.link(artifact_type, words)  # noqa: E731
            return _Job(path, waits, run, path)
        if (match := _TICKET.fullmatch(path)) is None:
            return None
        artifact_type, entity, version = match.groups()
        instance = instance_of(forge._recipe, artifact_type, None if entity == "_" else entity)
        assert instance is not None, path
        words = _Wildcards(None if instance.entity is None else entity, version)
        if path in self.done or path in self.failed:
            # Snakemake does not ask again for what has run.
            return _Job(path, set(), lambda: None, str(instance))
        waits = set(forge.inputs(instance.stage)(words))
        stage = forge._recipe.stages[instance.stage]
        run = lambda: forge.run(instance.stage, words, 1)  # noqa: E731
        return _Job(path, waits, run, str(instance), stage.is_fan_out)


class _Wildcards(SimpleNamespace):
    """A job's wildcards."""

    def __init__(self, entity: str | None, version: str | None) -> None:
        super().__init__(entity=entity, version=version)

    def get(self, name: str, default: str | None = None) -> str | None:
        return getattr(self, name, default)
