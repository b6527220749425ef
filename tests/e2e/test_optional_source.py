"""A source file that may be absent counts by its content from when it is there, and not when it is gone again."""

from __future__ import annotations

import pytest

from .conftest import Project
from .workshop import write_module

pytestmark = pytest.mark.e2e

CODE = """
from cineforge import ModuleResult, Output

def run_module(inputs, params, project_config, context):
    told = context.source("notes").read_text() if context.has_source("notes") else "nothing"
    return ModuleResult(outputs={"said": Output(data={"told": told})})
"""


def test_an_optional_source_file_counts_while_it_is_there(project: Project) -> None:
    notes = {"type": "string", "format": "source-file", "optional": True, "default": "notes.txt"}
    manifest = {
        "stage": "says",
        "outputs": [{"type": "said"}],
        "parameters": {"type": "object", "properties": {"notes": notes}},
    }
    write_module(project.folder, "says_v1", manifest, CODE)
    (project.folder / "recipes").mkdir()
    recipe = "recipe_id: lone\nstages:\n  - {id: said, module: says_v1}\n"
    (project.folder / "recipes" / "lone.yaml").write_text(recipe, encoding="utf-8")
    (project.folder / "config.yaml").write_text("recipe: lone\n", encoding="utf-8")
    file = project.folder / "notes.txt"

    def run() -> tuple[str, str]:
        said = project.snakemake()
        return project.load("said")["told"], said

    assert run()[0] == "nothing"
    file.write_text("first", encoding="utf-8")
    assert run()[0] == "first"
    file.touch()
    assert "nothing to be done" in run()[1].lower()
    file.unlink()
    assert run()[0] == "nothing"
