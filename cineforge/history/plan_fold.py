"""`runs/<run_id>/plan.json`: what a run decided for each instance, folded from its events."""

from __future__ import annotations

import json

from cineforge.model.records import run_events as ev
from cineforge.model.records.run_events import Event


class PlanFold:
    """Takes events in order with `add`; `text()` is the file. Of several decisions on an instance the last holds."""

    def __init__(self) -> None:
        self._run = {"run_id": "", "recipe_id": ""}
        self._decisions: dict[str, str] = {}
        self._kept: list[str] = []
        #: Whether there is more than when `text` was last asked for.
        self.has_news = False

    def add(self, event: Event) -> None:
        """Take the next event."""
        match event:
            case ev.RunStarted():
                self._run = {"run_id": event.run_id, "recipe_id": event.recipe_id}
            case ev.Decided():
                self._decisions[event.decision.instance] = event.decision.model_dump_json()
            case ev.UpToDate():
                self._kept += [
                    event.stage if entity is None else f"{event.stage}/{entity}"
                    for entity in event.entities
                ]
            case _:
                return
        self.has_news = True

    def text(self) -> str:
        """The plan as JSON: a line for each decision, then the names of what is kept without a word to say."""
        self.has_news = False
        head = json.dumps(self._run)[:-1]
        decisions = ",\n".join(self._decisions.values())
        return f'{head}, "decisions": [\n{decisions}],\n"kept": {json.dumps(self._kept)}}}\n'
