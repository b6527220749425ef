"""Runs pure modules for a plan, and loads what that takes only when there is one to run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cineforge.deciding.dry_run.probe import Locate, ProbedOutput
    from cineforge.deciding.facts.source_files import SourceFiles
    from cineforge.deciding.instance import Instance
    from cineforge.deciding.reads import Reads
    from cineforge.recipes.resolved import ResolvedStage
    from cineforge.running.probing.prober import Prober, Progress
    from cineforge.store import ArtifactStore


class LateProber:
    """A `Probe` for one plan: a `Prober` that is made at the first instance that it is asked about."""

    def __init__(
        self,
        store: ArtifactStore,
        sources: SourceFiles,
        progress: Progress,
    ) -> None:
        self._given = store, sources, progress
        self._prober: Prober | None = None

    def __call__(
        self, stage: ResolvedStage, instance: Instance, reads: Reads, locate: Locate
    ) -> tuple[ProbedOutput, ...] | None:
        if not stage.module.pure:
            return None
        if self._prober is None:
            from cineforge.running.probing.prober import Prober

            self._prober = Prober(*self._given)
        return self._prober(stage, instance, reads, locate)

    def tell_failures(self) -> None:
        """Say why pure modules made nothing."""
        for instance, failure in self._prober.failures.items() if self._prober else ():
            print(f"warning: {instance} could not be run beforehand: {failure}", file=sys.stderr)

    def __enter__(self) -> LateProber:
        return self

    def __exit__(self, *_: object) -> None:
        if self._prober is not None:
            self._prober.close()
