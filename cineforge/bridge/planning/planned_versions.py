"""The version numbers of work to be done, and the tickets that stand for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from cineforge.bridge.paths import current_path, ticket_path
from cineforge.bridge.run_context import RunContext
from cineforge.deciding.instance import Instance
from cineforge.model.errors import DecisionFailed
from cineforge.model.refs import ArtifactKey, ArtifactRef


class PlannedVersions:
    """One number for all declared outputs of an instance. Only a run that executes reserves them in the store.

    `forget` has Snakemake drop what it remembers of a ticket.
    """

    def __init__(self, context: RunContext, forget: Callable[[str], None]) -> None:
        self._store = context.store
        self._planner = context.planner
        self._run_id = context.run_id
        self._executing = context.settings.executing
        self._forget = forget
        self._numbers: dict[Instance, int] = {}
        self._borrowed: list[Path] = []
        #: Whose tickets stand for more than one instance, with those of its artifacts whose heads were kept.
        self._late: dict[Instance, set[ArtifactKey]] = {}

    def __iter__(self) -> Iterator[Instance]:
        return iter(tuple(self._numbers))

    def get(self, instance: Instance) -> int | None:
        """The number planned for an instance, or None when it has no work to do."""
        return self._numbers.get(instance)

    def plan(self, instances: list[Instance]) -> None:
        """Give each instance the next free number."""
        if self._executing:
            self._reserve(instances)
        else:
            for instance in instances:
                heads = (self._planner.world.head(key) for key in self._keys(instance))
                newest = max((head.ref.version for head in heads if head), default=0)
                self._numbers[instance] = newest + 1
        for instance in instances:
            for ticket in self.tickets([instance]):
                # An earlier run may have used this very number for a job that was kept after all.
                self._forget(ticket)
                if self._executing:
                    (self._store.project / ticket).unlink(missing_ok=True)

    def tickets(self, instances: Iterable[Instance]) -> list[str]:
        """The tickets of those instances that have work to do."""
        return [
            ticket_path(key, self._numbers[instance], self._mark(instance))
            for instance in instances
            if instance in self._numbers
            for key in self._keys(instance)
        ]

    def published(self, instance: Instance, version: int) -> ArtifactRef:
        """A published version of an instance's outputs, whose ticket was asked for by hand. Raises DecisionFailed."""
        keys = self._keys(instance)
        for key in keys:
            for ref in self._store.list_versions(*key):
                if ref.version == version:
                    return ref
        raise DecisionFailed(
            f"{ticket_path(keys[0], version, self._mark(instance))} is neither published nor planned:"
            f" ask for {current_path(keys[0])} instead"
        )

    def keep_heads(self, instance: Instance) -> None:
        """Let an instance's tickets lead to its heads, which are kept after all; its number is free again."""
        self._lead_to_heads(instance, self._keys(instance))
        self.note_kept(instance)

    def lead_to_heads(self, instance: Instance, keys: Sequence[ArtifactKey]) -> None:
        """Let some of an instance's tickets lead to heads that a person held while it ran."""
        self._lead_to_heads(instance, keys)
        self.note_borrowed(instance, keys)

    def postpone(self, instance: Instance) -> None:
        """Make no ticket of an instance before `make_tickets`: it stands for others as well."""
        self._late[instance] = set()

    def is_postponed(self, instance: Instance) -> bool:
        return instance in self._late

    def make_tickets(self, instance: Instance) -> None:
        """Make the tickets that were postponed, of versions that were made or of heads that were kept."""
        kept = self._late.pop(instance)
        for key in self._keys(instance):
            if key not in kept:
                ref = ArtifactRef(
                    artifact_type=key.artifact_type,
                    entity_id=key.entity_id,
                    version=self._numbers[instance],
                )
                self._store.ensure_ticket(ref)
        self._lead_to_heads(instance, tuple(kept))

    def _lead_to_heads(self, instance: Instance, keys: Sequence[ArtifactKey]) -> None:
        if instance in self._late:
            self._late[instance].update(keys)
            return
        for key in keys:
            head = self._planner.world.head(key)
            assert head is not None, "only what has a head is kept or held"
            self._store.ensure_ticket(head.ref, self._numbers[instance], self._mark(instance))

    def number_above_heads(self, instance: Instance) -> int:
        """The number to publish under: of a stage that refines, above what was made of the artifact meanwhile."""
        number, keys = self._numbers[instance], self._keys(instance)
        heads = (self._planner.world.head(key) for key in keys)
        if not self._mark(instance) or all(
            head is None or head.ref.version < number for head in heads
        ):
            return number
        found = self._store.reserve(keys, self._run_id, common=True)
        return next(iter(found.values()))

    def lead_to_refined(self, instance: Instance, refs: Iterable[ArtifactRef]) -> None:
        """Let the tickets of a stage that refines lead to what it has published: the store makes the common ones."""
        if self._mark(instance):
            for ref in refs:
                self._store.ensure_ticket(ref, self._numbers[instance], self._mark(instance))

    def _mark(self, instance: Instance) -> str:
        return self._planner.recipe.stages[instance.stage].ticket_mark

    def note_borrowed(self, instance: Instance, keys: Sequence[ArtifactKey]) -> None:
        """Say that some of an instance's tickets lead elsewhere."""
        number = self._numbers[instance]
        mark = self._mark(instance)
        self._borrowed += [self._store.project / ticket_path(key, number, mark) for key in keys]

    def note_kept(self, instance: Instance) -> None:
        """The same when a job has made the tickets."""
        keys = self._keys(instance)
        self.note_borrowed(instance, keys)
        self._store.release(dict.fromkeys(keys, self._numbers[instance]))

    def return_tickets(self) -> None:
        """At the end: remove the tickets that lead elsewhere."""
        for ticket in self._borrowed:
            if ticket.is_symlink():
                ticket.unlink()

    def _reserve(self, instances: list[Instance]) -> None:
        single = {}
        for instance in instances:
            keys = self._keys(instance)
            if len(keys) == 1 and keys[0] not in single:
                single[keys[0]] = instance
            else:
                numbers = self._store.reserve(keys, self._run_id, common=True)
                self._numbers[instance] = next(iter(numbers.values()))
        for key, number in self._store.reserve(list(single), self._run_id).items():
            self._numbers[single[key]] = number

    def _keys(self, instance: Instance) -> tuple[ArtifactKey, ...]:
        return self._planner.output_keys(instance)
