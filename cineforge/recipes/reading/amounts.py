"""`spending:` of a configuration: US dollars by name."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from cineforge.model.errors import suggestion

#: The key in config.yaml, and those below it.
SPENDING = "spending"
BUDGET, PROJECT_BUDGET, CONFIRM_ABOVE = AMOUNTS = ("budget", "project_budget", "confirm_above")


def amount(value: object) -> float | None:
    """An amount as a number or as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and found >= 0 else None


def no_amount(value: object) -> str:
    """What is told of a value that is no amount."""
    try:
        is_negative = float(value) < 0 if isinstance(value, str | int | float) else False
    except (ValueError, OverflowError):
        is_negative = False
    mistake = f"{value} US dollars: it must not be below zero; " if is_negative else ""
    return f"{mistake}write an amount of US dollars, such as 2.50"


def wrong_amounts(spending: object) -> Iterator[tuple[tuple[str, ...], str]]:
    """What is wrong with the value of `spending`: the key below it, if it is one's, and what to do."""
    if not isinstance(spending, Mapping):
        yield (), f"write keys and amounts, e.g. {{{BUDGET}: 5}}"
        return
    for name, value in spending.items():
        if name not in AMOUNTS:
            yield (str(name),), suggestion(str(name), AMOUNTS)
        elif amount(value) is None:
            yield (name,), no_amount(value)
