"""A plan that was looked at and is to be run: what `cineforge plan --out` writes and `cineforge run --plan` takes."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field, JsonValue

from cineforge.model.records.plan_report import PlanReport
from cineforge.model.refs import Strict


class TypedRequest(Strict):
    """What was typed: the recipe, targets and options.

    Of a key in `config` there is the digest alone; of `configfiles` there are the paths, to be read again.
    """

    recipe: str | None
    targets: tuple[str, ...] = ()
    forcerun: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    omit_from: tuple[str, ...] = ()
    rerun_triggers: tuple[str, ...] = ()
    config: tuple[str, ...] = ()
    configfiles: tuple[str, ...] = ()
    force: bool = False
    stale: bool = False
    probe: bool = True
    start_from: str | None = None


class StageFacts(Strict):
    """What every instance of a stage reads alike; of keys the digest."""

    code: str
    params: dict[str, JsonValue]
    config: dict[str, JsonValue]
    schemas: dict[str, str]
    sources: dict[str, str]


class PlanFile(Strict):
    """The request, the answer, and what it rests on.

    `stages` are those with anything to do. `fingerprints` are of the work of each instance whose inputs were known.
    """

    format: Annotated[int, Field(ge=1, le=1)] = 1
    made_at: AwareDatetime
    request: TypedRequest
    report: PlanReport
    stages: dict[str, StageFacts]
    fingerprints: dict[str, str]
