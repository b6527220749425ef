"""A key given by `--config` is in no record, whoever repeats it; what a module itself prints only its owner reads."""

from __future__ import annotations

import json

import pytest

from .conftest import Project
from .workshop import NOTE, write_module, write_recipe

pytestmark = pytest.mark.e2e

KEY = "hunter2-correct-horse"
PIN = "90210177"
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
    assert files_with(project, KEY) == []
    logs = [path for path in project.folder.glob("runs/*/logs/*.log") if "***" in path.read_text()]
    assert {path.stat().st_mode & 0o777 for path in logs} == {0o600}
    # The same key is no reason to work; another is.
    assert "write_note: " not in project.snakemake(*config, "fail=no")
    assert "params changed: api_key" in project.snakemake(
        "-n", "--config", "api_key=another", "fail=no"
    )


def quoting(project: Project) -> None:
    """A project whose variable goes under harmless names, within texts and as a number, to a module that quotes it."""
    properties: dict[str, dict[str, object]] = {
        name: {} for name in ("prompt", "headers", "pin", "unit")
    }
    manifest = {
        **NOTE,
        "parameters": {"type": "object", "properties": properties},
        "project_config": ["studio"],
    }
    code = """
def run_module(inputs, params, project_config, context):
    print(params, project_config)
    context.log.warning("asked with %s", params["headers"])
    context.record_cost(model="m " + params["prompt"])
    return ModuleResult(outputs={"note": Output(data={"text": "told"}, rationale="by a call")})
"""
    write_module(project.folder, "note_v1", manifest, code)
    params = {
        "prompt": "${api_key}",
        "headers": {"with": ["Bearer ${api_key}"]},
        "pin": "${password}",
        "unit": 12,
    }
    stage = {"id": "write_note", "module": "note_v1", "params": params}
    write_recipe(project.folder, [stage], project={"studio": "${api_key}"})


@pytest.mark.parametrize("kind", ["here", "in another process"])
def test_what_a_secret_variable_fills_is_in_no_file_under_whatever_name(
    project: Project, kind: str
) -> None:
    quoting(project)
    elsewhere = ("-j2", "--executor", "cluster-generic", "--cluster-generic-submit-cmd", "bash")
    where = elsewhere if kind == "in another process" else ()
    config = ("--config", f"api_key={KEY}", f"password={PIN}")
    assert KEY not in project.snakemake(*where, *config)
    assert files_with(project, KEY) == []
    assert files_with(project, PIN) == []
    sealed = json.loads(next(project.folder.glob("artifacts/note/_/v*/meta.json")).read_text())
    assert sealed["fingerprint"]["params"]["unit"] == 12
    assert "write_note: " not in project.snakemake(*config)
    told = project.snakemake("-n", "--config", "api_key=another", f"password={PIN}")
    assert "params changed: headers, prompt" in told
    assert "config changed: studio" in told
