"""`cineforge graph`: what is drawn, and of what."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from .conftest import Film


def test_it_is_of_the_artifacts_when_there_are_any(film: Film) -> None:
    assert '"tale@1<br/>● valid"' in film.ask("graph").out
    said = film.ask("graph", "--format", "json").json
    assert [node["id"] for node in said["nodes"]] == [
        "board",
        "tale",
        "verse/verse_1",
        "verse/verse_2",
    ]


def test_a_recipe_that_is_named_is_drawn_as_its_stages(film: Film) -> None:
    assert "s_breakdown" in film.ask("graph", "screenplay").out
    assert film.ask("graph", "screenplay", "--of", "stages", "--format", "json").json["stages"]
    said = film.ask("graph", "screenplay", "--of", "artifacts")
    assert (said.status, said.out) == (1, "")


def test_a_project_without_artifacts_is_drawn_as_the_stages_of_its_recipe(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from cineforge.commands.main import main

    (tmp_path / "config.yaml").write_text("recipe: echo\n", encoding="utf-8")
    assert main(["graph", "--directory", str(tmp_path)]) == 0
    assert "flowchart LR\n  s_" in capsys.readouterr().out
    assert main(["graph", "--of", "artifacts", "--directory", str(tmp_path)]) == 1
    assert "there are no artifacts yet" in capsys.readouterr().err
    (tmp_path / "config.yaml").write_text("{}\n", encoding="utf-8")
    assert main(["graph", "--directory", str(tmp_path)]) == 1
    assert "no recipe is chosen" in capsys.readouterr().err


def test_what_is_asked_for_is_drawn(film: Film) -> None:
    film.ask("put", "tale", film.file('{"draft": 2}'), "--who", "ida", "--why", "a new end")
    said = film.ask("graph", "--stale")
    assert "◆ tale@2" in said.out
    assert "by ida#58; a new end" in said.out or "by ida: a new end" in said.out
    up = film.ask("graph", "--up", "verse/verse_1", "--format", "json").json
    assert [node["id"] for node in up["nodes"]] == ["tale", "verse/verse_1"]
    depth = film.ask("graph", "--down", "tale@1", "--depth", "1", "--format", "json").json
    assert [node["id"] for node in depth["nodes"]] == ["tale@1", "verse/verse_1", "verse/verse_2"]
    types = film.ask("graph", "--type", "verse", "--expand", "verse", "--format", "json").json
    assert len(types["nodes"]) == 2


def test_wrong_words_are_answered_with_the_nearest(film: Film) -> None:
    assert "did you mean 'verse'?" in film.ask("graph", "--expand", "verses").err
    assert "did you mean 'verse/verse_1'?" in film.ask("graph", "--up", "verse/verse_11").err
    assert "leave out --of stages" in film.ask("graph", "--of", "stages", "--stale").err
    assert (
        film.ask("graph", "--stale").err
        == "cineforge: nothing is out of date: there is nothing to draw\n"
    )
    assert film.ask("graph", "--up", "tale", "--depth", "-1").status == 1


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_a_picture_is_written_to_a_file(film: Film) -> None:
    target = film.folder.parent / "film.svg"
    film.ask("graph", "--format", "svg", "-o", str(target))
    assert "<svg" in target.read_text(encoding="utf-8")
    assert json.loads(film.ask("graph", "--format", "json").out)["artifacts"] == 4


def test_a_reason_of_many_lines_stays_in_its_label(film: Film) -> None:
    why = 'end"];\n  x[boo] <script>alert(1)</script> \x1b[2J'
    film.ask("put", "tale", film.file('{"draft": 2}'), "--who", 'a"b', "--why", why)
    for form in ("dot", "mermaid"):
        out = film.ask("graph", "--format", form).out
        assert "<script>" not in out
        assert "\x1b" not in out
        assert "\n  x[boo]" not in out
