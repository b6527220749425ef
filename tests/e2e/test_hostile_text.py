"""Whatever a module, a person or a recipe says is shown, and never obeyed by the terminal."""

from __future__ import annotations

import json

import pytest

from tests.model.test_visible import is_raw

from .conftest import Project
from .workshop import NOTE, write_module, write_recipe

pytestmark = pytest.mark.e2e

#: Clears the screen, writes to the clipboard, begins the line anew, is an 8-bit CSI, and turns text around.
HOSTILE = "a\x1b[2J\x1b]52;c;aGFjaw==\x07\rb\x9b31m\u202ec"
SHOWN = r"a\u001b[2J\u001b]52;c;aGFjaw==\u0007\rb\u009b31m\u202ec"


def raw(text: str) -> set[str]:
    return {letter for letter in text if is_raw(letter)}


def test_no_word_of_a_module_reaches_the_terminal_as_a_control(project: Project) -> None:
    code = (
        "def run_module(inputs, params, project_config, context):\n"
        f"    context.log.warning({HOSTILE!r})\n"
        f"    raise ValueError({HOSTILE!r})\n"
    )
    write_module(project.folder, "note_v1", NOTE, code)
    write_recipe(project.folder, [{"id": "write_note", "module": "note_v1"}])
    directory = ("--directory", str(project.folder))
    for said in (
        project.snakemake("--show-failed-logs", status=1),
        project.cineforge("run", "made", *directory, "--run-id", "r1", status=1),
        project.cineforge("runs", "show", "r1", *directory),
    ):
        assert SHOWN in said, said
        assert not raw(said)
    state = json.loads(project.cineforge("runs", "show", "r1", "--json", *directory))
    (note,) = state["stages"][0]["instances"]
    assert HOSTILE in note["error"]


def test_a_target_that_does_not_exist_is_named_without_its_controls(project: Project) -> None:
    code = "def run_module(inputs, params, project_config, context):\n    pass\n"
    write_module(project.folder, "note_v1", NOTE, code)
    write_recipe(project.folder, [{"id": "write_note", "module": "note_v1"}])
    for said in (
        project.snakemake(f"current/{HOSTILE}.json", status=1),
        project.cineforge("run", "made", HOSTILE, "--directory", str(project.folder), status=1),
        project.cineforge(HOSTILE, status=2),
        project.cineforge("status", HOSTILE, status=2),
        project.cineforge(
            "run", "made", f"--{HOSTILE}", "--directory", str(project.folder), status=2
        ),
    ):
        assert not raw(said), said
