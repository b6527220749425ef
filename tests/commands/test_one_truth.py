"""After whatever people do, 'plan', 'status' and the run say the same, in a project that two recipes serve."""

from __future__ import annotations

import contextlib
import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from cineforge.commands.main import main
from cineforge.history.run_files import read_events
from cineforge.model.records.run_events import Adopted, JobFinished
from tests.e2e.workshop import write_module
from tests.in_this_process import InThisProcess
from tests.property.engine import Command, Outcome
from tests.property.in_process import run_in_this_process
from tests.property.recipes import WHOLE

ALL = Command(recipe=WHOLE)
LINES = {"l1": "a dog", "l2": "a cat", "l3": "rain"}
SPLIT = """
def run_module(inputs, params, project_config, context):
    import json
    lines = json.loads(context.source("file").read_text())
    return ModuleResult(outputs={"line": {key: Output(data={"text": text}) for key, text in lines.items()}})
"""
SAY = """
def run_module(inputs, params, project_config, context):
    context.record_cost(model="mock", estimated_cost_usd=0.5)
    return ModuleResult(outputs={"said": Output(data={"text": params["how"] + inputs.one("line").data["text"]})})
"""
BIND = """
def run_module(inputs, params, project_config, context):
    texts = [each.data["text"] for each in inputs.many("all").values()]
    return ModuleResult(outputs={params["makes"]: Output(data={"text": " ".join(texts)})})
"""


@dataclass
class Film:
    """`first` splits lines and has each said, for money; `second` binds what was said, and the lines."""

    folder: Path

    def write(self, *, how: str = "", code: str = "", lines: dict[str, str] = LINES) -> None:
        file = {"type": "string", "format": "source-file"}
        text: dict[str, Any] = {"type": "string", "default": ""}
        module = {"stage": "made", "pure": True}
        one = {"line": {"type": "line"}}
        write_module(
            self.folder,
            "split_v1",
            {
                **module,
                "outputs": [{"type": "line", "many": True}],
                "parameters": {"type": "object", "properties": {"file": file}},
            },
            SPLIT,
        )
        write_module(
            self.folder,
            "say_v1",
            {
                "stage": "made",
                "inputs": one,
                "outputs": [{"type": "said"}],
                "parameters": {"type": "object", "properties": {"how": text}},
            },
            SAY + code,
        )
        for module_id, made, read in (("bind_v1", "book", "said"), ("list_v1", "index", "line")):
            write_module(
                self.folder,
                module_id,
                {
                    **module,
                    "inputs": {"all": {"type": read, "many": True}},
                    "outputs": [{"type": made}],
                    "parameters": {
                        "type": "object",
                        "properties": {"makes": {"type": "string", "default": made}},
                    },
                },
                BIND,
            )
        (self.folder / "lines.json").write_text(json.dumps(lines), encoding="utf-8")
        recipes = self.folder / "recipes"
        recipes.mkdir(exist_ok=True)
        (recipes / "first.yaml").write_text(
            "recipe_id: first\nstages:\n"
            "  - {id: split, module: split_v1, params: {file: lines.json}}\n"
            '  - {id: say, module: say_v1, needs: [split], for_each: line, params: {how: "${how}"}}\n'
        )
        (recipes / "second.yaml").write_text(
            "recipe_id: second\nstages:\n"
            "  - {id: bind, module: bind_v1, store_inputs: [said]}\n"
            "  - {id: list, module: list_v1, store_inputs: [line]}\n"
        )
        (self.folder / "config.yaml").write_text(
            f'recipes: [second, {{recipe: first, how: "{how}"}}]\n', encoding="utf-8"
        )

    def ask(self, *words: str, status: int | None = 0) -> str:
        """What a command says, run in this process as all of its modules are."""
        said = io.StringIO()
        with (
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(said),
            mock.patch("cineforge.running.probing.prober.WorkerPool", InThisProcess),
        ):
            found = main([*words, "--directory", str(self.folder)])
        assert status in (None, found), said.getvalue()
        return said.getvalue()

    def versions(self) -> Counter[str]:
        """How many versions there are of each type."""
        found = (self.folder / "artifacts").glob("*/*/v*")
        return Counter(path.parent.parent.name for path in found if path.is_dir())

    def run(self, command: Command = ALL) -> set[str]:
        """A run; returns the instances that were called or took what was made before."""
        runs = set((self.folder / "runs").glob("*"))
        assert run_in_this_process(self.folder, command) == Outcome()
        fresh = set((self.folder / "runs").glob("*")) - runs
        return {
            each.stage if each.entity is None else f"{each.stage}/{each.entity}"
            for run in fresh
            for each in read_events(run)
            if isinstance(each, JobFinished | Adopted)
        }

    def plan(self, *words: str) -> dict[str, Any]:
        said = self.ask("plan", *words, "--json", status=None)
        assert "{" in said, said
        found: dict[str, Any] = json.loads(said[said.index("{") :])
        return found

    def agree(self) -> dict[str, int]:
        """Plan, status and run say the same now; returns how many versions each type got."""
        plan = self.plan()
        status = json.loads(self.ask("status", "--json"))["next_run"]
        certain, perhaps = (
            {each["instance"] for stage in plan["stages"] for kind in kinds for each in stage[kind]}
            for kinds in (("build", "adopted"), ("unknown", "possible"))
        )
        assert status["trouble"] == ""
        assert set(status["instances"]) == certain | perhaps
        assert status["up_to_date"] == plan["up_to_date"]
        alone = [self.plan(name)["up_to_date"] for name in ("first", "second")]
        assert plan["up_to_date"] == all(alone)
        before = self.versions()
        done = self.run()
        assert certain <= done <= certain | perhaps
        self.ask("plan", status=0)
        again = json.loads(self.ask("status", "--json"))["next_run"]
        assert again["up_to_date"]
        return dict(self.versions() - before)


def _put(film: Film) -> None:
    mine = film.folder / "mine.json"
    mine.write_text('{"text": "a wolf"}')
    film.ask("put", "line/l1", str(mine), "--why", "better")


AFTER: dict[str, tuple[Callable[[Film], object], dict[str, int]]] = {
    "an edit of the story": (
        lambda film: film.write(lines={**LINES, "l1": "a fox"}),
        {"line": 1, "said": 1, "book": 1, "index": 1},
    ),
    "undo": (lambda film: film.write(), {"line": 1, "said": 1, "book": 1, "index": 1}),
    "put": (_put, {"said": 1, "book": 1, "index": 1}),
    # The fan-out is as it was: what it emits takes the place of the edit when it is to run again.
    "release": (lambda film: film.ask("release", "line/l1"), {"line": 0}),
    "hold": (lambda film: film.ask("hold", "said/l1", "--why", "approved"), {}),
    "an edit behind the hold": (
        lambda film: film.write(lines={**LINES, "l1": "a hen"}),
        {"line": 1, "index": 1},
    ),
    "confirm": (lambda film: film.ask("confirm", "said/l1", "--why", "I looked"), {}),
    "the hold's release": (
        lambda film: film.ask("release", "said/l1"),
        {},
    ),
    "revise": (lambda film: film.ask("revise", "book", "--why", "once more"), {"book": 1}),
    "rename": (
        lambda film: film.write(lines={"l2": "a cat", "l3": "rain", "l4": "a hen"}),
        {"split.members": 1, "line": 1, "said": 1, "book": 1, "index": 1},
    ),
    "a recipe's parameter": (
        lambda film: film.write(how="loud ", lines={"l2": "a cat", "l3": "rain", "l4": "a hen"}),
        {"said": 3, "book": 1},
    ),
    "module code": (
        lambda film: film.write(
            how="loud ", code="# said\n", lines={"l2": "a cat", "l3": "rain", "l4": "a hen"}
        ),
        {"said": 3},
    ),
}


def test_plan_status_and_run_agree_after_whatever_people_do(tmp_path: Path) -> None:
    film = Film(tmp_path / "film")
    film.folder.mkdir()
    film.write()
    film.agree()
    for name, (act, made) in AFTER.items():
        act(film)
        grown = film.agree()
        assert {kind: grown.get(kind, 0) for kind in made} == made, (name, grown)


def test_all_that_is_forced_of_one_of_two_recipes_is_its_own(tmp_path: Path) -> None:
    film = Film(tmp_path / "film")
    film.folder.mkdir()
    film.write()
    made = film.run()
    for targets, forced in ((("all",), {"bind", "list"}), ((), made)):
        plan = film.plan("second", *targets, "--force")
        assert {each["instance"] for stage in plan["stages"] for each in stage["build"]} == forced
        assert film.run(Command(recipe="second", targets=targets, force=True)) == forced


def test_what_is_stale_is_told_by_its_cause_with_what_a_run_makes_of_it(tmp_path: Path) -> None:
    film = Film(tmp_path / "film")
    film.folder.mkdir()
    film.write()
    film.run()
    _put(film)
    lines = film.ask("status").splitlines()
    [changed] = [line for line in lines if line.startswith("changed: line/l1@2")]
    assert changed.endswith(": of 3 stale, 2 will be rebuilt, 1 cannot be known yet")
    [change] = json.loads(film.ask("status", "--json"))["changes"]
    assert change["stale"] == {"rebuild": 2, "unknown": 1}
    assert "the next run may replace said/l1@1" in film.ask("release", "said/l1")
    assert "split may replace line/l1@2 when it is to run again" in film.ask("release", "line/l1")
