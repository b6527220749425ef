"""What one call of a stage's module is expected to pay, by what is on record. Looked up once in a run."""

from __future__ import annotations

from cineforge.bridge.run_context import RunContext
from cineforge.deciding.dry_run.forecast import per_call
from cineforge.deciding.instance import Instance
from cineforge.history.reading.samples import estimate, find_samples


class ExpectedCosts:
    """Of one run. Not safe to use from many threads at once: whoever calls holds the run's lock."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._known: dict[str, float | None] = {}

    def usd(self, instance: Instance) -> float | None:
        """US dollars; None where nobody can tell. Without a budget nobody looks."""
        if not self._context.settings.budget:
            return None
        if instance.stage not in self._known:
            stage = self._context.recipe.stages[instance.stage]
            if stage.module.pure:
                self._known[stage.id] = 0.0
            else:
                seen = find_samples(self._context.store, [stage])[stage.id] or [estimate(stage)]
                expected, _ = per_call(seen)
                self._known[stage.id] = None if expected is None else expected.likely
        return self._known[instance.stage]
