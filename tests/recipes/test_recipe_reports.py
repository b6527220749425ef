"""How the mistakes of one recipe are reported: all in one go, each once, and none that follows from another."""

from __future__ import annotations

import pytest

from cineforge.model.errors import NotFound, ProblemsFound
from cineforge.recipes.load import load_recipe, resolve_recipe
from cineforge.recipes.named import recipe_path
from tests.recipes.workshop import BOOK, Workshop, book_with

TWELVE = """\
recipe_id: Twelve Mistakes
descripton: typo
project: {look: "${stile}"}
stages:
  - {id: draft, module: draft_v1, params: {tone: wry, source: "${stroy}"}}
  - {id: split, module: split_v1, needs: [draft, polish], retries: -1}
  - {id: polish, module: polish_v1, needs: [split], for_each: peice}
  - {id: bind, module: bind_v2, needs: [polish]}
  - {id: print, module: tally_v1, needs: [bind], colour: blue}
  - {id: tally, module: tally_v1, needs: [drafd]}
  - {id: draft, module: draft_v1}
  - {id: sum, module: tally_v1, needs: [split], inputs: {thing: peace}, inputs: {thing: piece}}
"""


def test_twelve_mistakes_and_more_are_reported_in_one_go(shop: Workshop) -> None:
    problems = shop.problems(TWELVE, story="x", style="y")
    reported = {(its.line, its.path) for its in problems}
    assert {
        (1, "recipe_id"),
        (2, "descripton"),
        (3, "project.look"),
        (5, "stages[0].params.tone"),
        (5, "stages[0].params.source"),
        (6, "stages[1].retries"),
        (6, "stages[1].needs[1]"),
        (7, "stages[2].for_each"),
        (8, "stages[3].module"),
        (9, "stages[4].colour"),
        (10, "stages[5].needs[0]"),
        (11, "stages[6].id"),
        (12, "stages[7].inputs"),
        (12, "stages[7].inputs.thing"),
    } <= reported
    assert [its.line for its in problems] == sorted(its.line or 0 for its in problems)


def test_an_unknown_module_is_the_only_thing_said_of_it_and_of_what_builds_on_it(
    shop: Workshop,
) -> None:
    problem = shop.problem(book_with("module: split_v1", "module: splitt_v1"))
    assert problem.path == "stages[1].module"


def test_a_mistaken_for_each_is_not_held_against_the_stages_behind_it(shop: Workshop) -> None:
    shop.module(
        "reading", "read_v1", inputs={"page": {"type": "polished"}}, outputs=[{"type": "read"}]
    )
    text = book_with("for_each: piece", "for_each: peace")
    text += "  - {id: read, module: read_v1, needs: [split, polish], for_each: piece}\n"
    assert shop.problem(text).path == "stages[2].for_each"


def test_a_store_input_that_the_recipe_makes_is_not_called_ambiguous_too(shop: Workshop) -> None:
    text = BOOK + "  - {id: tally, module: tally_v1, needs: [bind], store_inputs: [book]}\n"
    assert shop.problem(text).path == "stages[4].store_inputs[0]"


def test_a_broken_module_used_by_two_stages_is_reported_once(shop: Workshop) -> None:
    (shop.root / "modules/tallying/tally_v1/main.py").write_text("def run_modul(): ...\n")
    text = BOOK + "".join(
        f"  - {{id: tally_{n}, module: tally_v1, needs: [{n}]}}\n" for n in ("draft", "bind")
    )
    assert shop.problem(text).file.endswith("tally_v1/main.py")


def test_hostile_strings_stay_data_and_are_shown_escaped(shop: Workshop) -> None:
    hostile = "x\"'); import os #\\n{input}\\e[31m"
    problems = shop.problems(
        f'recipe_id: "{hostile}"\nstages:\n  - {{id: draft, module: "../../{hostile}"}}\n'.replace(
            "\"'", "'"
        )
    )
    text = "\n".join(map(str, problems))
    assert "\x1b" not in text
    assert {its.path for its in problems} == {"recipe_id", "stages[0].module"}


def test_hostile_parameters_pass_through_unchanged(shop: Workshop) -> None:
    value = '\'; "{wildcards.x}" ${} `rm` \\ \n\x00 $(id) {% raw %}'.replace("${}", "$${}")
    recipe = resolve_recipe(
        {
            "recipe_id": "r",
            "stages": [{"id": "draft", "module": "draft_v1", "params": {"source": value}}],
        },
        project=shop.root,
        variables={},
    )
    assert recipe.stages["draft"].params["source"] == value.replace("$${", "${")


def test_data_without_a_file_is_checked_the_same_way(shop: Workshop) -> None:
    data = {"recipe_id": "r", "stages": [{"id": "draft", "module": "draft_v2"}]}
    with pytest.raises(ProblemsFound) as caught:
        resolve_recipe(data, project=shop.root, variables={})
    (problem,) = caught.value.problems
    assert (problem.line, problem.path) == (None, "stages[0].module")
    assert problem.hint == "did you mean 'draft_v1'?"


def test_a_recipe_is_found_in_the_project_before_the_shipped_ones(
    shop: Workshop, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    own = shop.root / "recipes" / "echo.yaml"
    own.parent.mkdir()
    own.write_text(BOOK)
    assert recipe_path("echo", shop.root) == own
    assert recipe_path("recipes/echo.yaml", shop.root) == own
    assert recipe_path("screenplay", shop.root).is_file()


@pytest.mark.parametrize("name", ["screenpaly", "recipes/screenpaly.yaml"])
def test_an_unknown_recipe_is_answered_with_the_nearest_name(name: str) -> None:
    with pytest.raises(NotFound, match="did you mean 'screenplay'"):
        recipe_path(name, None)


def test_a_missing_recipe_file_is_not_found(shop: Workshop) -> None:
    with pytest.raises(NotFound, match="there is no file"):
        load_recipe(shop.root / "gone.yaml", project=shop.root, variables={})
