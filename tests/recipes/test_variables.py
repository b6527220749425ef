"""`${variables}` are data poured into data."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cineforge.recipes.reading.variables import Filling
from cineforge.recipes.reading.yaml_source import YamlDocument


def fill(value: Any, **variables: Any) -> Any:
    filling = Filling(YamlDocument({}), variables)
    filled = filling.fill(value, ("params",))
    assert filling.problems == []
    return filled


def complaints(value: Any, **variables: Any) -> list[str]:
    filling = Filling(YamlDocument({}), variables)
    filling.fill(value, ("params",))
    return [str(problem) for problem in filling.problems]


@pytest.mark.parametrize("value", [3, 2.5, True, None, [1, {"a": 2}], "text", ""])
def test_a_text_that_is_one_variable_takes_its_json_value(value: Any) -> None:
    assert fill({"a": ["${x}"]}, x=value) == {"a": [value]}


def test_within_a_text_scalars_are_written_out() -> None:
    assert fill("${a}-${b}-${c}-${a}", a="x", b=2, c=True) == "x-2-true-x"


@pytest.mark.parametrize("value", [None, [1], {"a": 1}])
def test_within_a_text_nothing_else_fits(value: Any) -> None:
    (complaint,) = complaints("a ${x}", x=value)
    assert "does not fit inside a text" in complaint


def test_an_escaped_dollar_stays_a_plain_one() -> None:
    assert fill("$${x} costs $5 {x} $x", x="no") == "${x} costs $5 {x} $x"


def test_what_a_variable_holds_is_never_read_again() -> None:
    assert fill("${x} ${y}", x="${y}", y="$${x}") == "${y} $${x}"


def test_keys_are_never_filled() -> None:
    assert fill({"${x}": 1}, x="y") == {"${x}": 1}


def test_every_missing_variable_is_reported_with_the_nearest_known_one() -> None:
    first, second = complaints("${stroy} ${lenght}", story="x", length=3)
    assert "the variable ${stroy} has no value" in first
    assert "--config stroy=..." in first
    assert "did you mean ${story}?" in first
    assert "did you mean ${length}?" in second


@pytest.mark.parametrize("text", ["${}", "${a b}", "${a", "x ${", "${a.b}", "${__import__('os')}"])
def test_what_is_no_variable_is_reported(text: str) -> None:
    (complaint,) = complaints(text, a=1)
    assert "is not a variable" in complaint


def test_unfilled_places_are_noted_and_left_alone_when_nothing_is_required() -> None:
    filling = Filling(YamlDocument({}), {"b": 1}, require=False)
    assert filling.fill({"x": "${a} ${b}"}, ("params",)) == {"x": "${a} 1"}
    assert filling.unfilled == {("params", "x")}
    assert filling.problems == []


@given(st.text())
def test_a_text_without_variables_is_left_as_it_is(text: str) -> None:
    if "${" not in text:
        assert fill(text) == text


@given(st.text())
def test_any_text_gets_through_a_variable_unchanged(text: str) -> None:
    assert fill("${x}", x=text) == text
    assert fill("<${x}>", x=text) == f"<{text}>"
