"""Runs whose standard streams were closed by whoever started them (`>&-`), as some daemons do."""

from __future__ import annotations

import subprocess

import pytest

from .conftest import BIN, ROOT, Project
from .workshop import NOTE, write_module, write_recipe

pytestmark = pytest.mark.e2e

PRINTS = """
def run_module(inputs, params, project_config, context):
    print("said")
    return ModuleResult(outputs={"note": Output(data={})})
"""


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("begin", ["snakemake -c1 --snakefile SNAKEFILE", "cineforge run made"])
def test_a_run_does_not_need_what_was_closed(project: Project, begin: str, closed: str) -> None:
    write_module(project.folder, "note_v1", NOTE, PRINTS)
    write_recipe(project.folder, [{"id": "write_note", "module": "note_v1"}])
    line = f"{BIN}/{begin} --directory '{project.folder}' {closed}"
    done = subprocess.run(
        ["sh", "-c", line.replace("SNAKEFILE", f"'{ROOT}/Snakefile'")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert (project.folder / "artifacts/note/_/v0001/data.json").is_file()
    assert "0 damaged" in project.cineforge("verify", "--directory", str(project.folder))
