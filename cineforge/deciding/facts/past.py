"""What a version was made from, as its sealed record tells."""

from __future__ import annotations

from collections.abc import Callable

from cineforge.deciding.decide import Past
from cineforge.model.metadata import EDITED_FROM, ArtifactMetadata
from cineforge.model.refs import ArtifactKey, ArtifactRef


def past_of(
    metadata_of: Callable[[ArtifactRef], ArtifactMetadata], ref: ArtifactRef
) -> Past | None:
    """Of a person's edit, what the version it was edited from was made from; None when made from nothing."""
    metadata = metadata_of(ref)
    while metadata.fingerprint is None:
        origin = next((e.ref for e in metadata.lineage if e.role == EDITED_FROM), None)
        if origin is None:
            return None
        metadata = metadata_of(origin)
    inputs: dict[str, dict[ArtifactKey, tuple[ArtifactRef, str]]] = {}
    for edge in metadata.lineage:
        inputs.setdefault(edge.role, {})[edge.ref.key] = (edge.ref, edge.content)
    return Past(metadata.fingerprint, inputs, metadata.gathered)
