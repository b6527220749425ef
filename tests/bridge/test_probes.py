"""Pure modules that are called for a plan."""

from __future__ import annotations

from pathlib import Path

from cineforge.deciding.facts.store_world import StoreWorld
from cineforge.deciding.instance import Instance
from cineforge.deciding.planner import Planner
from cineforge.model.refs import ArtifactRef
from cineforge.recipes.load import load_recipe
from cineforge.running.probing.prober import Prober
from cineforge.store import ArtifactStore, layout
from tests.e2e.workshop import NOTE, write_module, write_recipe

WAITS = """
def run_module(inputs, params, project_config, context):
    time.sleep(600)
"""


def test_a_plan_waits_for_a_module_no_longer_than_its_limit_and_only_once(tmp_path: Path) -> None:
    write_module(tmp_path, "note_v1", {**NOTE, "pure": True}, WAITS)
    path = write_recipe(tmp_path, [{"id": "write_note", "module": "note_v1"}])
    recipe = load_recipe(path, project=tmp_path, variables={})
    stage, instance = recipe.stages["write_note"], Instance("write_note")
    called = []

    def locate(ref: ArtifactRef) -> ArtifactRef:
        return ref

    with ArtifactStore(tmp_path) as store:
        world = StoreWorld(store, (tmp_path,))
        reads = Planner(recipe, world).reads(instance)
        progress = lambda each, _count: called.append(each)  # noqa: E731
        with Prober(store, world.sources, progress, longest_seconds=0.2) as prober:
            assert prober(stage, instance, reads, locate) is None
            assert "longer than its timeout of 0.2 seconds" in prober.failures[instance]
            assert prober(stage, instance, reads, locate) is None
        assert called == [instance]
        assert not (tmp_path / layout.PROBING).exists()
