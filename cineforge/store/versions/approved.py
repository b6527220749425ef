"""Whether somebody has approved a version, by what was said of it, or of one with the same content."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from cineforge.model.errors import StoreDamaged
from cineforge.model.health import Verdict
from cineforge.model.metadata import ArtifactMetadata
from cineforge.model.refs import ArtifactRef


def is_approved(
    ref: ArtifactRef,
    word_on: Callable[[ArtifactRef], Verdict | None],
    metadata: Callable[[ArtifactRef], ArtifactMetadata],
    versions: Callable[..., Sequence[ArtifactRef]],
) -> bool:
    """Whether a version is approved. `word_on` tells what was said last of a version. A person's own work is."""
    record = metadata(ref)
    if record.fingerprint is None and record.producing_module is None:
        return True
    word = word_on(ref)
    if word is not None:
        return word is Verdict.CONFIRMED
    for other in reversed(versions(*ref.key)):
        with suppress(StoreDamaged):  # one that is damaged speaks for no other
            if other != ref and metadata(other).content == record.content:
                word = word_on(other)
                if word is not None:
                    return word is Verdict.CONFIRMED
    return False
