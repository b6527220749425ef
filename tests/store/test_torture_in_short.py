"""A few trials of every kind that `make torture` makes by the hundred."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.torture.big_files import big_files
from tests.torture.damage import damaged_caches, damaged_versions
from tests.torture.full_disk import full_disk
from tests.torture.index_trouble import TROUBLES, index_trouble
from tests.torture.interrupts import interrupts
from tests.torture.kills import kills_at_every_step, kills_at_random_instants
from tests.torture.planted import planted
from tests.torture.trials import Bench, Kind, Trials, run_kind
from tests.torture.truth import Truth, new_project
from tests.torture.writers import many_writers

#: By far the most work of all that tests the store: no part of `make test-unit`.
pytestmark = pytest.mark.e2e

SEED = 20


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        (kills_at_random_instants, 6),
        (kills_at_every_step, 12),
        (many_writers, 20),
        (full_disk, 8),
        (damaged_versions, 5),
        (damaged_caches, 5),
        (index_trouble, len(TROUBLES)),
        (planted, 7),
        (big_files, 40),
        (interrupts, 2),
    ],
)
def test_nothing_is_lost_by(kind: Kind, count: int, tmp_path: Path) -> None:
    trials = run_kind(kind, tmp_path / "work", SEED, count)
    if trials.note.startswith("NOT TRIED"):
        pytest.skip(trials.note)
    assert trials.made >= min(count, 3)
    assert trials.losses == []


def test_a_lost_version_is_told(tmp_path: Path) -> None:
    def careless(bench: Bench, _count: int) -> Trials:
        new_project(bench.folder)
        trials = Trials("throwing versions away")
        truth = Truth(bench.folder / "film")
        assert truth.losses() == []
        (version,) = bench.folder.glob("film/artifacts/check/_/v0001")
        (version / "data.json").chmod(0o644)
        (version / "data.json").write_text("{}")
        trials.record("a payload overwritten", truth.everything())
        version.rename(bench.folder / "elsewhere")
        trials.record("a version moved away", truth.everything())
        return trials

    losses = run_kind(careless, tmp_path / "work", SEED, 1).losses
    assert any("check@1 is not in order" in loss for loss in losses)
    assert any("check@1 was acknowledged and is not there" in loss for loss in losses)
