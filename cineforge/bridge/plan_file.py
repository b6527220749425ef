"""`runs/<run_id>/plan.json`: every decision of a run, as it was taken."""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cineforge.deciding.decide import Action, Decision

FLUSH_EVERY_SECONDS = 1.0


class PlanFile:
    """Grows while fan-outs finish. Written whole and atomically, at most once a second and at the end."""

    def __init__(self, folder: Path, run_id: str, recipe_id: str) -> None:
        self._path = folder / "plan.json"
        self._plan: dict[str, Any] = {
            "run_id": run_id,
            "recipe_id": recipe_id,
            "kept": [],
            "decisions": [],
        }
        self._dirty = False
        self._written_at = 0.0
        self._lock = threading.Lock()

    def add(self, decision: Decision, version: int | None) -> None:
        """Record one decision; `version` is the number planned for what it builds."""
        with self._lock:
            self._dirty = True
            if decision.action is Action.KEEP and not (decision.held or decision.is_told):
                self._plan["kept"].append(str(decision.instance))
                return
            self._plan["decisions"].append(
                {
                    "instance": str(decision.instance),
                    "action": decision.action.value,
                    "version": version,
                    "reasons": [_without_empty(asdict(reason)) for reason in decision.reasons],
                    "pending": [str(instance) for instance in decision.pending],
                    "head": None if decision.head is None else str(decision.head),
                    "held": decision.held,
                    "forced": decision.forced,
                }
            )

    def flush(self, *, now: bool = False) -> None:
        """Write what is new, unless that was done a moment ago or the disk is full.

        With `now` in any case. Raises OSError as the disk does.
        """
        with self._lock:
            if not self._dirty:
                return
            if now:
                self._write()
            elif time.monotonic() - self._written_at >= FLUSH_EVERY_SECONDS:
                with suppress(OSError):
                    self._write()

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".json.new")
        draft.write_text(json.dumps(self._plan, indent=1) + "\n", encoding="utf-8")
        draft.replace(self._path)
        self._dirty = False
        self._written_at = time.monotonic()


def _without_empty(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if value}
