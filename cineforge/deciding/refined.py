"""An artifact that one stage begins and others refine: which version is whose, and which is read by whom.

Pure: over the versions that lead from the head down to the one that was not made from an earlier one of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cineforge.deciding.facts.world import HeadState, Standing
from cineforge.model.metadata import ArtifactMetadata
from cineforge.recipes.resolved import ResolvedRecipe


def standing_of(record: ArtifactMetadata, head: HeadState) -> Standing:
    """A version that the head, or the version itself, was refined from."""
    made = record.fingerprint
    state = HeadState(
        record.ref,
        record.content,
        made.digest if made else None,
        head.held,
        head.needs_revision and record.ref == head.ref,
        head.vanished,
        record.refined_from is not None,
    )
    return Standing(state, made.stage if made else None)


@dataclass(frozen=True)
class Place:
    """The place of a stage in the making of a type: its name, whether it refines, and who refines after it."""

    stage: str
    refines: bool
    later: Collection[str]


def place_of(recipe: ResolvedRecipe, stage: str, artifact_type: str) -> Place:
    """The place of a stage in the making of a type."""
    refiners = recipe.refiners.get(artifact_type, ())
    if stage in refiners:
        return Place(stage, refines=True, later=refiners[refiners.index(stage) + 1 :])
    return Place(stage, refines=False, later=refiners)


def own_version(chain: Sequence[Standing], place: Place) -> Standing | None:
    """The version that stands for a stage; None when what it would refine is another than what it did refine.

    Refinements by other stages, also those of other recipes, lie above it and are passed.
    """
    for each in chain:
        if each.stage == place.stage:
            return each
        if not each.head.refined:
            return None if place.refines else each
    return None


def version_read(chain: Sequence[Standing], place: Place) -> Standing | None:
    """The version that a refining stage reads: what its own was made from, or else what none after it has made."""
    own = own_version(chain, place)
    if own is not None:
        return next(iter(chain[chain.index(own) + 1 :]), None)
    return next(
        (each for each in chain if not (each.head.refined and each.stage in place.later)), None
    )
