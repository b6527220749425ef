"""A paid call is on the disk before its module goes on, and is given back when that tries again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

from cineforge.commands.main import main
from cineforge.deciding.instance import Instance
from cineforge.history.reading.samples import find_samples
from cineforge.model.errors import ModuleFailed
from cineforge.model.metadata import CostRecord, Parent, Provenance, Source
from cineforge.model.refs import ArtifactKey
from cineforge.recipes.load import load_recipe
from cineforge.recipes.resolved import ResolvedRecipe
from cineforge.store import ArtifactStore
from tests.bridge.paying_film import (
    FITS,
    SING,
    SING_CODE,
    at_peace,
    elsewhere,
    film,
    given_back,
    paid,
    schema,
    trouble,
)
from tests.e2e.workshop import write_module, write_recipe

from .film import Film, Run

__all__ = ["film"]

SONG = Instance("sing")
MISFIT = {"type": "object", "properties": {"words": {"type": "string"}}}
KILL = "os.kill(os.getpid(), signal.SIGKILL)"


def sung(film: Film, run_id: str, **asked: Any) -> Run:
    """A run that makes the song and has ended; a failure passes."""
    run = film.run(run_id, **asked)
    run.targets("sing")
    if run.number(SONG) is None:
        run.session.close()
        return run
    try:
        if asked.get("remote"):
            run.inputs(SONG)
            elsewhere(film, run).run(SONG, run.number(SONG) or 0, attempt=1)
        else:
            run.do(SONG)
    except ModuleFailed as error:
        film.said.append(str(error))
    run.session.close()
    return run


@pytest.mark.parametrize("remote", [False, True], ids=["here", "elsewhere"])
@pytest.mark.parametrize("code", ["raise ValueError('no')", KILL], ids=["error", "kill"])
def test_after_a_failure_or_a_kill_nothing_is_paid_again(
    film: Film, code: str, remote: bool
) -> None:
    trouble(film, code)
    first = sung(film, "monday", remote=remote)
    assert paid(film) == 2 and given_back(first) == []
    at_peace(film)
    second = sung(film, "tuesday", remote=remote)
    assert paid(film) == 2
    assert given_back(second) == [(2, 0.5)]
    store = film.run("look").session.context.store
    head = store.head(ArtifactKey("song", None))
    assert head is not None
    assert store.checked_data(head) == {"words": ["la", 1]}
    told = [call.estimated_cost_usd for call in store.metadata(head).cost]
    assert told == [0.25, 0.25], "the version tells what it cost, whenever that was paid"


def test_a_payload_that_does_not_fit_is_kept_and_can_be_corrected_and_put(
    film: Film, capsys: pytest.CaptureFixture[str]
) -> None:
    schema(film, MISFIT)
    sung(film, "monday")
    (said,) = film.said
    assert "'cineforge put song runs/monday/unpublished/song/_' takes it" in said
    folder = film.folder / "runs/monday/unpublished/song/_"
    assert json.loads((folder / "data.json").read_text()) == {"words": ["la", 1]}
    assert (folder / "files/a.wav").read_bytes() == b"\x00\xff"
    (error,) = json.loads((folder / "errors.json").read_text())["errors"]
    assert "$.words" in error
    (folder / "data.json").write_text('{"words": "la"}')
    command = ["put", "song", str(folder), "--directory", str(film.folder), "--why", "corrected"]
    assert main(command) == 0
    assert "song@1" in capsys.readouterr().out
    assert sung(film, "tuesday").data("song") == {"words": "la"}
    assert paid(film) == 2
    store = film.run("look").session.context.store
    head = store.head(ArtifactKey("song", None))
    assert head is not None
    assert [file.path for file in store.metadata(head).files] == ["a.wav"]


def test_after_a_change_of_the_schema_what_was_paid_is_given_back(film: Film) -> None:
    schema(film, MISFIT)
    sung(film, "monday")
    schema(film, FITS)
    assert given_back(sung(film, "tuesday")) == [(2, 0.5)]
    schema(film, {**FITS, "title": "A song"})
    third = sung(film, "wednesday")
    assert paid(film) == 2 and given_back(third) == [(2, 0.5)]
    store = film.run("look").session.context.store
    head = store.head(ArtifactKey("song", None))
    assert head is not None and head.version > 1
    assert store.metadata(head).cost == (), "what an earlier version holds is not paid twice"


def test_the_bill_is_without_what_an_earlier_try_has_paid(
    film: Film, capsys: pytest.CaptureFixture[str]
) -> None:
    def bill(*asked: str) -> dict[str, Any]:
        capsys.readouterr()
        main(["plan", "--json", *asked, "--directory", str(film.folder)])
        forecast: dict[str, Any] = json.loads(capsys.readouterr().out)["forecast"]
        return {**forecast["usd"], "paid before": forecast["paid_before_usd"]}

    sung(film, "monday")
    schema(film, {**FITS, "title": "A song"})
    assert bill() == {"low": 0.0, "likely": 0.0, "high": 0.5, "paid before": 0.5}
    main(["plan", "--directory", str(film.folder)])
    assert "$0.50 was paid by an earlier try at this work" in capsys.readouterr().out
    # Who asks for it anew pays anew.
    assert bill("--force") == {"low": 0.5, "likely": 0.5, "high": 0.5, "paid before": 0.0}
    assert given_back(sung(film, "tuesday")) == [(2, 0.5)]
    assert bill()["paid before"] == 0.0


def test_who_asks_for_it_anew_gets_new_calls_and_they_too_are_paid_once(film: Film) -> None:
    sung(film, "monday")
    assert paid(film) == 2
    trouble(film, KILL)
    sung(film, "tuesday", force_all=True)
    assert paid(film) == 4
    at_peace(film)
    assert given_back(sung(film, "wednesday", force_all=True)) == [(2, 0.5)]
    assert paid(film) == 4
    assert given_back(sung(film, "thursday", force_all=True)) == []
    assert paid(film) == 6


def test_a_remembered_call_that_was_damaged_is_paid_again(film: Film) -> None:
    trouble(film, KILL)
    sung(film, "monday")
    one, other = sorted((film.folder / "artifacts/.remembered").glob("*/*.json"))
    one.write_text(one.read_text().replace('"', "'", 3))
    raw = other.read_bytes()
    other.write_bytes(raw.replace(b"0.25", b"0.35"))
    at_peace(film)
    assert given_back(sung(film, "tuesday")) == []
    assert paid(film) == 4


def test_nothing_is_remembered_through_a_link_that_leads_out(film: Film, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (film.folder / "artifacts").mkdir()
    (film.folder / "artifacts/.remembered").symlink_to(outside)
    sung(film, "monday")
    assert list(outside.iterdir()) == []
    assert any("symbolic link" in said for said in film.said)


@dataclass
class KeyFilm(Film):
    """A film whose recipe takes a key."""

    key: str = "sk-0123456789abcdefghij"

    @property
    def recipe(self) -> ResolvedRecipe:
        path = self.folder / "recipes/made.yaml"
        return load_recipe(path, project=self.folder, variables={"api_key": self.key})


def test_keys_are_not_written_with_what_is_remembered_or_does_not_fit(tmp_path: Path) -> None:
    film = KeyFilm(tmp_path / "film", [], [])
    code = SING_CODE.replace('model="mock"', 'model="mock of " + context._spec.params["key"]')
    code = code.replace("Output(data=verse", "Output(data=params['key']")
    write_module(film.folder, "sing_v1", SING, code)
    stage = {"id": "sing", "module": "sing_v1", "params": {"key": "${api_key}"}}
    write_recipe(film.folder, [stage])
    schema(film, MISFIT)
    sung(film, "monday")
    assert paid(film) == 2
    (kept,) = film.folder.glob("runs/monday/unpublished/song/_/errors.json")
    remembered = list((film.folder / "artifacts/.remembered").glob("*/*.json"))
    assert len(remembered) == 2
    for file in (kept, *remembered, *(film.folder / "runs/monday").glob("*.json*")):
        assert film.key.encode() not in file.read_bytes(), file


def test_failed_attempts_count_in_what_a_call_is_expected_to_cost(film: Film) -> None:
    code = """
def run_module(inputs, params, project_config, context):
    context.record_cost(model="mock", input_tokens=10, estimated_cost_usd=0.25)
    if context.attempt < 3 or params["key"]:
        raise RuntimeError("no")
    return ModuleResult(outputs={"song": Output(data={"words": []})})
"""
    write_module(film.folder, "sing_v1", SING, code)
    run = film.run("monday")
    run.targets("sing")
    for attempt in (1, 2):
        with pytest.raises(ModuleFailed):
            run.do(SONG, attempt)
    run.session.close()
    stage = film.recipe.stages["sing"]
    store = film.run("look").session.context.store
    (failed,) = find_samples(store, [stage])["sing"]
    assert (failed.usd, failed.calls) == (0.5, 2), "though it has made nothing yet"
    run = film.run("tuesday")
    run.targets("sing")
    for attempt in (1, 2):
        with pytest.raises(ModuleFailed):
            run.do(SONG, attempt)
    run.do(SONG, 3)
    run.session.close()
    store = film.run("look again").session.context.store
    done, failed = find_samples(store, [stage])["sing"]
    assert (done.usd, done.calls, done.tokens) == (0.75, 3, 30)
    assert failed.usd == 0.5


def test_what_a_call_cost_is_known_although_what_it_read_was_deleted(film: Film) -> None:
    film.write()
    with ArtifactStore(film.folder) as store:
        read = store.save_artifact("actor", "ann", "ann", Provenance())
        by = Provenance(
            producing_module="greet_v1",
            source=Source.AI,
            lineage=(Parent(ref=read, role="actor"),),
            cost=(CostRecord(model="mock", estimated_cost_usd=0.25),),
        )
        store.save_artifact("greeting", "ann", "hello", by)
        store.save_artifact("actor", "ann", "Ann", Provenance())
    rmtree(film.folder / "artifacts/actor/ann/v0001")
    with ArtifactStore(film.folder) as store:
        (call,) = find_samples(store, [film.recipe.stages["greet"]])["greet"]
    assert (call.usd, call.size) == (0.25, None)


def test_what_cannot_be_remembered_is_used_all_the_same(film: Film) -> None:
    (film.folder / "artifacts").mkdir()
    (film.folder / "artifacts/.remembered").write_text("somebody's")
    run = sung(film, "monday")
    assert run.data("song") == {"words": ["la", 1]}
    assert any("a paid call could not be remembered: " in said for said in film.said)
