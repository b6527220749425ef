"""A recipe that runs alone reads what others made, as it is: what they would make anew is said, by plan and run."""

from __future__ import annotations

import pytest

from .conftest import Project
from .workshop import write_module, write_recipe

pytestmark = pytest.mark.e2e

SAY = """
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={"word": Output(data=params["word"])})
"""
SHOUT = """
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={"shout": Output(data=inputs["word"].data.upper())})
"""


def write(film: Project, word: str) -> None:
    texts = {"type": "object", "properties": {"word": {"type": "string"}}}
    said = {"stage": "say", "outputs": [{"type": "word"}], "parameters": texts}
    write_module(film.folder, "say_v1", said, SAY)
    shouted = {
        "stage": "shout",
        "inputs": {"word": {"type": "word"}},
        "outputs": [{"type": "shout"}],
    }
    write_module(film.folder, "shout_v1", shouted, SHOUT)
    stage = {"id": "shout", "module": "shout_v1", "store_inputs": ["word"]}
    recipe = write_recipe(film.folder, [stage], recipe_id="loud")
    recipe.rename(recipe.with_name("loud.yaml"))
    write_recipe(film.folder, [{"id": "say", "module": "say_v1", "params": {"word": word}}])


def ask(film: Project, *words: str, status: int = 0) -> str:
    return film.cineforge(*words, "--directory", str(film.folder), status=status)


def test_what_another_recipe_is_to_make_first_is_said_by_plan_and_run(project: Project) -> None:
    write(project, "ant")
    ask(project, "run", "made", "-c1")
    said = ask(project, "run", "loud", "-c1")
    assert "shout: built" in said and "first" not in said
    write(project, "bee")
    for said in (ask(project, "plan", "loud", status=1), ask(project, "run", "loud", "-c1")):
        assert "first, by another recipe: say: params changed: word" in said
        assert "'cineforge run' makes that; list loud under recipes" in said
    for _ in range(2):
        said = project.snakemake("--config", "recipe=loud")
        assert "first, by another recipe: say: params changed: word" in said
        assert "Nothing to be done" in said
    assert project.load("shout") == "ANT"
    ask(project, "run", "-c1")
    assert "shout: built" in ask(project, "run", "loud", "-c1")
    assert project.load("shout") == "BEE"
    assert "up to date" in ask(project, "plan", "loud")
