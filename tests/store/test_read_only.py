"""A project that may only be read (another's, a backup, a read-only disk) answers every question."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cineforge.commands.main import main
from cineforge.model.metadata import Parent, Provenance, Source
from cineforge.store import ArtifactStore
from cineforge.store.disk.durable import CannotWrite

from .nobody import as_nobody

SAID = Provenance(source=Source.AI)


@pytest.fixture
def project() -> Iterator[Path]:
    """Where another user can get at it: pytest's own folders are private."""
    folder = Path(tempfile.mkdtemp(prefix="cineforge-test-"))
    folder.chmod(0o755)
    with ArtifactStore(folder / "film") as store:
        script = store.save_artifact("script", None, {"n": 1}, SAID)
        said = Provenance(source=Source.AI, lineage=(Parent(ref=script, role="script"),))
        store.save_artifact("scene", "scene_1", {}, said)
        store.save_artifact("script", None, {"n": 2}, SAID)
    _temporary(folder / "film").mkdir()
    _temporary(folder / "film").chmod(0o1777)
    yield folder / "film"
    shutil.rmtree(folder)


def _temporary(project: Path) -> Path:
    """A folder for temporary files that no other test shares."""
    return project.parent / "tmp"


def as_reader(project: Path, work: Callable[[], Any]) -> Any:
    """What `work` returns in a process that may not write to the project."""
    for path in (project, *(path for path in project.rglob("*") if path.is_dir())):
        path.chmod(0o555)

    def read() -> object:
        tempfile.tempdir = str(_temporary(project))
        return work()

    found = as_nobody(read)
    for path in (project, *(path for path in project.rglob("*") if path.is_dir())):
        path.chmod(0o755)
    return found


@pytest.mark.parametrize("lost", [False, True])
def test_questions_are_answered_with_and_without_an_index(project: Path, lost: bool) -> None:
    if lost:
        shutil.rmtree(project / ".cineforge")
    before = sorted(project.rglob("*"))

    def ask() -> list[str]:
        with ArtifactStore(project) as store:
            return [*map(str, store.stale()), str(store.head(store.list_artifacts("scene")[0]))]

    assert as_reader(project, ask) == ["scene/scene_1@1", "scene/scene_1@1"]
    assert sorted(project.rglob("*")) == before
    assert not list(_temporary(project).iterdir())


def test_what_would_write_says_that_it_cannot(project: Path) -> None:
    def save() -> list[str]:
        with ArtifactStore(project) as store:
            said = []
            for work in (
                lambda: store.save_artifact("script", None, {"n": 3}, SAID),
                store.reindex,
                lambda: store.reserve([], "run"),
            ):
                try:
                    work()
                except CannotWrite as error:
                    said.append(str(error))
            return [*said, str(store.list_versions("script")[-1])]

    *said, newest = as_reader(project, save)
    assert len(said) == 3
    assert all(f"{project}/" in each and "cannot be written" in each for each in said)
    assert said[1].startswith(f"{project}/.cineforge cannot be written")
    assert newest == "script@2"


def test_verify_checks_every_byte_and_mends_nothing(project: Path) -> None:
    where = ["--directory", str(project)]

    def verify_and_status() -> list[int]:
        return [main([*words, *where]) for words in (["verify"], ["status"])]

    # Here first: the other user may not be able to read where Python's own modules are.
    assert verify_and_status() == [0, 0]
    payload = project / "artifacts/script/_/v0001/data.json"
    payload.chmod(0o644)
    payload.write_bytes(b'{"n":7}')
    assert as_reader(project, verify_and_status) == [1, 0]
