"""Publishes what a fan-out changed, and the collection that names all of it: all or none."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from cineforge.deciding.facts.edits import before_refinement, content_before_edits
from cineforge.deciding.reconcile import MemberHead, reconcile
from cineforge.model.errors import ModuleFailed
from cineforge.model.health import ArtifactHealth
from cineforge.model.made_from import NamedSources, Sources
from cineforge.model.metadata import Provenance
from cineforge.model.names import collection_type, is_collection
from cineforge.model.own_payloads.collection import Collection, Member, Outcome
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.running.publishing.payloads_made import payload_file, staged_payload
from cineforge.running.publishing.publish_or_keep import (
    keep_beside,
    publish_or_keep,
    unpublished_folder,
)
from cineforge.running.publishing.work import Published, Work, provenance, said_of
from cineforge.running.run_store import RunStore
from cineforge.running.workers.spec import MadeOutput
from cineforge.store import HeadRow, HeldMeanwhile, Publication, StagedPayload
from cineforge.store.versions.staging import stage_bytes

#: So many members of a fan-out are compared with their heads at once.
_AT_ONCE = 500


def publish_fan_out(store: RunStore, work: Work) -> Published:
    """Publish what a fan-out changed, and the collection that names all of it. All or none."""
    while True:
        try:
            return _publish_fan_out(store, work)
        except HeldMeanwhile as error:
            # Of members, the next attempt finds that they are held. Without a collection they count for nothing.
            collections = [head for head in error.heads if is_collection(head.artifact_type)]
            if collections:
                for made in work.made:
                    if made.staged is not None:
                        keep_beside(store, work, made, made.staged)
                return Published((), beside={collections[0]: unpublished_folder(store, work)})


def _publish_fan_out(store: RunStore, work: Work) -> Published:
    found = _reconciled(store, work)
    staged = _staged_collection(store, work, found)
    said = provenance(work).model_copy(update={"cost": work.costs})
    # The collection comes last: it is what makes the members count.
    last = Publication(staged, said, work.version)
    batch = _NewMembers(work, found, last) if found.new else [last]
    return Published(publish_or_keep(store, work, batch), found.kept, tuple(found.held))


@dataclass
class _Reconciled:
    """Every member with its version, and how it came out; those that are held with what was made in vain.

    `staged` has what is new again, whose payload is an older version's. As there may be very many members, all that
    is known of them goes with the collection; what is left is two numbers for each, in the order in which they were
    made: what tells it from others, and its version if that is new, else 0. And what it says that it was made from,
    where it says something, by its place in that order.
    """

    members: dict[str, dict[str, Member]]
    held: dict[ArtifactKey, MadeOutput] = field(default_factory=dict)
    staged: dict[ArtifactKey, StagedPayload] = field(default_factory=dict)
    marks: array[int] = field(default_factory=lambda: array("q"))
    numbers: array[int] = field(default_factory=lambda: array("q"))
    made_from: dict[int, tuple[str, ...]] = field(default_factory=dict)
    new: int = 0
    kept: int = 0

    def note(self, made: MadeOutput, member: Member) -> None:
        """Keep what is needed to publish it, without the collection."""
        if member.made_from is not None:
            self.made_from[len(self.marks)] = member.made_from
        self.marks.append(_mark(made))
        self.numbers.append(member.version if member.outcome is Outcome.NEW else 0)


def _mark(made: MadeOutput) -> int:
    return hash((made.artifact_type, made.entity_id, made.content))


def _staged_collection(store: RunStore, work: Work, found: _Reconciled) -> StagedPayload:
    """The collection, staged; from here on it is on the disk alone."""
    collection = Collection(parent=work.instance.entity, members=found.members)
    found.members = {}
    return stage_bytes(
        store.project,
        ArtifactKey(collection_type(work.stage.id), work.instance.entity),
        collection.canonical(),
        {_held_name(held): payload_file(store, made) for held, made in found.held.items()},
        store.owner,
    )


def _reconciled(store: RunStore, work: Work) -> _Reconciled:
    """Compare what was made with the heads, and take numbers for what is new. Piece by piece: it may be much."""
    found = _Reconciled({output.artifact_type: {} for output in work.stage.outputs})
    rest = iter(work.made)
    while piece := list(islice(rest, _AT_ONCE)):
        made_by_key = {ArtifactKey(made.artifact_type, made.entity_id): made for made in piece}
        heads = store.heads_of(made_by_key)
        outcomes = {
            key: reconcile(made.content, _member_head(store, heads.get(key)))
            for key, made in made_by_key.items()
        }
        new = [key for key, outcome in outcomes.items() if outcome is Outcome.NEW]
        numbers = store.reserve(new, work.run_id) if new else {}
        for key, outcome in outcomes.items():
            head = heads.get(key)
            version, content = numbers.get(key), made_by_key[key].content
            if version is None:
                assert head is not None, "an artifact without a head is always new"
                ref = head.ref if head.held else _begun_with(store, head)
                version = ref.version
                content = head.content if ref == head.ref else store.metadata(ref).content
            made_from = made_by_key[key].said.made_from
            names = None if made_from is None else tuple(sorted(set(made_from)))
            member = Member(version=version, content=content, outcome=outcome, made_from=names)
            found.members[key.artifact_type][key.entity_dir] = member
            found.note(made_by_key[key], member)
            if outcome is Outcome.HELD:
                found.held[key] = made_by_key[key]
            elif outcome is Outcome.NEW and made_by_key[key].staged is None:
                found.staged[key] = staged_payload(store, made_by_key[key])
            found.kept += outcome is Outcome.KEPT
        found.new += len(new)
    return found


class _NewMembers:
    """What is new of a fan-out, and its collection: each made when it is asked for, as there may be very many.

    That is within a transaction of the store's, so the store itself is asked nothing here.
    """

    def __init__(self, work: Work, found: _Reconciled, collection: Publication) -> None:
        self._work = work
        self._found = found
        self._collection = collection

    def __iter__(self) -> Iterator[Publication]:
        base = provenance(self._work)
        sources = NamedSources(base.lineage, base.gathered)
        found = self._found
        for place, made in enumerate(self._work.made):
            key = ArtifactKey(made.artifact_type, made.entity_id)
            if place >= len(found.marks) or found.marks[place] != _mark(made):
                raise ModuleFailed(f"what it made was changed after it had ended: {key}")
            if number := found.numbers[place]:
                staged = made.staged or found.staged[key]
                stands_on = base
                if (names := found.made_from.get(place)) is not None:
                    stands_on = _narrowed(base, sources.of(names))
                yield Publication(staged, said_of(self._work, stands_on, made), number)
        yield self._collection


def _narrowed(base: Provenance, sources: Sources) -> Provenance:
    """What holds of a member that was made from some of what its fan-out read."""
    return base.but(
        lineage=tuple(base.lineage[place] for place in sources.parents),
        gathered=tuple(base.gathered[place] for place in sources.gathered),
    )


def _member_head(store: RunStore, head: HeadRow | None) -> MemberHead | None:
    if head is None:
        return None
    by_hand = head.fingerprint is None
    edited_from = content_before_edits(store.metadata, head.ref) if by_hand else None
    needs_revision = head.health is ArtifactHealth.NEEDS_REVISION
    if head.refined and not head.held:
        # What this fan-out made of it lies below; a revision is asked of who refined it.
        return MemberHead(store.metadata(_begun_with(store, head)).content)
    return MemberHead(head.content, head.held, edited_from, needs_revision)


def _begun_with(store: RunStore, head: HeadRow) -> ArtifactRef:
    """The version that a fan-out made of a member, below what was refined from it."""
    return before_refinement(store.metadata, head.ref) if head.refined else head.ref


def _held_name(key: ArtifactKey) -> str:
    """The collection's file with what the machine would have made of a member that a person holds."""
    return f"held/{key.artifact_type}/{key.entity_dir}.json"
