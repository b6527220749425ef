"""What a run is to end at or to leave out: what is left must not lie beyond a fan-out that has yet to run, or wait."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from cineforge.bridge.request.limits import require_possible
from cineforge.commands.main import main
from cineforge.deciding.dry_run.stage_decisions import Limits
from cineforge.deciding.selection import everything
from cineforge.model.errors import DecisionFailed
from cineforge.running import execute
from tests.e2e.workshop import NOTE, NOTE_CODE, write_module
from tests.in_this_process import InThisProcess

from .film import Film
from .test_gates import Gated


def test_leaving_out_a_stage_is_refused_while_others_wait_for_a_fan_out(film: Film) -> None:
    write_module(film.folder, "note_v1", NOTE, NOTE_CODE)
    path = film.folder / "recipes" / "made.yaml"

    def require() -> None:
        recipe = yaml.safe_load(path.read_text(encoding="utf-8"))
        if len(recipe["stages"]) == 3:
            recipe["stages"].append({"id": "note", "module": "note_v1"})
            path.write_text(yaml.safe_dump(recipe, sort_keys=False), encoding="utf-8")
        run = film.run("look", executing=False)
        context = run.session.context
        limits = Limits(omit=frozenset({"note"}))
        try:
            require_possible(context.planner, everything(context.recipe), limits, {}, cores=2)
        finally:
            run.session.close()

    with pytest.raises(DecisionFailed, match="greet lies beyond the fan-out 'cast'") as refused:
        require()
    assert str(refused.value).endswith("snakemake -c2 all_cast all_greet all_choir")
    film.run_all("monday")
    require()
    film.put("actor", "ann", "Anna")
    require()  # no fan-out has work


def test_a_run_until_a_stage_that_only_waits_for_people_is_refused_as_it_is_planned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(execute, "WorkerPool", InThisProcess)
    tale = Gated(tmp_path / "film", [], [])
    tale.folder.mkdir()
    tale.tell()
    tale.gate("doctor")
    for words in (["plan"], ["run"]):
        assert main([*words, "--until", "sing", "--directory", str(tale.folder)]) != 0
        said = "".join(capsys.readouterr())
        assert "--until sing: it waits until somebody approves what it reads" in said
        assert "current/tale/_.json" in said.splitlines()[-1]
    tale.go("first")
    main(["plan", "--until", "sing", "--directory", str(tale.folder)])
    assert "--until sing: it waits" not in "".join(capsys.readouterr())
