"""A decision as it is written down: in a run's events, `plan.json`, `run_state.json`, and by `--json`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from cineforge.model.refs import Strict


class Action(StrEnum):
    KEEP = "keep"
    BUILD = "build"
    UNKNOWN = "unknown"
    WAIT = "wait"


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


#: A reason of which an earlier release kept the words alone.
WORDS_ALONE: Final = "recorded"


class _WithoutEmpty(Strict):
    """What is empty or False is not written."""

    @model_serializer(mode="wrap")
    def _without_empty(self, serialized: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in serialized(self).items() if value}


class ReasonRecord(_WithoutEmpty):
    """One reason. `names` lists what differs: parameters, config keys, schemas, sources, or the role's member ids.

    For `upstream`: `role`, and the refs of what the head read (`before`) and of what it would read now (`after`); one
    of them is left out for an input that appeared or went away. For `members`: `role`, with the ids `added` and
    `removed`. With the kind `recorded`, `names` are its words.
    """

    kind: ReasonKind | Literal["recorded"]
    names: tuple[str, ...] = ()
    role: str = ""
    before: str = ""
    after: str = ""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class _Decided(_WithoutEmpty):
    instance: str
    action: Action
    final: bool = False
    version: Annotated[int, Field(ge=1)] | None = None
    head: str | None = None
    reasons: tuple[ReasonRecord, ...] = ()
    pending: tuple[str, ...] = ()
    adopts: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()


class DecisionFlags(_WithoutEmpty):
    """What else is to be said of a decision: see `DecisionRecord`."""

    held: bool = False
    as_is: bool = False
    left_out: bool = False
    confirmed: bool = False
    forced: bool = False


class DecisionRecord(DecisionFlags, _Decided):
    """What was decided for one instance (`stage/entity`, or the stage alone), and why. What does not apply is left out.

    `final` says that nothing can change it any more in this run: until then instances that are `pending` may bring more
    reasons or, with the action `unknown`, the first one. `version` is the number planned for what is built; `head` what
    there is; `adopts` the older versions whose content is taken, as the same work made it. `gates` are the artifacts
    that somebody has to approve first: with the action `wait` there is no version to keep meanwhile.

    With the action `keep`: `held` for a head that a person made or pinned, `as_is` for one that the command takes as it
    is, `left_out` for one with reasons that the command does not let count, `confirmed` for one that an assessment
    speaks for; `reasons` is then what it has not seen.
    """

    @property
    def stage(self) -> str:
        return self.instance.partition("/")[0]

    @property
    def entity(self) -> str | None:
        return self.instance.partition("/")[2] or None
