"""A project that lists several recipes: they are one, and what one makes feeds what another reads from the store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cineforge.model.errors import CineForgeError, NotFound, ProblemsFound
from cineforge.project.opening import load_project_recipe, project_config
from cineforge.recipes.resolved import ResolvedRecipe
from tests.recipes.workshop import BOOK, Workshop

#: Reads all pieces, and the draft, as the store has them.
REVIEW = """\
recipe_id: review
stages:
  - {id: review, module: review_v1, store_inputs: [piece, draft], params: {tone: "${tone}"}}
"""


@pytest.fixture
def two(shop: Workshop) -> Workshop:
    """A shop whose project lists `review`, and `book`, which makes what that reads."""
    reads = {"pieces": {"type": "piece", "many": True}, "draft": {"type": "draft"}}
    tone = {"type": "object", "properties": {"tone": {}}}
    values: dict[str, Any] = {
        "outputs": [{"type": "review"}],
        "parameters": tone,
        "project_config": ["look"],
    }
    shop.module("review", "review_v1", inputs=reads, **values)
    (shop.root / "recipes").mkdir()
    for name, text in (("book", BOOK), ("review", REVIEW)):
        (shop.root / "recipes" / f"{name}.yaml").write_text(text, encoding="utf-8")
    listed(shop.root, "recipes: [review, book]\ntone: dry\n")
    return shop


def listed(project: Path, text: str) -> None:
    (project / "config.yaml").write_text(text, encoding="utf-8")


def whole(shop: Workshop, name: str | None = None, **typed: Any) -> ResolvedRecipe:
    return load_project_recipe(name, shop.root, project_config(shop.root, typed))


def test_what_one_recipe_reads_from_the_store_is_fed_by_the_stage_of_another(two: Workshop) -> None:
    recipe = whole(two)
    assert list(recipe.stages) == ["draft", "split", "polish", "bind", "review"]
    review = recipe.stages["review"]
    assert {(its.artifact_type, its.producer, its.stored) for its in review.inputs} == {
        ("piece", "split", True),
        ("draft", "draft", True),
    }
    assert recipe.upstream("review") == {"draft", "split"}
    alone = load_project_recipe("review", two.root, {"tone": "dry"})
    assert [its.reach for its in alone.stages["review"].inputs] == [
        its.reach for its in review.inputs
    ]


def test_one_of_them_by_name_is_what_is_asked_for_and_another_recipe_stands_alone(
    two: Workshop,
) -> None:
    assert list(whole(two, "review").asked) == ["review"]
    assert list(whole(two, recipe="book").asked) == ["draft", "split", "polish", "bind"]
    assert len(whole(two, "review").stages) == 5
    assert list(whole(two, "echo").stages) == list(whole(two, "echo").asked)


def test_each_has_its_own_values_and_typed_ones_go_over_all(two: Workshop) -> None:
    text = "recipes: [book, {recipe: review, tone: warm, project: {look: noir}}]\ntone: dry\n"
    listed(two.root, text + "project: {look: pop}\n")
    review = whole(two).stages["review"]
    assert (review.params["tone"], review.config) == ("warm", {"look": "noir"})
    assert [part.project.get("look") for part in whole(two).recipes] == ["pop", "noir"]
    typed = whole(two, tone="loud", project={"look": "grey"}).stages["review"]
    assert (typed.params["tone"], typed.config) == ("loud", {"look": "grey"})


def test_what_another_recipe_refines_is_read_refined(two: Workshop) -> None:
    reads = {"draft": {"type": "draft"}}
    two.module("doctor", "doctor_v1", inputs=reads, outputs=[{"type": "draft"}], refines="draft")
    doctor = (
        "recipe_id: doctor\nstages:\n  - {id: doctor, module: doctor_v1, store_inputs: [draft]}\n"
    )
    (two.root / "recipes" / "doctor.yaml").write_text(doctor, encoding="utf-8")
    listed(two.root, "recipes: [doctor, review, book]\ntone: dry\n")
    recipe = whole(two)
    assert list(recipe.stages) == ["draft", "doctor", "split", "polish", "bind", "review"]
    assert recipe.makers["draft"] == "doctor"
    assert (recipe.begun_by["draft"], recipe.refiners["draft"]) == ("draft", ("doctor",))
    producers = {
        name: {its.artifact_type: its.producer for its in recipe.stages[name].inputs}
        for name in ("doctor", "split", "review")
    }
    assert producers == {
        "doctor": {"draft": "draft"},
        "split": {"draft": "doctor"},
        "review": {"piece": "split", "draft": "doctor"},
    }


def test_recipes_that_cannot_be_one_are_refused_with_every_reason(two: Workshop) -> None:
    other = "recipe_id: other\nstages:\n  - {id: draft, module: draft_v1}\n"
    (two.root / "recipes" / "other.yaml").write_text(other, encoding="utf-8")
    listed(two.root, "recipes: [book, other, book]\n")
    with pytest.raises(ProblemsFound) as found:
        whole(two)
    said = str(found.value)
    assert "the stage 'draft' is in the recipe 'book' as well" in said
    assert "'draft' is made by the recipe 'book' as well" in said
    assert "the recipe_id 'book' is there twice" in said
    two.module("ring", "ring_v1", inputs={"r": {"type": "review"}}, outputs=[{"type": "piece"}])
    ring = "recipe_id: ring\nstages:\n  - {id: ring, module: ring_v1, store_inputs: [review]}\n"
    (two.root / "recipes" / "ring.yaml").write_text(ring, encoding="utf-8")
    two.module("review", "review_v1", inputs={"p": {"type": "piece"}}, outputs=[{"type": "review"}])
    again = REVIEW.replace('[piece, draft], params: {tone: "${tone}"}', "[piece]")
    (two.root / "recipes" / "review.yaml").write_text(again, encoding="utf-8")
    listed(two.root, "recipes: [ring, review]\n")
    with pytest.raises(ProblemsFound, match="recipes wait for each other: ring -> review -> ring"):
        whole(two)


def test_mistakes_of_all_recipes_are_told_at_once(two: Workshop) -> None:
    (two.root / "recipes" / "book.yaml").write_text(
        BOOK.replace("draft_v1", "darft_v1"), encoding="utf-8"
    )
    listed(two.root, "recipes: [review, book]\n")
    with pytest.raises(ProblemsFound) as found:
        whole(two)
    assert "'darft_v1'" in str(found.value)
    assert "the variable ${tone} has no value" in str(found.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("recipe: book\nrecipes: [book]", "config.yaml:1: recipe: there are 'recipe' and"),
        ("recipes: book", "config.yaml:1: recipes: must be a list of recipes"),
        ("recipes: []", "must be a list of recipes"),
        ("recipes: [book, {tone: dry}, 3]", "recipes[1]: must be a recipe"),
        ("recipes: [{recipe: book, project: noir}]", "recipes[0].project: must hold keys"),
        ("recipes: [{recipe: book, recipes: [a]}]", "recipes[0].recipes: a recipe has none"),
    ],
)
def test_mistakes_of_the_list_are_told_with_their_place(
    two: Workshop, text: str, said: str
) -> None:
    listed(two.root, text + "\n")
    with pytest.raises(ProblemsFound) as found:
        whole(two)
    assert said in str(found.value)


def test_a_typed_list_is_checked_too(two: Workshop) -> None:
    assert list(whole(two, recipes=["book"]).stages) == ["draft", "split", "polish", "bind"]
    for wrong in (["book", 3], "book", []):
        with pytest.raises(CineForgeError, match="recipes: "):
            whole(two, recipes=wrong)
    with pytest.raises(NotFound, match=r"(?s)did you mean 'review'.*did you mean 'book'"):
        whole(two, recipes=["reveiw", "bok"])
