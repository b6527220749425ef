"""What the benchmark tells of its rounds, and that it keeps what there is when it is stopped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import against_snakemake
from benchmarks.against_snakemake import Way
from benchmarks.workload.measure import Cost
from benchmarks.workload.results import (
    BARE,
    BEGIN,
    END,
    MEMORY,
    PLAIN,
    RUN,
    Results,
    draw_charts,
    readme_with,
    report,
)


def turn(seconds: float) -> dict[str, Cost]:
    """The bare way takes so long, CineForge twice and three times that."""
    return {
        way: Cost(cpu=seconds * times, wall=seconds * times, memory=seconds * times * 4)
        for times, way in enumerate((BARE, PLAIN, RUN), start=1)
    }


@pytest.fixture
def results() -> Results:
    """Two rounds of 100 scenes, and a round of 1,000 that was stopped after its first operation."""
    made = Results(busy=0.02)
    made.add("cold", 100, turn(2.0))
    made.add("edit", 100, turn(1.0))
    made.add("cold", 100, turn(4.0))
    made.add("cold", 1_000, turn(20.0))
    made.add(MEMORY, 1_000, turn(22.5))
    return made


def test_tables_have_medians_and_what_was_measured_until_it_was_stopped(results: Results) -> None:
    rows = [line for line in report(results, "make bench", 2).splitlines() if line[:1] == "|"]
    assert (
        "| everything, from nothing | 100 | 2 | 3.00 | 6.00: **2.00** (2.00 to 2.00) |" in rows[2]
    )
    assert "| everything, from nothing | 1,000 | 1 | 20.0 | 40.0: **2.00** |" in rows[3]
    assert rows[4].startswith("| one scene edited | 100 | 1 |")
    assert rows[-1].startswith("| everything, from nothing | 1,000 | 1 | 90.0 | 180: **2.00** |")


def test_the_readme_changes_between_its_marks_alone(results: Results) -> None:
    before = f"above\n{BEGIN}\nold\n{END}\nbelow\n"
    after = readme_with(results, "make bench", before)
    assert after.startswith(f"above\n{BEGIN}\n")
    assert after.endswith(f"{END}\nbelow\n")
    assert "old" not in after
    row = "| 1,000 | s by the clock | 20.0 / 40.0 | - / - | - / - | - / - | - / - | 90.0 / 180 |"
    assert row in after.splitlines()
    assert readme_with(results, "make bench", after) == after


def test_only_operations_that_were_measured_are_drawn(results: Results, tmp_path: Path) -> None:
    draw_charts(results, tmp_path)
    drawn = {path.name for path in (tmp_path / "charts").iterdir()}
    assert drawn == {f"{name}-{what}.svg" for name in ("cold", "edit") for what in ("clock", "cpu")}


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of which memory is looked at, in order: by no real command."""
    sizes: list[int] = []

    def noted(_results: Results, _folder: Path, size: int, _turns: Sequence[Way]) -> None:
        sizes.append(size)

    monkeypatch.setattr(against_snakemake, "memory_of", noted)
    return sizes


def test_a_benchmark_that_is_stopped_tells_what_there_is(
    monkeypatch: pytest.MonkeyPatch, looked_at: list[int]
) -> None:
    def stopped_at_the_second_size(
        results: Results, folder: Path, size: int, turns: Sequence[Way]
    ) -> None:
        assert (len(turns), folder.name) == (3, f"{size}.0")
        results.add("cold", size, turn(1.0))
        if size == 200:
            raise KeyboardInterrupt

    monkeypatch.setattr(against_snakemake, "round_of", stopped_at_the_second_size)
    results, told = Results(busy=0.02), list[list[int]]()
    with pytest.raises(KeyboardInterrupt):
        against_snakemake.measure(
            results, (200, 100, 300), 3, 1.0, 2, lambda: told.append(results.sizes())
        )
    assert told == [[100], [100, 200]]
    assert looked_at == [100]


def test_further_rounds_are_those_that_end_in_time(
    monkeypatch: pytest.MonkeyPatch, looked_at: list[int]
) -> None:
    clock, rounds, first = [0.0], list[int](), set[str]()

    def one_second_for_a_scene(
        _results: Results, _folder: Path, size: int, turns: Sequence[Way]
    ) -> None:
        rounds.append(size)
        first.add(turns[0].name)
        clock[0] += size

    monkeypatch.setattr(against_snakemake, "round_of", one_second_for_a_scene)
    monkeypatch.setattr("benchmarks.against_snakemake.time.monotonic", lambda: clock[0])
    against_snakemake.measure(Results(busy=0.02), (10, 100), 3, 4.0, 2, lambda: None)
    assert rounds == [10, 100, 100, 10, 10]
    assert looked_at == [10, 100], "in the first round alone"
    assert first == {BARE, PLAIN, RUN}, "each begins once"
