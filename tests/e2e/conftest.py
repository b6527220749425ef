"""Projects driven by the real `snakemake` and `cineforge` commands."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from . import warm
from .warm import BIN

ROOT = Path(__file__).resolve().parents[2]
__all__ = ["BIN", "ROOT", "Project", "copy_project"]


@dataclass
class Project:
    """A project folder and the commands a user would type in it."""

    folder: Path

    def snakemake(self, *arguments: str, status: int | None = 0) -> str:
        """Run snakemake from the clone; returns what it printed. `status` None accepts any."""
        words = [
            "--snakefile",
            str(ROOT / "Snakefile"),
            "--directory",
            str(self.folder),
            *arguments,
        ]
        if not {"-n", "-c2", "-c4", "-c1"} & set(arguments):
            words.append("-c2")
        return self._run("snakemake", words, status)

    def cineforge(self, *arguments: str, status: int | None = 0) -> str:
        return self._run("cineforge", arguments, status)

    def _run(self, program: str, arguments: Sequence[str], status: int | None) -> str:
        before = self.published()
        done = warm.run(program, *arguments, cwd=ROOT, stderr=subprocess.STDOUT)
        after = self.published()
        changed = [name for name, digest in before.items() if after.get(name) != digest]
        assert not changed, f"published versions changed: {changed}\n{done.stdout}"
        assert status is None or done.returncode == status, done.stdout
        return done.stdout

    def published(self) -> dict[str, str]:
        """The digest of every file in every version folder."""
        return {
            str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted((self.folder / "artifacts").glob("*/*/v*/**/*"))
            if path.is_file()
        }

    def versions(self) -> dict[str, list[int]]:
        """Every artifact's version numbers, by `type/entity`."""
        found: dict[str, list[int]] = {}
        for path in (self.folder / "artifacts").glob("*/*/v*"):
            if path.is_dir():
                name = f"{path.parent.parent.name}/{path.parent.name}"
                found.setdefault(name, []).append(int(path.name[1:]))
        return {name: sorted(numbers) for name, numbers in sorted(found.items())}

    def new_since(self, before: dict[str, list[int]]) -> dict[str, int]:
        """How many versions each artifact has gained."""
        gained = {
            name: len(numbers) - len(before.get(name, []))
            for name, numbers in self.versions().items()
        }
        return {name: count for name, count in gained.items() if count}

    def load(self, artifact_type: str, entity: str = "_") -> Any:
        path = self.folder / "current" / artifact_type / f"{entity}.json"
        return json.loads(path.read_text(encoding="utf-8"))

    def module_calls(self) -> Counter[str]:
        """How often each stage's module was called so far, counted by the job logs' start lines."""
        calls: Counter[str] = Counter()
        for log in (self.folder / "runs").glob("*/logs/*.log"):
            starts = log.read_bytes().count(b"module call starts")
            calls[log.name.split(".")[0]] += starts
        return calls

    def other_files(self) -> dict[str, str]:
        """Everything outside `.snakemake/` and `.cineforge/`: links as their targets, files as digests."""
        found = {}
        for path in sorted(self.folder.rglob("*")):
            name = path.relative_to(self.folder)
            if name.parts[0] in (".snakemake", ".cineforge"):
                continue
            if path.is_symlink():
                found[str(name)] = str(path.readlink())
            elif path.is_file():
                found[str(name)] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project folder."""
    return Project(tmp_path / "film")


@pytest.fixture
def bob(project: Project) -> Project:
    """A project on the sample screenplay, not yet run."""
    return start_bob(project)


@pytest.fixture
def echo(project: Project) -> Project:
    """A project on the echo recipe, not yet run."""
    return start_echo(project)


@pytest.fixture
def done_bob(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Project:
    """A project on the sample screenplay, run once."""
    done = made_once(tmp_path_factory, "bob", lambda film: start_bob(film).snakemake())
    return copy_project(done, tmp_path / "film")


@pytest.fixture
def done_echo(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Project:
    """A project on the echo recipe, run once."""
    done = made_once(tmp_path_factory, "echo", lambda film: start_echo(film).snakemake())
    return copy_project(done, tmp_path / "film")


def start_bob(film: Project) -> Project:
    sample = ROOT / "samples" / "cyber_bob_ep1.fountain"
    film.cineforge("init", str(film.folder), "--recipe", "screenplay", "--story", str(sample))
    return film


def start_echo(film: Project) -> Project:
    film.cineforge("init", str(film.folder), "--recipe", "echo")
    return film


def made_once(
    factory: pytest.TempPathFactory, name: str, make: Callable[[Project], object]
) -> Project:
    """A project that all tests share, in whichever process they run. Not to be changed: take a copy."""
    base = factory.getbasetemp()
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"shared-{name}"
    home.mkdir(exist_ok=True)
    film = Project(home / "film")
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "made").exists():
            make(film)
            (home / "made").touch()
    return film


def copy_project(source: Project, target: Path) -> Project:
    shutil.copytree(source.folder, target, symlinks=True)
    return Project(target)
