"""What somebody has approved for a job to read: named when it is submitted, looked at again before it begins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cineforge.deciding.decide import Facts
from cineforge.deciding.instance import Instance
from cineforge.deciding.planner import Planner
from cineforge.deciding.reads import Reads
from cineforge.model.names import collection_type
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import DetachedStore


def approved_for(planner: Planner, reads: Reads) -> tuple[ArtifactRef, ...]:
    """The versions that an instance may read because somebody has approved them, or what names them."""
    if not planner.recipe.has_gates:
        return ()
    return tuple(dict.fromkeys(_approved(planner, reads)))


def _approved(planner: Planner, reads: Reads) -> Iterator[ArtifactRef]:
    stages = planner.recipe.stages
    stage = stages[reads.instance.stage]
    fan_outs = [each.collection for each in reads.gathered if stages[each.stage].is_gate]
    if stage.for_each is not None and reads.instance.entity is not None:
        fan_outs.append(
            _named_by(planner.members.fan_out_of(stage.for_each, reads.instance.entity))
        )
    for wanted in stage.inputs:
        for state in reads.inputs.get(wanted.name, ()):
            maker = planner.maker(wanted, state.key.entity_id)
            if maker is None or state.ref is None or not stages[maker.stage].is_gate:
                continue
            if stages[maker.stage].is_fan_out:
                fan_outs.append(_named_by(maker))
            else:
                yield state.ref
    for key in fan_outs:
        head = planner.world.head(key)
        if head is not None and stages[key.artifact_type.rpartition(".")[0]].is_gate:
            yield head.ref


def _named_by(fan_out: Instance) -> ArtifactKey:
    return ArtifactKey(collection_type(fan_out.stage), fan_out.entity)


def as_approved_now(facts: Facts, store: DetachedStore, approved: Iterable[ArtifactRef]) -> Facts:
    """The facts, with what is not approved any more as what has to be approved first."""
    gone = store.not_approved_now(approved)
    if not gone:
        return facts
    closed = tuple(dict.fromkeys(ref.key for ref in gone))
    return replace(facts, reads=replace(facts.reads, closed_members=closed))
