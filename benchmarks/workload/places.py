"""Projects of the work: as CineForge has it, and as plain files for a hand-written Snakefile."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
STORY = "story.txt"


def story(scenes: int) -> list[str]:
    """The scenes, all alike but for their numbers."""
    return [
        f"INT. ROOM {number % 40} - DAY {number}\n"
        f"Someone walks through room {number % 40}.\n"
        f"PERSON {number % 60} says something number {number}.\n"
        "Then everybody leaves."
        for number in range(1, scenes + 1)
    ]


class Place:
    """One folder in which the work is done. `edit` changes a scene, and what was made can be looked at."""

    def __init__(self, folder: Path, scenes: int) -> None:
        self.folder = folder
        self._scenes = story(scenes)
        folder.mkdir(parents=True)
        self._write()
        shutil.copytree(ROOT / "profiles" / "default", folder / "profiles" / "default")

    def edit(self, number: int, round_: int) -> None:
        """Give one scene another line."""
        self._scenes[number - 1] += f"\nNobody expected the {round_}th visitor."
        self._write()

    def board(self) -> str:
        """A digest of the board, in whatever form it is written."""
        return _digest(self._board())

    def analysis(self, number: int) -> str:
        """The same of one analysis."""
        return _digest(self._analysis(number))

    def made(self) -> int:
        """How many analyses there are."""
        raise NotImplementedError

    def _write(self) -> None:
        (self.folder / STORY).write_text("\n\n".join(self._scenes) + "\n", encoding="utf-8")

    def _board(self) -> Path:
        raise NotImplementedError

    def _analysis(self, number: int) -> Path:
        raise NotImplementedError


def _digest(path: Path) -> str:
    text = json.dumps(json.loads(path.read_bytes()), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


class PlainFiles(Place):
    """For the hand-written Snakefile."""

    def __init__(self, folder: Path, scenes: int) -> None:
        super().__init__(folder, scenes)
        shutil.copyfile(HERE / "bare.smk", folder / "Snakefile")

    def made(self) -> int:
        return sum(1 for _ in (self.folder / "analysis").glob("*.json"))

    def _board(self) -> Path:
        return self.folder / "board.json"

    def _analysis(self, number: int) -> Path:
        return self.folder / "analysis" / f"scene_{number}.json"


class Project(Place):
    """A project of CineForge."""

    def __init__(self, folder: Path, scenes: int) -> None:
        super().__init__(folder, scenes)
        for name in ("modules", "recipes", "schemas"):
            shutil.copytree(HERE / name, folder / name)
        shutil.copyfile(ROOT / "Snakefile", folder / "Snakefile")
        (folder / "config.yaml").write_text(f"recipe: work\nstory: {STORY}\n", encoding="utf-8")

    def made(self) -> int:
        return sum(1 for _ in (self.folder / "current" / "analysis").glob("*.json"))

    def _board(self) -> Path:
        return self.folder / "current" / "board" / "_.json"

    def _analysis(self, number: int) -> Path:
        return self.folder / "current" / "analysis" / f"scene_{number}.json"
