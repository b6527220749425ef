"""What a fan-out makes goes from worker to run piece by piece, and all of it or nothing counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cineforge.model.errors import ModuleFailed
from cineforge.recipes.json_schema.schema_check import ReadSchema
from cineforge.recipes.modules.module_code import read_code
from cineforge.running.workers.report_data import parse_report
from cineforge.running.workers.spec import JobReport, JobSpec, OutputContract, PreviousMembers
from cineforge.running.workers.worker import call_module
from cineforge.store import ArtifactStore
from cineforge.store.disk import durable

MODULE = """
from cineforge import ModuleResult, Output

def pieces(context):
    {body}

def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={{"piece": pieces(context)}})
"""
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArtifactStore]:
    with ArtifactStore(tmp_path / "film") as opened:
        yield opened


def called(store: ArtifactStore, body: str) -> tuple[JobSpec, JobReport]:
    """A call of a fan-out of pieces, whose generator (or function) has this body."""
    home = store.project / "module"
    home.mkdir(parents=True, exist_ok=True)
    (home / "main.py").write_text(MODULE.format(body=body), encoding="utf-8")
    rules = ReadSchema("piece", home / "piece.json", "sha256:0", json.dumps(SCHEMA))
    spec = JobSpec(
        project=store.project,
        owner=store.owner,
        stage="many",
        entity=None,
        attempt=1,
        code=read_code(home),
        params={},
        sources={},
        config={},
        inputs={},
        many_inputs=frozenset(),
        outputs=(OutputContract("piece", True, rules),),
        previous=PreviousMembers(),
        log=store.project / "job.log",
        costs=store.project / "costs.jsonl",
        scratch=store.project / "scratch",
        instrument=False,
    )
    return spec, parse_report(call_module(spec), spec)


def staged(store: ArtifactStore) -> list[Path]:
    return list((store.project / "artifacts").glob("*/*/.staging-*"))


def test_members_may_be_made_one_by_one_each_written_before_the_next(store: ArtifactStore) -> None:
    body = """
    for n in range(5):
        there = len(list(context.scratch.parent.glob("artifacts/piece/*/.staging-*/data.json")))
        name = context.attach(f"{n}.txt", str(n).encode())
        yield f"piece_{n}", Output(data={"n": there}, files=(name,))
    """
    _, report = called(store, body)
    assert report.failure == ""
    made = list(report.made)
    assert [each.entity_id for each in made] == [f"piece_{n}" for n in range(5)]
    told = [
        json.loads((each.staged.folder / "data.json").read_text()) for each in made if each.staged
    ]
    assert told == [{"n": n} for n in range(5)]
    assert [file.path for file in made[3].staged.files] == ["3.txt"] if made[3].staged else False


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("yield 'a', Output(data={}); yield 'a', Output(data={})", "two members have the id 'a'"),
        ("yield 'a', Output(data={}); yield 'b'", "a member is a str, not a pair"),
        ("yield 'a', Output(data={}); yield 'A', Output(data={})", "entity id 'A'"),
        ("yield 'a', Output(data={}); yield 'b', Output(data={'n': 'x'})", "piece/b: $.n: 'x'"),
        ("yield 'a', Output(data={}); yield 'b', Output(data={}, files=('f',))", "never attached"),
        ("yield 'a', Output(data={}); yield 'b', Output(data={1: 2})", "not plain JSON"),
        ("yield 'a', Output(data={}); 1 / 0", "ZeroDivisionError: division by zero (main.py:5)"),
        ("return {'a': Output(data={}), 'b': Output(data={'n': 'x'})}", "piece/b: $.n: 'x'"),
    ],
)
def test_after_a_mistake_nothing_of_a_fan_out_is_left_aside(
    store: ArtifactStore, body: str, told: str
) -> None:
    spec, report = called(store, body)
    assert told in report.failure
    assert staged(store) == []
    assert not spec.listing.exists()


def test_all_mistakes_are_told_at_once_and_no_more_than_a_few_in_full(store: ArtifactStore) -> None:
    _, report = called(store, "return {f'p{n}': Output(data={'n': 'x'}) for n in range(20)}")
    assert report.failure.count("piece/") == 8
    assert "... and 12 more" in report.failure


def test_a_list_that_was_cut_short_or_names_others_is_refused(store: ArtifactStore) -> None:
    spec, report = called(store, "return {'a': Output(data={}), 'b': Output(data={})}")
    listing = report.made
    whole = spec.listing.read_text()
    for text, told in (
        (whole.splitlines(keepends=True)[0], "it made 2 artifacts, and 1 of them are listed"),
        (whole[:-20], "makes no sense"),
        (whole.replace("piece/a/", "piece/c/"), "not its own"),
        (whole.replace('"artifact_type":"piece"', '"artifact_type":"other"'), "not its own"),
    ):
        spec.listing.write_text(text)
        with pytest.raises(ModuleFailed, match=told):
            list(listing)
    spec.listing.unlink()
    spec.listing.symlink_to("/etc/passwd")
    with pytest.raises(ModuleFailed, match="symbolic link"):
        list(listing)


@pytest.mark.parametrize("is_full", [False, True])
def test_a_full_disk_that_ends_a_call_is_told_as_what_it_is(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch, is_full: bool
) -> None:
    """Of another disk, which a module may write to, nothing is known but what the system said."""
    monkeypatch.setattr(durable, "has_room", lambda _: not is_full)
    body = """
    yield "piece_1", Output(data={"n": 1})
    raise OSError(28, "No space left on device")
    """
    _, report = called(store, body)
    room = f"the disk that holds {store.project} is full: make room, then do it again"
    told = room if is_full else "OSError: [Errno 28] No space left on device"
    assert report.failure.startswith(f"{told} (main.py:")
    assert staged(store) == []
