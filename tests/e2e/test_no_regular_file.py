"""A pipe, a device without end or a hole of terabytes in the place of any file that is read: named at once."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.patience import PATIENCE

from . import warm
from .conftest import ROOT, Project, copy_project, made_once
from .workshop import write_module, write_recipe

pytestmark = pytest.mark.e2e

CODE = """
def run_module(inputs, params, project_config, context):
    context.record_cost(model="m", estimated_cost_usd=0.5)
    return ModuleResult(outputs={"note": Output(data=context.source("story").read_text())})
"""


def make(film: Project) -> None:
    sources = {
        name: {"type": "string", "format": "source-file", **more}
        for name, more in (("story", {}), ("aliases", {"optional": True}))
    }
    manifest = {
        "stage": "write_note",
        "outputs": [{"type": "note"}],
        "parameters": {"type": "object", "properties": sources},
        "helpers": ["tool.py"],
    }
    home = write_module(film.folder, "note_v1", manifest, CODE)
    (home / "near.py").write_text("VERSION = 1\n")
    (home / "table.txt").write_text("1")
    (home.parent.parent / "shared").mkdir()
    (home.parent.parent / "shared" / "tool.py").write_text("VERSION = 1\n")
    (film.folder / "story.txt").write_text("a story")
    (film.folder / "aliases.yaml").write_text("{}")
    params = {"story": "story.txt", "aliases": "aliases.yaml"}
    write_recipe(film.folder, [{"id": "note", "module": "note_v1", "params": params}])
    film.cineforge("run", "made", "--run-id", "r1", "--directory", str(film.folder))


@pytest.fixture
def film(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Project:
    return copy_project(made_once(tmp_path_factory, "regular", make), tmp_path / "film")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    try:
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 5))
    except PermissionError:
        path.symlink_to("/dev/zero")


def hole(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 42)


PLANTS = (pipe, device, hole)
HOME = "modules/write_note/note_v1"
#: What is read, and a command that reads it. Those that go on without it say so.
READ = {
    "schemas/artifacts/note.schema.json": "plan",
    "recipes/made.yaml": "plan",
    "config.yaml": "plan",
    "story.txt": "plan",
    "aliases.yaml": "plan",
    f"{HOME}/module.yaml": "plan",
    f"{HOME}/main.py": "plan",
    f"{HOME}/near.py": "plan",
    f"{HOME}/table.txt": "plan",
    "modules/shared/tool.py": "plan",
    "runs/r1/run_state.json": "runs",
    "runs/r1/pipeline_events.jsonl": "events",
}


def ask(*words: str) -> str:
    """What a command says; it comes back, without a traceback."""
    done = warm.run(*words, cwd=ROOT, stderr=-2, timeout=PATIENCE)
    assert "Traceback" not in done.stdout, done.stdout
    assert done.returncode, done.stdout
    return done.stdout


@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize("place", READ)
def test_what_is_no_regular_file_is_named_at_once(
    film: Project, place: str, plant: Callable[[Path], None]
) -> None:
    path = film.folder / place
    path.unlink()
    plant(path)
    directory = ("--directory", str(film.folder))
    match READ[place]:
        case "plan":
            assert path.name in ask("cineforge", "plan", "made", *directory)
            snakefile = ("--snakefile", str(ROOT / "Snakefile"))
            assert path.name in ask("snakemake", "-c1", *snakefile, *directory)
        case "runs":
            assert path.name in ask("cineforge", "runs", *directory)
            assert path.name in ask("cineforge", "costs", *directory)
        case "events":
            (film.folder / "runs" / "r1" / "run_state.json").unlink()
            assert path.name in ask("cineforge", "costs", *directory)
            assert path.name in ask("cineforge", "runs", *directory)


@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize("how", ["payload", "attached", "story"])
def test_what_is_named_on_the_command_line_is_looked_at_first(
    film: Project, tmp_path: Path, how: str, plant: Callable[[Path], None]
) -> None:
    odd, payload = tmp_path / "odd.json", tmp_path / "mine.json"
    plant(odd)
    payload.write_text('"mine"')
    directory = ("--directory", str(film.folder))
    new = str(tmp_path / "new")
    commands = {
        "payload": ("cineforge", "put", "note", str(odd), *directory),
        "attached": ("cineforge", "put", "note", str(payload), "--attach", f"a={odd}", *directory),
        "story": ("cineforge", "init", new, "--recipe", "screenplay", "--story", str(odd)),
    }
    assert odd.name in ask(*commands[how])
