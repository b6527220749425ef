"""What a version was made from, as its sealed record tells."""

from __future__ import annotations

from cineforge.deciding.certain_changes import Past
from cineforge.deciding.facts.edits import MetadataOf, first_record
from cineforge.model.refs import ArtifactKey, ArtifactRef


def past_of(metadata_of: MetadataOf, ref: ArtifactRef) -> Past | None:
    """Of a person's edit, what the version it was edited from was made from; None when made from nothing."""
    metadata = first_record(metadata_of, ref)
    edited = metadata_of(ref).schema_version if metadata.ref != ref else None
    if metadata.fingerprint is None:
        return None
    inputs: dict[str, dict[ArtifactKey, tuple[ArtifactRef, str]]] = {}
    for edge in metadata.lineage:
        inputs.setdefault(edge.role, {})[edge.ref.key] = (edge.ref, edge.content)
    checked_with = edited if edited != metadata.schema_version else None
    return Past(metadata.fingerprint, inputs, metadata.gathered, checked_with)
