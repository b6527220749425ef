"""What is left of a run when something is left out must not lie beyond a fan-out that has yet to run."""

from __future__ import annotations

import pytest
import yaml

from cineforge.bridge.request.limits import require_possible
from cineforge.deciding.dry_run.stage_decisions import Limits
from cineforge.deciding.selection import everything
from cineforge.model.errors import DecisionFailed
from tests.e2e.workshop import NOTE, NOTE_CODE, write_module

from .film import Film


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
