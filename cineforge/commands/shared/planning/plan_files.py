"""Plans in files: written to be looked at, and taken as they are or not at all."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from cineforge.model.errors import CineForgeError
from cineforge.model.records.plan_file import PlanFile, TypedRequest
from cineforge.model.secrets import holds_secret, sealed
from cineforge.recipes.reading.typed_values import assignments
from cineforge.store.disk import safe_files
from cineforge.store.disk.durable import explaining
from cineforge.store.disk.replacing import replace_file

if TYPE_CHECKING:
    from cineforge.deciding.dry_run.dry_run_planner import DryRunPlanner
    from cineforge.deciding.dry_run.stage_decisions import StageDecisions
    from cineforge.model.records.plan_report import PlanReport

#: So many changes are told.
SHOWN = 12


class PlanIsOld(CineForgeError):
    """The world is no longer the one that was planned."""


def typed_request(options: argparse.Namespace) -> TypedRequest:
    """What was asked of `cineforge plan`."""
    return TypedRequest(
        recipe=options.recipe,
        targets=tuple(options.targets),
        forcerun=tuple(options.forcerun),
        until=tuple(options.until),
        omit_from=tuple(options.omit_from),
        rerun_triggers=tuple(options.rerun_triggers or ()),
        config=tuple(options.config),
        configfiles=tuple(str(each.absolute()) for each in options.configfile),
        force=options.force,
        stale=options.stale,
        probe=not options.no_probe,
        start_from=options.start_from,
    )


def plan_file(
    request: TypedRequest,
    planner: DryRunPlanner,
    plan: Sequence[StageDecisions],
    report: PlanReport,
) -> PlanFile:
    """A plan as it is kept: without the keys that were given with `--config`."""
    from cineforge.deciding.dry_run.planned_world import stage_facts

    stages, fingerprints = stage_facts(planner, plan)
    config = tuple(_without_keys(request.config, planner.recipe.secrets))
    return PlanFile(
        made_at=datetime.now(UTC),
        request=request.model_copy(update={"config": config}),
        report=report,
        stages=stages,
        fingerprints=fingerprints,
    )


def write_plan(path: Path, plan: PlanFile) -> None:
    """Write it in one step. Raises CannotWrite."""
    with explaining(path):
        replace_file(path, plan.model_dump_json(indent=1) + "\n")


def read_plan(path: Path) -> PlanFile:
    """Raises CineForgeError for what is no plan of this program."""
    try:
        return PlanFile.model_validate_json(safe_files.read_regular(path, follow=True))
    except OSError as error:
        raise CineForgeError(f"--plan {path}: cannot be read ({error.strerror})") from None
    except ValidationError as error:
        found = error.errors()[0]
        place = ".".join(map(str, found["loc"]))
        raise CineForgeError(
            f"--plan {path}: no plan of this version of CineForge ({place or 'it'}: {found['msg']}):"
            " make it with 'cineforge plan --out'"
        ) from None


def require_as_planned(path: Path, planned: PlanFile, now: PlanFile) -> None:
    """Raise PlanIsOld, telling what changed, unless a run would do just what was planned."""
    from cineforge.deciding.dry_run.planned_world import differences

    changed = differences(planned, now)
    if changed:
        more = [f"... and {len(changed) - SHOWN} more"] if len(changed) > SHOWN else []
        lines = "\n  ".join([*changed[:SHOWN], *more])
        raise PlanIsOld(
            f"{path} is of {planned.made_at:%Y-%m-%d %H:%M:%S} UTC, and no longer what a run would do:\n  {lines}\n"
            "make the plan again, and look at it"
        )


def with_keys(
    planned: Sequence[str], typed: Sequence[str], config: Mapping[str, object]
) -> list[str]:
    """The `--config` words of a plan, its keys as they are given again. Raises CineForgeError for what is another."""
    given = assignments(list(typed), "--config")
    words: list[str] = []
    wanted: set[str] = set()
    for word in planned:
        name, _, value = word.partition("=")
        if value.startswith("secret sha256:"):
            wanted.add(name)
            found = given.get(name, config.get(name))
            if found is None or sealed({name: found}, [str(found)])[name] != value:
                raise CineForgeError(
                    f"--plan: it was made with another {name}, which is not written down:"
                    f" give it with --config {name}=..."
                )
            if name in given:
                words += [each for each in typed if each.partition("=")[0] == name]
        else:
            words.append(word)
    others = sorted(given.keys() - wanted)
    if others:
        raise CineForgeError(
            f"--config {others[0]}=...: the plan says what to run with: leave it out, or make another plan"
        )
    return words


def _without_keys(words: Sequence[str], secrets: frozenset[str]) -> list[str]:
    kept = []
    for word in words:
        name = word.partition("=")[0]
        ((_, value),) = assignments([word], "--config").items()
        hidden = sealed({name: value}, secrets)[name]
        is_key = hidden != value or holds_secret(value, secrets)
        kept.append(f"{name}={hidden}" if is_key else word)
    return kept
