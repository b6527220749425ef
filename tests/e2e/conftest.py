"""Projects driven by the real `snakemake` and `cineforge` commands."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


@dataclass
class Project:
    """A project folder and the commands a user would type in it."""

    folder: Path

    def snakemake(self, *arguments: str, status: int | None = 0) -> str:
        """Run snakemake from the clone; returns what it printed. `status` None accepts any."""
        command = [
            str(BIN / "snakemake"),
            "--snakefile",
            str(ROOT / "Snakefile"),
            "--directory",
            str(self.folder),
            *arguments,
        ]
        if not {"-n", "-c2", "-c4", "-c1"} & set(arguments):
            command.append("-c2")
        return self._run(command, status)

    def cineforge(self, *arguments: str, status: int | None = 0) -> str:
        return self._run([str(BIN / "cineforge"), *arguments], status)

    def _run(self, command: list[str], status: int | None) -> str:
        before = self.published()
        done = subprocess.run(
            command,
            cwd=ROOT,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=300,
        )
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

    def load(self, artifact_type: str, entity: str = "_") -> dict:
        path = self.folder / "current" / artifact_type / f"{entity}.json"
        return json.loads(path.read_text(encoding="utf-8"))

    def module_calls(self) -> Counter[str]:
        """How often each stage's module was called so far, counted by the job logs' start lines."""
        calls: Counter[str] = Counter()
        for log in (self.folder / "runs").glob("*/logs/*.log"):
            starts = log.read_text(encoding="utf-8").count("module call starts")
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
    sample = ROOT / "samples" / "cyber_bob_ep1.fountain"
    project.cineforge("init", str(project.folder), "--recipe", "screenplay", "--story", str(sample))
    return project


@pytest.fixture
def echo(project: Project) -> Project:
    """A project on the echo recipe, not yet run."""
    project.cineforge("init", str(project.folder), "--recipe", "echo")
    return project


def copy_project(source: Project, target: Path) -> Project:
    shutil.copytree(source.folder, target, symlinks=True)
    return Project(target)
