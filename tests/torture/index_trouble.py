"""The index missing, locked, corrupt or newer; the project copied, moved or cloned."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from cineforge.model.refs import ArtifactKey
from cineforge.store import ArtifactStore
from tests.torture.children import Child, Say, cineforge
from tests.torture.damage import film
from tests.torture.trials import Bench, Trials
from tests.torture.truth import Truth

_HELD_FOR = 1.5


def index_trouble(bench: Bench, count: int) -> Trials:
    """Each kind of trouble in turn: `status` must be right at once, and saving must go on."""
    trials = Trials("index missing, locked, corrupt, newer; project moved")
    made = film(bench.folder)
    right = cineforge("status", "--json", "--directory", str(made)).output
    for n in range(count):
        trouble = TROUBLES[n % len(TROUBLES)]
        copy = shutil.copytree(made, bench.folder / f"{n}", symlinks=True)
        project = trouble(copy)
        where = ("--directory", str(project))
        status = cineforge("status", "--json", *where)
        losses = status.losses()
        if status.output != right:
            losses.append(f"status is another: {status.output.strip()}")
        for words in (["why", "report/scene_1"], ["lineage", "report/scene_1"], ["verify"]):
            losses += cineforge(*words, *where).losses()
        losses += Truth(project).everything()
        trials.record(trouble.__name__.strip("_").replace("_", " "), losses)
        shutil.rmtree(project)
    return trials


def _index(project: Path) -> Path:
    return project / ".cineforge" / "index.sqlite"


def _missing(project: Path) -> Path:
    _index(project).unlink()
    return project


def _private_folder_missing(project: Path) -> Path:
    shutil.rmtree(project / ".cineforge")
    return project


def _noise_instead(project: Path) -> Path:
    _index(project).write_bytes(b"this is no database" * 1000)
    return project


def _zeroed_pages(project: Path) -> Path:
    content = _index(project).read_bytes()
    _index(project).write_bytes(content[:4096] + bytes(len(content) - 4096))
    return project


def _newer(project: Path) -> Path:
    db = sqlite3.connect(_index(project))
    db.execute("PRAGMA user_version = 9999")
    db.execute("ALTER TABLE artifact RENAME TO artefact")
    db.close()
    return project


def _locked_for_a_while(project: Path) -> Path:
    """Another process holds the lock of writers: reads go on, a write waits and is done."""

    def hold(say: Say) -> None:
        db = sqlite3.connect(_index(project), isolation_level=None)
        db.execute("BEGIN IMMEDIATE")
        say("held")
        time.sleep(_HELD_FOR)

    holder = Child(hold)
    holder.wait_for_a_word()
    with ArtifactStore(project) as store:
        store.heads()
        store.release(store.reserve([ArtifactKey("script")], "run"))
    holder.end()
    return project


def _deleted_while_open(project: Path) -> Path:
    with ArtifactStore(project) as store:
        store.heads()
        _index(project).unlink()
        store.heads()
    return project


def _copied(project: Path) -> Path:
    target = project.with_name(f"{project.name}-copy")
    shutil.copytree(project / "artifacts", target / "artifacts", symlinks=True)
    shutil.rmtree(project)
    return target


def _moved(project: Path) -> Path:
    return project.rename(project.with_name(f"{project.name}-elsewhere"))


def _cloned(project: Path) -> Path:
    target = project.with_name(f"{project.name}-clone")
    (project / ".gitignore").write_text(".cineforge/\ncurrent/\n")
    name = ["-c", "user.name=film", "-c", "user.email=film@localhost"]
    for words in (["init", "-q"], ["add", "-A"], [*name, "commit", "-q", "-m", "all"]):
        subprocess.run(["git", *words], cwd=project, check=True)
    subprocess.run(["git", "clone", "-q", str(project), str(target)], check=True)
    shutil.rmtree(project)
    return target


TROUBLES: list[Callable[[Path], Path]] = [
    _missing,
    _private_folder_missing,
    _noise_instead,
    _zeroed_pages,
    _newer,
    _locked_for_a_while,
    _deleted_while_open,
    _copied,
    _moved,
    _cloned,
]
