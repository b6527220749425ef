"""Fan-outs within a fan-out, of which Snakemake hears together: it goes over its whole DAG each time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from .conftest import ROOT, Project
from .workshop import write_module, write_recipe

pytestmark = pytest.mark.e2e

WORDS = ("ant", "bee", "cat", "dog", "elk", "fox")
SPLIT = f"""
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={{"word": {{word: Output(data=word) for word in {WORDS}}}}})
"""
#: The last of the first six calls fails, whatever the order.
SPELL = """
def run_module(inputs, params, project_config, context):
    calls = Path(%r) / "calls"
    before = len(calls.read_text()) if calls.exists() else 0
    calls.write_text("." * (before + 1))
    if before == 5: raise ValueError("out of breath")
    word = inputs["word"].data
    return ModuleResult(outputs={"letter": {f"letter_{n}": Output(data=c) for n, c in enumerate(word)}})
"""
SHOUT = """
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={"shout": Output(data=inputs["letter"].data.upper())})
"""
#: With so much patience the DAG is updated only when nothing else is ready to run.
PATIENTLY = """
import sys
from cineforge.bridge import dag_updates
dag_updates.PATIENCE = 10**9
from snakemake.cli import main
main(sys.argv[1:])
"""
UPDATE = "Updating checkpoint dependencies."


@pytest.fixture
def spelling(project: Project) -> Project:
    """Six words, spelled, and each letter shouted; one word fails to be spelled at first."""
    many = [{"type": "word", "many": True}]
    write_module(project.folder, "split_v1", {"stage": "split", "outputs": many}, SPLIT)
    spell = {
        "stage": "spell",
        "inputs": {"word": {"type": "word"}},
        "outputs": [{"type": "letter", "many": True}],
    }
    write_module(project.folder, "spell_v1", spell, SPELL % str(project.folder))
    shout = {
        "stage": "shout",
        "inputs": {"letter": {"type": "letter"}},
        "outputs": [{"type": "shout"}],
    }
    write_module(project.folder, "shout_v1", shout, SHOUT)
    write_recipe(
        project.folder,
        [
            {"id": "split", "module": "split_v1"},
            {"id": "spell", "module": "spell_v1", "needs": ["split"], "for_each": "word"},
            {"id": "shout", "module": "shout_v1", "needs": ["spell"], "for_each": "letter"},
        ],
    )
    return project


def test_fan_outs_that_finish_one_after_the_other_are_taken_up_together(spelling: Project) -> None:
    command = [
        sys.executable,
        "-c",
        PATIENTLY,
        "-s",
        str(ROOT / "Snakefile"),
        "-c1",
        "--keep-going",
    ]
    done = subprocess.run(
        [*command, "--directory", str(spelling.folder)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "out of breath" in done.stderr
    # What was waiting when the last of them failed is not forgotten.
    assert spelling.module_calls() == {"split": 1, "spell": 6, "shout": 5 * 3}
    assert done.stderr.count(UPDATE) == 2  # the split, and five spellings at once

    spelling.snakemake()
    assert spelling.module_calls() == {"split": 1, "spell": 7, "shout": 6 * 3}
    assert "Nothing to be done" in spelling.snakemake()
