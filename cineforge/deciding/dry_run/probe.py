"""What a plan may ask of whoever can run a pure module in scratch: what would this instance make?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cineforge.deciding.instance import Instance
from cineforge.deciding.reads import Reads
from cineforge.model.canonical import digest_bytes, parsed_json
from cineforge.model.errors import StoreDamaged
from cineforge.model.metadata import AttachedFile, content_digest
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import ResolvedStage
from cineforge.store import layout
from cineforge.store.disk.safe_files import read_regular


@dataclass(frozen=True)
class ProbedOutput:
    """One artifact that a pure module would make: where its payload lies, or None when it is just what the head has."""

    key: ArtifactKey
    content: str
    folder: Path | None
    files: tuple[AttachedFile, ...] = ()

    @property
    def data(self) -> Any:
        """The payload. Raises StoreDamaged when it is not what was made."""
        assert self.folder is not None, "the head has it"
        path = self.folder / layout.DATA_FILE
        with suppress(OSError):
            raw = read_regular(path)
            if content_digest(digest_bytes(raw), self.files) == self.content:
                return parsed_json(raw)
        raise StoreDamaged(
            f"{path}, which was made for a plan, was changed: delete {layout.PROBES}/ and ask again"
        )


#: Of what would be read: what was probed itself, or the version that is there and has the content.
Locate = Callable[[ArtifactRef], ProbedOutput | ArtifactRef]


#: What an instance with nothing pending would make; None when that cannot be told, or only by paying.
Probe = Callable[[ResolvedStage, Instance, Reads, Locate], tuple[ProbedOutput, ...] | None]


def no_probe(
    _stage: ResolvedStage, _instance: Instance, _reads: Reads, _locate: Locate
) -> tuple[ProbedOutput, ...] | None:
    """The probe of who runs nothing."""
    return None
