"""Where the payloads are of what a job made: staged, or an older version's when they were not written anew."""

from __future__ import annotations

from pathlib import Path

from cineforge.model.errors import StoreDamaged
from cineforge.model.refs import ArtifactRef
from cineforge.running.run_store import RunStore
from cineforge.running.workers.spec import MadeOutput
from cineforge.store import StagedPayload, discard_payload, layout, stage_payload


def staged_payload(store: RunStore, made: MadeOutput) -> StagedPayload:
    if made.staged is not None:
        return made.staged
    ref = made_before(store, made)
    files: dict[str, Path | bytes] = {
        file.path: store.folder(ref) / layout.FILES_DIR / file.path
        for file in store.metadata(ref).files
    }
    staged = stage_payload(store.project, ref.key, store.checked_data(ref), files, store.owner)
    if staged.content != made.content:
        discard_payload(staged)
        raise StoreDamaged(
            f"the attached files of {ref} were changed: 'cineforge verify' names them"
        )
    return staged


def payload_file(store: RunStore, made: MadeOutput) -> Path:
    folder = store.folder(made_before(store, made)) if made.staged is None else made.staged.folder
    return folder / layout.DATA_FILE


def made_before(store: RunStore, made: MadeOutput) -> ArtifactRef:
    """Where content is that was not written anew.

    It is adopted, or of a member that had it until a person's version came in between.
    """
    for ref in reversed(store.list_versions(made.artifact_type, made.entity_id)):
        if store.metadata(ref).content == made.content:
            return ref
    raise AssertionError(
        f"no version of {made.artifact_type}/{made.entity_id} has the content kept"
    )
