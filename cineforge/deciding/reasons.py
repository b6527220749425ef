"""Why an instance is to be built, as data. The wording is for whoever shows it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class ReasonKind(StrEnum):
    NEVER_BUILT = "never_built"
    FORCED = "forced"
    NEEDS_REVISION = "needs_revision"
    RELEASED = "released"  # the head is a person's work that was given back to the machine
    UPSTREAM = "upstream"
    MEMBERS = "members"
    CODE = "code"
    PARAMS = "params"
    CONFIG = "config"
    SCHEMA = "schema"
    SOURCE = "source"


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


def heeded_reasons(triggers: Collection[str]) -> frozenset[ReasonKind]:
    """The reasons that count when only some triggers do: those of no trigger (never built, forced ...) always."""
    left_out = [kinds for word, kinds in RERUN_TRIGGERS.items() if word not in triggers]
    return EVERY_REASON.difference(*left_out)


@dataclass(frozen=True)
class Reason:
    """One reason. `names` lists what differs (parameters, config keys, schemas, sources, or the role's member ids).

    For `upstream`: `role`, and the refs as text of what the head read (`before`) and what it would read now
    (`after`); one of them is empty for an input that appeared or went away. For `members`: `role`, with the
    ids `added` and `removed`.
    """

    kind: ReasonKind
    names: tuple[str, ...] = ()
    role: str = ""
    before: str = ""
    after: str = ""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
