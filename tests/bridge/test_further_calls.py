"""Of members that nobody knows yet a plan expects as many as fan-outs made before, or made anew when called again."""

from __future__ import annotations

import functools

import pytest

from cineforge.deciding.dry_run.dry_run_planner import DryRunPlanner
from cineforge.deciding.dry_run.make_plan import make_plan
from cineforge.deciding.dry_run.pricing.sizes import size_read
from cineforge.deciding.selection import everything
from cineforge.history.reading.members_again import further_calls
from tests.e2e.workshop import write_module, write_recipe

from .film import Film

LINES = """
def run_module(inputs, params, project_config, context):
    lines = params["text"].split("/")
    return ModuleResult(outputs={"line": {f"l{n}": Output(data=line) for n, line in enumerate(lines)}})
"""
WORDS = """
def run_module(inputs, params, project_config, context):
    words = {word: Output(data=word) for word in inputs["line"].data.split()}
    return ModuleResult(outputs={"word": words})
"""
SAY = """
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={"said": Output(data=inputs["word"].data)})
"""


def expected(film: Film) -> dict[str, float | None]:
    run = film.run("look", executing=False)
    context = run.session.context
    planner = DryRunPlanner(context.recipe, context.world)
    plan = make_plan(planner, everything(context.recipe))
    size_of = functools.partial(size_read, planner)
    found = further_calls(context.store, context.recipe, plan, size_of)
    run.session.close()
    return found


def test_so_many_calls_are_likely_as_there_were_before(film: Film) -> None:
    film.write(names="ann bob cid dan")
    assert expected(film) == {"greet": None}, "nothing is on record"
    with (film.folder / "modules/cast/cast_v1/module.yaml").open("a") as manifest:
        manifest.write("estimate: {members: 3}\n")
    assert expected(film) == {"greet": 3.0}, "by the estimate of its module"
    film.run_all("monday")
    film.write(names="ann bob cid eve")
    assert expected(film) == {"greet": 2.0}, "half of those that there are"
    film.run_all("tuesday")
    film.write(names="ann bob cid eve fay")
    assert expected(film) == {"greet": 1.0}, "eve was new"
    film.write(names="ann bob cid eve")
    assert expected(film) == {}


def test_what_was_learnt_of_an_edit_stays_known_after_its_undo(film: Film) -> None:
    for day, names in (("monday", "ann bob cid dan"), ("tuesday", "ann bob cid eve")):
        film.write(names=names)
        film.run_all(day)
    film.write(names="ann bob cid dan")
    film.run_all("wednesday")
    film.write(names="ann bob fay gus")
    assert expected(film) == {"greet": 1.0}


def other_code(film: Film, module: str, comment: str) -> None:
    path = film.folder / "modules" / module / f"{module}_v1" / "main.py"
    path.write_text(path.read_text(encoding="utf-8") + f"# {comment}\n", encoding="utf-8")


def test_other_code_makes_all_anew_until_it_is_known_what_it_brings(film: Film) -> None:
    film.write(names="ann bob cid dan")
    film.run_all("monday")
    film.write(names="ann bob cid eve")
    film.run_all("tuesday")
    film.write(names="ann bob cid eve")
    other_code(film, "cast", "louder")
    assert expected(film) == {"greet": 4.0}
    film.run_all("wednesday")  # which makes the same
    other_code(film, "cast", "softer")
    assert expected(film) == {"greet": 0.0}
    film.write(names="ann bob cid fay")
    other_code(film, "cast", "louder")
    assert expected(film) == {"greet": 1.0}, "an edit, of the code that there was"


def test_what_is_made_anew_whatever_its_fan_out_makes_counts_whole(film: Film) -> None:
    film.write(names="ann bob cid dan")
    film.run_all("monday")
    film.write(names="ann bob cid eve", polite=True)
    assert expected(film) == {"greet": 4.0}


def write_lines(film: Film, *lines: str) -> None:
    text = {"type": "object", "properties": {"text": {"type": "string"}}}
    split = {"stage": "say", "outputs": [{"type": "line", "many": True}], "parameters": text}
    write_module(film.folder, "lines_v1", {**split, "pure": True}, LINES)
    line, word = {"line": {"type": "line"}}, {"word": {"type": "word"}}
    words = {"stage": "say", "inputs": line, "outputs": [{"type": "word", "many": True}]}
    write_module(film.folder, "words_v1", words, WORDS)
    write_module(
        film.folder, "say_v1", {"stage": "say", "inputs": word, "outputs": [{"type": "said"}]}, SAY
    )
    first = {"id": "lines", "module": "lines_v1", "params": {"text": "/".join(lines)}}
    each = {"id": "words", "module": "words_v1", "needs": ["lines"], "for_each": "line"}
    last = {"id": "say", "module": "say_v1", "needs": ["words"], "for_each": "word"}
    write_recipe(film.folder, [first, each, last])


def test_half_of_what_the_very_fan_out_had_is_likely_to_be_others(film: Film) -> None:
    write_lines(film, "a", "b c d e f g")
    film.run_all("monday")
    film.put("line", "l0", "z")
    assert expected(film) == {"say": 0.5}
    film.put("line", "l1", "b c d e f h")
    assert expected(film) == {"say": 3.5}


def test_where_what_it_reads_tells_how_much_a_fan_out_makes_a_new_one_is_told_by_that(
    film: Film,
) -> None:
    lines = ["a", "a b", "a b c", "a b c d", "a b c d e"]
    write_lines(film, *lines)
    film.run_all("monday")
    write_lines(film, *lines, "a b c d e f g h i j")
    film.run_all("tuesday", stages=["lines"])
    assert expected(film) == {"say": pytest.approx(10)}
