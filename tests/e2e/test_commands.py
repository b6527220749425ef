"""The `cineforge` command, as typed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from cineforge import Project as CineForgeProject
from cineforge.commands.main import COMMANDS

from . import warm
from .conftest import BIN, ROOT, Project

pytestmark = pytest.mark.e2e


def cineforge(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return warm.run("cineforge", *arguments, cwd=cwd)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(command: str) -> None:
    done = cineforge(command, "--help")
    assert done.returncode == 0
    assert "example" in done.stdout
    assert f"cineforge {command}" in done.stdout


def test_an_unknown_command_names_the_nearest() -> None:
    done = cineforge("compil")
    assert done.returncode == 2
    assert "did you mean 'compile'?" in done.stderr


def test_python_m_is_the_same_program() -> None:
    done = subprocess.run(
        [str(BIN / "python"), "-m", "cineforge", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == cineforge("--version").stdout


def test_a_compiled_recipe_runs_on_its_own(tmp_path: Path) -> None:
    target = tmp_path / "echo.smk"
    assert cineforge("compile", "recipes/echo.yaml", "-o", str(target)).returncode == 0
    film = tmp_path / "film"
    film.mkdir()
    done = warm.run("snakemake", "-s", str(target), "-c2", "--directory", str(film), cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert (film / "current/echo_all/_.json").is_file()


def test_a_compiled_recipe_reads_the_project_it_runs_in(bob: Project) -> None:
    target = bob.folder / "film.smk"
    cineforge("compile", "screenplay", "-o", str(target))
    done = warm.run("snakemake", "-s", "film.smk", "-n", cwd=bob.folder)
    assert "ingest: never built" in done.stdout + done.stderr


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    done = cineforge("compile", "echo", "-o", str(tmp_path))
    assert done.returncode == 2
    assert "is a folder: name a file in it" in done.stderr
    assert list(tmp_path.iterdir()) == []
    done = cineforge("compile", "echo", "-o", str(tmp_path / "nowhere" / "x.smk"))
    assert f"there is no folder {tmp_path / 'nowhere'}: make it first" in done.stderr


def test_a_bad_recipe_is_told_with_all_its_problems_and_no_traceback(tmp_path: Path) -> None:
    recipe = tmp_path / "bad.yaml"
    recipe.write_text(
        "recipe_id: bad\n"
        "stages:\n"
        "  - {id: one, module: echo_sorce_v1}\n"
        "  - {id: two, module: echo_mirror_v1, needz: [one]}\n",
        encoding="utf-8",
    )
    done = cineforge("compile", str(recipe))
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"{recipe}:3: stages[0].module" in done.stderr
    assert "did you mean 'echo_source_v1'?" in done.stderr
    assert f"{recipe}:4: stages[1].needz" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_stage_graph_as_mermaid_and_dot() -> None:
    assert cineforge("graph", "screenplay", "--format", "mermaid").stdout.startswith("flowchart")
    assert cineforge("graph", "screenplay", "--format", "dot").stdout.startswith("digraph")


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_the_stage_graph_as_svg(tmp_path: Path) -> None:
    target = tmp_path / "graph.svg"
    assert cineforge("graph", "echo", "--format", "svg", "-o", str(target)).returncode == 0
    assert "<svg" in target.read_text(encoding="utf-8")


def test_svg_without_graphviz_says_what_to_install(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(BIN / "python"), "-m", "cineforge", "graph", "echo", "--format", "svg"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": str(tmp_path)},
    )
    assert done.returncode == 1
    assert "apt-get install graphviz" in done.stderr


def test_init_checks_before_it_writes(tmp_path: Path) -> None:
    film = tmp_path / "film"
    done = cineforge("init", str(film), "--recipe", "screenplay", "--story", "samples/READNE.md")
    assert done.returncode == 1
    assert "did you mean 'samples/README.md'?" in done.stderr
    done = cineforge("init", str(film), "--recipe", "screenplya", "--story", "samples/README.md")
    assert done.returncode == 1
    assert "did you mean 'screenplay'?" in done.stderr
    done = cineforge("init", str(film), "--recipe", "screenplay")
    assert done.returncode == 1
    assert "story" in done.stderr
    assert not film.exists()


@pytest.mark.parametrize(
    "command",
    [
        ["init", "{0}/taken", "--recipe", "echo"],
        ["init", "{0}/taken/film", "--recipe", "echo"],
        ["init", "{0}/" + "x" * 300, "--recipe", "echo"],
        ["run", "echo", "--directory", "{0}/taken"],
    ],
)
def test_a_folder_that_cannot_be_made_is_one_message(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "taken").write_text("a file")
    done = cineforge(*(word.format(tmp_path) for word in command))
    assert done.returncode == 1
    (said,) = done.stderr.splitlines()
    assert said.startswith(f"cineforge: {tmp_path}/")
    assert (tmp_path / "taken").read_text() == "a file"


def test_init_never_overwrites_a_project(bob: Project) -> None:
    said = bob.cineforge("init", str(bob.folder), "--recipe", "echo", status=1)
    assert "is a project already" in said


def test_a_story_changed_under_a_project_copy_is_not_touched(bob: Project) -> None:
    story = bob.folder / "cyber_bob_ep1.fountain"
    assert story.read_bytes() == (ROOT / "samples" / story.name).read_bytes()


def test_status_counts_and_why_names_the_change(done_bob: Project) -> None:
    story = done_bob.folder / "cyber_bob_ep1.fountain"
    text = story.read_text(encoding="utf-8").replace("Hi hello.", "Hello there.")
    story.write_text(text, encoding="utf-8")
    done_bob.snakemake("all_ingest")

    status = json.loads(done_bob.cineforge("status", "--directory", str(done_bob.folder), "--json"))
    assert status["counts"]["scene"] == {"stale": 3}
    assert "scene_report/scene_1@1" in status["stale"]

    said = done_bob.cineforge("why", "scene_report/scene_1", "--directory", str(done_bob.folder))
    lines = [line.strip() for line in said.splitlines()]
    assert lines[:-1] == [
        "scene_report/scene_1@1 is stale",
        "scene_report/scene_1@1 was made from scene/scene_1@1",
        "scene/scene_1@1 was made from script@1",
        "script@1 was superseded by script@2",
        "a run would decide on it when more is known: unknown until breakdown has run",
    ]
    assert lines[-1].startswith("a call of its module costs $0.00 and takes ")


def test_why_of_what_is_kept_reads_no_record_of_runs(
    done_bob: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of thousands of instances takes a second, for a price that nobody would pay."""
    monkeypatch.setattr("cineforge.history.reading.samples.read_some", pytest.fail)
    with CineForgeProject(done_bob.folder) as film:
        would = film.why("scene_report/scene_1").would
    assert would is not None
    assert (would.action, would.usd) == ("keep", None)


def test_why_of_nothing_names_the_nearest(done_bob: Project) -> None:
    said = done_bob.cineforge("why", "scene/scen_1", "--directory", str(done_bob.folder), status=1)
    assert "did you mean 'scene/scene_1'?" in said


def test_reindex_gives_the_same_answers(done_bob: Project) -> None:
    before = done_bob.cineforge("status", "--directory", str(done_bob.folder), "--json")
    assert "index rebuilt" in done_bob.cineforge("reindex", "--directory", str(done_bob.folder))
    assert done_bob.cineforge("status", "--directory", str(done_bob.folder), "--json") == before


def test_modules_lists_what_recipes_can_use() -> None:
    listed = json.loads(cineforge("modules", "--json").stdout)
    assert {"fountain_ingest_v1", "echo_source_v1"} <= {entry["module_id"] for entry in listed}
    assert "fountain_ingest_v1" in cineforge("modules").stdout


def test_a_project_on_a_recipe_by_its_relative_path_runs_as_printed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    shutil.copy(ROOT / "recipes" / "echo.yaml", tmp_path / "mine" / "echo.yaml")
    (tmp_path / "far" / "away").mkdir(parents=True)
    (tmp_path / "near").symlink_to(tmp_path / "far" / "away")
    for recipe, film in (
        ("mine/echo.yaml", "one"),
        ("../mine/echo.yaml", "two"),
        ("mine/echo.yaml", "near/three"),
    ):
        start = tmp_path / "one" if film == "two" else tmp_path
        said = warm.run("cineforge", "init", film, "--recipe", recipe, cwd=start)
        assert said.returncode == 0, said.stderr
        done = warm.run("snakemake", "-n", cwd=start / film)
        assert done.returncode == 0, done.stdout + done.stderr
