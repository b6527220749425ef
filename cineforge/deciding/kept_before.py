"""What an earlier run has found: of these stages all was kept, by what every instance of them reads alike.

Only data, and the digests that it is known by.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cineforge.model.canonical import digest_json

if TYPE_CHECKING:
    from cineforge.deciding.instance import Instance
    from cineforge.deciding.reads import StageReads
    from cineforge.model.refs import ArtifactKey
    from cineforge.recipes.resolved import ResolvedInput, ResolvedRecipe, ResolvedStage


@dataclass(frozen=True)
class KeptStage:
    """`digest` is of what all instances read alike; `others` are those of which there was more to say than kept.

    `count` is how many there were in all.
    """

    digest: str
    count: int
    others: frozenset[Instance] = frozenset()


@dataclass(frozen=True)
class KeptBefore:
    """What was found of the same stages at a moment; `changed` are the artifacts that are others since, or judged.

    `named_then` tells whether a collection named an entity of some type at that moment.
    """

    stages: Mapping[str, KeptStage]
    changed: Collection[ArtifactKey]
    named_then: Callable[[ArtifactKey, str, str], bool]


def digest_alike(reads: StageReads) -> str:
    """The digest of what all instances of a stage read alike."""
    return digest_json(
        {
            "code": [reads.code, reads.earlier_code],
            "params": dict(reads.params),
            "config": dict(reads.config),
            "schemas": dict(reads.schemas),
            "sources": dict(reads.sources),
        }
    )


def shape_digest(recipe: ResolvedRecipe) -> str:
    """The digest of how the stages of a recipe hang together: what reads what, and what is made for what."""
    stages = {stage.id: _shape(stage) for stage in recipe.stages.values()}
    domains = {name: [each.stage, each.parent] for name, each in recipe.domains.items()}
    made = [dict(recipe.makers), {key: list(by) for key, by in recipe.refiners.items()}]
    return digest_json({"stages": stages, "domains": domains, "made": made})


def _shape(stage: ResolvedStage) -> list[object]:
    inputs = [_input_shape(each) for each in stage.inputs]
    outputs = [[each.artifact_type, each.many] for each in stage.outputs]
    needs = [list(stage.needs), list(stage.after)]
    return [stage.for_each, stage.refines, stage.is_gate, inputs, outputs, needs]


def _input_shape(wanted: ResolvedInput) -> list[object]:
    selector = wanted.selector and [wanted.selector.input, wanted.selector.pointer]
    lifts = wanted.upgrades and [wanted.upgrades.digest, wanted.upgrades.rules.digest]
    return [
        *(wanted.name, wanted.artifact_type, wanted.reach.value, wanted.producer, wanted.domain),
        *(wanted.fan_out, selector, wanted.optional, wanted.stored, lifts),
    ]
