"""The outputs of a fan-out on their way from worker to run: lines of a file, as there may be a hundred thousand.

Neither side holds more than a piece of it. What a line says is data, checked like any report.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from types import TracebackType

from pydantic import TypeAdapter, ValidationError

from cineforge.model.errors import ModuleFailed
from cineforge.running.workers.spec import JobSpec, MadeOutput
from cineforge.store import StagedPayload, discard_payload, layout
from cineforge.store.disk import safe_files
from cineforge.store.locking.owners import is_staging_of

_MADE = TypeAdapter(MadeOutput)
_LONGEST_LINE = 1 << 20


class ListingWriter:
    """For workers: lists what was made. When that ends in an error, `let_go` gets all that was staged."""

    def __init__(
        self, path: Path, let_go: Callable[[StagedPayload], None] = discard_payload
    ) -> None:
        self._path = path
        self._let_go = let_go
        self._file = os.fdopen(safe_files.open_new(path), "wb")
        self.count = 0

    def add(self, made: MadeOutput) -> None:
        self._file.write(_MADE.dump_json(made, warnings="error") + b"\n")
        self.count += 1

    def __enter__(self) -> ListingWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        if error is not None:
            for made in _read(self._path):
                if made.staged is not None:
                    self._let_go(made.staged)
                    discard_payload(made.staged)
            self._path.unlink(missing_ok=True)


class Listing(Collection[MadeOutput]):
    """For the run: what a worker has listed, read anew each time. Raises ModuleFailed where it makes no sense."""

    def __init__(self, spec: JobSpec, count: int) -> None:
        self._spec = spec
        self._count = count
        self._types = {output.artifact_type for output in spec.outputs}

    def __iter__(self) -> Iterator[MadeOutput]:
        found = 0
        try:
            for made in _read(self._spec.listing):
                require_its_own(made, self._spec, self._types)
                found += 1
                yield made
        except (ValidationError, OSError) as error:
            raise ModuleFailed(f"the list of what it made makes no sense: {error}") from None
        if found != self._count:
            raise ModuleFailed(f"it made {self._count} artifacts, and {found} of them are listed")

    def __len__(self) -> int:
        return self._count

    def __contains__(self, other: object) -> bool:
        return any(made == other for made in self)


def require_its_own(made: MadeOutput, spec: JobSpec, types: Collection[str]) -> None:
    """Raise ModuleFailed for a report that names what is not of its call."""
    staged = made.staged
    is_its_own = made.artifact_type in types and (
        staged is None
        or (
            staged.key == (made.artifact_type, made.entity_id)
            and staged.folder.parent == layout.artifact_dir(spec.project, staged.key)
            and is_staging_of(spec.owner, staged.folder.name)
        )
    )
    if not is_its_own:
        raise ModuleFailed(f"its report names what is not its own: {made.artifact_type[:60]!r}")


def _read(path: Path) -> Iterator[MadeOutput]:
    with safe_files.stream(path) as file:
        while line := file.readline(_LONGEST_LINE):
            yield _MADE.validate_json(line)
