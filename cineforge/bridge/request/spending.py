"""What a person lets a run pay: the options of `cineforge run`, over `spending:` in config.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cineforge.history.budgets import Budget
from cineforge.model.errors import CineForgeError
from cineforge.recipes.reading.amounts import (
    BUDGET,
    CONFIRM_ABOVE,
    PROJECT_BUDGET,
    SPENDING,
    amount,
    no_amount,
    wrong_amounts,
)

if TYPE_CHECKING:
    from pydantic import JsonValue


@dataclass(frozen=True)
class Spending:
    """US dollars. Above `confirm_above` a person is asked first; None for never."""

    budget: Budget
    confirm_above: float | None = None


def read_spending(
    config: Mapping[str, JsonValue], budget: float | None = None, confirm_above: float | None = None
) -> Spending:
    """What configuration and options come to; options win. Raises CineForgeError that names all wrong ones."""
    found = config.get(SPENDING, {})
    wrong = [f"{'.'.join((SPENDING, *path))}: {message}" for path, message in wrong_amounts(found)]
    if wrong:
        raise CineForgeError("\n".join(f"config.yaml: {each}" for each in wrong))
    assert isinstance(found, Mapping), "else something is wrong with it"
    values = {name: amount(value) for name, value in found.items()}
    for_run = values.get(BUDGET) if budget is None else budget
    asked = values.get(CONFIRM_ABOVE) if confirm_above is None else confirm_above
    return Spending(Budget(for_run, values.get(PROJECT_BUDGET)), asked)


def usd(value: object, where: str) -> float:
    """An amount of US dollars; `where` says who gave it. Raises CineForgeError."""
    found = amount(value)
    if found is None:
        raise CineForgeError(f"{where}: {no_amount(value)}")
    return found
