"""How many members fan-outs are likely to make, or make anew: so many calls a plan expects downstream of them.

One that is called again makes anew such a share of those that it has as others did when they were called again: for
other code, as when their code was another. What is downstream of a member and is made anew whatever comes of that
counts whole. One that was never called makes as many as others have, by the size of what it reads where that tells it,
or as its module's manifest estimates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import suppress
from statistics import fmean

from cineforge.deciding.dry_run.pricing.forecast import SizeOf
from cineforge.deciding.dry_run.pricing.prices import Measured, Price
from cineforge.deciding.dry_run.stage_decisions import StageDecisions
from cineforge.deciding.instance import Instance
from cineforge.history.reading.samples import size_read_by
from cineforge.model.errors import InvalidPayload, StoreDamaged
from cineforge.model.names import collection_type
from cineforge.model.own_payloads.collection import Outcome
from cineforge.model.records.decision_record import Action, ReasonKind
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import ResolvedRecipe, ResolvedStage
from cineforge.store import ArtifactStore, HeadRow

#: So many collections are looked at, those that were made most often first, and so many versions of each.
_LOOKED_AT = 24
_VERSIONS = 4
#: Of more fan-outs than this it is not looked up how many members each has: the mean is told as well.
_EACH_ALONE = 500
#: As long as none was called again, half of what there is may be others; all of it where other code makes it.
_SHARE_AT_FIRST = 0.5
_SHARE_OF_OTHER_CODE = 1.0


def further_calls(
    store: ArtifactStore, recipe: ResolvedRecipe, plan: Iterable[StageDecisions], size_of: SizeOf
) -> dict[str, float | None]:
    """By stage that waits for fan-outs: how many calls are likely for what these have yet to make, or make anew.

    None where nobody can tell. What is not certain to be called counts half.
    """
    plan = list(plan)
    certain = {each.instance for stage in plan for each in stage.build}
    by_other_code = {
        each.instance
        for stage in plan
        for each in stage.each_at_work
        if any(reason.kind is ReasonKind.CODE for reason in each.reasons)
    }
    found: dict[str, float | None] = {}
    for stage in plan:
        entity_type = recipe.stages[stage.stage].for_each
        if not stage.waits_for or entity_type is None:
            continue
        fan_out = recipe.stages[recipe.domains[entity_type].stage]
        waiting = [each for each in stage.waits_for if each.stage == fan_out.id]
        whole = {each.instance.entity for each in stage.possible if each.action is Action.BUILD}
        members = _Members(store, fan_out, entity_type, size_of)
        likely = list(members.of(waiting, by_other_code, whole))
        known = [
            number if each in certain else number / 2
            for each, number in zip(waiting, likely, strict=True)
            if number is not None
        ]
        # Where a fan-out is waited for that stands above the one that names its entities, these are not counted yet.
        found[stage.stage] = sum(known) if known and len(known) == len(likely) else None
    return found


class _Members:
    """What collections of one fan-out tell of how many members of a type are to be expected."""

    def __init__(
        self, store: ArtifactStore, fan_out: ResolvedStage, entity_type: str, size_of: SizeOf
    ) -> None:
        self._store, self._fan_out = store, fan_out
        self._type, self._size_of = entity_type, size_of
        self._named_by = collection_type(fan_out.id)

    def of(
        self, waiting: list[Instance], by_other_code: Set[Instance], whole: Set[str | None]
    ) -> Iterator[float | None]:
        """For each of these fan-outs, in order; `whole` are members that count, also if they stay what they are."""
        if not waiting:
            return
        rows = self._store.heads_of(self._store.list_artifacts(self._named_by)).values()
        looked_at = sorted(rows, key=lambda row: -row.ref.version)[:_LOOKED_AT]
        numbers = [Measured(float(own), size) for own, size in self._numbers(looked_at) if own]
        first = Price(numbers) if numbers else None
        again = [each for row in looked_at for each in self._made_anew(row)]
        shares = {False: _SHARE_AT_FIRST, True: _SHARE_OF_OTHER_CODE}
        for of_code in {was_of_code for _, was_of_code in again}:
            shares[of_code] = fmean(share for share, was in again if was is of_code)
        known = {row.ref.key: row for row in rows}
        for each in waiting:
            share = shares[each in by_other_code]
            row = known.get(ArtifactKey(self._named_by, each.entity))
            if row is None:
                yield self._at_first(first, each)
            elif len(waiting) <= _EACH_ALONE:
                certain = len(whole & self._named(row.ref).keys()) if whole else 0
                yield certain + share * (self._count(row.ref) - certain)
            else:
                yield None if first is None else (1.0 if whole else share) * first.of([None]).mean

    def _at_first(self, numbers: Price | None, instance: Instance) -> float | None:
        if numbers is None:
            return self._fan_out.module.estimated_members
        return numbers.of([self._size_of(instance) if numbers.goes_by_size else None]).mean

    def _numbers(self, rows: Iterable[HeadRow]) -> Iterator[tuple[int, float | None]]:
        for row in rows:
            with suppress(StoreDamaged):
                size = size_read_by(self._store, self._store.metadata(row.ref))
                yield self._count(row.ref), size

    def _count(self, head: ArtifactRef) -> int:
        return self._store.named_count(head.key, self._type)

    def _named(self, ref: ArtifactRef) -> dict[str, Outcome]:
        """How each member of the type came out; nothing of a version that is damaged: a plan need not know."""
        with suppress(StoreDamaged, InvalidPayload):
            named = self._store.collection_of(ref).members.get(self._type, {})
            return {entity: member.outcome for entity, member in named.items()}
        return {}

    def _made_anew(self, row: HeadRow) -> Iterator[tuple[float, bool]]:
        """The shares of what it then had that it made anew, each time that it was called again for other work; and
        whether its code was another.

        What was adopted or forced tells nothing of what an edit does.
        """
        if row.ref.version == 1:
            return
        works = self._store.works(row.ref.key)
        first_done = {fingerprint: ref for ref, fingerprint in works}  # newest first
        again = sorted(first_done.values(), key=lambda ref: ref.version)[1:]
        for ref in again[-_VERSIONS:]:
            named = self._named(ref).values()
            if named:
                share = sum(each is Outcome.NEW for each in named) / len(named)
                yield share, self._is_of_other_code(ref, works)

    def _is_of_other_code(self, ref: ArtifactRef, works: Sequence[tuple[ArtifactRef, str]]) -> bool:
        """Whether the code was another than that of the work before."""
        before = max((each for each, _ in works if each.version < ref.version), key=_version)
        with suppress(StoreDamaged):
            now, then = (self._store.metadata(each).fingerprint for each in (ref, before))
            return now is not None and then is not None and now.code != then.code
        return False


def _version(ref: ArtifactRef) -> int:
    return ref.version
