"""What an earlier release made is kept by this one: a fingerprint means the same for ever, or says its format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Project

#: A project by its files' texts: modules, a recipe, and the versions that a run made of them in format 1.
MADE = Path(__file__).with_name("made_by_format_1.json")


@pytest.fixture
def kept(project: Project) -> Project:
    for name, text in json.loads(MADE.read_text(encoding="utf-8")).items():
        path = project.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return project


@pytest.mark.e2e
def test_nothing_that_was_made_in_format_1_is_made_again(kept: Project) -> None:
    before = kept.versions()
    assert "everything is up to date" in kept.cineforge(
        "plan", "kept", "--directory", str(kept.folder)
    )
    kept.snakemake()
    assert kept.versions() == before
    assert not kept.module_calls()
    kept.cineforge("verify", "--directory", str(kept.folder))
