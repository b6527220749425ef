"""What only tells what a run would do leaves the project to the byte, the time and the mode as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.patience import PATIENCE

from . import warm
from .conftest import BIN, ROOT, Project
from .workshop import write_module, write_recipe

pytestmark = pytest.mark.e2e

#: A fan-out whose members wait until a file is there, so that a run can be killed while it is at work.
SPLIT = {"stage": "split", "outputs": [{"type": "part", "many": True}]}
SPLIT_CODE = """
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={"part": {n: Output(data=n) for n in ("a", "b")}})
"""
SHOUT = {
    "stage": "shout",
    "inputs": {"part": {"type": "part"}},
    "outputs": [{"type": "cry"}],
}
SHOUT_CODE = """
def run_module(inputs, params, project_config, context):
    context.record_cost(model="m", estimated_cost_usd=0.5)
    (Path({here!r}) / "at_work").touch()
    while not (Path({here!r}) / "go_on").exists():
        time.sleep(0.01)
    return ModuleResult(outputs={{"cry": Output(data="!")}})
"""


def tree(folder: Path) -> dict[str, tuple[object, ...]]:
    """Names, kinds, modes, times and bytes of all that is there."""
    found: dict[str, tuple[object, ...]] = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        state = path.lstat()
        content: object = path.read_bytes() if path.is_file() and not path.is_symlink() else None
        content = path.readlink() if path.is_symlink() else content
        name = str(path.relative_to(folder))
        found[name] = (oct(state.st_mode), state.st_mtime_ns, state.st_ino, content)
    return found


def changes(
    before: dict[str, tuple[object, ...]], after: dict[str, tuple[object, ...]]
) -> set[str]:
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def make(film: Project) -> None:
    write_module(film.folder, "split_v1", SPLIT, SPLIT_CODE)
    write_module(film.folder, "shout_v1", SHOUT, SHOUT_CODE.format(here=str(film.folder.parent)))
    write_recipe(
        film.folder,
        [
            {"id": "split", "module": "split_v1"},
            {"id": "shout", "module": "shout_v1", "needs": ["split"], "for_each": "part"},
        ],
    )


def fresh(film: Project) -> None:
    """`init` alone."""
    make(film)


def up_to_date(film: Project) -> None:
    """Everything was made, and Snakemake knows of links that it made itself."""
    make(film)
    (film.folder.parent / "go_on").touch()
    film.snakemake()
    film.snakemake("current/cry/a.json", "--forcerun", "shout")


def with_another_recipe(film: Project) -> None:
    """What was compiled is not what would be compiled now."""
    up_to_date(film)
    recipe = film.folder / "recipes" / "made.yaml"
    recipe.write_text(
        recipe.read_text(encoding="utf-8").replace("test.", "TEST."), encoding="utf-8"
    )


def left_by_the_dead(film: Project) -> None:
    """A run was killed in the middle of its jobs, its record open, and a save just before its end."""
    make(film)
    words = ("-c2", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(film.folder))
    run = warm.Started("snakemake", *words, cwd=ROOT)
    until((film.folder.parent / "at_work").exists)
    os.kill(run.pid, signal.SIGKILL)
    run.end()
    script = (
        "import os, sys\n"
        "from cineforge.store import ArtifactStore, stage_payload\n"
        "from cineforge.model.metadata import Provenance, Source\n"
        "from cineforge.model.refs import ArtifactKey\n"
        "store = ArtifactStore(sys.argv[1])\n"
        "store.save_artifact('note', None, {'n': 1}, Provenance(source=Source.HUMAN))\n"
        "stage_payload(store.project, ArtifactKey('note', 'x'), {}, {}, store.owner)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, film.folder], check=False)
    assert killed.returncode == -signal.SIGKILL
    (film.folder.parent / "go_on").touch()


STATES = (fresh, up_to_date, with_another_recipe, left_by_the_dead)
COMMANDS = {
    "snakemake -n": ("snakemake", "-n"),
    "snakemake -n of a link": ("snakemake", "-n", "current/cry/a.json"),
    "snakemake -n, forced": ("snakemake", "-n", "-F"),
    "snakemake -n with another configuration": ("snakemake", "-n", "--config", "note=1"),
    "plan": ("cineforge", "plan", "made"),
    "plan of a part": ("cineforge", "plan", "made", "shout/a", "--force", "--json"),
    "run --dry-run": ("cineforge", "run", "made", "--dry-run"),
    "run --dry-run of globs": ("cineforge", "run", "made", "shout/*", "-n", "--force"),
    "run --dry-run of what is stale": ("cineforge", "run", "made", "--stale", "-n"),
}


def ask(film: Project, program: str, *words: str) -> str:
    if program == "snakemake":
        return film.snakemake(*words, status=None)
    return film.cineforge(*words, "--directory", str(film.folder), status=None)


@pytest.mark.parametrize("state", STATES)
def test_no_dry_run_writes_anything(project: Project, state: Callable[[Project], None]) -> None:
    state(project)
    for name, words in COMMANDS.items():
        before = tree(project.folder)
        said = ask(project, *words)
        assert "Traceback" not in said, f"{name}\n{said}"
        assert changes(before, tree(project.folder)) == set(), f"{name}\n{said}"


def test_what_was_told_is_what_is_done(project: Project) -> None:
    left_by_the_dead(project)
    told = project.snakemake("-n")
    assert "shout/a" in told
    assert "2 may" not in project.cineforge(
        "plan", "made", "--directory", str(project.folder), status=1
    )
    project.snakemake()
    assert project.snakemake("-n").count("rule shout") == 0


def test_a_dry_run_of_a_project_that_is_not_there_makes_none(tmp_path: Path) -> None:
    project = Project(tmp_path / "film")
    project.cineforge("run", "echo", "-n", "--directory", str(project.folder))
    assert not project.folder.exists()


#: Runs what follows the first argument, a folder, where that folder is on a read-only disk.
ON_A_READ_ONLY_DISK = (
    'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" || exit 77; exec "$@"'
)


@pytest.mark.parametrize("state", [fresh, up_to_date, left_by_the_dead])
def test_a_project_on_a_read_only_disk_can_be_asked_what_would_run(
    project: Project, state: Callable[[Project], None]
) -> None:
    state(project)
    snakefile = ["--snakefile", str(ROOT / "Snakefile")]
    for words in (["snakemake", "-n", *snakefile], ["cineforge", "plan", "made"]):
        before = tree(project.folder)
        command = [str(BIN / words[0]), *words[1:], "--directory", str(project.folder)]
        asked = subprocess.run(
            ["unshare", "-m", "sh", "-c", ON_A_READ_ONLY_DISK, str(project.folder), *command],
            cwd=ROOT,
            text=True,
            capture_output=True,
            check=False,
        )
        if asked.returncode == 77 or "unshare" in asked.stderr:
            pytest.skip("mounting is not permitted here")
        is_out_of_date = words[0] == "cineforge" and state is not up_to_date
        assert asked.returncode == is_out_of_date, asked
        assert "Traceback" not in asked.stderr
        assert changes(before, tree(project.folder)) == set()
