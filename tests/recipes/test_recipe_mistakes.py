"""One recipe for each mistake that people make: the report tells file, line, key path, and the way out."""

from __future__ import annotations

import pytest

from tests.recipes.workshop import BOOK, Workshop, book_with

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
