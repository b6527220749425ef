"""That nothing is to be done may be known without looking, and is never said while there is anything."""

from __future__ import annotations

import shutil
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cineforge import Project
from cineforge.bridge.certificate import certificate
from cineforge.bridge.certificate.certificate import (
    question_of,
)
from cineforge.running import execute
from cineforge.store import layout
from tests.bridge.certified import (
    STAGES,
    Stage,
    copy_in,
    files,
    film,
    put,
    reindex,
    say,
)
from tests.in_this_process import InThisProcess

__all__ = ["film"]


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


def test_the_very_first_run_certifies_its_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execute, "WorkerPool", InThisProcess)
    first = Stage(tmp_path / "film", [], [])
    first.write()
    time.sleep(0.05)
    first.work()
    assert first.certificate() is not None


def test_a_question_long_after_a_run_with_new_artifacts_leaves_its_certificate(
    film: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    film.cast("ann bob cid")
    time.sleep(0.05)
    film.work()
    assert film.certificate() is not None
    with monkeypatch.context() as patch:
        hours = 3600 * 10**9
        patch.setattr(time, "time_ns", lambda now=time.time_ns: now() + hours)
        for _ in range(2):
            with Project(film.folder) as project:
                project.status()
    assert film.certificate() is not None


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
