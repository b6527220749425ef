"""What people's edits began with: the one place that follows them back."""

from __future__ import annotations

from collections.abc import Callable

from cineforge.model.metadata import EDITED_FROM, ArtifactMetadata
from cineforge.model.refs import ArtifactRef

MetadataOf = Callable[[ArtifactRef], ArtifactMetadata]


def first_edited(metadata_of: MetadataOf, ref: ArtifactRef) -> ArtifactRef:
    """The version that a person's edits, one after the other, began with; the version itself if it is no edit.

    That is a machine's, or the first that a person made from nothing.
    """
    return first_record(metadata_of, ref).ref


def first_record(metadata_of: MetadataOf, ref: ArtifactRef) -> ArtifactMetadata:
    """The record of that version."""
    while True:
        record = metadata_of(ref)
        before = next((edge.ref for edge in record.lineage if edge.role == EDITED_FROM), None)
        if record.fingerprint is not None or before is None:
            return record
        ref = before


def content_before_edits(metadata_of: MetadataOf, ref: ArtifactRef) -> str | None:
    """The content of the version that a person's edits began with; None of a version that is no edit.

    Of what was refined before it was edited, it is the version that the refinements began with.
    """
    first = first_edited(metadata_of, ref)
    return None if first == ref else metadata_of(before_refinement(metadata_of, first)).content


def before_refinement(metadata_of: MetadataOf, ref: ArtifactRef) -> ArtifactRef:
    """The version that refinements, one after the other, began with; the version itself if it is none."""
    while (before := metadata_of(ref).refined_from) is not None:
        ref = before
    return ref
