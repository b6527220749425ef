"""A project with a certificate, and what may be done to it."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cineforge import Project
from cineforge.bridge.certificate.certificate import (
    Certificate,
    find_certificate,
    question_of,
    text_digest,
)
from cineforge.bridge.certificate.files_read import files_read
from cineforge.bridge.certificate.issuing import Issuer
from cineforge.bridge.certificate.rests_on import Basis
from cineforge.bridge.paths import is_ticket
from cineforge.model.errors import DecisionFailed
from cineforge.model.health import RESERVED_TYPES
from cineforge.project import opening
from cineforge.project.next_run import next_run
from cineforge.running import execute
from cineforge.store import ArtifactStore, layout
from tests.e2e.workshop import write_module
from tests.in_this_process import InThisProcess

from .film import Film

CAST_CODE = """
def run_module(inputs, params, project_config, context):
    names = context.source("names").read_text().split()
    return ModuleResult(outputs={"actor": {name: Output(data=name) for name in names}})
"""
STAGES = ("cast", "greet", "choir")
TRIGGERS = ("code", "input", "mtime", "params", "software-env")


class Stage(Film):
    """The film of `film.py`, whose cast stands in a file; and what a command that looks for a certificate sees."""

    def write(self, *, names: str = "names.txt", **more: Any) -> None:
        super().write(names=names, **more)
        source = {"type": "string", "format": "source-file"}
        extra = {**source, "optional": True, "default": "more.txt"}
        cast: dict[str, Any] = {"stage": "cast", "outputs": [{"type": "actor", "many": True}]}
        cast |= {"parameters": {"type": "object", "properties": {"names": source, "more": extra}}}
        write_module(self.folder, "cast_v1", cast, CAST_CODE)
        self.cast("ann bob")

    def cast(self, names: str) -> None:
        (self.folder / "names.txt").write_text(names, encoding="utf-8")

    @property
    def _recipe_file(self) -> Path:
        return self.folder / "recipes" / "made.yaml"

    def _basis(self) -> Basis:
        read = files_read(self.folder, (self._recipe_file,))
        assert read is not None
        question = question_of((self._recipe_file,), {"recipe": "made"})
        compiled = text_digest("compiled")
        return Basis(question, (self._recipe_file,), read, compiled, "", (self.folder,))

    def issuer(self) -> Issuer:
        compiled = self.folder / layout.COMPILED / "made.smk"
        compiled.parent.mkdir(parents=True, exist_ok=True)
        compiled.write_text("compiled", encoding="utf-8")
        issuer = Issuer(self.folder, self._basis(), f"{layout.COMPILED}/made.smk", TRIGGERS)
        issuer.look()
        return issuer

    def work(self) -> None:
        """A command that does all that is to be done, and certifies that."""
        self.run_all(f"run-{time.time_ns()}", self.issuer())

    def look(self, meanwhile: Callable[[Stage], object] = lambda _: None) -> bool:
        """A command that finds nothing to do, and certifies that; False when it finds something."""
        run = self.run("look", issuer=self.issuer())
        idle = not any(is_ticket(path) for stage in STAGES for path in run.targets(stage))
        meanwhile(self)
        run.session.close()
        shutil.rmtree(self.folder / "runs" / "look", ignore_errors=True)
        return idle

    def certificate(self) -> Certificate | None:
        """What the next command finds."""
        basis = self._basis()
        return find_certificate(self.folder, basis.question, basis.files, basis.folders)

    def answers(self) -> list[object]:
        """What `status` and `why` have to tell: facts, which the commands put into words and JSON."""
        with Project(self.folder) as project:
            project.store.check_folders()
            found: list[object] = [status := project.status()]
            found.append(next_run(project.store, self.folder, any_stale=bool(status.stale)))
            # One of each type: the first by name.
            keys = {key.artifact_type: key for key in reversed(project.store.list_artifacts())}
            for key in keys.values():
                if key.artifact_type not in RESERVED_TYPES:
                    try:
                        found.append(project.why(key))
                    except DecisionFailed as error:
                        found.append(str(error))
            planner = opening.open_planner(project.store, self.folder, for_many=True)
            assert planner is not None
            for stage in STAGES:
                instances, waits = planner.instances(stage)
                found += [waits, *map(planner.decision_ahead, instances)]
            return found

    def has_work(self) -> bool:
        """What the planner says, without any certificate; also when a person has to hear something."""
        self.said.clear()
        run = self.run("ask", executing=False)
        found = any(is_ticket(path) for stage in STAGES for path in run.targets(stage))
        run.session.close()
        return found or bool(self.said)


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A film of which all is made, and certified."""
    monkeypatch.setattr(execute, "WorkerPool", InThisProcess)
    made = Stage(tmp_path / "film", [], [])
    made.write()
    made.run_all("first")
    rest(made)
    return made


def rest(film: Stage) -> None:
    """Let nothing have changed just now: no certificate is given then."""
    time.sleep(0.05)
    assert film.look(), "there is work"
    time.sleep(0.05)


def edit(path: Path) -> None:
    """A change of as many letters, with the time that the file had."""
    before = path.stat()
    path.write_text(path.read_text(encoding="utf-8").swapcase(), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def put(film: Stage) -> None:
    with Project(film.folder) as project:
        project.put("greeting/ann", "good evening", why="it is late")


def say(word: str, named: str) -> Callable[[Stage], object]:
    def said(film: Stage) -> None:
        with Project(film.folder) as project:
            getattr(project, word)(named, why="so it is")

    return said


def copy_in(film: Stage) -> None:
    """A version from elsewhere, into the folder of an artifact that is there."""
    home = film.folder / "artifacts" / "song" / "_"
    shutil.copytree(home / "v0001", home / "v0002", copy_function=shutil.copyfile)


def reindex(film: Stage) -> None:
    with ArtifactStore(film.folder) as store:
        store.reindex()


def files(name: str) -> Callable[[Stage], object]:
    return lambda film: edit(film.folder / name)
