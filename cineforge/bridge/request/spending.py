"""What a person lets a run pay: the options of `cineforge run`, over `spending:` in config.yaml."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cineforge.history.budgets import Budget
from cineforge.model.errors import CineForgeError, suggestion

#: The key in config.yaml, and those below it.
KEY = "spending"
_BUDGET, _PROJECT, _CONFIRM = "budget", "project_budget", "confirm_above"


@dataclass(frozen=True)
class Spending:
    """US dollars. Above `confirm_above` a person is asked first; None for never."""

    budget: Budget
    confirm_above: float | None = None


def read_spending(
    config: Mapping[str, Any], budget: float | None = None, confirm_above: float | None = None
) -> Spending:
    """What configuration and options come to; options win. Raises CineForgeError."""
    found = config.get(KEY, {})
    if not isinstance(found, Mapping):
        raise CineForgeError(f"config.yaml: {KEY}: write keys and amounts, e.g. {{{_BUDGET}: 5}}")
    known = (_BUDGET, _PROJECT, _CONFIRM)
    for name in found:
        if name not in known:
            raise CineForgeError(f"config.yaml: {KEY}.{name}: {suggestion(str(name), known)}")
    values = {name: usd(found[name], f"config.yaml: {KEY}.{name}") for name in found}
    for_run = values.get(_BUDGET) if budget is None else budget
    asked = values.get(_CONFIRM) if confirm_above is None else confirm_above
    return Spending(Budget(for_run, values.get(_PROJECT)), asked)


def usd(value: object, where: str) -> float:
    """An amount of US dollars; `where` says who gave it. Raises CineForgeError."""
    try:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError
        amount = float(value)
        if not math.isfinite(amount) or amount < 0:
            raise ValueError
    except (ValueError, OverflowError):
        raise CineForgeError(f"{where}: write an amount of US dollars, such as 2.50") from None
    return amount
