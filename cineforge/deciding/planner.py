"""Gathers the facts for every instance asked about, and decides each once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from cineforge.deciding.chains import allow_depth, stages_beside
from cineforge.deciding.decide import Decision, Facts, HeadFacts, decide
from cineforge.deciding.facts.gates import Gates
from cineforge.deciding.facts.inputs import InputResolver
from cineforge.deciding.facts.members import MemberFinder
from cineforge.deciding.facts.source_files import stage_reads
from cineforge.deciding.facts.world import HeadState, World
from cineforge.deciding.instance import Instance, instance_of
from cineforge.deciding.kept_before import KeptBefore
from cineforge.deciding.reads import Reads, StageReads
from cineforge.deciding.reasons import EVERY_REASON, Reason
from cineforge.deciding.refined import own_version, place_of
from cineforge.deciding.unmoved import Unmoved
from cineforge.model.errors import DecisionFailed, nearest
from cineforge.model.records.decision_record import Action, ReasonKind
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import ResolvedInput, ResolvedRecipe, ResolvedStage

Forced = Callable[[Instance], bool]


def nothing_forced(_instance: Instance) -> bool:
    """For planners of runs that force nothing."""
    return False


class Planner:
    """Decisions for one recipe at one moment. `done` instances have run: what they made is read as it is now.

    `forced` tells whether the user forced an instance. With `start_from`, only that stage and what depends on it
    may be built: of all others the heads are used as they are. `enabled` are the kinds of reasons that count. With
    `only_whether` it is told where there may be work, and not why: then no past is read of what waits anyway. What is
    known to have been `kept` before is not looked at where nothing has moved. Nothing is written.
    """

    def __init__(
        self,
        recipe: ResolvedRecipe,
        world: World,
        forced: Forced = nothing_forced,
        start_from: str | None = None,
        enabled: frozenset[ReasonKind] = EVERY_REASON,
        *,
        only_whether: bool = False,
        kept: KeptBefore | None = None,
    ) -> None:
        self.recipe = recipe
        self.world = world
        self._forced = forced
        self.start_from = start_from
        self._as_is = stages_beside(recipe, start_from)
        allow_depth(len(recipe.stages))
        self._enabled = enabled
        self.only_whether = only_whether
        self._decisions: dict[Instance, Decision] = {}
        self._stage_reads: dict[str, StageReads] = {}
        self._done: set[Instance] = set()
        self._asked: tuple[ArtifactKey, ...] = ()
        self._to_revise: frozenset[Instance | None] = frozenset()
        #: What instances take of older versions, as the same work made it: a planner that looks ahead finds that out.
        self.adopted: dict[Instance, tuple[ArtifactRef, ...]] = {}
        #: Of which it finds out what they will make.
        self.probed: set[Instance] = set()
        self.members = MemberFinder(recipe, world, self.is_settled)
        gates = Gates(recipe, world, self._is_at_rest, self._waits, self.instances, self.own_heads)
        self._inputs = InputResolver(recipe, world, self.members, self.is_settled, gates)
        self._unmoved: Unmoved | None = None
        if kept is not None and enabled == EVERY_REASON:
            as_ever = forced is nothing_forced and start_from is None
            self._unmoved = Unmoved(
                recipe, world, kept, self._inputs, self.reads_alike, as_ever=as_ever
            )

    def decision(self, instance: Instance) -> Decision:
        """The decision for an instance; taken at the first call and never changed. Raises DecisionFailed."""
        found = self._decisions.get(instance)
        if found is None:
            self.require_entity(instance)
            found = self._decisions[instance] = self._decide(instance)
        return found

    def assume(self, decisions: Iterable[Decision]) -> None:
        """Take decisions of another planner that still hold."""
        self._decisions.update((each.instance, each) for each in decisions)

    @property
    def settled_before(self) -> Iterator[Decision]:
        """What was kept because all that it reads was known, and nothing of it had changed."""
        return (each for each in self._decisions.values() if each.is_plain_keep)

    def decision_ahead(self, instance: Instance) -> Decision:
        """The same; what the instance will adopt, as far as that is looked for, is in `adopted` then."""
        return self.decision(instance)

    def final_decision(self, instance: Instance) -> Decision:
        """The same once everything upstream has run: never Action.UNKNOWN. Raises DecisionFailed."""
        first = self.decision(instance)
        if first.action is Action.KEEP:
            return first
        final = self._decide(instance)
        if final.action is Action.WAIT:
            raise final.not_approved_any_more()
        if final.pending:
            raise DecisionFailed(
                f"{instance} was to run before {final.pending[0]}: this is a defect of the plan"
            )
        return final

    def reads(self, instance: Instance) -> Reads:
        """What the instance reads now."""
        stage = self.recipe.stages[instance.stage]
        return self._inputs.reads(instance, self.reads_alike(stage))

    def mark_done(self, instance: Instance) -> None:
        """Say that an instance has run: its outputs' heads are what it made or kept."""
        self._done.add(instance)

    def is_settled(self, instance: Instance) -> bool:
        """True when what the instance makes is known: it has run, or is kept."""
        return instance in self._done or self.decision(instance).action is Action.KEEP

    def _is_at_rest(self, instance: Instance) -> bool:
        """Whether the run leaves an instance as it was: what it makes has to be looked at before it is read."""
        try:
            return self.at_the_start.decision(instance).action is Action.KEEP
        except DecisionFailed:
            return False

    def _waits(self, instance: Instance) -> tuple[ArtifactKey, ...]:
        return self.decision(instance).gates

    @property
    def known_ahead(self) -> Collection[Instance]:
        """The instances that have yet to run and whose outputs are known all the same."""
        return self.adopted.keys() | self.probed

    @property
    def at_the_start(self) -> Planner:
        """What a run knows before it has done anything: there, what is to be adopted is work like all other."""
        return self

    def may_be_adopted(self, instance: Instance) -> bool:
        """Could a build that waits for something turn out to be work that was done before?"""
        del instance
        return False

    def done_before(self, instance: Instance) -> list[Instance]:
        """What a run does before it knows what adoption tells of the instance, be it that nothing is to be done."""
        del instance
        return []

    def instances(self, stage_id: str) -> tuple[list[Instance], tuple[Instance, ...]]:
        """All instances of a stage as far as they are known, and the fan-outs that must run to know the rest."""
        return self.members.instances(stage_id)

    def output_keys(self, instance: Instance) -> tuple[ArtifactKey, ...]:
        """The artifacts whose heads stand for the instance: the collection of a fan-out, else every output."""
        stage = self.recipe.stages[instance.stage]
        return tuple(ArtifactKey(name, instance.entity) for name in stage.ticket_types)

    def maker(self, wanted: ResolvedInput, entity: str | None) -> Instance | None:
        """The instance that makes what an input takes of an entity; None for what the store alone has."""
        return self._inputs.maker(wanted, entity)

    def facts(self, instance: Instance) -> Facts:
        """All that the decision for an instance hangs on, as it is now."""
        reads = self.reads(instance)
        as_is = instance.stage in self._as_is
        head = self._head(instance, reads)
        return Facts(reads, head, self._forced(instance), as_is, self._enabled)

    def _decide(self, instance: Instance) -> Decision:
        if self._unmoved is not None and self._is_free(instance):
            known = self._unmoved.decision(instance)
            if known is not None:
                return known
        return decide(self.facts(instance))

    def waiting_alike(self, stage_id: str) -> int:
        """How many instances of a stage wait, if that is known of all of them without a look at any. Else none."""
        return self._unmoved.waiting_alike(stage_id) if self._unmoved else 0

    def _is_free(self, instance: Instance) -> bool:
        return not (instance.stage in self._as_is or self._forced(instance))

    def _head(self, instance: Instance, reads: Reads) -> HeadFacts | None:
        """The facts of the instance's head; of several outputs, of the first that differs from what it would be."""
        states = self.own_heads(instance)
        heads = [state for state in states if state is not None]
        if len(heads) < len(states):
            return self._refined_before(instance, reads)
        as_now = [] if reads.pending else [h for h in heads if reads.is_work_of(h.fingerprint)]
        # A pinned output speaks for all: they are published together or not at all.
        heads.sort(key=lambda head: (not head.held, head in as_now))
        head = heads[0]
        needs_past = head not in as_now
        if reads.pending:
            # What waits is held, or work: whatever its reasons.
            needs_past = not (self.only_whether and ReasonKind.UPSTREAM in self._enabled)
        return HeadFacts(
            ref=head.ref,
            digest=head.fingerprint,
            held=head.held,
            needs_revision=self._is_to_be_revised(instance),
            examined=self.world.examined(head.ref) if needs_past else None,
            past=self.world.past(head.ref) if needs_past else None,
        )

    def own_heads(self, instance: Instance) -> list[HeadState | None]:
        """By output, the version that stands for the instance: the head, unless another stage refines it."""
        return [self._own_head(instance, key) for key in self.output_keys(instance)]

    def _own_head(self, instance: Instance, key: ArtifactKey) -> HeadState | None:
        """The head; where several stages make an artifact one after the other, the version that stands for this one."""
        head = self.world.head(key)
        place = place_of(self.recipe, instance.stage, key.artifact_type)
        if head is None or head.held or not (head.refined or place.refines):
            return head
        own = own_version(self.world.chain(head), place)
        return own.head if own else None

    def _refined_before(self, instance: Instance, reads: Reads) -> HeadFacts | None:
        """The facts of what a refining stage made last, when there is something else to refine by now."""
        refined = self.recipe.stages[instance.stage].refines
        key = ArtifactKey(refined, instance.entity) if refined else None
        last = self.world.latest_by(key, instance.stage) if key else None
        if key is None or last is None:
            return None
        found = next(
            (
                (role, state)
                for role, states in reads.inputs.items()
                for state in states
                if state.key == key
            ),
            None,
        )
        if found is None:  # an optional input may not be there
            return None
        role, state = found
        before = self.world.refined_from(last.head.ref)
        # What is yet to be made is told by what it will be made from.
        head = self.world.head(key)
        now = state.ref or (head.ref if head else None)
        after = str(now) if now else ""
        return HeadFacts(
            ref=last.head.ref,
            digest=last.head.fingerprint,
            past=self.world.past(last.head.ref),
            needs_revision=self._is_to_be_revised(instance),
            passed=Reason(ReasonKind.UPSTREAM, role=role, before=str(before), after=after),
        )

    def _is_to_be_revised(self, instance: Instance) -> bool:
        """Whether a revision is asked for of what an instance makes; of a fan-out's member, that is the fan-out."""
        asked = self.world.revisions_asked()
        if asked is not self._asked:
            self._asked, self._to_revise = asked, frozenset(map(self._maker_of_head, asked))
        return instance in self._to_revise

    def _maker_of_head(self, key: ArtifactKey) -> Instance | None:
        """The instance that made the head, where several stages make the artifact one after the other."""
        by = None
        if key.artifact_type in self.recipe.refiners:
            head = self.world.head(key)
            stage = self.world.chain(head)[0].stage if head and head.refined else None
            begun_by = self.recipe.begun_by.get(key.artifact_type)
            by = stage if stage in self.recipe.stages else begun_by
        return instance_of(self.recipe, *key, by)

    def reads_alike(self, stage: ResolvedStage) -> StageReads:
        """What all instances of a stage read alike. Raises DecisionFailed for a source that cannot be read."""
        found = self._stage_reads.get(stage.id)
        if found is None:
            found = stage_reads(stage, self.world, self.recipe.secrets)
            self._stage_reads[stage.id] = found
        return found

    def require_entity(self, instance: Instance) -> None:
        """Raise DecisionFailed when there is certainly no such entity, by what has run until now."""
        stage = self.recipe.stages[instance.stage]
        if stage.for_each is None or instance.entity is None:
            if (stage.for_each is None) != (instance.entity is None):
                wanted = f"one {stage.for_each}" if stage.for_each else "the project as a whole"
                raise DecisionFailed(f"stage '{stage.id}' works for {wanted}, not for '{instance}'")
            return
        if self.members.has(stage.for_each, instance.entity) is not False:
            return
        known = self.members.all_of(stage.for_each).ids
        close = nearest(instance.entity, known)
        head = self.world.head(ArtifactKey(stage.for_each, instance.entity))
        gone = " any more (it has vanished; its versions are kept)" if head else ""
        hint = f"did you mean '{close}'?" if close else f"there are {len(known)} of them"
        raise DecisionFailed(f"there is no {stage.for_each} '{instance.entity}'{gone}: {hint}")
