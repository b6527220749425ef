"""Payloads of an older schema where no module reads them: as they were saved, and it is said."""

from __future__ import annotations

import json

import pytest
import yaml

from cineforge.commands.main import main
from cineforge.deciding.instance import Instance
from cineforge.model.errors import DecisionFailed
from tests.e2e.workshop import write_module, write_recipe

from .test_upgrades import CODE, Stage, stage

__all__ = ["stage"]


def test_people_see_what_was_saved_and_are_told_that_modules_get_it_lifted(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    def typed(*words: str) -> tuple[str, str]:
        main([*words, "--directory", str(stage.folder)])
        said = capsys.readouterr()
        return said.out, said.err

    note = (
        "note: greeting/ann@2 is shown as it was saved, under version '1' of its schema; modules get it lifted"
        " to '3': cineforge show greeting/ann@2 --lifted\n"
    )
    assert typed("show", "greeting/ann") == ('"my word"\n', note)
    lifted, quiet = typed("show", "greeting/ann", "--lifted")
    assert (json.loads(lifted), quiet) == ({"text": "my word"}, "")
    assert typed("diff", "greeting/ann@1", "greeting/ann@2")[1].count("as it was saved") == 2
    mine = stage.folder / "mine.json"
    mine.write_text(lifted)
    typed("put", "greeting/ann", str(mine))
    assert typed("show", "greeting/ann") == ('{\n "text": "my word"\n}\n', "")
    assert typed("show", "actor/ann")[1] == ""
    stage.upgrades.unlink()
    assert typed("show", "greeting/ann@2")[1] == "", "modules get it so, too"


def test_a_payload_that_others_are_selected_by_is_read_as_it_was_saved_and_that_is_said(
    stage: Stage,
) -> None:
    pick = {
        "stage": "pick",
        "inputs": {
            "actor": {"type": "actor"},
            "friends": {"type": "actor", "many": True, "select": "actor#/friends"},
        },
        "outputs": [{"type": "pair"}],
    }
    write_module(stage.folder, "pick_v1", pick, CODE + "pass")
    recipe = stage.folder / "recipes/made.yaml"
    stages = yaml.safe_load(recipe.read_text("utf-8"))["stages"]
    more = {"id": "pick", "module": "pick_v1", "needs": ["cast"], "for_each": "actor"}
    write_recipe(stage.folder, [*stages, more])
    schema = stage.folder / "schemas/artifacts/actor.schema.json"
    schema.with_name("actor.upgrade.py").write_text("")
    schema.write_text('{"version": "2"}')
    stage.put("actor", "ann", {"likes": []})
    stage.put("actor", "bob", {"friends": ["ann"]})
    schema.write_text('{"version": "3"}')
    run = stage.run("look", executing=False, start_from="pick")
    assert run.session.context.planner.decision(Instance("pick", "bob")).has_work
    told = "under version '2' of its schema, which is '3' now, and is read here as it was saved"
    with pytest.raises(DecisionFailed, match=told):
        run.session.context.planner.decision(Instance("pick", "ann"))
    run.session.close()
