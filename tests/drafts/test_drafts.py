"""What a new draft changes is told as an assistant director wants it: scene by scene, and in sum."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from cineforge import Project
from cineforge.commands.main import main
from cineforge.drafts import Drafts, compare_drafts, read_drafts
from cineforge.project.git_files import write_git_files

WHITE = (
    "INT. PIER - DAY\n\nANN lifts a BRASS LAMP.\n\nANN\nHello there.\n\n"
    "EXT. SEA - NIGHT\n\nWaves come and go.\n\n"
    "INT. HUT - DAY\n\nA table.\n\nBEN\nNobody is here.\n\n"
    "EXT. DUNES - DAY\n\nSand and wind.\n\n"
)


def compare(folder: Path, old: str, new: str) -> Drafts:
    (folder / "white.fountain").write_text(old, encoding="utf-8")
    (folder / "blue.fountain").write_text(new, encoding="utf-8")
    files = (str(folder / "white.fountain"), str(folder / "blue.fountain"))
    return compare_drafts(*read_drafts(*files, folder))


def test_the_same_draft_again_changes_nothing(tmp_path: Path) -> None:
    assert compare(tmp_path, WHITE, WHITE).same


def test_added_and_cut_scenes_are_named_with_their_pages_and_cast(tmp_path: Path) -> None:
    new = "INT. CAVE - NIGHT\n\nCLEO waits alone.\n\nCLEO\nAt last.\n\n" + WHITE
    added = compare(tmp_path, WHITE, new)
    assert [(row.number, row.heading, row.eighths, row.cast) for row in added.added] == [
        ("1", "INT. CAVE - NIGHT", 2, ("CLEO",))
    ]
    assert not (added.cut or added.changed or added.moved)
    assert added.cast_gained == ("CLEO",)
    cut = compare(tmp_path, new, WHITE)
    assert [row.heading for row in cut.cut] == ["INT. CAVE - NIGHT"]
    assert cut.cast_lost == ("CLEO",)
    assert (cut.scenes_before, cut.scenes_after) == (5, 4)


def test_a_changed_scene_tells_its_length_before_and_after_and_what_it_gained(
    tmp_path: Path,
) -> None:
    more = "A table.\n\n" + "Ann waits for a long time.\n\n" * 9 + "She takes a knife.\n\n"
    found = compare(tmp_path, WHITE, WHITE.replace("A table.\n\n", more))
    (change,) = found.changed
    assert (change.number, change.heading) == ("3", "INT. HUT - DAY")
    assert (change.eighths_before, change.eighths_after) == (2, 4)
    assert (change.lines_added, change.lines_removed) == (10, 0)
    assert change.cast_gained == ("ANN",)
    assert change.elements_gained["props"] == ["knife"]
    assert found.elements_gained["props"] == ["knife"]


def test_a_moved_scene_is_one_move_and_no_change(tmp_path: Path) -> None:
    scenes = WHITE.split("EXT. DUNES")
    new = f"EXT. DUNES{scenes[1]}{scenes[0]}"
    found = compare(tmp_path, WHITE, new)
    assert [(row.heading, was, now) for row, was, now in found.moved] == [
        ("EXT. DUNES - DAY", 4, 1)
    ]
    assert not (found.added or found.cut or found.changed)


def test_an_omitted_scene_is_told_as_that(tmp_path: Path) -> None:
    old = WHITE.replace(
        "EXT. SEA - NIGHT\n\nWaves come and go.", "EXT. SEA - NIGHT #2#\n\nWaves come and go."
    )
    new = WHITE.replace("EXT. SEA - NIGHT\n\nWaves come and go.", ".OMITTED #2#")
    found = compare(tmp_path, old, new)
    assert found.scenes_after == 3
    assert [row.heading for row in (*found.omitted, *found.cut)] == ["EXT. SEA - NIGHT"]
    assert not found.added


def test_a_new_heading_is_a_change_and_not_a_cut_and_an_addition(tmp_path: Path) -> None:
    found = compare(tmp_path, WHITE, WHITE.replace("EXT. SEA - NIGHT", "EXT. SEA - DAWN"))
    (change,) = found.changed
    assert (change.was_heading, change.heading) == ("EXT. SEA - NIGHT", "EXT. SEA - DAWN")


def test_the_command_tells_it_as_text_json_and_a_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compare(tmp_path, WHITE, WHITE + "INT. <b>CAVE</b> - DAY\n\nDark.\n")
    files = [str(tmp_path / "white.fountain"), str(tmp_path / "blue.fountain")]
    page = tmp_path / "blue.html"
    assert main(["drafts", *files, "--html", str(page)]) == 1
    told = capsys.readouterr().out
    assert told.splitlines()[:2] == [
        "white.fountain -> blue.fountain",
        "scenes 4 -> 5, pages 6/8 -> 7/8",
    ]
    assert "added (1)" in told
    assert "INT. &lt;b&gt;CAVE&lt;/b&gt; - DAY" in page.read_text(encoding="utf-8")
    assert main(["drafts", *files, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["added"][0]["heading"] == "INT. <b>CAVE</b> - DAY"
    assert main(["drafts", files[0], files[0]]) == 0


def test_what_is_no_draft_is_told_as_trouble(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compare(tmp_path, WHITE, WHITE)
    assert main(["drafts", str(tmp_path / "white.fountain"), "2026-11-20"]) == 2
    assert "two files can be compared, or two drafts of a project" in capsys.readouterr().err
    assert main(["drafts", str(tmp_path / "none.fountain"), str(tmp_path / "white.fountain")]) == 2
    assert "there is no file" in capsys.readouterr().err


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with two drafts in its history: both boards are versions, and each draft is a tag of Git."""
    folder = tmp_path_factory.mktemp("tagged")
    film = folder / "film"
    film.mkdir()
    (film / "config.yaml").write_text(
        "recipe: screenplay\nstory: none.fountain\n", encoding="utf-8"
    )
    write_git_files(film)
    _git(film, "init", "--quiet")
    blue = WHITE + "INT. CAVE - NIGHT\n\nCLEO waits.\n\nCLEO\nAt last.\n\n"
    (folder / "white.fountain").write_text(WHITE, encoding="utf-8")
    (folder / "blue.fountain").write_text(blue, encoding="utf-8")
    files = (str(folder / "white.fountain"), str(folder / "blue.fountain"))
    drafts = read_drafts(*files, folder)
    for draft, name in zip(drafts, ("white", "blue"), strict=True):
        with Project(film) as project:
            for row in draft.board["rows"]:
                project.put(f"scene/{row['scene']}", draft.scene(row["scene"]), new=True)
            project.put("strip_board", draft.board, new=True)
        _git(film, "add", ".")
        _git(film, "commit", "--quiet", "-m", name)
        _git(film, "tag", name)
    return film


def _git(folder: Path, *words: str) -> None:
    named = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    subprocess.run(["git", *named, "-C", str(folder), *words], check=True, capture_output=True)


def test_two_tags_of_git_are_two_drafts(tagged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["drafts", "white", "blue", "--json", "--directory", str(tagged)]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [row["heading"] for row in told["added"]] == ["INT. CAVE - NIGHT"]
    assert (told["old"], told["new"], told["scenes_before"]) == ("white", "blue", 4)
    assert main(["drafts", "white", "white", "--directory", str(tagged)]) == 0


def test_a_tag_of_a_project_whose_versions_git_does_not_keep_is_a_moment(tagged: Path) -> None:
    _git(tagged, "rm", "-r", "--quiet", "--cached", "artifacts")
    _git(tagged, "commit", "--quiet", "-m", "versions are kept elsewhere")
    _git(tagged, "tag", "bare")
    try:
        assert compare_drafts(*read_drafts("blue", "bare", tagged)).same
    finally:
        _git(tagged, "reset", "--quiet", "white")


def test_a_name_that_is_nothing_is_told_with_the_nearest_tag(
    tagged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["drafts", "white", "blu", "--directory", str(tagged)]) == 2
    assert "did you mean the tag 'blue'?" in capsys.readouterr().err
