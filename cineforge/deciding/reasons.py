"""Why an instance is to be built, as data. The wording is for whoever shows it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from cineforge.model.records.decision_record import ReasonKind, ReasonRecord

#: Snakemake's words for what may trigger a rerun, and what each stands for here. File times and software
#: environments are no part of what an instance reads.
RERUN_TRIGGERS = {
    "code": frozenset({ReasonKind.CODE, ReasonKind.SCHEMA}),
    "input": frozenset({ReasonKind.UPSTREAM, ReasonKind.MEMBERS, ReasonKind.SOURCE}),
    "params": frozenset({ReasonKind.PARAMS, ReasonKind.CONFIG}),
    "mtime": frozenset[ReasonKind](),
    "software-env": frozenset[ReasonKind](),
}
EVERY_REASON = frozenset(ReasonKind)


def enabled_reasons(triggers: Collection[str]) -> frozenset[ReasonKind]:
    """The reasons that count when only some triggers do: those of no trigger (never built, forced ...) always."""
    left_out = [kinds for word, kinds in RERUN_TRIGGERS.items() if word not in triggers]
    return EVERY_REASON.difference(*left_out)


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; `ReasonRecord` tells what the fields mean."""

    kind: ReasonKind
    names: tuple[str, ...] = ()
    role: str = ""
    before: str = ""
    after: str = ""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def record(self) -> ReasonRecord:
        """The reason as it is written down."""
        return ReasonRecord(**{name: getattr(self, name) for name in _FIELDS})


_FIELDS = tuple(Reason.__dataclass_fields__)
