"""What random histories have found, told as short stories."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from cineforge.bridge import session
from cineforge.bridge.left_to_people import lines_for_people
from cineforge.history.run_claims import Claim, RunClaims
from tests.property.engine import Command, Outcome, run_by_snakemake
from tests.property.history import History
from tests.property.in_process import run_in_this_process
from tests.property.modules import STORIES
from tests.property.project import Inputs, Project
from tests.property.recipes import Read, Stage

SOURCE = Stage("s0", makes={"ts0": False})
COPY = Stage("s1", (Read("ts0", "s0"),), {"ts1": False})
SPLIT = Stage("s2", (Read("ts1", "s1"),), {"is2": True, "gs2": True})
ITEM = Stage("s3", (Read("is2", "s2"),), {"ts3": False}, for_each="is2")
LATE = Stage("s4", (Read("ts1", "s1"),), {"ts4": False}, after=("s3",))
PICK = Stage(
    "s5",
    (Read("gs2", "s2"), Read("ts3", "s3", many=True, select="in_0#/picks")),
    {"ts5": False},
    for_each="gs2",
    after=("s4",),
)


@pytest.fixture(autouse=True)
def no_sync() -> Iterator[None]:
    with mock.patch("os.fsync"):
        yield


def begun(tmp_path: Path, *stages: Stage) -> History:
    return History(Project(tmp_path / "film", stages, Inputs()), run_in_this_process)


@pytest.mark.slow
def test_what_is_adopted_for_a_target_that_waits_for_it_is_in_the_plan(tmp_path: Path) -> None:
    history = begun(tmp_path, SOURCE, COPY)
    project = history.project
    history.run_as_planned(Command())
    file = tmp_path / "edited.json"
    file.write_text('{"text": "by hand"}', encoding="utf-8")
    assert project.cineforge("put", "ts0", str(file))[0] == 0
    history.run_as_planned(Command())
    assert project.cineforge("release", "ts0")[0] == 0
    history.run_as_planned(Command(("all_s1",)))
    assert history.counts["adopted"] == 2


@pytest.mark.slow
def test_what_members_nobody_knows_yet_will_wait_for_is_in_the_plan(tmp_path: Path) -> None:
    history = begun(tmp_path, SOURCE, COPY, SPLIT, ITEM, LATE, PICK)
    history.run_as_planned(Command(("all_s5",)))
    assert {"s3/a", "s4", "s5/red"} <= set(history.project.calls())


@pytest.mark.slow
def test_a_revision_asked_for_of_members_leaves_none_that_needs_one(tmp_path: Path) -> None:
    history = begun(tmp_path, SOURCE, COPY, SPLIT, ITEM)
    history.run_as_planned(Command())
    for member in ("is2/a", "gs2/red"):
        assert history.project.cineforge("revise", member)[0] == 0
    history.run_as_planned(Command())
    assert list(history.project.unexplained()) == []
    assert history.project.calls().count("s2") == 2
    assert history.project.calls().count("s3/a") == 1


@pytest.mark.slow
def test_a_member_that_is_gone_is_no_target_in_the_run_that_finds_out_nor_in_the_next(
    tmp_path: Path,
) -> None:
    history = begun(tmp_path, SOURCE, COPY, SPLIT)
    history.run_as_planned(Command())
    history.project.inputs.stories["s0"] = STORIES[3]
    history.project.write()
    for target in ("current/is2/a.json", "current/is2/a.json"):
        outcome = history.run_as_planned(Command((target,), native=True))
        assert "s2 emits no is2/a any more" in outcome.refused
    assert history.project.calls().count("s2") == 2


@pytest.mark.slow
def test_what_another_run_has_made_while_this_one_looked_ahead_is_not_made_again(
    tmp_path: Path,
) -> None:
    history = begun(tmp_path, SOURCE, COPY, SPLIT, ITEM)
    project, claim = history.project, RunClaims.add
    history.run_as_planned(Command(("all_s1",)))
    assert project.cineforge("revise", "ts1")[0] == 0
    before = [Command(("all_s2",))]

    def after_another_run(claims: RunClaims, wanted: Iterable[Claim]) -> object:
        while before:
            assert run_by_snakemake(project.folder, before.pop()) == Outcome()
        return claim(claims, wanted)

    with mock.patch.object(RunClaims, "add", after_another_run):
        assert run_in_this_process(project.folder, Command()) == Outcome()
    assert project.calls()[:4] == ["s0", "s1", "s1", "s2"]
    assert sorted(project.calls()[4:]) == ["s3/a", "s3/b"]
    assert not [name for name in project.versions() if "s2" in name and "v0002" in name]
    history.run_as_planned(Command())


@pytest.mark.slow
def test_adoption_keeps_with_the_collection_what_it_brings_against_a_persons_member(
    tmp_path: Path,
) -> None:
    history = begun(tmp_path, SOURCE, COPY, SPLIT)
    project = history.project
    for story in (STORIES[2], STORIES[4]):
        project.inputs.stories["s0"] = story
        project.write()
        history.run_as_planned(Command())
    file = tmp_path / "edited.json"
    file.write_text('{"text": "by hand"}', encoding="utf-8")
    assert project.cineforge("put", "is2", "a", str(file))[0] == 0
    project.inputs.stories["s0"] = STORIES[2]
    project.write()
    history.run_as_planned(Command())
    assert history.counts["adopted"] == 3
    head = (project.folder / "current" / "s2.members" / "_.json").resolve().parent
    assert json.loads((head / "data.json").read_bytes())["members"]["is2"]["a"]["outcome"] == "held"
    kept = json.loads((head / "files" / "held" / "is2" / "a.json").read_bytes())
    assert kept["text"] == "ant"


@pytest.mark.slow
@pytest.mark.parametrize("native", [True, False])
def test_nothing_is_made_for_a_member_that_turns_out_to_be_gone(
    tmp_path: Path, native: bool
) -> None:
    history = begun(tmp_path, SOURCE, COPY, SPLIT, ITEM)
    history.run_as_planned(Command())
    history.project.inputs.stories["s0"] = STORIES[3]
    history.project.inputs.revisions["s3"] = {"main": 1}
    history.project.write()
    target = "current/ts3/a.json" if native else "s3/a"
    outcome = history.run_as_planned(Command((target,), native=native))
    assert "there is no is2 'a' any more" in outcome.refused
    assert history.project.calls().count("s3/a") == 1


@pytest.mark.slow
def test_what_is_stale_and_turns_out_to_be_gone_does_not_end_the_run(tmp_path: Path) -> None:
    history = begun(tmp_path, SOURCE, COPY, SPLIT, ITEM)
    history.run_as_planned(Command())
    file = tmp_path / "edited.json"
    file.write_text(json.dumps(STORIES[3]), encoding="utf-8")
    assert history.project.cineforge("put", "ts0", str(file))[0] == 0
    assert history.run_as_planned(Command((), stale=True)) == Outcome()
    calls = Counter(history.project.calls())
    assert calls == {"s0": 1, "s1": 2, "s2": 2, "s3/a": 1, "s3/b": 2}


def test_all_by_its_name_is_forced_like_all_that_is_not_named(tmp_path: Path) -> None:
    history = begun(tmp_path, SOURCE, COPY)
    history.run_as_planned(Command())
    history.run_as_planned(Command(("all",), force=True))
    assert history.project.calls() == ["s0", "s1", "s0", "s1"]


@pytest.mark.slow
def test_what_turns_out_to_wait_for_nobody_is_for_the_next_run_in_a_clean_project_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def noted(*given: Any) -> list[str]:
        said[:] = lines_for_people(*given)
        return said

    monkeypatch.setattr(session, "lines_for_people", noted)
    stages = (
        SOURCE,
        Stage("s1", (Read("ts0", "s0"),), {"is1": True}, gate=True),
        Stage("s2", (Read("is1", "s1"),), {"gs2": True}, for_each="is1"),
        Stage("s3", (Read("gs2", "", many=True),), {"is3": True}, recipe="next"),
        Stage("s4", (Read("is3", "s3", many=True),), {"ts4": False}, recipe="next"),
    )
    history = begun(tmp_path, *(replace(each, listed=True) for each in stages))
    history.project.inputs.stories["s0"] = STORIES[0]
    history.project.write()
    history.run_as_planned(Command(recipe="made"))
    assert run_in_this_process(history.project.folder, Command(recipe="next")) == Outcome()
    assert said == ["waiting: s4, for nobody's word any more: the same command again goes on"]
    history.close()
    assert "ts4" in history.project.contents()
