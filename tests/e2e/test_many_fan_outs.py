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
#: Some calls fail, counted from 0, whatever the order.
SPELL = """
def run_module(inputs, params, project_config, context):
    calls = Path(%r) / "calls"
    before = len(calls.read_text()) if calls.exists() else 0
    calls.write_text("." * (before + 1))
    if before in params["fails"]: raise ValueError("out of breath")
    word = inputs["word"].data
    return ModuleResult(outputs={"letter": {f"letter_{n}": Output(data=c) for n, c in enumerate(word)}})
"""
SHOUT = """
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={"shout": Output(data=inputs["letter"].data.upper())})
"""
#: With much patience the DAG is updated only when nothing else is ready to run, with none at every fan-out.
SNAKEMAKE = """
import sys
from cineforge.bridge.snakemake import dag_updates
dag_updates.PATIENCE = int(sys.argv.pop(1))
from snakemake.cli import main
main(sys.argv[1:])
"""
UPDATE = "Updating checkpoint dependencies."


def spelling(project: Project, **spelled: object) -> Project:
    """Six words, spelled, and each letter shouted."""
    many = [{"type": "word", "many": True}]
    write_module(project.folder, "split_v1", {"stage": "split", "outputs": many}, SPLIT)
    spell = {
        "stage": "spell",
        "inputs": {"word": {"type": "word"}},
        "outputs": [{"type": "letter", "many": True}],
        "parameters": {"type": "object", "properties": {"fails": {"type": "array"}}},
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
            {
                "id": "spell",
                "module": "spell_v1",
                "needs": ["split"],
                "for_each": "word",
                **spelled,
            },
            {"id": "shout", "module": "shout_v1", "needs": ["spell"], "for_each": "letter"},
        ],
    )
    return project


def run_one_by_one(project: Project, patience: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", SNAKEMAKE, str(patience), "-s", str(ROOT / "Snakefile")]
    # One in any order: what is to be tried again is seldom the next.
    command += [
        "-c1",
        "--scheduler-subsample",
        "1",
        "--keep-going",
        "--directory",
        str(project.folder),
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_fan_outs_that_finish_one_after_the_other_are_taken_up_together(project: Project) -> None:
    words = spelling(project, params={"fails": [5]})
    done = run_one_by_one(words, patience=10**9)
    assert done.returncode == 1
    assert "out of breath" in done.stderr
    # What was waiting when the last of them failed is not forgotten.
    assert words.module_calls() == {"split": 1, "spell": 6, "shout": 5 * 3}
    assert done.stderr.count(UPDATE) == 2  # the split, and five spellings at once

    words.snakemake()
    assert words.module_calls() == {"split": 1, "spell": 7, "shout": 6 * 3}
    assert "Nothing to be done" in words.snakemake()


@pytest.mark.parametrize("patience", [0, 10**9])
def test_what_is_to_be_tried_again_is_not_forgotten_when_the_dag_is_updated(
    project: Project, patience: int
) -> None:
    words = spelling(project, params={"fails": [0, 1, 2, 5, 8]}, retries=9)
    done = run_one_by_one(words, patience)
    assert done.returncode == 0, done.stderr
    assert words.module_calls() == {"split": 1, "spell": 6 + 5, "shout": 6 * 3}
