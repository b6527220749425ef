"""Why an instance is to be built, as data. The wording is for whoever shows it."""

from __future__ import annotations

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
