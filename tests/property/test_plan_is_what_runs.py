"""Whatever the recipe and its history: a run does what the plan said, and a second one does nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings

from tests.depth import examples
from tests.property.engine import run_by_snakemake
from tests.property.in_process import run_in_this_process
from tests.property.recipes import Stage, recipes
from tests.property.steps import STEPS, Steps, live_through


def tried(count: int) -> settings:
    return settings(
        max_examples=examples(count),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        print_blob=True,
    )


@pytest.mark.slow
@tried(6)
@given(recipes(), STEPS)
def test_every_run_does_what_was_planned(stages: tuple[Stage, ...], steps: Steps) -> None:
    # What is synced or not is no question here: nobody is killed.
    with tempfile.TemporaryDirectory() as folder, mock.patch("os.fsync"):
        live_through(Path(folder), stages, steps, run_in_this_process)


@pytest.mark.e2e
@tried(2)
@given(recipes(), STEPS.map(lambda steps: steps[:2]))
def test_snakemake_does_what_was_planned(stages: tuple[Stage, ...], steps: Steps) -> None:
    with tempfile.TemporaryDirectory() as folder:
        live_through(Path(folder), stages, steps, run_by_snakemake)
