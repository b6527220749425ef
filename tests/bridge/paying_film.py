"""Projects whose modules pay for calls: what the tests of remembered calls and of emitted members share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cineforge.bridge.remote.job_process import JobProcess
from cineforge.model.records import run_events as ev
from tests.e2e.workshop import write_module, write_recipe

from .film import Film, Run

SING: dict[str, Any] = {
    "stage": "sing",
    "outputs": [{"type": "song"}],
    "parameters": {
        "type": "object",
        "properties": {"key": {"type": "string", "default": ""}},
    },
}
SING_CODE = """
def pay(context, answer):
    (Path(__file__).parents[3] / "calls.txt").open("a").write(str(answer)[:20] + "\\n")
    context.record_cost(model="mock", estimated_cost_usd=0.25)
    return answer

def run_module(inputs, params, project_config, context):
    verse = context.remember("verse", lambda: pay(context, {"words": ("la", 1)}))
    tape = context.remember("tape", lambda: pay(context, b"\\x00\\xff"))
    assert verse == {"words": ["la", 1]} and tape == b"\\x00\\xff"
    trouble = Path(__file__).parents[3] / "trouble"
    if trouble.exists():
        exec(trouble.read_text())
    return ModuleResult(outputs={"song": Output(data=verse, files=(context.attach("a.wav", tape),))})
"""
FITS = {"type": "object", "required": ["words"]}


@pytest.fixture
def film(tmp_path: Path) -> Film:
    film = Film(tmp_path / "film", [], [])
    write_module(film.folder, "sing_v1", SING, SING_CODE)
    write_recipe(film.folder, [{"id": "sing", "module": "sing_v1"}])
    schema(film, FITS)
    return film


def schema(film: Film, rules: dict[str, Any]) -> None:
    path = film.folder / "schemas/artifacts/song.schema.json"
    path.write_text(json.dumps(rules), encoding="utf-8")


def trouble(film: Film, code: str) -> None:
    (film.folder / "trouble").write_text(code, encoding="utf-8")


def at_peace(film: Film) -> None:
    (film.folder / "trouble").unlink()


def paid(film: Film) -> int:
    try:
        return len((film.folder / "calls.txt").read_text().splitlines())
    except FileNotFoundError:
        return 0


def elsewhere(film: Film, run: Run) -> JobProcess:
    recipe = film.recipe
    folder = run.session.context.folder
    return JobProcess(film.folder, folder, lambda: recipe, (film.folder,), film.said.append)


def given_back(run: Run) -> list[tuple[int, float]]:
    return [(each.calls, each.saved_usd) for each in run.events() if isinstance(each, ev.GivenBack)]
