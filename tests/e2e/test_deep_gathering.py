"""A stage that gathers what is nested two deep knows when a set in between has changed."""

from __future__ import annotations

from typing import Any

import pytest

from cineforge import ArtifactKey, ArtifactStore

from .conftest import Project
from .workshop import write_module, write_recipe

pytestmark = pytest.mark.e2e

SPLIT = """
def run_module(inputs, params, project_config, context):
    parts = inputs["whole"].data["parts"] if inputs else params["parts"]
    return ModuleResult(outputs={"%s": {name: Output(data={"parts": below}) for name, below in parts.items()}})
"""
GATHER = """
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={"heap": Output(data=sorted(inputs["leaves"]))})
"""
STAGES: list[dict[str, Any]] = [
    {"id": "grow_trees", "module": "tree_v1"},
    {
        "id": "grow_twigs",
        "module": "twig_v1",
        "needs": ["grow_trees"],
        "for_each": "tree",
    },
    {
        "id": "grow_leaves",
        "module": "leaf_v1",
        "needs": ["grow_twigs"],
        "for_each": "twig",
    },
    {"id": "rake", "module": "rake_v1", "needs": ["grow_leaves"], "for_each": "tree"},
]


@pytest.fixture
def wood(project: Project) -> Project:
    """Trees with twigs with leaves, raked into a heap for each tree."""
    for made, source in (("tree", None), ("twig", "tree"), ("leaf", "twig")):
        manifest: dict[str, Any] = {"stage": "grow", "outputs": [{"type": made, "many": True}]}
        if source is None:
            manifest["parameters"] = {
                "type": "object",
                "properties": {"parts": {"type": "object"}},
            }
        else:
            manifest["inputs"] = {"whole": {"type": source}}
        write_module(project.folder, f"{made}_v1", manifest, SPLIT % made)
    rake = {
        "stage": "rake",
        "inputs": {"leaves": {"type": "leaf", "many": True}},
        "outputs": [{"type": "heap"}],
    }
    write_module(project.folder, "rake_v1", rake, GATHER)
    return project


def grow(wood: Project, twigs: dict[str, list[str]], *targets: str) -> str:
    """Run with one oak that has these twigs with these leaves."""
    oak: dict[str, dict[str, dict[str, object]]] = {
        twig: {leaf: {} for leaf in leaves} for twig, leaves in twigs.items()
    }
    params = {"parts": {"oak": oak, "fir": {"a": {"x": {}}}}}
    write_recipe(wood.folder, [{**STAGES[0], "params": params}, *STAGES[1:]])
    return wood.snakemake(*targets)


def health(wood: Project, tree: str) -> str:
    with ArtifactStore(wood.folder) as store:
        head = store.head(ArtifactKey("heap", tree))
        assert head is not None
        return store.health(head).value


def test_a_heap_holds_the_leaves_of_its_own_tree(wood: Project) -> None:
    grow(wood, {"a": ["x", "y"], "b": ["x"]})
    assert wood.load("heap", "oak") == ["oak.a.x", "oak.a.y", "oak.b.x"]
    assert wood.load("heap", "fir") == ["fir.a.x"]


@pytest.mark.parametrize(
    "twigs", [{"a": ["x"]}, {"a": ["x"], "b": ["x"], "c": ["x"]}], ids=["gone", "come"]
)
def test_a_twig_come_or_gone_makes_the_heap_stale_until_it_is_raked_anew(
    wood: Project, twigs: dict[str, list[str]]
) -> None:
    grow(wood, {"a": ["x"], "b": ["x"]})
    grow(wood, twigs, "all_grow_leaves")
    assert health(wood, "oak") == "stale"
    assert health(wood, "fir") == "valid"
    before = wood.versions()
    wood.snakemake()
    assert wood.new_since(before) == {"heap/oak": 1}
    assert health(wood, "oak") == "valid"
    assert "Nothing to be done" in wood.snakemake()


def test_a_twig_without_leaves_leaves_nothing_stale_behind(wood: Project) -> None:
    grow(wood, {"a": []})
    assert wood.load("heap", "oak") == []
    grow(wood, {"a": [], "b": []})
    assert wood.load("heap", "oak") == []
    assert health(wood, "oak") == "valid"
    assert "Nothing to be done" in wood.snakemake()
