"""One recipe for each mistake that people make: the report tells file, line, key path, and the way out."""

from __future__ import annotations

import pytest
from workshop import BOOK, Workshop

from cineforge.model.errors import NotFound, ProblemsFound
from cineforge.recipes.load import load_recipe, recipe_path, resolve_recipe


def book_with(old: str, new: str) -> str:
    assert old in BOOK
    return BOOK.replace(old, new)


MISTAKES = {
    "unknown key at the top": (
        book_with("description:", "descripton:"),
        (2, "descripton"),
        "did you mean 'description'?",
    ),
    "unknown key of a stage": (
        book_with("module: draft_v1", "module: draft_v1, need: []"),
        (4, "stages[0].need"),
        "did you mean 'needs'?",
    ),
    "duplicate key of a stage": (
        book_with("needs: [split], for_each", "needs: [split], needs: [draft], for_each"),
        (6, "stages[2].needs"),
        "already there, in line 6",
    ),
    "missing recipe id": (book_with("recipe_id: book\n", ""), (1, "recipe_id"), "is missing"),
    "missing module": (
        book_with("{id: draft, module: draft_v1}", "{id: draft}"),
        (4, "stages[0].module"),
        "is missing",
    ),
    "recipe id that is no name": (
        book_with("recipe_id: book", "recipe_id: ../book"),
        (1, "recipe_id"),
        "not a valid name",
    ),
    "stage id that is no rule name": (
        book_with("id: bind,", "id: 'bind; rm',"),
        (7, "stages[3].id"),
        "not a valid name",
    ),
    "reserved stage id": (book_with("id: bind,", "id: all,"), (7, "stages[3].id"), "reserved"),
    "stage id that a rule of ours has": (
        book_with("id: bind,", "id: no_such_target,"),
        (7, "stages[3].id"),
        "reserved",
    ),
    "needs that is no list": (
        book_with("needs: [draft]", "needs: draft"),
        (5, "stages[1].needs"),
        "write [draft]",
    ),
    "number where text belongs": (
        book_with("description: From a draft to a book.", "description: 12"),
        (2, "description"),
        "put it in quotes: '12'",
    ),
    "text where a number belongs": (
        book_with("module: draft_v1", "module: draft_v1, retries: twice"),
        (4, "stages[0].retries"),
        "must be a whole number, not the text 'twice'",
    ),
    "no cores": (
        book_with("module: draft_v1", "module: draft_v1, threads: 0"),
        (4, "stages[0].threads"),
        "greater than or equal to 1",
    ),
    "no time": (
        book_with("module: draft_v1", "module: draft_v1, timeout: 0"),
        (4, "stages[0].timeout"),
        "greater than 0",
    ),
    "resource of the wrong kind": (
        book_with("module: draft_v1", "module: draft_v1, resources: {mem_mb: [1]}"),
        (4, "stages[0].resources.mem_mb"),
        "must be a whole number or text, not a list",
    ),
    "negative resource": (
        book_with("module: draft_v1", "module: draft_v1, resources: {mem_mb: -1}"),
        (4, "stages[0].resources.mem_mb"),
        "greater than or equal to 0",
    ),
    "resource that is no name": (
        book_with("module: draft_v1", "module: draft_v1, resources: {'mem mb': 1}"),
        (4, "stages[0].resources['mem mb']"),
        "not a valid name",
    ),
    "threads among the resources": (
        book_with("module: draft_v1", "module: draft_v1, resources: {threads: 2}"),
        (4, "stages[0].resources.threads"),
        "a key of its own",
    ),
    "a resource that jobs have already": (
        book_with("module: draft_v1", "module: draft_v1, resources: {attempt: 2}"),
        (4, "stages[0].resources.attempt"),
        "taken: choose another name",
    ),
    "a resource named like what Snakemake does with them": (
        book_with("module: draft_v1", "module: draft_v1, resources: {get: 2}"),
        (4, "stages[0].resources.get"),
        "taken: choose another name",
    ),
    "megabytes that are no number": (
        book_with("module: draft_v1", "module: draft_v1, resources: {mem_mb: 1GB}"),
        (4, "stages[0].resources"),
        "mem_mb: '1GB' is no whole number: write e.g. mem: 4 GB",
    ),
    "a time that is none": (
        book_with("module: draft_v1", "module: draft_v1, resources: {runtime: never}"),
        (4, "stages[0].resources"),
        "runtime: 'never' is no number with a unit: write e.g. 90m",
    ),
    "the same resource in two units": (
        book_with("module: draft_v1", "module: draft_v1, resources: {mem: 1 GB, mem_mb: 9}"),
        (4, "stages[0].resources"),
        "mem and mem_mb are the same: keep one",
    ),
    "no stages": ("recipe_id: book\nstages: []\n", (2, "stages"), "at least 1 item"),
    "stage that is no map": (
        "recipe_id: book\nstages:\n  - draft\n",
        (3, "stages[0]"),
        "must be a map",
    ),
    "duplicate stage id": (
        BOOK + "  - {id: draft, module: tally_v1, needs: [bind]}\n",
        (8, "stages[4].id"),
        "already taken in line 4",
    ),
    "unknown module": (
        book_with("module: polish_v1", "module: polis_v1"),
        (6, "stages[2].module"),
        "did you mean 'polish_v1'?",
    ),
    "needs of an unknown stage": (
        book_with("needs: [draft]", "needs: [drafd]"),
        (5, "stages[1].needs[0]"),
        "did you mean 'draft'?",
    ),
    "after an unknown stage": (
        book_with("needs: [draft]", "needs: [draft], after: [bond]"),
        (5, "stages[1].after[0]"),
        "did you mean 'bind'?",
    ),
    "a need named twice": (
        book_with("needs: [draft]", "needs: [draft, draft]"),
        (5, "stages[1].needs[1]"),
        "named twice",
    ),
    "a stage that needs itself": (
        book_with("needs: [draft]", "needs: [draft, split]"),
        (5, "stages[1].needs[1]"),
        "'split' needs itself",
    ),
    "a cycle": (
        book_with("module: draft_v1}", "module: draft_v1, after: [bind]}"),
        (4, "stages[0].after[0]"),
        "draft -> bind -> split -> draft",
    ),
    "an input whose maker is not needed": (
        book_with("needs: [split, polish]", "needs: [polish]"),
        (7, "stages[3].needs"),
        "stage 'split' makes it: add 'split' to needs",
    ),
    "an input that nobody makes": (
        "recipe_id: lone\nstages:\n  - {id: split, module: split_v1}\n",
        (3, "stages[0].needs"),
        "store_inputs: [draft]",
    ),
    "for_each of a type that no fan-out names": (
        book_with("for_each: piece", "for_each: pieces"),
        (6, "stages[2].for_each"),
        "did you mean 'piece'?",
    ),
    "one taken of many": (
        book_with(", for_each: piece", ""),
        (6, "stages[2].for_each"),
        "write for_each: piece",
    ),
    "one taken of others' entities": (
        book_with("for_each: piece", "for_each: group"),
        (6, "stages[2].for_each"),
        "write for_each: piece",
    ),
    "two stages that make one type": (
        BOOK + "  - {id: draft_again, module: draft_v1}\n",
        (8, "stages[4].module"),
        "as stage 'draft' does already",
    ),
    "an ambiguous input": (
        BOOK + "  - {id: tally, module: tally_v1, needs: [draft, bind]}\n",
        (8, "stages[4].needs"),
        "choose, e.g. inputs: {thing: draft}",
    ),
    "a choice that does not exist": (
        BOOK + "  - {id: tally, module: tally_v1, needs: [draft, bind], inputs: {thing: bint}}\n",
        (8, "stages[4].inputs.thing"),
        "did you mean 'bind'?",
    ),
    "a choice that leaves several": (
        BOOK + "  - {id: tally, module: tally_v1, needs: [split], inputs: {thing: split}}\n",
        (8, "stages[4].inputs.thing"),
        "name the type",
    ),
    "a choice where there is none": (
        BOOK + "  - {id: tally, module: tally_v1, needs: [bind], inputs: {thing: bind}}\n",
        (8, "stages[4].inputs.thing"),
        "pointless",
    ),
    "a choice for a typed input": (
        book_with("needs: [draft]", "needs: [draft], inputs: {draft: draft}"),
        (5, "stages[1].inputs.draft"),
        "pointless",
    ),
    "a choice for an input that is none": (
        book_with("needs: [draft]", "needs: [draft], inputs: {daft: draft}"),
        (5, "stages[1].inputs.daft"),
        "did you mean 'draft'?",
    ),
    "an any input that nothing feeds": (
        "recipe_id: lone\nstages:\n  - {id: tally, module: tally_v1}\n",
        (3, "stages[0].needs"),
        "nothing feeds the input 'thing'",
    ),
    "a store input that the recipe makes": (
        book_with("needs: [draft]", "needs: [draft], store_inputs: [draft]"),
        (5, "stages[1].store_inputs[0]"),
        "made by stage 'draft' of this recipe",
    ),
    "a store input that no input takes": (
        book_with("needs: [draft]", "needs: [draft], store_inputs: [drafts]"),
        (5, "stages[1].store_inputs[0]"),
        "did you mean 'draft'?",
    ),
    "a required input as an optional store input": (
        "recipe_id: lone\nstages:\n  - {id: split, module: split_v1, optional_store_inputs: [draft]}\n",
        (3, "stages[0].optional_store_inputs[0]"),
        "list it under store_inputs",
    ),
    "a parameter of the wrong type": (
        book_with("module: draft_v1", "module: draft_v1, params: {copies: many}"),
        (4, "stages[0].params.copies"),
        "expected integer",
    ),
    "a parameter out of bounds": (
        book_with("module: draft_v1", "module: draft_v1, params: {copies: 0}"),
        (4, "stages[0].params.copies"),
        "minimum: 1",
    ),
    "a parameter that is not one of the choices": (
        book_with("module: draft_v1", "module: draft_v1, params: {tone: wry}"),
        (4, "stages[0].params.tone"),
        "one of 'dry', 'warm'",
    ),
    "an unknown parameter": (
        book_with("module: draft_v1", "module: draft_v1, params: {tome: dry}"),
        (4, "stages[0].params.tome"),
        "did you mean 'tone'?",
    ),
    "a variable without a value": (
        book_with("module: draft_v1", 'module: draft_v1, params: {source: "${story}"}'),
        (4, "stages[0].params.source"),
        "--config story=...",
    ),
    "a variable without a value in the project's configuration": (
        book_with("stages:", 'project: {look: ["${style}"]}\nstages:'),
        (3, "project.look[0]"),
        "--config style=...",
    ),
}


@pytest.mark.parametrize(("text", "place", "said"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_with_its_place_and_the_way_out(
    shop: Workshop, text: str, place: tuple[int, str], said: str
) -> None:
    problem = shop.problem(text)
    assert problem.file == str(shop.root / "recipe.yaml")
    assert (problem.line, problem.path) == place
    assert said in str(problem)


def test_the_recipe_that_the_mistakes_vary_has_none(shop: Workshop) -> None:
    assert list(shop.load(BOOK).stages) == ["draft", "split", "polish", "bind"]


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
