"""Decides for instances for which nothing can have changed since an earlier run kept them, without looking at them.

A decision hangs on what all instances of a stage read alike, on the instance's own head, the heads that it reads, the
collections that name its entity and what it gathers, and on what somebody has said of any of these. Where none of it
has moved, what was kept is kept; or, while something that it reads has yet to run, nothing else can be said of it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field

from cineforge.deciding.decide import Decision
from cineforge.deciding.facts.inputs import InputResolver
from cineforge.deciding.facts.world import World
from cineforge.deciding.instance import Instance
from cineforge.deciding.kept_before import KeptBefore, digest_alike
from cineforge.deciding.reads import StageReads
from cineforge.model.names import collection_type, is_collection, parent_of
from cineforge.model.records.decision_record import Action
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import Reach, ResolvedInput, ResolvedRecipe, ResolvedStage


class Unmoved:
    """The decisions of one planner that need no look. `reads_alike` is what all instances of a stage read alike.

    `as_ever`: nothing is forced or used as it is. Only then can be told of a stage as a whole whether it is kept.
    """

    def __init__(
        self,
        recipe: ResolvedRecipe,
        world: World,
        kept: KeptBefore,
        inputs: InputResolver,
        reads_alike: Callable[[ResolvedStage], StageReads],
        *,
        as_ever: bool,
    ) -> None:
        self._recipe = recipe
        self._world = world
        self._kept = kept
        self._inputs = inputs
        self._reads_alike = reads_alike
        self._as_ever = as_ever
        self._is_same: dict[str, bool] = {}
        #: By stage what its instances wait for alike, as far as that can be told, and how much was ahead by then.
        self._alike: dict[str, tuple[int, _Waits | None]] = {}
        self._named: dict[tuple[ArtifactKey, str], Container[str]] = {}
        self._moved_types: set[str] = set()
        self._collection_moved = False
        self._counted = -1

    def decision(self, instance: Instance) -> Decision | None:
        """The decision; None where it has to be looked at. Raises DecisionFailed."""
        if not self._is_simple(instance.stage):
            return None
        if instance in self._kept.stages[instance.stage].others:
            return None
        stage = self._recipe.stages[instance.stage]
        # First: to look whether something is settled may be to find out what it makes.
        waits = self._waits_alike(stage)
        pending = self._pending(stage, instance) if waits is None else waits.of(instance)
        if waits is None and self._has_moved(stage, instance):
            return None
        if stage.for_each is not None and not self._was_there(stage, instance):
            return None
        head = self._head(stage, instance)
        if head is None:
            return None
        return _decided(instance, pending, head)

    def waiting_alike(self, stage_id: str) -> int:
        """How many instances of a stage there are, if one and the same can be said of all: that they wait. Else none.

        They are those of the moment when all was kept, as no collection that names them is another since.
        """
        stage = self._recipe.stages[stage_id]
        entity_type = stage.for_each
        if entity_type is None or self._recipe.domains[entity_type].parent is not None:
            return 0
        return self._kept.stages[stage_id].count if self._waits_alike(stage) else 0

    def _is_simple(self, stage_id: str) -> bool:
        found = self._is_same.get(stage_id)
        if found is None:
            found = self._is_same[stage_id] = self._look_at(self._recipe.stages[stage_id])
        return found

    def _look_at(self, stage: ResolvedStage) -> bool:
        """Whether a stage is as it was when all was kept, and of a kind of which that says all."""
        kept = self._kept.stages.get(stage.id)
        if kept is None or self._recipe.has_gates:
            return False
        types = {each.artifact_type for each in stage.inputs}
        types |= {each.artifact_type for each in stage.outputs}
        if stage.refines or not types.isdisjoint(self._recipe.refiners):
            return False
        # What a payload names is not known beforehand, nor what another recipe may yet make.
        if any(each.reach is Reach.SELECTED or each.stored for each in stage.inputs):
            return False
        return digest_alike(self._reads_alike(stage)) == kept.digest

    def _waits_alike(self, stage: ResolvedStage) -> _Waits | None:
        """What all instances of a stage wait for alike, if nothing has moved that any of them hangs on."""
        found = self._alike.get(stage.id)
        while found is None or found[0] != len(self._world.ahead):
            ahead = len(self._world.ahead)  # more may be found out meanwhile
            found = self._alike[stage.id] = ahead, self._decided_alike(stage)
        return found[1]

    def _decided_alike(self, stage: ResolvedStage) -> _Waits | None:
        if not (self._as_ever and self._is_simple(stage.id)):
            return None
        if self._kept.stages[stage.id].others:
            return None
        waits = _Waits(self._inputs)
        for wanted in stage.inputs:
            if wanted.producer is None:
                continue
            producer = self._recipe.stages[wanted.producer]
            if wanted.many:
                if wanted.reach is not Reach.ALL:
                    return None
                everyone = self._inputs.gathered(Instance(stage.id), wanted)
                waits.first += [each for levels in everyone.values() for each in levels.waits_for]
                if not any(levels.ids for levels in everyone.values()):
                    continue
            if producer.for_each is None:
                maker = self._inputs.wait_for(wanted, None)
                waits.then += [] if maker is None else [maker]
                continue
            of_producer = self._waits_alike(producer)
            if of_producer is None or (of_producer and wanted.many):
                return None
            if of_producer:
                waits.then.append(wanted)
        return None if self._any_moved(stage) else waits

    def _any_moved(self, stage: ResolvedStage) -> bool:
        """Whether anything has moved that an instance of a stage may hang on."""
        if not (self._kept.changed or self._world.ahead):
            return False
        self._count_types()
        types = {*stage.ticket_types, *(each.artifact_type for each in stage.inputs)}
        types |= {each.artifact_type for each in stage.outputs}
        entity_type = stage.for_each
        while entity_type is not None:
            domain = self._recipe.domains[entity_type]
            types.add(collection_type(domain.stage))
            entity_type = domain.parent
        more = any(each.many or each.producer is None for each in stage.inputs)
        return not types.isdisjoint(self._moved_types) or (more and self._collection_moved)

    def _pending(self, stage: ResolvedStage, instance: Instance) -> tuple[Instance, ...]:
        """What has yet to run before all that an instance reads is known, in the order in which it would be told."""
        waits: dict[Instance, None] = {}
        makers: dict[Instance, None] = {}
        for wanted in stage.inputs:
            if wanted.many:
                levels = self._inputs.gathered(instance, wanted)
                for members in levels.values():
                    waits.update(dict.fromkeys(members.waits_for))
                assert wanted.domain is not None, "resolution gives every gathering input a domain"
                entities: tuple[str | None, ...] = levels[wanted.domain].ids
            else:
                entities = (self._inputs.own(instance, wanted),)
            for entity in entities:
                waited_for = self._inputs.wait_for(wanted, entity)
                if waited_for is not None:
                    makers[waited_for] = None
        return (*waits, *(each for each in makers if each not in waits))

    def _has_moved(self, stage: ResolvedStage, instance: Instance) -> bool:
        """Whether anything that a decision hangs on is another than when all was kept, or may be."""
        if not (self._kept.changed or self._world.ahead):
            return False
        self._count_types()
        if any(map(self._key_moved, _own_keys(stage, instance))):
            return True
        if stage.is_fan_out and any(
            each.artifact_type in self._moved_types for each in stage.outputs
        ):
            return True  # of a member a revision may be asked for
        return any(self._input_moved(instance, wanted) for wanted in stage.inputs)

    def _input_moved(self, instance: Instance, wanted: ResolvedInput) -> bool:
        from_store = wanted.producer is None
        if (wanted.many or from_store) and self._collection_moved:
            return True  # others may be there now, or have vanished
        if wanted.many:
            return wanted.artifact_type in self._moved_types
        return self._key_moved(
            ArtifactKey(wanted.artifact_type, self._inputs.own(instance, wanted))
        )

    def _was_there(self, stage: ResolvedStage, instance: Instance) -> bool:
        """Whether there was the entity of an instance when all was kept: only then was it among them."""
        return all(self._was_named(*each) for each in self._named_by(stage, instance))

    def _was_named(self, collection: ArtifactKey, entity_type: str, entity: str) -> bool:
        if self._key_moved(collection):
            return self._kept.named_then(collection, entity_type, entity)
        named = self._named.get((collection, entity_type))
        if named is None:
            found = self._world.collection(collection)
            named = () if found is None else found.members.get(entity_type, ())
            self._named[collection, entity_type] = named
        return entity in named

    def _named_by(
        self, stage: ResolvedStage, instance: Instance
    ) -> Iterator[tuple[ArtifactKey, str, str]]:
        """The collections that name an instance's entity, and those that it is nested in."""
        entity_type, entity = stage.for_each, instance.entity
        while entity_type is not None and entity is not None:
            domain = self._recipe.domains[entity_type]
            scope = parent_of(entity) if domain.parent is not None else None
            yield ArtifactKey(collection_type(domain.stage), scope), entity_type, entity
            entity_type, entity = domain.parent, scope

    def _key_moved(self, key: ArtifactKey) -> bool:
        return key in self._kept.changed or key in self._world.ahead

    def _count_types(self) -> None:
        """What is taken for published ahead only becomes more."""
        ahead = self._world.ahead
        if len(ahead) != self._counted:
            self._counted = len(ahead)
            self._moved_types = {name for keys in (self._kept.changed, ahead) for name, _ in keys}
            self._collection_moved = any(map(is_collection, self._moved_types))

    def _head(self, stage: ResolvedStage, instance: Instance) -> ArtifactRef | None:
        found = None
        for key in _own_keys(stage, instance):
            head = self._world.head_ref(key)
            if head is None:
                return None
            found = found or head
        return found


def _own_keys(stage: ResolvedStage, instance: Instance) -> Iterator[ArtifactKey]:
    return (ArtifactKey(name, instance.entity) for name in stage.ticket_types)


def _decided(instance: Instance, pending: tuple[Instance, ...], head: ArtifactRef) -> Decision:
    if pending:
        return Decision(instance, Action.UNKNOWN, (), pending, head)
    return Decision(instance, Action.KEEP, head=head)


@dataclass
class _Waits:
    """What instances of one stage wait for alike: some that is the same for all, or made for the entity of an input."""

    inputs: InputResolver
    first: list[Instance] = field(default_factory=list)
    then: list[Instance | ResolvedInput] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.first or self.then)

    def of(self, instance: Instance) -> tuple[Instance, ...]:
        if not self:
            return ()
        found = dict.fromkeys(self.first)
        for each in self.then:
            if isinstance(each, Instance):
                found[each] = None
                continue
            maker = self.inputs.maker(each, self.inputs.own(instance, each))
            assert maker is not None, "it has a producer"
            found[maker] = None
        return tuple(found)
