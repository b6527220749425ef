"""What a killed command leaves in `artifacts/.live/` and in the temporary folder is swept by the next of any kind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from cineforge.store import ArtifactStore, layout
from cineforge.store.disk.temporary import TemporaryFolder

from .scene import save

#: Holds what a run holds, says so, and goes on until it is killed.
HOLDS = """
import os, sys, time
from pathlib import Path
from cineforge.history.run_claims import RunClaims
from cineforge.model.refs import ArtifactKey
from cineforge.running.scratch import scratch_folder
from cineforge.store import ArtifactStore, layout
from cineforge.store.disk.temporary import TemporaryFolder

project = Path(sys.argv[1])
store = ArtifactStore(project)
claims = RunClaims(project, "monday")
claims.begin()
store.reserve([ArtifactKey("scene", "scene_9")], "monday")
scratch_folder(project, store.owner, "ingest.1").mkdir(parents=True)
folders = [TemporaryFolder(purpose) for purpose in ("index", "run", "workers")]
probing = project / layout.PROBING
probing.mkdir(parents=True)
folders.append(TemporaryFolder("probes", parent=probing))
(folders[0].path / "index.sqlite").write_text("a copy")
(folders[0].path / "index.sqlite").chmod(0o400)
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    with ArtifactStore(tmp_path / "film") as store:
        save(store)
    return tmp_path / "film"


def start(project: Path) -> subprocess.Popen[str]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(project)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def kill(holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    assert holder.stdout is not None
    holder.stdout.close()


def ask(project: Path, **how: bool) -> None:
    with ArtifactStore(project, **how) as store:
        store.heads()


def found(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_what_a_killed_run_held_is_swept_by_a_mere_question(project: Path, temporary: Path) -> None:
    live = project / "artifacts" / ".live"
    kill(start(project))
    assert {"claims/monday", "reserved/monday"} < found(live)
    assert len(list(temporary.iterdir())) == 3
    ask(project)
    files = {"stamp", "claims/.lock"}
    assert found(live) == files | {"owners", "claims", "reserved", "scratch"}
    assert not found(temporary)
    assert not found(project / layout.PROBING)


def test_what_a_living_run_holds_stays(project: Path, temporary: Path) -> None:
    live = project / "artifacts" / ".live"
    holder = start(project)
    try:
        probing = project / layout.PROBING
        before = found(live), found(temporary), found(probing)
        ask(project)
        assert (found(live), found(temporary), found(probing)) == before
        assert found(probing)
    finally:
        kill(holder)


def test_who_only_looks_sweeps_nothing(project: Path, temporary: Path) -> None:
    kill(start(project))
    before = found(project), found(temporary)
    ask(project, only_look=True)
    assert (found(project), found(temporary)) == before


def test_a_half_written_mark_is_swept(project: Path) -> None:
    mark = project / "artifacts" / ".live" / f"mark-{'a' * 16}"
    mark.write_text("half")
    ask(project)
    assert not mark.exists()


def test_what_is_somebody_elses_stays(project: Path, temporary: Path, tmp_path: Path) -> None:
    live = project / "artifacts" / ".live"
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "0123456789abcdef").mkdir(parents=True)
    (live / "scratch").symlink_to(elsewhere)
    (live / "mark-mine").write_text("notes")
    (temporary / "cineforge.run.01234567").symlink_to(elsewhere)
    for name in ("cineforge.run.mine", "cineforge-edit-abcdefgh", "cineforge.other.01234567"):
        (temporary / name).mkdir()
    (temporary / "cineforge.index.01234567").write_text("a file")
    (elsewhere / "cineforge.probes.01234567").mkdir()
    (project / layout.PROBES).mkdir()
    (project / layout.PROBING).symlink_to(elsewhere)
    before = found(live), found(temporary), found(elsewhere)
    ask(project)
    assert (found(live), found(temporary), found(elsewhere)) == before


@pytest.mark.parametrize("place", ["artifacts", layout.LIVE, layout.OWNERS, layout.RESERVED])
def test_what_the_dead_left_behind_a_link_out_of_the_project_stays(
    project: Path, tmp_path: Path, place: str
) -> None:
    for name in (f"{layout.OWNERS}/{'0' * 16}", f"{layout.RESERVED}/run", f"{layout.CLAIMS}/run"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).touch()
    (project / layout.CLAIMS / ".lock").touch()
    outside = tmp_path / "outside"
    shutil.move(project / place, outside)
    (project / place).symlink_to(outside)
    before = sorted(outside.rglob("*"))
    with ArtifactStore(project) as store:
        store.heads()
    assert sorted(outside.rglob("*")) == before


def test_a_temporary_folder_goes_with_its_use_and_stays_the_parents_in_a_forked_child(
    temporary: Path,
) -> None:
    folder = TemporaryFolder("run")
    child = os.fork()
    if child == 0:
        folder.remove()
        os._exit(0)
    os.waitpid(child, 0)
    assert folder.path.is_dir()
    folder.remove()
    assert not found(temporary)
