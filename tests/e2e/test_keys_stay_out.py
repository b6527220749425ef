"""A key given by `--config` is in no record, whoever repeats it; what a module itself prints only its owner reads."""

from __future__ import annotations

import pytest

from .conftest import Project
from .workshop import NOTE, write_module, write_recipe

pytestmark = pytest.mark.e2e

KEY = "hunter2-correct-horse"
CODE = """
def run_module(inputs, params, project_config, context):
    if params["fail"] == "yes":
        raise ValueError(f"401: {params['api_key']} is not known")
    return ModuleResult(outputs={"note": Output(data={"text": "told"})})
"""


def files_with(project: Project, text: str) -> list[str]:
    return [
        str(path.relative_to(project.folder))
        for path in project.folder.rglob("*")
        if path.is_file() and text.encode() in path.read_bytes()
    ]


def test_a_key_is_in_no_file_of_the_project_and_in_no_message(project: Project) -> None:
    texts = {"api_key": {"type": "string"}, "fail": {"type": "string"}}
    params = {"type": "object", "properties": texts}
    write_module(project.folder, "note_v1", {**NOTE, "parameters": params}, CODE)
    stage = {"id": "write_note", "module": "note_v1"}
    write_recipe(
        project.folder, [{**stage, "params": {"api_key": "${api_key}", "fail": "${fail}"}}]
    )
    config = ("--config", f"api_key={KEY}")
    failed = project.snakemake(*config, "fail=yes", status=1)
    assert "401: *** is not known" in failed
    assert KEY not in failed
    directory = ("--directory", str(project.folder))
    failed = project.cineforge(
        "run", "made", *directory, "--run-id", "r1", *config, "fail=yes", status=1
    )
    assert KEY not in failed
    assert "api_key=***" in project.cineforge("runs", "show", "r1", *directory)
    project.snakemake(*config, "fail=no")
    logs = [name for name in files_with(project, KEY) if "/logs/" in name]
    assert files_with(project, KEY) == logs
    assert {(project.folder / name).stat().st_mode & 0o777 for name in logs} == {0o600}
    # The same key is no reason to work; another is.
    assert "write_note: " not in project.snakemake(*config, "fail=no")
    assert "params changed: api_key" in project.snakemake(
        "-n", "--config", "api_key=another", "fail=no"
    )
