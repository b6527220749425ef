"""What one call of a stage's module is expected to pay, by what is on record. Looked up once in a run."""

from __future__ import annotations

from cineforge.bridge.run_context import RunContext
from cineforge.deciding.dry_run.pricing.forecast import Sample, expected_usd
from cineforge.deciding.dry_run.pricing.sizes import size_read
from cineforge.deciding.instance import Instance
from cineforge.history.reading.samples import estimate, find_samples


class ExpectedCosts:
    """Of one run. Not safe to use from many threads at once: whoever calls holds the run's lock."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._known: dict[str, list[Sample]] = {}

    def usd(self, instance: Instance) -> float | None:
        """US dollars; None where nobody can tell. Without a budget nobody looks."""
        if not self._context.settings.budget:
            return None
        stage = self._context.recipe.stages[instance.stage]
        if stage.module.pure:
            return 0.0
        if stage.id not in self._known:
            seen = find_samples(self._context.store, [stage])[stage.id]
            self._known[stage.id] = seen or [estimate(stage)]
        size = size_read(self._context.planner, instance)
        return expected_usd(self._known[stage.id], size)
