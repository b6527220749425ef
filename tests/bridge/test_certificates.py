"""That nothing is to be done may be known without looking, and is never said while there is anything."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cineforge import Project
from cineforge.bridge.certificate import certificate
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


def test_nothing_to_do_is_known_until_something_changes(film: Stage) -> None:
    assert film.look()
    found = film.certificate()
    assert found is not None
    assert set(found.idle) == set(STAGES)
    assert found.complete
    assert film.certificate() == found


def test_a_plan_that_would_tell_of_a_held_head_is_not_certified(film: Stage) -> None:
    say("hold", "song")(film)
    time.sleep(0.05)
    assert film.look()
    found = film.certificate()
    assert found is not None
    assert not found.complete


def test_a_run_that_did_all_of_its_work_certifies_that(film: Stage) -> None:
    film.cast("ann bob cid")
    time.sleep(0.05)  # what has just changed is not certified
    assert film.certificate() is None
    film.work()
    found = film.certificate()
    assert found is not None
    assert set(found.idle) == set(STAGES)
    assert not film.has_work()


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


def lose(film: Stage) -> None:
    shutil.rmtree(film.folder / "artifacts" / "greeting" / "bob" / "v0001")


def edit_in_current(film: Stage) -> None:
    link = film.folder / "current" / "song" / "_.json"
    link.unlink()
    link.write_text("[]", encoding="utf-8")


def leave_a_claim(film: Stage) -> None:
    (film.folder / layout.CLAIMS / "killed").touch()


def begin_a_record(film: Stage) -> None:
    (film.folder / "runs" / "killed").mkdir()


def flip(film: Stage) -> None:
    with closing(sqlite3.connect(film.folder / layout.INDEX)) as db:
        db.execute("UPDATE version SET content = content + 1 WHERE id = 1")
        db.commit()


def only_ask(film: Stage) -> None:
    """Open and close the project, as a command that asks something."""
    with Project(film.folder) as project:
        project.status()


def reindex(film: Stage) -> None:
    with ArtifactStore(film.folder) as store:
        store.reindex()


def files(name: str) -> Callable[[Stage], object]:
    return lambda film: edit(film.folder / name)


CHANGES: dict[str, Callable[[Stage], object]] = {
    "a source": files("names.txt"),
    "an optional source that comes": lambda film: (film.folder / "more.txt").touch(),
    "a module": files("modules/greet/greet_v1/main.py"),
    "data of a module": lambda film: (film.folder / "modules/greet/greet_v1/words.txt").touch(),
    "a manifest": files("modules/choir/choir_v1/module.yaml"),
    "a schema": files("schemas/artifacts/song.schema.json"),
    "the recipe": files("recipes/made.yaml"),
    "the configuration": lambda film: (film.folder / "config.yaml").write_text("x: 1\nrecipe: made\n"),
    "another module of the same name": lambda film: shutil.copytree(
        film.folder / "modules/greet/greet_v1", film.folder / "modules/meet/greet_v1"
    ),
    "the compiled workflow": lambda film: (film.folder / layout.COMPILED / "made.smk").unlink(),
    "a person's version": put,
    "a hold": say("hold", "song"),
    "a word on a version": say("revise", "song"),
    "a version that is copied in": copy_in,
    "a version that is lost": lose,
    "an edit in current/": edit_in_current,
    "a run that was killed": leave_a_claim,
    "a record of a run": begin_a_record,
    "the index": flip,
    "an index that is made anew": reindex,
    "an index that is lost": lambda film: (film.folder / layout.INDEX).unlink(),
    "the stamp of a copy": lambda film: (film.folder / layout.STAMP).write_text("0" * 32),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_any_change_makes_a_certificate_void(
    film: Stage, change: Callable[[Stage], object]
) -> None:
    assert film.certificate() is not None
    change(film)
    assert film.certificate() is None


def test_a_question_of_another_program_or_configuration_has_no_certificate(
    film: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = (film.folder / "recipes" / "made.yaml",)
    asked = {question_of(recipe, values) for values in ({}, {"x": 1}, {"x": "1"}, {"x": True})}
    assert len(asked) == 4
    monkeypatch.setattr(certificate, "__version__", "another")
    assert question_of(recipe, {}) not in asked
    monkeypatch.setattr(sys, "version", "another")
    assert question_of(recipe, {}) not in asked


def there_and_back(name: str) -> Callable[[Stage], object]:
    def changed(film: Stage) -> None:
        for _ in range(2):
            edit(film.folder / name)

    return changed


@pytest.mark.parametrize(
    "change",
    [put, copy_in, say("hold", "song"), files("names.txt"), there_and_back("recipes/made.yaml")],
    ids=["put", "copied in", "held", "edited", "edited and edited back"],
)
def test_what_changes_while_a_run_looks_is_in_no_certificate(
    film: Stage, change: Callable[[Stage], object]
) -> None:
    edit(film.folder / "config.yaml")  # the certificate that is there is void
    edit(film.folder / "config.yaml")
    shutil.rmtree(film.folder / layout.PRIVATE / "certificates")
    film.look(change)
    assert film.certificate() is None


def test_what_a_person_has_to_hear_is_in_no_certificate(film: Stage) -> None:
    put(film)
    film.run_all("second")
    film.write(polite=True)
    film.run_all("third")
    time.sleep(0.05)
    assert film.look()
    assert (
        "greeting/ann" in film.said[-1] or "greet/ann" in film.said[-1]
    )  # held, and has not seen the code
    assert film.certificate() is None


def do_all(film: Stage) -> None:
    """Let runs have all that people held, and run."""
    for named in ("song", "greeting/ann"):
        say("release", named)(film)
    film.work()


#: What may happen between two commands, many times over.
STEPS: tuple[Callable[[Stage], object], ...] = (
    lambda film: film.cast("ann bob"),
    lambda film: film.cast("ann bob cid"),
    lambda film: film.write(polite=True),
    lambda film: film.write(polite=False),
    lambda film: film.run_all(f"run-{time.time_ns()}"),
    do_all,
    do_all,
    put,
    say("hold", "song"),
    say("release", "song"),
    say("revise", "greeting/ann"),
    say("confirm", "song"),
    reindex,
    only_ask,
)


@pytest.mark.parametrize("seed", range(3))
def test_a_certificate_never_hides_work(film: Stage, seed: int) -> None:
    choices = random.Random(seed)
    certified = 0
    for _ in range(25):
        choices.choice(STEPS)(film)
        if choices.random() < 0.6:
            time.sleep(0.05)  # what has just changed is not certified
            film.look()
        found = film.certificate()
        has_work = film.has_work()
        assert found is None or not has_work
        certified += found is not None
    assert certified >= 2
