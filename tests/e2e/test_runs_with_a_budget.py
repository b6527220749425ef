"""Runs that may not pay more than a person said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Project
from .workshop import write_module, write_recipe

pytestmark = pytest.mark.e2e

SHOTS = {"stage": "shots", "pure": True, "outputs": [{"type": "shot", "many": True}]}
SHOTS_CODE = """
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={"shot": {f"shot_{n}": Output(data=n) for n in range(5)}})
"""
DRAW: dict[str, Any] = {"stage": "draw", "inputs": {"shot": {"type": "shot"}}}
DRAW |= {"outputs": [{"type": "picture"}], "estimate": {"usd": 0.25}}
DRAW_CODE = """
def run_module(inputs, params, project_config, context):
    context.record_cost(model="mock", estimated_cost_usd=0.25)
    return ModuleResult(outputs={"picture": Output(data=inputs.one("shot").data)})
"""


def test_a_person_is_asked_a_budget_is_kept_to_and_the_next_run_goes_on(project: Project) -> None:
    folder = project.folder
    write_module(folder, "shots_v1", SHOTS, SHOTS_CODE)
    write_module(folder, "draw_v1", DRAW, DRAW_CODE)
    draw = {"id": "draw", "module": "draw_v1", "needs": ["shots"], "for_each": "shot"}
    write_recipe(folder, [{"id": "shots", "module": "shots_v1"}, draw])

    def run(*words: str, status: int) -> str:
        return project.cineforge("run", "made", *words, "--directory", str(folder), status=status)

    asked = run("--confirm-above", "1", status=1)
    assert "may spend more than $1.00: likely $1.25, at most $1.25" in asked and "--yes" in asked
    assert project.versions() == {}

    said = run("--budget", "0.6", "-c2", "--confirm-above", "1", "--yes", status=1)
    assert "2 kept" not in said and "cost $0.50 in 2 model calls" in said
    assert "$0.50 was paid; left out for the budget: draw/" in said
    assert pictures(folder) == 2

    config = folder / "config.yaml"
    whole = config.read_text()
    config.write_text(f"{whole}spending: {{project_budget: 1.1, budget: 100}}\n")
    told = project.snakemake("--keep-going", status=1)
    assert pictures(folder) == 4
    assert told.count("left out for the budget of $1.10 for the project") == 1
    assert "$0.50 was paid; left out for the budget: draw/" in told

    config.write_text(whole)
    assert "cost $0.25 in 1 model call" in run(status=0)
    assert pictures(folder) == 5
    costs = json.loads(project.cineforge("costs", "--json", "--directory", str(folder)))
    assert costs["total"]["cost_usd"] == 1.25


def pictures(folder: Path) -> int:
    return len(list(folder.glob("artifacts/picture/*/v0001")))
