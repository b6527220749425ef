"""A link that leads what a job would make out of the project ends the job before its module is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Project
from .workshop import NOTE, NOTE_CODE, write_module, write_recipe

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("place", ["current", "current/note", "artifacts/note", "artifacts/note/_"])
def test_nothing_is_paid_for_what_could_not_be_published(
    project: Project, tmp_path: Path, place: str
) -> None:
    write_module(project.folder, "note_v1", NOTE, NOTE_CODE)
    write_recipe(project.folder, [{"id": "write_note", "module": "note_v1"}])
    outside = tmp_path / "outside"
    outside.mkdir()
    link = project.folder / place
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside)
    said = project.snakemake(status=1)
    assert "leads out of the project" in said
    assert project.module_calls()["write_note"] == 0
    assert list(outside.iterdir()) == []
    link.unlink()
    project.snakemake()
    assert project.versions()["note/_"] == [1]
