"""What people say: their own versions, judgements and holds, typed and from Python."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cineforge import Project
from cineforge.model.errors import InvalidPayload, NotFound
from cineforge.model.metadata import Source
from cineforge.model.refs import ArtifactKey
from cineforge.store import ArtifactStore

from .conftest import Film


def test_a_put_names_what_it_turned_stale_and_keeps_the_attached_files(film: Film) -> None:
    said = film.ask("put", "verse", "verse_1", film.file('{"text": "mine"}'), "--json").json
    assert said == {
        "saved": "verse/verse_1@2",
        "head": "verse/verse_1@2",
        "turned_stale": ["board"],
    }
    with Project(film.folder) as project:
        mine = project.show("verse/verse_1")
        assert mine.metadata.source is Source.HUMAN
        assert [file.path for file in mine.metadata.files] == ["board/page.png"]
        before = film.version("verse/verse_1/v0001/files/board/page.png")
        assert (mine.folder / "files/board/page.png").samefile(before)
    again = film.ask("put", "verse", "verse_1", film.file('{"text": "mine"}'), "--json").json
    assert (again["saved"], again["head"]) == (None, "verse/verse_1@2")


def test_files_are_attached_replaced_and_left_off(film: Film, tmp_path: Path) -> None:
    (tmp_path / "new.png").write_bytes(b"paint")
    (tmp_path / "sound=1.wav").write_bytes(b"noise")
    mine = film.file('{"text": "mine"}')
    page = f"board/page.png={tmp_path / 'new.png'}"
    film.ask(
        "put", "verse", "verse_1", mine, "--attach", page, "--attach", f"{tmp_path}/sound=1.wav"
    )
    with Project(film.folder) as project:
        files = project.show("verse/verse_1").folder / "files"
        assert (files / "board/page.png").read_bytes() == b"paint"
        assert (files / "sound=1.wav").read_bytes() == b"noise"
        again = film.ask("put", "verse", "verse_1", mine, "--attach", page, "--json").json
        assert again["saved"] is None, "the very file that the head has"
        film.ask("put", "verse", "verse_1", mine, "--attach", f"a.wav={tmp_path}/sound=1.wav")
        assert (project.show("verse/verse_1").folder / "files/a.wav").read_bytes() == b"noise"
        film.ask("put", "verse", "verse_1", mine, "--detach", "a.wav")
        film.ask("put", "verse", "verse_1", mine, "--detach", "board/page.png")
        assert [f.path for f in project.show("verse/verse_1").metadata.files] == ["sound=1.wav"]
    said = film.ask("put", "verse", "verse_1", mine, "--detach", "sound_1.wav")
    assert said.status == 1
    assert "did you mean 'sound=1.wav'?" in said.err


def test_a_folder_is_no_attachment(film: Film, tmp_path: Path) -> None:
    said = film.ask("put", "tale", film.file("{}"), "--attach", f"page.png={tmp_path}")
    assert said.status == 1
    assert f"attached file 'page.png': {tmp_path} is not a regular file" in said.err


def test_put_takes_an_artifact_as_one_word_as_other_commands_do(film: Film) -> None:
    mine = film.file('{"text": "mine"}')
    assert "verse/verse_1@" in film.ask("put", "verse/verse_1", mine).out
    assert film.ask("put", "tale/_", film.file("{}")).status == 0
    said = film.ask("put", "verse/verse_1@1", mine)
    assert said.status == 1
    assert "'verse/verse_1@1' names a version" in said.err
    assert "write 'cineforge put TYPE/ENTITY FILE'" in film.ask("put", "verse/a", "b", mine).err


def test_an_artifact_that_is_not_there_is_begun_only_when_that_is_said(film: Film) -> None:
    mine = film.file('{"text": "mine"}')
    said = film.ask("put", "verse", "verse_11", mine)
    assert said.status == 1
    assert "there is no 'verse/verse_11' yet: did you mean 'verse/verse_1'?" in said.err
    assert "add --new" in said.err
    assert film.ask("put", "verse", "verse_11", mine, "--new").status == 0


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": 1, "a": 2}', "the key 'a' stands twice"),
        ("[" * 100_000, "nested too deeply"),
        ("1" * 5000, "Exceeds the limit"),
        ("{", "mine.json:1: not valid JSON"),
        (" \n", "mine.json: nothing is in it"),
    ],
)
def test_what_is_no_payload_is_refused_with_its_place(film: Film, text: str, problem: str) -> None:
    said = film.ask("put", "tale", film.file(text))
    assert said.status == 1
    assert problem in said.err
    assert "Traceback" not in said.err


def test_an_input_that_was_closed_is_told(film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)  # as Python has it after `<&-`
    said = film.ask("put", "tale", "-")
    assert said.status == 1
    assert "-: cannot be read" in said.err
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"draft": 2}')))
    assert film.ask("put", "tale", "-").status == 0


def test_a_file_with_a_byte_order_mark_is_read(film: Film) -> None:
    assert film.ask("put", "tale", film.file('\ufeff{"draft": 2}')).status == 0


def test_words_that_are_no_utf_8_are_refused(film: Film) -> None:
    said = film.ask("hold", "tale", "--why", "caf\udce9")
    assert said.status == 1
    assert "is not UTF-8 text" in said.err


def _editor(tmp_path: Path, body: str) -> str:
    script = tmp_path / "editor.sh"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)
    return str(script)


@pytest.mark.slow
def test_an_edit_stands_on_the_version_that_was_opened(
    film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    # Another person saves while the editor is open.
    theirs = tmp_path / "theirs.json"
    theirs.write_text('{"text": "theirs"}')
    command = Path(sys.executable).parent / "cineforge"
    put = f"{command} put verse verse_1 {theirs} --directory {film.folder}"
    monkeypatch.setenv("EDITOR", _editor(tmp_path, f"{put}\nsed -i s/verse_1/mine/ $1"))
    said = film.ask("edit", "verse/verse_1")
    assert said.status == 0
    assert "cineforge diff verse/verse_1@1 verse/verse_1@2" in said.err
    # A number that a run has taken for what it is about to make is no version that could be shown.
    with ArtifactStore(film.folder) as run:
        run.reserve([ArtifactKey("verse", "verse_2")], "monday")
        monkeypatch.setenv("EDITOR", _editor(tmp_path, "sed -i s/verse_2/mine/ $1"))
        said = film.ask("edit", "verse/verse_2")
    assert (said.err, "verse/verse_2@3 is saved" in said.out) == ("", True)
    with Project(film.folder) as project:
        mine = project.show("verse/verse_1@3")
        assert mine.data == {"text": "mine"}
        assert [str(edge.ref) for edge in mine.metadata.lineage] == ["verse/verse_1@1"]


@pytest.mark.parametrize(
    ("body", "status", "kept"), [("true", 0, False), ("false", 1, False), ("echo { > $1", 1, True)]
)
def test_an_edit_leaves_a_copy_behind_only_when_there_is_work_in_it(
    film: Film,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    body: str,
    status: int,
    kept: bool,
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("EDITOR", _editor(tmp_path, body))
    assert film.ask("edit", "verse/verse_1").status == status
    assert bool(list(tmp_path.glob("cineforge-edit-*"))) is kept


@pytest.mark.slow
def test_ctrl_c_typed_in_the_editor_is_the_editors(
    film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Editors such as vim read it as a key; the terminal sends it to the command that waits as well."""
    monkeypatch.delenv("VISUAL", raising=False)
    body = "trap '' INT\nkill -INT $PPID\nsleep 1\nsed -i s/verse_1/mine/ $1"
    monkeypatch.setenv("EDITOR", _editor(tmp_path, body))
    command = Path(sys.executable).parent / "cineforge"
    subprocess.run(
        [command, "edit", "verse/verse_1", "--directory", film.folder],
        check=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    with Project(film.folder) as project:
        assert project.show("verse/verse_1@2").data == {"text": "mine"}


def test_what_cineforge_keeps_itself_is_refused_before_an_editor_opens(
    film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "false")
    record = film.ask("revise", "board", "--json").json["assessment"]
    assert "is kept by CineForge itself" in film.ask("edit", record).err


def test_what_python_takes_for_data_and_json_does_not_is_refused(
    film: Film, tmp_path: Path
) -> None:
    with Project(film.folder) as project:
        for wrong in ({1: 2}, {"a": {1}}, float("nan")):
            with pytest.raises(InvalidPayload, match="not plain JSON"):
                project.put("tale", wrong)
        (tmp_path / "page.png").write_bytes(b"paint")
        project.put("tale", {}, attach={"page.png": str(tmp_path / "page.png")})
        assert [file.path for file in project.show("tale").metadata.files] == ["page.png"]


def test_a_project_that_is_none_is_refused_from_python_too(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="is not a project"):
        Project(tmp_path)
    with ArtifactStore(tmp_path / "empty") as store:
        (tmp_path / "empty" / "artifacts").mkdir(parents=True)
        assert store.heads() == {}
    with Project(tmp_path / "empty") as project:
        assert project.status().counts == {}
