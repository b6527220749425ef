"""How money and time are written, everywhere."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from cineforge.model.display import quantities
from cineforge.model.display.quantities import duration, money


@pytest.mark.parametrize(
    ("usd", "text"), [(0, "$0.00"), (0.25, "$0.25"), (0.0005, "$0.0005"), (12.1, "$12.10")]
)
def test_money_has_the_decimals_that_it_needs(usd: float, text: str) -> None:
    assert money(usd) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (59.9, "59.9 s"), (100, "1 min 40 s"), (7500, "2 h 05 min")],
)
def test_time_is_told_in_the_unit_that_it_takes(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_nobody_else_writes_money() -> None:
    home = Path(quantities.__file__)
    found = set()
    for path in home.parents[2].rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr) and path != home:
                for text, value in zip(node.values, node.values[1:], strict=False):
                    is_dollar = isinstance(text, ast.Constant) and str(text.value).endswith("$")
                    if is_dollar and isinstance(value, ast.FormattedValue):
                        found.add(f"{path.name}:{node.lineno}")
    assert not found, "use cineforge.model.display.quantities"
