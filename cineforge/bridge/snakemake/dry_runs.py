"""Commands that only tell leave no trace: what Snakemake would keep for later stays in memory, or in another folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

#: Where Snakemake keeps what it knows of files.
MEMORY = ".snakemake"


def is_dry_run(workflow: Any) -> bool:
    """Whether `-n` was typed; known while the Snakefile is parsed."""
    return bool(workflow.output_settings.dryrun)


def remember_elsewhere(folder: Path) -> None:
    """Have a dry run keep in another folder what Snakemake knows of files, if it knows nothing here yet."""
    from snakemake import (
        workflow as snakemake_workflow,
    )  # Snakemake imports our logger before its own workflows

    if os.path.lexists(MEMORY):
        return
    original = snakemake_workflow.FilePersistence

    def elsewhere(*args: Any, path: Path | None = None, **kwargs: Any) -> Any:
        return original(*args, path=path or folder / MEMORY, **kwargs)

    setattr(snakemake_workflow, "FilePersistence", elsewhere)  # noqa: B010


class Forgotten:
    """Paths of which Snakemake is to know nothing in this process, whatever it has on the disk."""

    def __init__(self, persistence: Any) -> None:
        self._paths: set[str] = set()
        metadata, incomplete = persistence.metadata, persistence.incomplete

        def known(target: Any) -> Any:
            return None if str(target) in self._paths else metadata(target)

        async def unfinished(job: Any) -> list[Any]:
            return [path for path in await incomplete(job) if str(path) not in self._paths]

        persistence.metadata = known
        persistence.incomplete = unfinished
        persistence.save_iocache = lambda: None

    def add(self, path: str) -> None:
        self._paths.add(path)
