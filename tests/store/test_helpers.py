"""Every version is looked at on all cores, with what one core alone would find, in the same order."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator
from typing import Any

import pytest

from cineforge.model.errors import StoreDamaged
from cineforge.store import ArtifactStore
from cineforge.store.versions import all_cores
from cineforge.store.versions.verification import look_over

from .film import Film
from .index_dump import live_dump, rebuilt_dump

Started = list[subprocess.Popen[str]]

NO_HELPER = "/nonexistent/python"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """The programs that were started; every version is many, and a chunk small."""
    found: Started = []
    start = subprocess.Popen

    def noticed(*arguments: Any, **named: Any) -> subprocess.Popen[str]:
        process: subprocess.Popen[str] = start(*arguments, **named)
        found.append(process)
        return process

    monkeypatch.setattr(all_cores, "MANY", 1)
    monkeypatch.setattr(all_cores, "_CHUNK", 2)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1})
    monkeypatch.setattr(subprocess, "Popen", noticed)
    return found


def damage(store: ArtifactStore) -> None:
    """One version with a changed payload, one with a changed record, one that could be written to."""
    first, second, third = store.every_version()[:3]
    for path in (store.folder(first) / "data.json", store.folder(second) / "meta.json"):
        path.chmod(0o644)
        path.write_bytes(path.read_bytes() + b" ")
    (store.folder(third) / "data.json").chmod(0o644)


@pytest.mark.slow
def test_what_helpers_find_is_what_one_core_finds_in_order(film: Film, started: Started) -> None:
    store = film.store
    damage(store)
    refs = store.every_version()
    expected = [list(look_over(store.project, ref)) for ref in refs]
    (store.folder(refs[2]) / "data.json").chmod(0o644)
    assert [list(each) for each in store.look_over(refs)] == expected
    assert sum(what is not None for what, _ in expected) == 2
    assert expected[2] == [None, True]
    assert len(started) == 2
    assert all(process.returncode is not None for process in started)


@pytest.mark.slow
def test_an_index_made_with_helpers_is_what_one_core_makes(film: Film, started: Started) -> None:
    film.store.reindex()
    assert started
    del started[:]
    assert live_dump(film.store.project) == rebuilt_dump(film.store.project)


@pytest.mark.slow
def test_helpers_name_the_same_unreadable_versions(
    film: Film, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(film.store)
    told = []
    for count in (2, 1):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _pid, n=count: set(range(n)))
        with pytest.raises(StoreDamaged) as error:
            film.store.reindex()
        told.append(str(error.value))
    assert told[0] == told[1]
    assert len(started) == 2


@pytest.mark.parametrize("program", [NO_HELPER, "/bin/false"])
def test_what_helpers_that_do_not_start_or_die_leave_is_done_here(
    film: Film, started: Started, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    del started
    monkeypatch.setattr(sys, "executable", program)
    found = list(film.store.look_over(film.store.every_version()))
    assert found == [(None, False)] * len(found)
    assert found


def test_a_small_project_and_one_core_start_no_helper(
    film: Film, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = film.store.every_version()
    monkeypatch.setattr(all_cores, "MANY", len(refs) + 1)
    list(film.store.look_over(refs))
    monkeypatch.setattr(all_cores, "MANY", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0})
    list(film.store.look_over(refs))
    assert not started


@pytest.mark.slow
def test_helpers_end_when_one_stops_asking(film: Film, started: Started) -> None:
    found = film.store.look_over(film.store.every_version())
    next(found)
    assert isinstance(found, Generator)
    found.close()
    assert [process.poll() is not None for process in started] == [True, True]
