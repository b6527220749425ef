"""The one log of a run, begun when there is something to record, and ended with how the run went."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from cineforge.deciding.instance import Instance
from cineforge.history.recorder import Recorder
from cineforge.model.health import ArtifactHealth
from cineforge.model.records import run_events as ev
from cineforge.model.records.run_events import Event, RunStatus, StagePlan
from cineforge.model.records.run_state import InstanceState
from cineforge.model.secrets import command_without_secrets
from cineforge.recipes.resolved import ResolvedRecipe
from cineforge.store import HealthChange


class RunLog:
    """Forwards events to a `Recorder` once there is one; before that, nothing has happened that is worth a folder.

    `cost_of` tells what making an instance's heads had cost, in US dollars.
    """

    def __init__(
        self,
        folder: Path,
        recipe: ResolvedRecipe,
        cost_of: Callable[[Instance], float],
        command: tuple[str, ...] = (),
        secrets: Iterable[str] = (),
        *,
        dry: bool = False,
    ) -> None:
        """`folder` is called like the run; `command` is what a person typed, if that is not this process's own."""
        self._dry = dry
        self.interrupted = False
        self._recorder: Recorder | None = None
        self._folder = folder
        self._recipe = recipe
        self.cost_of = cost_of
        self._command = command_without_secrets(command or sys.argv)
        self._secrets = frozenset(secrets)
        self._up_to_date: dict[str, list[str | None]] = {}

    def begin(self) -> None:
        """Open the record; again does nothing. Raises RunExists when the run's id was used before."""
        if self._recorder is not None:
            return
        stages = self._recipe.stages
        started = {
            "run_id": self._folder.name,
            "recipe_id": self._recipe.recipe_id,
            "recipe_digest": self._recipe.digest,
            "stages": tuple(
                StagePlan(stage=stage.id, module_id=stage.module.module_id)
                for stage in stages.values()
            ),
            "command": self._command,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "dry": self._dry,
        }
        upstream = {stage: self._recipe.upstream(stage) for stage in stages}
        self._recorder = Recorder(self._folder, started, upstream, self._secrets)

    @property
    def has_begun(self) -> bool:
        return self._recorder is not None

    def emit(self, kind: Callable[..., Event], **fields: Any) -> None:
        """Record one event, if the record has begun."""
        if self._recorder is not None:
            self._recorder.emit(kind, **fields)

    def repeat(self, event: Event) -> None:
        """Record an event of a job in another process, at the time it happened."""
        fields = {name: getattr(event, name) for name in type(event).model_fields}
        self.emit(type(event), **{n: v for n, v in fields.items() if n not in ("seq", "type")})

    def health(self, changes: Iterable[HealthChange]) -> None:
        """Record which heads' health the run has changed: an event for all that changed alike."""
        alike: dict[tuple[ArtifactHealth, ArtifactHealth], list[str]] = {}
        for change in changes:
            alike.setdefault((change.before, change.after), []).append(str(change.key))
        for (before, after), artifacts in alike.items():
            self.emit(ev.HealthChanged, artifacts=tuple(artifacts), before=before, after=after)

    def up_to_date(self, instance: Instance) -> None:
        """Note an instance that is kept without a job; it goes on record with the next `flush`."""
        self._up_to_date.setdefault(instance.stage, []).append(instance.entity)

    def flush(self) -> None:
        """Record what is up to date, an event for each stage."""
        if self._recorder is None:
            return
        for stage, entities in self._up_to_date.items():
            self.emit(ev.UpToDate, stage=stage, entities=tuple(entities))
        self._up_to_date.clear()

    def end(self, is_left_out: Callable[[Instance], bool] = lambda _instance: False) -> None:
        """Close the record with the status that its events come to.

        `is_left_out` tells of what was planned and has not begun whether the command itself left it out.
        """
        if self._recorder is not None:
            self._recorder.close(self._status(self._recorder, is_left_out))

    def left_over(self, is_left_out: Callable[[Instance], bool]) -> list[Instance]:
        """What was planned and has not begun, without what the command itself left out."""
        if self._recorder is None:
            return []
        pending = _in_state(self._recorder, InstanceState.PENDING)
        return [each for each in pending if not is_left_out(each)]

    @property
    def left_out(self) -> list[Instance]:
        """What was not begun because of the budget, in the end."""
        if self._recorder is None or not self._recorder.fold.left_out:
            return []
        return list(_in_state(self._recorder, InstanceState.SKIPPED))

    @property
    def cost_usd(self) -> float:
        """What was paid so far, in US dollars."""
        if self._recorder is None:
            return 0.0
        return self._recorder.fold.state(with_instances=False).totals.cost_usd

    def _status(self, recorder: Recorder, is_left_out: Callable[[Instance], bool]) -> RunStatus:
        state = recorder.fold.state(with_instances=False)
        counts = state.totals.instances
        if self.interrupted or counts.get(InstanceState.RUNNING):
            return RunStatus.INTERRUPTED
        if counts.get(InstanceState.FAILED) or state.errors:
            return RunStatus.FAILED
        if self._dry:
            return RunStatus.DONE
        if counts.get(InstanceState.PENDING) and self.left_over(is_left_out):
            return RunStatus.FAILED
        return RunStatus.DONE


def _in_state(recorder: Recorder, state: InstanceState) -> Iterator[Instance]:
    for stage, entity in recorder.fold.in_state(state):
        yield Instance(stage, entity)
