"""Which entities an input takes: the tables of the design, one recipe each."""

from __future__ import annotations

import pytest

from cineforge.model.errors import ProblemsFound
from cineforge.recipes.resolved import Domain, Reach, ResolvedInput, Selector
from tests.recipes.workshop import BOOK, Workshop


@pytest.fixture
def nest(shop: Workshop) -> Workshop:
    """Adds chop_v1, which splits each piece into many crumb."""
    shop.module(
        "chopping",
        "chop_v1",
        inputs={"piece": {"type": "piece"}},
        outputs=[{"type": "crumb", "many": True}, {"type": "crumb_list"}],
    )
    return shop


NESTED = """\
recipe_id: nested
stages:
  - {id: draft, module: draft_v1}
  - {id: split, module: split_v1, needs: [draft]}
  - {id: chop, module: chop_v1, needs: [split], for_each: piece}
"""


def reached(item: ResolvedInput) -> tuple[Reach, str | None, str | None, str | None]:
    return item.reach, item.producer, item.domain, item.fan_out


def test_a_single_artifact_is_taken_from_the_project(shop: Workshop) -> None:
    item = shop.stage_input(BOOK, "split", "draft")
    assert reached(item) == (Reach.PROJECT, "draft", None, None)
    assert not item.many


def test_an_instance_takes_the_artifact_of_its_own_entity(shop: Workshop) -> None:
    item = shop.stage_input(BOOK, "polish", "piece")
    assert reached(item) == (Reach.SAME, "split", "piece", "split")


def test_many_takes_all_that_was_made_for_the_members(shop: Workshop) -> None:
    item = shop.stage_input(BOOK, "bind", "pages")
    assert reached(item) == (Reach.ALL, "polish", "piece", "split")
    assert item.many


def test_a_fan_outs_single_output_is_the_projects(shop: Workshop) -> None:
    item = shop.stage_input(BOOK, "bind", "index")
    assert reached(item) == (Reach.PROJECT, "split", None, None)


def test_a_nested_fan_out_nests_its_domain_in_the_entity_it_runs_for(nest: Workshop) -> None:
    recipe = nest.load(NESTED)
    assert recipe.domains["piece"] == Domain("piece", "split")
    assert recipe.domains["crumb"] == Domain("crumb", "chop", "piece")
    assert recipe.stages["chop"].ticket_types == ("chop.members",)


def test_a_nested_fan_outs_single_output_belongs_to_the_parent(nest: Workshop) -> None:
    nest.module(
        "reading", "read_v1", inputs={"list": {"type": "crumb_list"}}, outputs=[{"type": "read"}]
    )
    text = NESTED + "  - {id: read, module: read_v1, needs: [chop], for_each: piece}\n"
    assert reached(nest.stage_input(text, "read", "list")) == (Reach.SAME, "chop", "piece", "split")


def test_a_nested_instance_takes_the_artifact_of_its_parent(nest: Workshop) -> None:
    nest.module(
        "tasting",
        "taste_v1",
        inputs={"crumb": {"type": "crumb"}, "piece": {"type": "piece"}},
        outputs=[{"type": "taste"}],
    )
    text = NESTED + "  - {id: taste, module: taste_v1, needs: [split, chop], for_each: crumb}\n"
    assert reached(nest.stage_input(text, "taste", "piece")) == (
        Reach.PARENT,
        "split",
        "piece",
        "split",
    )


def test_many_takes_an_instances_own_children(nest: Workshop) -> None:
    nest.module(
        "sweeping",
        "sweep_v1",
        inputs={"crumbs": {"type": "crumb", "many": True}},
        outputs=[{"type": "heap"}],
    )
    line = "  - {id: sweep, module: sweep_v1, needs: [chop]%s}\n"
    children = nest.stage_input(NESTED + line % ", for_each: piece", "sweep", "crumbs")
    assert reached(children) == (Reach.CHILDREN, "chop", "crumb", "chop")
    everything = nest.stage_input(NESTED + line % "", "sweep", "crumbs")
    assert reached(everything) == (Reach.ALL, "chop", "crumb", "chop")


def with_select(shop: Workshop, select: str, **index: object) -> str:
    shop.module(
        "picking",
        "pick_v1",
        inputs={
            "group": {"type": "group", **index},
            "pages": {"type": "polished", "many": True, "select": select},
        },
        outputs=[{"type": "pick"}],
    )
    return BOOK + "  - {id: pick, module: pick_v1, needs: [split, polish], for_each: group}\n"


def test_a_selecting_input_takes_the_members_that_the_entity_names(shop: Workshop) -> None:
    item = shop.stage_input(with_select(shop, "group#/pieces"), "pick", "pages")
    assert reached(item) == (Reach.SELECTED, "polish", "piece", "split")
    assert item.selector == Selector("group", "/pieces")


def test_selecting_by_what_no_fan_out_emits_is_refused(shop: Workshop) -> None:
    shop.module(
        "picking",
        "late_v1",
        inputs={
            "chosen": {"type": "polished"},
            "pieces": {"type": "piece", "many": True, "select": "chosen#/ids"},
        },
        outputs=[{"type": "pick"}],
    )
    text = BOOK + "  - {id: pick, module: late_v1, needs: [split, polish], for_each: piece}\n"
    problem = shop.problem(text)
    assert problem.path == "stages[4].needs"
    assert "does not come out of a fan-out" in problem.message


def test_many_of_a_single_artifact_is_refused(shop: Workshop) -> None:
    shop.module(
        "reading",
        "read_v1",
        inputs={"drafts": {"type": "draft", "many": True}},
        outputs=[{"type": "read"}],
    )
    problem = shop.problem(BOOK + "  - {id: read, module: read_v1, needs: [draft]}\n")
    assert problem.line == 8
    assert "there is only one 'draft' of stage 'draft'" in problem.message


def stored(shop: Workshop, line: str, **spec: object) -> ResolvedInput:
    shop.module(
        "reading",
        "read_v1",
        inputs={"notes": {"type": "note", **spec}},
        outputs=[{"type": "read"}],
    )
    return shop.stage_input(BOOK + f"  - {{id: read, module: read_v1, {line}}}\n", "read", "notes")


def test_a_store_input_takes_the_one_artifact_that_another_recipe_made(shop: Workshop) -> None:
    item = stored(shop, "store_inputs: [note]")
    assert reached(item) == (Reach.PROJECT, None, None, None)
    assert not item.optional


def test_an_optional_store_input_may_be_missing(shop: Workshop) -> None:
    assert stored(shop, "optional_store_inputs: [note]", optional=True).optional


def test_a_store_input_of_many_takes_all_that_the_store_has(shop: Workshop) -> None:
    assert reached(stored(shop, "store_inputs: [note]", many=True)) == (
        Reach.ALL,
        None,
        "note",
        None,
    )


def test_a_store_input_per_entity_takes_the_artifact_of_the_instances_entity(
    shop: Workshop,
) -> None:
    item = stored(shop, "needs: [split], for_each: piece, store_inputs: [note]", per_entity=True)
    assert reached(item) == (Reach.SAME, None, "piece", "split")


def test_a_store_input_per_entity_without_for_each_is_refused(shop: Workshop) -> None:
    with pytest.raises(ProblemsFound, match="add for_each"):
        stored(shop, "store_inputs: [note]", per_entity=True)


def test_an_optional_input_that_nothing_feeds_is_absent(shop: Workshop) -> None:
    shop.module(
        "reading",
        "read_v1",
        inputs={
            "note": {"type": "note", "optional": True},
            "words": {"type": "word", "optional": True, "many": True},
        },
        outputs=[{"type": "read"}],
    )
    stage = shop.load(BOOK + "  - {id: read, module: read_v1}\n").stages["read"]
    assert stage.inputs == ()
    assert stage.absent_inputs == {"note": False, "words": True}


@pytest.mark.parametrize(
    ("choice", "producer", "taken"),
    [
        ("draft", "draft", "draft"),
        ("book", "bind", "book"),
        ("bind", "bind", "book"),
        ("note", None, "note"),
    ],
)
def test_an_input_of_any_type_is_settled_by_stage_or_by_type(
    shop: Workshop, choice: str, producer: str | None, taken: str
) -> None:
    line = f"needs: [draft, bind], store_inputs: [note], inputs: {{thing: {choice}}}"
    item = shop.stage_input(
        BOOK + f"  - {{id: tally, module: tally_v1, {line}}}\n", "tally", "thing"
    )
    assert (item.producer, item.artifact_type) == (producer, taken)


def test_an_input_of_any_type_takes_the_only_one_there_is(shop: Workshop) -> None:
    text = BOOK + "  - {id: tally, module: tally_v1, needs: [polish], for_each: piece}\n"
    item = shop.stage_input(text, "tally", "thing")
    assert (item.artifact_type, item.reach) == ("polished", Reach.SAME)


def test_a_need_that_feeds_nothing_is_allowed(shop: Workshop) -> None:
    recipe = shop.load(BOOK.replace("needs: [split, polish]", "needs: [draft, split, polish]"))
    assert recipe.stages["bind"].needs == ("draft", "split", "polish")
