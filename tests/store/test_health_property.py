"""Random histories: the index kept up to date, the index rebuilt, and a naive reading always agree."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings

from tests.depth import examples
from tests.store.history import History
from tests.store.index_dump import live_dump, rebuilt_dump
from tests.store.naive_health import NaiveProject
from tests.store.steps import histories


def check_agreement(history: History) -> None:
    store, naive = history.store, NaiveProject(history.project)
    heads = store.heads()
    assert live_dump(history.project) == rebuilt_dump(history.project)
    assert {key: row.ref for key, row in heads.items()} == naive.heads
    assert {key for key, row in heads.items() if row.vanished} == naive.vanished & set(naive.heads)
    assert set(store.vanished()) == naive.vanished & set(naive.heads)
    assert set(store.stale()) == naive.stale()
    nearest = store.nearest_changes()
    assert list(nearest) == store.stale()
    assert all(change in naive.causes[ref] for ref, change in nearest.items())
    for ref in naive.meta:
        assert store.health(ref) == naive.health(ref), ref
        causes = store.causes(ref)
        assert {cause.head for cause in causes} == naive.causes[ref], ref
        assert all(cause.path[0] == ref for cause in causes)
        if naive.heads[ref.key] == ref:
            assert heads[ref.key].health == naive.health(ref), ref


@pytest.mark.slow
@settings(
    max_examples=examples(30),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
@given(histories)
def test_index_rebuilt_index_and_naive_reading_agree_after_every_step(
    steps: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> None:
    before, after = steps
    with tempfile.TemporaryDirectory() as folder:
        history = History(Path(folder))
        # kill -9 leaves what was written, synced or not; so nothing is tried less without the wait.
        with mock.patch("os.fsync"):
            for step in before:
                history.step(step)
            for step in after:
                history.step(step)
                check_agreement(history)
        history.store.close()
