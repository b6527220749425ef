"""Which artifacts an instance takes for each of its inputs, and at which version."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cineforge.deciding.facts.gates import Gates
from cineforge.deciding.facts.lifted import with_upgrades
from cineforge.deciding.facts.members import MemberFinder, Members
from cineforge.deciding.facts.world import HeadState, World
from cineforge.deciding.instance import Instance, instance_of
from cineforge.deciding.reads import InputState, Reads, StageReads
from cineforge.deciding.refined import place_of, version_read
from cineforge.model.errors import DecisionFailed, nearest
from cineforge.model.metadata import GatheredSet
from cineforge.model.names import parent_of
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import Reach, ResolvedInput, ResolvedRecipe, ResolvedStage, Selector


class InputResolver:
    """Resolves inputs against the heads of this moment; what has yet to run is told as pending."""

    def __init__(
        self,
        recipe: ResolvedRecipe,
        world: World,
        members: MemberFinder,
        is_settled: Callable[[Instance], bool],
        gates: Gates,
    ) -> None:
        self._recipe = recipe
        self._world = world
        self._members = members
        self._is_settled = is_settled
        self._gates = gates

    def reads(self, instance: Instance, common: StageReads) -> Reads:
        """Everything the instance reads. Raises DecisionFailed for an input that cannot be had."""
        stage = self._recipe.stages[instance.stage]
        inputs: dict[str, tuple[InputState, ...]] = {}
        gathered: list[GatheredSet] = []
        waits: list[Instance] = []
        closed = list(self._closed_entity(stage, instance))
        # Selectors read other inputs' payloads, so those come first.
        for wanted in sorted(stage.inputs, key=lambda each: each.reach is Reach.SELECTED):
            known = len(waits)
            if wanted.many and wanted.reach is not Reach.SELECTED:
                assert wanted.domain is not None, "resolution gives every gathering input a domain"
                levels = self.gathered(instance, wanted)
                closed += self._closed_sets(wanted, levels)
                waits += [fan_out for members in levels.values() for fan_out in members.waits_for]
                gathered += self._gathered_sets(wanted, levels)
                ids: list[str | None] = list(levels[wanted.domain].ids)
            elif wanted.reach is Reach.SELECTED:
                ids = list(self._selected(instance, wanted, inputs, waits))
            else:
                ids = [self.own(instance, wanted)]
            if len(waits) > known and wanted.producer is not None:
                closed += self._gates.before_unknown(wanted.producer)
            states = (self._state(instance, wanted, entity) for entity in ids)
            inputs[wanted.name] = tuple(state for state in states if state is not None)
        waits_for = tuple(dict.fromkeys(waits))
        closed += (key for fan_out in waits_for for key in self._gates.before(fan_out))
        common = with_upgrades(common, stage.inputs, inputs, self._world.schema_version)
        return Reads(
            instance, common, inputs, tuple(gathered), waits_for, tuple(dict.fromkeys(closed))
        )

    def _closed_entity(self, stage: ResolvedStage, instance: Instance) -> tuple[ArtifactKey, ...]:
        """What is to be approved before it is known that there is the entity that an instance works for."""
        if stage.for_each is None or instance.entity is None:
            return ()
        if not self._recipe.stages[self._recipe.domains[stage.for_each].stage].is_gate:
            return ()
        return self._gates.closed_members(self._members.fan_out_of(stage.for_each, instance.entity))

    def _closed_sets(
        self, wanted: ResolvedInput, levels: Mapping[str, Members]
    ) -> Iterator[ArtifactKey]:
        for member_type in levels if wanted.fan_out is not None else ():
            domain = self._recipe.domains[member_type]
            if self._recipe.stages[domain.stage].is_gate:
                everyone = levels[member_type]
                if wanted.reach is Reach.ALL:
                    everyone = self._members.all_of(member_type)
                for scope in everyone.by_scope:
                    yield from self._gates.closed_members(Instance(domain.stage, scope))

    def own(self, instance: Instance, wanted: ResolvedInput) -> str | None:
        if wanted.reach is Reach.PROJECT:
            return None
        entity = instance.entity
        if wanted.reach is Reach.PARENT:
            domain = self._recipe.stages[instance.stage].for_each
            while entity is not None and domain is not None and domain != wanted.domain:
                entity, domain = parent_of(entity), self._recipe.domains[domain].parent
        return entity

    def gathered(self, instance: Instance, wanted: ResolvedInput) -> dict[str, Members]:
        """The members taken, under the input's domain; of what is nested deeper, those in between as well."""
        assert wanted.domain is not None, "resolution gives every gathering input a domain"
        if wanted.fan_out is None:
            return {wanted.domain: self._in_the_store(wanted)}
        if wanted.reach is Reach.CHILDREN:
            ancestor = self._recipe.stages[instance.stage].for_each
            assert ancestor is not None and instance.entity is not None
            return self._members.under(wanted.domain, ancestor, instance.entity)
        everyone = self._members.all_of(wanted.domain)
        return {wanted.domain: Members({None: everyone.ids}, everyone.waits_for)}

    def _in_the_store(self, wanted: ResolvedInput) -> Members:
        """All of a type that the store has, as far as nothing that makes it has yet to run."""
        waits: tuple[Instance, ...] = ()
        unsettled: list[Instance] = []
        if wanted.producer is not None:
            makers, waits = self._members.instances(wanted.producer)
            unsettled = [each for each in makers if not self._is_settled(each)]
        # Only now: to look whether something is settled may be to find out what it makes.
        stored = list(self._world.members_of_type(wanted.artifact_type))
        if wanted.producer is not None and self._recipe.stages[wanted.producer].is_fan_out:
            waits = (*waits, *unsettled)
        else:  # what they make is told beforehand
            stored += [each.entity for each in unsettled if each.entity]
        known = set(stored)
        if waits:
            known = {each for each in known if self.wait_for(wanted, each) not in waits}
        return Members({None: tuple(sorted(known))}, waits)

    def _gathered_sets(
        self, wanted: ResolvedInput, levels: Mapping[str, Members]
    ) -> list[GatheredSet]:
        """What a version's health compares later: the ids, by the collection that named them."""
        return [
            GatheredSet(
                role=wanted.name,
                stage=stage,
                member_type=member_type,
                scope=scope,
                ids=tuple(sorted(ids)),
            )
            for member_type, members in levels.items()
            if (stage := self._naming_stage(wanted, member_type)) is not None
            for scope, ids in members.by_scope.items()
        ]

    def _naming_stage(self, wanted: ResolvedInput, member_type: str) -> str | None:
        """The stage whose collections name the members; None for what people put into the store one by one."""
        if wanted.stored and member_type in self._recipe.domains:
            return self._recipe.domains[member_type].stage
        if wanted.fan_out is None:
            return self._world.naming_stage(member_type)
        return self._recipe.domains[member_type].stage

    def _selected(
        self,
        instance: Instance,
        wanted: ResolvedInput,
        inputs: dict[str, tuple[InputState, ...]],
        waits: list[Instance],
    ) -> list[str]:
        selector = wanted.selector
        assert selector is not None, "resolution gives every selecting input a selector"
        chosen: list[str] = []
        for state in inputs.get(selector.input, ()):
            if state.ref is None:
                if state.pending is not None:
                    waits.append(state.pending)
                continue
            named = self._named(instance, selector, state.ref)
            for entity in named:
                if self._is_member(instance, wanted, entity, str(state.ref), waits):
                    chosen.append(entity)
        return sorted(set(chosen))

    def _named(self, instance: Instance, selector: Selector, ref: ArtifactRef) -> list[str]:
        try:
            return _at_pointer(self._world.data(ref), selector, str(ref))
        except DecisionFailed as error:
            inputs = self._recipe.stages[instance.stage].inputs
            lifts = next(each.upgrades for each in inputs if each.name == selector.input)
            saved = self._world.schema_version(ref)
            if lifts is None or saved in (None, lifts.rules.version):
                raise
            raise DecisionFailed(
                f"{error}. It was saved under version {saved!r} of its schema, which is {lifts.rules.version!r}"
                f" now, and is read here as it was saved: 'cineforge show {ref} --lifted' has it for 'cineforge put'"
            ) from None

    def _is_member(
        self,
        instance: Instance,
        wanted: ResolvedInput,
        entity: str,
        named_by: str,
        waits: list[Instance],
    ) -> bool:
        if wanted.domain is None or wanted.fan_out is None:
            return True
        known = self._members.has(wanted.domain, entity)
        if known is None:
            waits.append(self._members.fan_out_of(wanted.domain, entity))
            return False
        if not known and not wanted.optional:
            close = nearest(entity, self._members.all_of(wanted.domain).ids)
            hint = f"did you mean '{close}'? " if close else ""
            raise DecisionFailed(
                f"{instance}: {named_by} names the {wanted.domain} '{entity}', which does not exist"
                f" (any more). {hint}Correct {named_by}, or mark the input '{wanted.name}' optional"
            )
        return known

    def _state(
        self, instance: Instance, wanted: ResolvedInput, entity: str | None
    ) -> InputState | None:
        """One input artifact; None when it is optional and not there."""
        key = ArtifactKey(wanted.artifact_type, entity)
        waited_for = self.wait_for(wanted, entity)
        if waited_for is not None:
            closed = self._gates.before(waited_for)
            if wanted.producer is not None and waited_for.stage != wanted.producer:
                closed += tuple(self._gates.before_unknown(wanted.producer))
            return InputState(key, pending=waited_for, closed=closed)
        head = self._head_read(instance, key)
        from_store = wanted.stored or wanted.producer is None
        if head is not None and not (from_store and head.vanished):
            maker = self.maker(wanted, entity)
            closed = () if maker is None else self._gates.closed(maker, head.ref)
            return InputState(key, head.ref, head.content, closed=closed)
        if wanted.optional:
            return None
        if from_store:
            made_by = " or ".join(self._world.recipes_making(key.artifact_type))
            put = f"'cineforge put {str(key).replace('/', ' ')} FILE'"
            first = f"run the recipe {made_by} first" if made_by else f"put it there with {put}"
            raise DecisionFailed(
                f"{instance} reads {key} from the store, where there is none:"
                f" {first}, or list it under optional_store_inputs"
            )
        if entity is not None and wanted.domain == wanted.artifact_type:
            raise DecisionFailed(
                f"{instance} needs {key}, which its collection names but whose folder cannot be read as a"
                f" version: restore artifacts/{key.artifact_type}/{entity} from a backup or a clone"
                " ('cineforge reindex' names every such folder)"
            )
        raise DecisionFailed(
            f"{instance} needs {key}, but stage '{wanted.producer}' did not make it:"
            f" check what {wanted.producer} emits for '{entity}'"
        )

    def wait_for(self, wanted: ResolvedInput, entity: str | None) -> Instance | None:
        """The instance that has yet to run before an input artifact is known, if there is one."""
        maker = self.maker(wanted, entity)
        if maker is None:
            return None
        if wanted.stored and maker.entity is not None:
            entity_type = self._recipe.stages[maker.stage].for_each
            assert entity_type is not None, "only a for_each stage has instances with an entity"
            is_there = self._members.has(entity_type, maker.entity)
            if is_there is None:
                return self._members.fan_out_of(entity_type, maker.entity)
            if not is_there:
                return None  # the store may have what no run makes
        return None if self._is_settled(maker) else maker

    def _head_read(self, instance: Instance, key: ArtifactKey) -> HeadState | None:
        """The head; for a stage that refines it, the version below what it and those after it have made."""
        head = self._world.head(key)
        place = place_of(self._recipe, instance.stage, key.artifact_type)
        if head is None or not place.refines:
            return head
        read = version_read(self._world.chain(head), place)
        return read.head if read else None

    def maker(self, wanted: ResolvedInput, entity: str | None) -> Instance | None:
        """The instance whose run makes what an input takes of an entity; None for what the store alone has."""
        if wanted.producer is None:
            return None
        return instance_of(self._recipe, wanted.artifact_type, entity, wanted.producer)


def _at_pointer(data: Any, selector: Selector, named_by: str) -> list[str]:
    """The list of ids at a JSON pointer (RFC 6901). Raises DecisionFailed when there is no such list."""
    value = data
    for token in selector.pointer.split("/")[1:]:
        step = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            value = None
            break
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise DecisionFailed(
            f"{named_by} has no list of ids at '{selector.pointer}': the input that selects by it cannot be read"
        )
    return value
