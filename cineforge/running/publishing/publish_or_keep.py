"""What jobs made is published, or kept in the run's folder: where numbers were taken, or somebody holds the head."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cineforge.model.errors import VersionExists
from cineforge.model.refs import ArtifactRef
from cineforge.running.publishing.work import Work
from cineforge.running.run_store import RunStore
from cineforge.running.workers.spec import JobReport, MadeOutput
from cineforge.running.workers.unpublished import put_aside
from cineforge.store import Publication, StagedPayload, discard_payload, layout


def publish_or_keep(
    store: RunStore, work: Work, batch: Iterable[Publication]
) -> tuple[ArtifactRef, ...]:
    """Publish a batch or, if somebody put versions under its numbers by hand, keep it in the run's folder.

    Under any other number it could become the head above a person's version. Raises VersionExists, HeldMeanwhile.
    """
    try:
        return store.publish(batch, unless_held=True)
    except VersionExists as error:
        folder = unpublished_folder(store, work)
        for each in batch:
            if each.staged.folder.is_dir():
                put_aside(store.project, each.staged, folder)
        taken = str(error).partition(":")[0]
        raise VersionExists(
            f"{taken}; what was made is kept in {folder}: 'cineforge put' takes it from there,"
            " or run the same command again to have it made anew"
        ) from error


def keep_unpublished(store: RunStore, run_id: str, report: JobReport) -> Path | None:
    """Keep what a module made and what cannot be published in the run's folder; None when it made nothing new."""
    folder, is_some = store.project / layout.RUNS / run_id / layout.UNPUBLISHED, False
    for made in report.made:
        if made.staged is not None:
            put_aside(store.project, made.staged, folder)
            is_some = True
    return folder if is_some else None


def keep_beside(
    store: RunStore, work: Work, made: MadeOutput, staged: StagedPayload
) -> Path | None:
    """Keep in the run's folder what a held head stands in the way of; what is adopted is there already."""
    if made.staged is None:
        discard_payload(staged)
        return None
    return put_aside(store.project, staged, unpublished_folder(store, work))


def unpublished_folder(store: RunStore, work: Work) -> Path:
    return store.project / layout.RUNS / work.run_id / layout.UNPUBLISHED
