"""Stages that read a type and make its next version: in which order, and who reads what they made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cineforge.recipes.modules.manifest import ANY_TYPE
from cineforge.recipes.resolving.order import in_order
from cineforge.recipes.resolving.partial_recipe import Draft, DraftStage


@dataclass(frozen=True)
class Chains:
    """By type, the stages that make it: the one that begins it, if the recipe has it, and those that refine it."""

    first: Mapping[str, DraftStage]
    refiners: Mapping[str, tuple[DraftStage, ...]] = field(default_factory=dict)

    def of(self, artifact_type: str) -> tuple[DraftStage, ...]:
        first = self.first.get(artifact_type)
        return (*((first,) if first else ()), *self.refiners.get(artifact_type, ()))

    def last(self, artifact_type: str) -> DraftStage | None:
        """The stage whose versions are the heads of the type."""
        chain = self.of(artifact_type)
        return chain[-1] if chain else None

    def read_by(self, stage: DraftStage, artifact_type: str) -> tuple[DraftStage, ...]:
        """The stages whose versions a stage may read, the last of them being the one that it does read."""
        chain = self.of(artifact_type)
        if stage.refines != artifact_type:
            return chain
        return chain[: [each.id for each in chain].index(stage.id)]


def chains_of(draft: Draft, first: Mapping[str, DraftStage]) -> Chains:
    """The chains of a recipe, in the order that `needs` gives, else in the recipe's own.

    Enters into the draft what stages need besides what they name: whoever reads a type reads what refines it.
    """
    named = {name: stage.entry.needs for name, stage in draft.stages.items()}
    place = {name: number for number, name in enumerate(in_order(named)[0])}
    refined = sorted({stage.refines for stage in draft.stages.values() if stage.refines})
    chains = Chains(first, {name: _refiners(draft, name, place) for name in refined})
    for name in refined:
        for stage in list(draft.stages.values()):
            before = chains.read_by(stage, name)
            if before and _reads(stage, name) and {each.id for each in before} & set(stage.needs):
                _need(draft, stage, before[-1].id)
    # Whoever asks a chain for a stage is to be given it as it is now.
    return Chains(
        {name: draft.stages[stage.id] for name, stage in first.items()},
        {
            name: tuple(draft.stages[stage.id] for stage in chain)
            for name, chain in chains.refiners.items()
        },
    )


def _refiners(draft: Draft, name: str, place: Mapping[str, int]) -> tuple[DraftStage, ...]:
    found = [stage for stage in draft.stages.values() if stage.refines == name]
    return tuple(sorted(found, key=lambda stage: place[stage.id]))


def _reads(stage: DraftStage, artifact_type: str) -> bool:
    inputs = stage.found.manifest.inputs.values() if stage.found else ()
    return any(spec.type in (artifact_type, ANY_TYPE) for spec in inputs)


def _need(draft: Draft, stage: DraftStage, other: str) -> None:
    if other not in stage.needs and other != stage.id:
        draft.stages[stage.id] = replace(stage, also_needs=(*stage.also_needs, other))
