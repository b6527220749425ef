"""What the benchmark has to know of a tool."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from benchmarks.workload.places import PlainFiles

GIVEN = Path(__file__).parent / "given"


class Peer(PlainFiles):
    """A folder in which a tool does the work, by its program in `environment`."""

    name: ClassVar[str]
    #: What `given` has for it.
    files: ClassVar[tuple[str, ...]] = ()
    #: More scenes than that take it minutes.
    most: ClassVar[int] = 1_000

    def __init__(self, folder: Path, scenes: int, environment: Path) -> None:
        super().__init__(folder, scenes)
        self.environment = environment
        for name in ("steps.py", *self.files):
            shutil.copyfile(GIVEN / name, folder / name)

    @property
    def program(self) -> str:
        return str(self.environment / "bin" / self.name)

    def command(self, operation: str, edited: int) -> Sequence[str] | None:
        """Of `cold`, `nothing`, `edit`, and `one` scene; None for what the tool cannot do."""
        raise NotImplementedError
