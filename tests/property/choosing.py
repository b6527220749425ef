"""The commands that people may type at some moment, chosen by numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from cineforge.deciding.reasons import RERUN_TRIGGERS
from tests.property.engine import Command
from tests.property.project import Project
from tests.property.recipes import WHOLE, Stage

T = TypeVar("T")
TRIGGERS = tuple(RERUN_TRIGGERS)


class _Choices:
    """Hands out choices from one number; the small ones are the plain ones."""

    def __init__(self, number: int) -> None:
        self._left = number

    def of(self, some: Sequence[T]) -> T:
        self._left, chosen = divmod(self._left, len(some))
        return some[chosen]


def chosen_command(project: Project, target: int, kind: int) -> Command:
    """A command that means something in this project now."""
    where, how = _Choices(target), _Choices(kind)
    recipe = where.of([*([WHOLE] if project.is_whole else []), *project.recipes])
    stages = [stage for stage in project.stages if recipe in (WHOLE, stage.recipe)]
    known = project.artifacts(recipe)
    wanted = _target(where, stages, known)
    asked = Command((wanted,), recipe=recipe, order=kind)
    if wanted.startswith(("all", "current/")):
        asked = replace(asked, native=where.of((False, True)))
    ids = [stage.id for stage in stages]
    match how.of(
        [
            *("plain", "plain", "plain", "stage", "artifact", "force", "all", "start", "until"),
            *("omit", "stale", "stale all", "triggers", "start forced"),
        ]
    ):
        case "stage":
            return replace(asked, forcerun=(how.of(ids),))
        case "artifact" if known:
            return replace(asked, forcerun=(_path(how.of(known)),))
        case "force":
            return _forced(asked)
        case "all":
            return replace(asked, targets=(), force=True, native=False)
        case "start":
            return replace(asked, start_from=how.of(ids))
        case "start forced":
            return _forced(replace(asked, start_from=how.of(ids)))
        case "until":
            return replace(asked, until=(how.of([*ids, f"all_{ids[-1]}", *map(_path, known)]),))
        case "omit":
            return replace(asked, omit_from=(how.of(ids),))
        case "stale":
            return replace(asked, stale=True, native=False)
        case "stale all":
            return replace(asked, targets=(), stale=True, native=False)
        case "triggers":
            return replace(
                asked, triggers=tuple(dict.fromkeys((how.of(TRIGGERS), how.of(TRIGGERS))))
            )
    return asked


def _forced(asked: Command) -> Command:
    """Of `all`, Snakemake itself would only force the rule of that name."""
    return replace(asked, force=True, native=asked.native and asked.targets != ("all",))


def _target(where: _Choices, stages: list[Stage], known: list[str]) -> str:
    stage = where.of(stages)
    words = ["all", f"all_{stage.id}", stage.id, f"{stage.id}/*"]
    if known:
        artifact = where.of(known)
        artifact_type, _, entity = artifact.partition("/")
        words += [
            "all",
            _path(artifact),
            artifact,
            f"{artifact_type}/{entity[:1]}*",
            entity or "all",
        ]
    return where.of(words)


def _path(artifact: str) -> str:
    artifact_type, _, entity = artifact.partition("/")
    return f"current/{artifact_type}/{entity or '_'}.json"
