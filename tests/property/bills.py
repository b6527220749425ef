"""What a plan said that a run would cost, and what it did cost."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cineforge.history.run_files import read_state
from tests.property.plan import Planned

#: How an instance ends that a budget forbids.
LEFT_OUT = "left out for the budget"
#: What the dearest call of a made-up module costs, in US dollars.
DEAREST = 0.05
#: Of sums of floats.
_DUST = 1e-6


@dataclass
class Bills:
    """Of one run. `paid_twice` names what paid for more than one call: each asks once, whatever it fails of."""

    low: float | None = None
    high: float | None = None
    paid: float = 0.0
    paid_twice: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, plan: Planned, runs: list[Path]) -> Bills:
        """By the plan's text, and by what the runs have on record."""
        found = cls()
        report: dict[str, Any] = json.loads(plan.text) if plan.text.startswith("{") else {}
        usd = report["forecast"]["usd"] if report and not report["not_known"] else None
        if usd is not None:
            found.low, found.high = usd["low"], usd["high"]
        for state in (read_state(each) for each in runs if (each / "run_state.json").exists()):
            found.paid += state.totals.cost_usd
            for stage in state.stages:
                for each in stage.instances:
                    if each.calls > 1:
                        found.paid_twice.append(f"{stage.stage}/{each.entity}")
        return found

    def require_within(self, budget: float) -> None:
        """No call is begun past the budget: only one that is under way may pass it."""
        assert self.paid <= budget + DEAREST + _DUST, (self.paid, budget)

    @property
    def is_told(self) -> bool:
        return self.low is not None and self.high is not None

    @property
    def holds(self) -> bool:
        assert self.low is not None and self.high is not None
        return self.low - _DUST <= self.paid <= self.high + _DUST
