"""Scenes to schedule, and the days that they come to."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from tests.modules.module_bench import Film, film, ingest


def scene(heading: str, eighths: int, *cast: str) -> str:
    """A scene of so many eighths of a page, in which all of the cast only stand."""
    named = f"{' and '.join(cast)} wait." if cast else "Nobody."
    filler = "Waves come and go.\n\n" * ((eighths * 7 - 6) // 2)
    return f"{heading}\n\n{named}\n\n{filler}"


def planned(tmp_path: Path, *scenes: str, eighths_a_day: int = 8, by_hand: str = "") -> Film:
    everybody = "INT. ZOO - DAY\n\nANN\nHi.\n\nBEN\nHi.\n\n"
    schedule = tmp_path / "schedule.yaml" if by_hand else None
    if schedule:
        schedule.write_text(dedent(by_hand), encoding="utf-8")
    return film(ingest(tmp_path, "".join((*scenes, everybody))), eighths_a_day, schedule)
