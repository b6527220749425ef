"""How a run ends is what its record says."""

from __future__ import annotations

import pytest

from cineforge.bridge.process import signals
from cineforge.history.run_files import read_state
from cineforge.model.records.run_events import RunStatus

from .film import CAST, Film


def ended(film: Film, *, asked_to_finish: bool, monkeypatch: pytest.MonkeyPatch) -> RunStatus:
    """The status of a run that ends with work left."""
    run = film.run("monday")
    run.targets("cast")
    run.targets("choir")
    run.do(CAST)
    monkeypatch.setattr(signals._State, "was_asked_to_finish", asked_to_finish)
    run.session.close()
    return read_state(run.session.context.folder).status


def test_a_run_that_was_asked_to_finish_was_interrupted(
    film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ended(film, asked_to_finish=True, monkeypatch=monkeypatch) is RunStatus.INTERRUPTED


def test_a_run_that_left_work_by_itself_has_failed(
    film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ended(film, asked_to_finish=False, monkeypatch=monkeypatch) is RunStatus.FAILED
