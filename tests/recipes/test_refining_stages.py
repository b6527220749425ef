"""Stages that refine a type, and modules that stand in several stages of a recipe."""

from __future__ import annotations

import pytest

from cineforge.recipes.load import recipes_making
from cineforge.recipes.share import share_root
from tests.recipes.workshop import Workshop

DRAFT = {"draft": {"type": "draft"}}
RECIPE = """\
recipe_id: desk
stages:
  - {id: draft, module: draft_v1}
  - {id: notes, module: notes_v1, needs: [draft]}
  - {id: doctor, module: doctor_v1, needs: [draft]}
"""


@pytest.fixture
def desk(empty_shop: Workshop) -> Workshop:
    empty_shop.module("draft", "draft_v1", outputs=[{"type": "draft"}])
    empty_shop.module("notes", "notes_v1", inputs=DRAFT, outputs=[{"type": "notes"}])
    empty_shop.module(
        "doctor", "doctor_v1", inputs=DRAFT, outputs=[{"type": "draft"}], refines="draft"
    )
    return empty_shop


def test_who_reads_a_type_reads_what_the_last_stage_made_of_it(desk: Workshop) -> None:
    recipe = desk.load(RECIPE)
    assert list(recipe.stages) == ["draft", "doctor", "notes"]
    assert recipe.stages["notes"].inputs[0].producer == "doctor"
    assert recipe.stages["doctor"].inputs[0].producer == "draft"
    assert (recipe.makers["draft"], recipe.begun_by) == ("doctor", {"draft": "draft"})
    assert recipe.upstream("notes") == {"draft", "doctor"}


def test_the_first_may_refine_what_another_recipe_made(desk: Workshop) -> None:
    stages = RECIPE.splitlines()
    text = "\n".join([*stages[:2], stages[4].replace("needs", "store_inputs"), stages[3]])
    text = text.replace("needs: [draft]", "needs: [doctor]")
    recipe = desk.load(text)
    assert recipe.stages["doctor"].inputs[0].producer is None
    assert recipe.stages["notes"].inputs[0].producer == "doctor"
    assert recipe.begun_by == {}
    for name, recipe_text in (("desk", RECIPE), ("doctor_alone", text)):
        home = desk.root / f"recipes/{name}.yaml"
        home.parent.mkdir(exist_ok=True)
        home.write_text(recipe_text.replace("recipe_id: desk", f"recipe_id: {name}"))
    made_by = recipes_making("draft", desk.root)
    assert made_by == ["desk"], "who lacks a draft is not sent to a recipe that needs one"


def test_one_module_stands_in_several_stages_by_naming_what_it_makes(desk: Workshop) -> None:
    recipe = desk.load(
        RECIPE
        + "  - {id: other, module: draft_v1, outputs: {draft: draft_b}}\n"
        + "  - {id: notes_b, module: notes_v1, needs: [draft, other], inputs: {draft: draft_b},"
        + " outputs: {notes: notes_b}}\n"
    )
    [made] = recipe.stages["other"].outputs
    assert (made.artifact_type, made.called, made.schema) == ("draft_b", "draft", "draft")
    [read] = recipe.stages["notes_b"].inputs
    assert (read.artifact_type, read.producer) == ("draft_b", "other")
    assert recipe.stages["notes"].inputs[0].artifact_type == "draft"


MISTAKES = {
    "what is refined and needed by who refines it": (
        RECIPE.replace("doctor_v1, needs: [draft]", "doctor_v1, needs: [draft], after: [notes]"),
        "it reads what 'doctor' refines, and 'doctor' waits for it",
    ),
    "a second maker": (
        RECIPE + "  - {id: other, module: draft_v1}\n",
        "give one of the two another name, e.g. outputs: {draft: draft_b}",
    ),
    "a name for what it does not make": (
        RECIPE.replace("notes_v1, needs", "notes_v1, outputs: {note: notes_b}, needs"),
        "has no output 'note': did you mean 'notes'?",
    ),
    "the name that it has": (
        RECIPE.replace("notes_v1, needs", "notes_v1, outputs: {notes: notes}, needs"),
        "pointless",
    ),
    "a name that is kept": (
        RECIPE.replace("notes_v1, needs", "notes_v1, outputs: {notes: hold}, needs"),
        "'hold' is kept by CineForge itself",
    ),
    "a name that nobody it needs gives": (
        RECIPE.replace("notes_v1, needs", "notes_v1, inputs: {draft: draft_b}, needs")
        + "  - {id: other, module: draft_v1, outputs: {draft: draft_b}}\n",
        "is nothing of type 'draft' that a stage it needs makes",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told(desk: Workshop, name: str) -> None:
    text, said = MISTAKES[name]
    problem = desk.problem(text)
    assert said in f"{problem.message}: {problem.hint}"


def test_what_is_refined_is_read_and_made(desk: Workshop) -> None:
    desk.module("doctor", "doctor_v1", inputs=DRAFT, outputs=[{"type": "cure"}], refines="draft")
    assert "there is no such output of type 'draft'" in str(desk.problem(RECIPE))


def test_no_shipped_recipe_has_a_gate() -> None:
    # So that a status need read none of them.
    assert [
        file for file in (share_root() / "recipes").iterdir() if b"gate" in file.read_bytes()
    ] == []
