"""What people ask: what is stale since which change, where something comes from, how it was at another time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cineforge import Project
from cineforge.commands.main import main
from cineforge.model.metadata import MadeFor, Provenance, Source
from cineforge.model.own_payloads.collection import Collection, Member, Outcome
from cineforge.model.refs import ArtifactKey
from cineforge.store import ArtifactStore

from .conftest import SAID, Film, made_from


def test_status_tells_since_which_change_by_whom_and_why(film: Film) -> None:
    film.ask("put", "tale", film.file('{"draft": 2}'), "--who", "ida", "--why", "a new end")
    said = film.ask("status").out.splitlines()
    assert "stale: board@1, since tale@2" in said
    (changed,) = [line for line in said if line.startswith("changed: ")]
    assert changed.startswith("changed: tale@2, ")
    assert changed.endswith("by ida: a new end (2 made from what was before)")
    (change,) = film.ask("status", "--json").json["changes"]
    assert (change["ref"], change["direct"], change["why"]) == ("tale@2", 2, "a new end")
    assert change["by"] == "ida"


def test_what_an_assessment_examined_is_no_change_any_more(film: Film) -> None:
    with Project(film.folder) as project:
        project.store.save_artifact("tale", None, {"draft": 2}, SAID)
        project.store.save_artifact("verse", "verse_2", {"text": "other"}, SAID)
        project.confirm("board", examined=["verse/verse_2"])
        status = project.status(10)
        assert {str(ref): str(since) for ref, since in status.stale.items()} == {
            "board@1": "tale@2",
            "verse/verse_1@1": "tale@2",
        }
        assert [(str(each.ref), each.direct) for each in status.changes] == [("tale@2", 1)]


def test_what_is_to_be_revised_is_named(film: Film) -> None:
    film.ask("revise", "verse/verse_2", "--who", "ida", "--why", "it does not scan")
    film.ask("revise", "board")
    with ArtifactStore(film.folder) as store:
        store.save_artifact("board", None, {"verses": 3}, SAID)  # as was asked
    said = film.ask("status").out.splitlines()
    assert [line for line in said if line.startswith("to be revised: ")] == [
        "to be revised: verse/verse_2@1, by ida: it does not scan"
    ]
    assert film.ask("status", "--json").json["needs_revision"] == ["verse/verse_2@1"]


def test_vanished_entities_and_what_was_made_for_them_are_named(film: Film) -> None:
    key = ArtifactKey("verse", "verse_2")
    with ArtifactStore(film.folder) as store:
        heads = store.heads()
        members = {
            name: Member(
                version=1, content=heads[ArtifactKey("verse", name)].content, outcome=Outcome.NEW
            )
            for name in ("verse_1", "verse_2")
        }
        store.save_artifact("breakdown.members", None, Collection(members={"verse": members}), SAID)
        said = Provenance(
            source=Source.AI, made_for=MadeFor(artifact_type="verse", entity_id="verse_2")
        )
        store.save_artifact("board", "verse_2", {}, said)
        # A person's version is made for the same entity.
        film.ask("put", "board", "verse_2", film.file('{"verses": 1}'))
        del members["verse_2"]
        store.save_artifact("breakdown.members", None, Collection(members={"verse": members}), SAID)
        assert [str(each) for each in store.orphaned()] == ["board/verse_2"]
        assert key in store.vanished()
    said = film.ask("status", "--json").json
    assert (said["vanished"], said["orphaned"]) == (["verse/verse_2"], ["board/verse_2"])
    assert "gone: 1 vanished, 1 made for these" in film.ask("status").out
    out = film.ask("status", "--gone").out
    assert "vanished: verse/verse_2" in out
    assert "orphaned: board/verse_2" in out
    # Neither does an edit bring it back.
    film.ask("put", "board", "verse_2", film.file('{"verses": 3}'))
    assert film.ask("status", "--json").json["orphaned"] == ["board/verse_2"]


def test_an_empty_project_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty" / "artifacts").mkdir(parents=True)
    assert main(["status", "--directory", str(tmp_path / "empty")]) == 0
    assert capsys.readouterr().out == "there are no artifacts yet: snakemake -c4\n"


def test_outside_a_project_it_is_said_where_runs_worked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "output" / "artifacts").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert main(["status"]) == 1
    assert "has worked in 'output', so type --directory output" in capsys.readouterr().err


@pytest.mark.e2e
def test_a_lineage_deeper_than_any_recursion_is_told(film: Film) -> None:
    depth = 1200
    with ArtifactStore(film.folder) as store:
        ref = store.save_artifact("note", "n0", {"n": 0}, SAID)
        for n in range(depth):
            ref = store.save_artifact("note", f"n{n + 1}", {"n": n + 1}, made_from(ref))
    last = f"note/n{depth}"
    assert film.ask("lineage", last).out.splitlines()[-1].strip() == "note/n0@1"
    steps = film.ask("lineage", "note/n0@1", "--down", "--json").json["steps"]
    assert (len(steps), steps["note/n0@1"]) == (depth + 1, ["note/n1@1"])
    assert film.ask("lineage", last, "--depth", "2").out.split() == [
        f"note/n{n}@1" for n in (depth, depth - 1, depth - 2)
    ]
    assert film.ask("lineage", last, "--depth", "-1").status == 1


def test_shared_roots_are_opened_once(film: Film) -> None:
    assert film.ask("lineage", "board").out.splitlines() == [
        "board@1",
        "  verse/verse_1@1",
        "    tale@1",
        "  verse/verse_2@1",
        "    tale@1",
    ]
    steps = film.ask("lineage", "tale", "--down", "--json").json["steps"]
    assert steps["verse/verse_1@1"] == steps["verse/verse_2@1"] == ["board@1"]


def test_the_heads_of_a_moment_without_the_records_of_judgement(film: Film) -> None:
    with Project(film.folder) as project:
        first = project.show("tale@1").metadata.created_at
        project.hold("tale")
        project.store.save_artifact("tale", None, {"draft": 2}, SAID)
        (then,) = project.at(first)
        assert (str(then.ref), str(then.now), then.created_at) == ("tale@1", "tale@2", first)
        assert film.ask("at", first.isoformat(), "--json").json == [
            {
                "ref": "tale@1",
                "made_at": first.isoformat(),
                "source": "ai",
                "run_id": None,
                "now": "tale@2",
            }
        ]
        today = first.astimezone().date()
        assert len(project.at(today.isoformat())) == 4
        assert project.at((today - timedelta(days=1)).isoformat()) == []
        assert len(project.at(datetime.now(UTC))) == 4
    assert film.ask("at", "1999-12-31").out == ""
    assert "head then" in film.ask("at", today.isoformat()).out


def test_a_moment_is_as_long_as_it_is_written(film: Film) -> None:
    """A day means its end, and so do a week and a second: what a table shows of a version's time finds it."""
    with Project(film.folder) as project:
        made = project.show("board").metadata.created_at
        assert len(project.at(f"{made:%Y-%m-%d %H:%M:%S}+00:00")) == 4
        assert len(project.at(f"{made.astimezone():%G-W%V}")) == 4
        assert project.at(f"{made - timedelta(days=7):%G-W%V}") == []


def test_a_damaged_version_does_not_hide_the_others_of_a_history(film: Film) -> None:
    with ArtifactStore(film.folder) as store:
        store.save_artifact("tale", None, {"draft": 2}, SAID)
    film.damage("tale/_/v0001/meta.json")
    said = film.ask("history", "tale")
    assert said.status == 1
    assert [line.split()[0] for line in said.out.splitlines()] == ["version", "1", "2"]
    assert "damaged" in said.out
    assert "tale@1: " in said.err
    records = film.ask("history", "tale", "--json").json
    assert "damage" in records[0]
    assert records[1]["content"].startswith("sha256:")


@pytest.mark.slow
def test_an_output_that_was_closed_or_that_nobody_reads_is_no_traceback(film: Film) -> None:
    command = f"{Path(sys.executable).parent / 'cineforge'} history tale --directory {film.folder}"
    for closed in (">&-", ">&- 2>&-"):
        said = subprocess.run(["sh", "-c", f"{command} {closed}"], capture_output=True, check=False)
        assert (said.returncode, said.stderr) == (0, b"")
    reads, writes = os.pipe()
    os.close(reads)
    verify = [*command.replace("history tale", "verify").split()]
    said = subprocess.run(verify, stdout=writes, stderr=subprocess.PIPE, check=False)
    os.close(writes)
    assert (said.returncode, said.stderr) == (2, b"")  # 1 would be an answer


def test_names_that_are_not_there_are_answered_with_the_nearest(film: Film) -> None:
    for command in ("show", "why", "history", "lineage", "confirm", "revise", "hold", "release"):
        assert "did you mean 'verse/verse_1'?" in film.ask(command, "verse/verse_17").err
    assert "did you mean 'tale'?" in film.ask("show", "tlae").err
    assert "known: board, tale, verse" in film.ask("show", "zzz").err
    assert "has no version 9: its head is tale@1" in film.ask("show", "tale@9").err


def test_an_attachment_differs_by_digest_and_size_and_a_text_by_its_lines(film: Film) -> None:
    with ArtifactStore(film.folder) as store:
        for text, ink in (("one\ntwo\nthree", b"ink"), ("one\n2\nthree", b"blue ink")):
            store.save_artifact("page", None, {"text": text}, SAID, files={"a.png": ink})
    said = film.ask("diff", "page@1", "page@latest")
    assert said.status == 1
    lines = said.out.splitlines()
    assert "-two" in lines
    assert "+2" in lines
    assert "@ files/a.png changed" in lines
    assert json.loads(lines[-2].removeprefix("- "))["size"] == 3
    assert json.loads(lines[-1].removeprefix("+ "))["size"] == 8


def test_a_diff_shows_null_and_what_lines_do_not(film: Film) -> None:
    with ArtifactStore(film.folder) as store:
        for page in (
            {"a": None, "b": 1, "text": "one\ntwo"},
            {"b": None, "c": None, "text": "one\ntwo\n"},
        ):
            store.save_artifact("page", None, page, SAID)
    assert film.ask("diff", "page@1", "page@2").out.splitlines()[2:] == [
        "@ $.a removed",
        "- null",
        "@ $.b changed",
        "- 1",
        "+ null",
        "@ $.c added",
        "+ null",
        "@ $.text changed",
        '- "one\\ntwo"',
        '+ "one\\ntwo\\n"',
    ]


def test_a_table_on_a_narrow_terminal_loses_no_letter(
    film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    said = film.ask("history", "verse/verse_1").out
    assert "…" not in said
    assert "made by a machine" not in said  # it does not fit


def test_lines_that_all_moved_by_as_much_are_told_in_one_line(film: Film) -> None:
    with ArtifactStore(film.folder) as store:
        for gone in ([], [3]):
            kept = [n for n in range(20) if n not in gone]
            page = [{"text": f"text {n}", "line": line} for line, n in enumerate(kept)]
            store.save_artifact("page", None, page, SAID)
    lines = film.ask("diff", "page@1", "page@2").out.splitlines()
    assert lines[2:] == [
        "@ $[3] removed",
        '- {"line": 3, "text": "text 3"}',
        "@ $[3].line changed",
        "- 4",
        "+ 3",
        "... and 15 more like it, each -1",
    ]
    assert len(film.ask("diff", "page@1", "page@2", "--json").json["changes"]) == 17
