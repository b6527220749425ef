"""A recipe is as long as its author likes: what is decided at its end asks all the way up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cineforge.deciding.dry_run.dry_run_planner import DryRunPlanner
from cineforge.deciding.facts.store_world import StoreWorld
from cineforge.deciding.instance import Instance
from cineforge.model.records.decision_record import Action
from cineforge.recipes.load import load_recipe
from cineforge.store import ArtifactStore
from tests.e2e.workshop import write_module, write_recipe

STAGES = 150


@pytest.mark.slow
def test_the_last_of_many_stages_can_be_asked_about_first(tmp_path: Path) -> None:
    for n in range(STAGES):
        manifest: dict[str, Any] = {
            "stage": f"step_{n}",
            "outputs": [{"type": f"draft_{n}", "schema": "any"}],
        }
        if n:
            manifest["inputs"] = {"draft": {"type": f"draft_{n - 1}"}}
        code = "def run_module(inputs, params, project_config, context): ...\n"
        write_module(tmp_path, f"step_{n}", manifest, code)
    needs = [{}, *({"needs": [f"step_{n}"]} for n in range(STAGES - 1))]
    stages = [{"id": f"step_{n}", "module": f"step_{n}", **needs[n]} for n in range(STAGES)]
    path = write_recipe(tmp_path, stages)
    recipe = load_recipe(path, project=tmp_path, variables={})
    with ArtifactStore(tmp_path) as store:
        world = StoreWorld(store, (tmp_path,))
        planner = DryRunPlanner(recipe, world)
        last = planner.decision(Instance(f"step_{STAGES - 1}"))
    assert last.action is Action.BUILD
