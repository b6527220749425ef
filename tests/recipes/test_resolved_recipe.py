"""What a sound recipe resolves to."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cineforge.recipes.load import load_recipe, resolve_recipe
from cineforge.recipes.modules.discovery import find_modules, module_roots
from cineforge.recipes.named import recipe_path
from cineforge.recipes.reading.yaml_source import load_yaml
from cineforge.recipes.resolved import RuleOptions
from cineforge.recipes.resolving.order import in_order
from cineforge.recipes.share import share_root
from tests.recipes.workshop import BOOK, Workshop


def test_makers_name_the_stage_of_every_type(shop: Workshop) -> None:
    assert shop.load(BOOK).makers == {
        "draft": "draft",
        "piece": "split",
        "group": "split",
        "piece_list": "split",
        "polished": "polish",
        "book": "bind",
    }


def test_defaults_fill_the_parameters_and_the_recipe_overrides_them(shop: Workshop) -> None:
    assert shop.load(BOOK).stages["draft"].params == {"tone": "dry"}
    warm = BOOK.replace("draft_v1}", "draft_v1, params: {tone: warm, source: a.txt}}")
    stage = shop.load(warm).stages["draft"]
    assert stage.params == {"tone": "warm", "source": "a.txt"}
    assert stage.module.source_params == ("source",)


def test_the_modules_resources_hold_until_the_recipe_says_otherwise(shop: Workshop) -> None:
    assert shop.load(BOOK).stages["draft"].options == RuleOptions(2, resources={"mem_mb": 500})
    line = "draft_v1, threads: 1, resources: {mem_mb: 9, runtime: 2h}, retries: 2, priority: 5, timeout: 90}"
    options = shop.load(BOOK.replace("draft_v1}", line)).stages["draft"].options
    assert options == RuleOptions(1, 2, 5, {"mem_mb": 9, "runtime": "2h"}, 90)


def test_a_resource_of_the_recipe_replaces_the_modules_in_whatever_unit(shop: Workshop) -> None:
    line = "draft_v1, resources: {mem: 4 GB}}"
    stage = shop.load(BOOK.replace("draft_v1}", line)).stages["draft"]
    assert stage.options.resources == {"mem": "4 GB"}


def test_the_projects_values_go_over_the_recipes(shop: Workshop) -> None:
    text = BOOK + 'project: {aspect: "${ratio}", look: noir}\n'
    recipe = load_recipe(
        shop.recipe(text),
        project=shop.root,
        variables={"ratio": "2.39:1"},
        project_values={"look": "pop", "fps": 24},
    )
    assert recipe.project == {"aspect": "2.39:1", "look": "pop", "fps": 24}


def test_a_variable_is_not_needed_where_the_project_sets_the_value_itself(shop: Workshop) -> None:
    recipe = load_recipe(
        shop.recipe(BOOK + 'project: {aspect: "${ratio}"}\n'),
        project=shop.root,
        variables={},
        project_values={"aspect": "4:3"},
    )
    assert recipe.project == {"aspect": "4:3"}


def test_without_required_variables_a_recipe_can_be_looked_at(shop: Workshop) -> None:
    text = BOOK.replace("draft_v1}", 'draft_v1, params: {copies: "${n}", tone: "${t}"}}')
    recipe = load_recipe(
        shop.recipe(text), project=shop.root, variables={}, require_variables=False
    )
    assert recipe.stages["draft"].params == {"copies": "${n}", "tone": "${t}"}


def test_the_file_and_the_same_data_resolve_alike(shop: Workshop) -> None:
    from_file = shop.load(BOOK)
    data = load_yaml(shop.root / "recipe.yaml").data
    from_data = resolve_recipe(data, project=shop.root, variables={})
    assert from_data.stages == from_file.stages
    assert from_data.digest == from_file.digest


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("From a draft to a book.", "Another description.", True),
        ("recipe_id: book\n", "recipe_id: book  # a comment\n", True),
        ("{id: draft, module: draft_v1}", "{module: draft_v1, id: draft, retries: 0}", True),
        ("module: draft_v1", "module: draft_v1, params: {tone: warm}", False),
        ("needs: [draft]", "needs: [draft], retries: 1", False),
    ],
)
def test_the_digest_covers_what_the_recipe_says_not_how(
    shop: Workshop, old: str, new: str, same: bool
) -> None:
    assert (shop.load(BOOK).digest == shop.load(BOOK.replace(old, new)).digest) is same


def test_stages_come_after_what_they_need_whatever_the_order_in_the_file(shop: Workshop) -> None:
    lines = BOOK.splitlines()
    text = "\n".join([*lines[:3], *reversed(lines[3:])])
    assert list(shop.load(text).stages) == ["draft", "split", "polish", "bind"]


def test_an_outputs_schema_digest_changes_with_the_schema(shop: Workshop) -> None:
    before = shop.load(BOOK).stages["bind"].outputs[0]
    shop.schema("book", {"type": "object"})
    after = shop.load(BOOK).stages["bind"].outputs[0]
    assert (before.schema, after.schema) == ("book", "book")
    assert before.schema_digest != after.schema_digest


@pytest.mark.parametrize("name", ["screenplay", "echo"])
def test_the_shipped_recipes_resolve(name: str) -> None:
    recipe = load_recipe(recipe_path(name, None), project=None, variables={"story": "a.fountain"})
    assert recipe.recipe_id == name


def test_every_shipped_module_is_sound() -> None:
    assert find_modules(module_roots(None)).all()


def test_the_shipped_resources_are_beside_the_package_in_a_clone() -> None:
    assert share_root() == Path(__file__).parents[2]


@st.composite
def acyclic(draw: st.DrawFn) -> dict[str, list[str]]:
    """Stages in a random order, each needing some of those before it in another one."""
    names = [f"s{number}" for number in range(draw(st.integers(1, 12)))]
    needs = {
        name: draw(st.lists(st.sampled_from(names[:index]), unique=True)) if index else []
        for index, name in enumerate(names)
    }
    return {name: needs[name] for name in draw(st.permutations(names))}


@pytest.mark.slow
@given(acyclic())
def test_every_order_respects_needs_and_otherwise_the_recipe(needs: dict[str, list[str]]) -> None:
    order, cycles = in_order(needs)
    assert cycles == []
    assert sorted(order) == sorted(needs)
    listed = list(needs)
    for index, name in enumerate(order):
        done = set(order[:index])
        assert set(needs[name]) <= done
        earlier = listed[: listed.index(name)]
        # Whatever the recipe lists before it and is not yet done could not have come first.
        assert all(set(needs[other]) - done for other in earlier if other not in done)


@given(acyclic(), st.data())
def test_a_ring_closed_anywhere_is_found_and_each_link_of_it_is_real(
    needs: dict[str, list[str]], data: st.DataObject
) -> None:
    last = data.draw(st.sampled_from(sorted(needs)))
    below = {last}
    while more := {other for name in below for other in needs[name]} - below:
        below |= more
    first = data.draw(st.sampled_from(sorted(below)))
    ringed = {**needs, first: [*needs[first], last]}
    order, cycles = in_order(ringed)
    assert sorted(order) == sorted(needs)
    assert cycles
    for cycle in cycles:
        for name, following in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
            assert following in ringed[name]
        assert min(cycle, key=list(ringed).index) == cycle[0]


def test_two_separate_cycles_are_both_reported() -> None:
    _, cycles = in_order({"a": ["b"], "b": ["a"], "c": [], "d": ["e"], "e": ["d"]})
    assert cycles == [["a", "b"], ["d", "e"]]
