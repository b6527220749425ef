"""A payload as a form: what is not edited comes back to the letter, whatever browsers do to it on the way."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cineforge.ui.content import forms
from cineforge.ui.content.forms import Field

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
SCHEMA = {
    "type": "object",
    "required": ["a"],
    "properties": {
        "a": {"type": "string"},
        "b": {"type": ["integer", "null"]},
        "c": {"enum": ["x", "y", None]},
        "d": {"type": "boolean"},
        "e": {"type": "array", "items": {"type": "string"}},
        "f": {"anyOf": [{"$ref": "#/$defs/inner"}, {"type": "null"}]},
        "g": {"type": "number"},
        "h": {"type": "array", "items": {"type": "object"}},
    },
    "$defs": {"inner": {"type": "object", "properties": {"a": {"type": "string"}, "b": {}}}},
}
NAMES = st.sampled_from([*"abcdefgh", "", "~/x", 'q"', "é"])


def sent(fields: tuple[Field, ...]) -> dict[str, str]:
    """What a browser sends of a form that nobody has touched: line ends are CR LF."""
    found: dict[str, str] = {}
    for each in fields:
        if each.kind == "group":
            found |= sent(each.fields)
        else:
            found[each.name] = each.value.replace("\n", "\r\n")
    return found


@pytest.mark.slow
@given(st.dictionaries(NAMES, VALUES))
def test_a_form_that_nobody_touched_changes_nothing(data: dict[str, Any]) -> None:
    fields = forms.fields_of(SCHEMA, data)
    form = sent(fields)
    assert len(form) == len(set(form))
    changed, errors = forms.applied(fields, SCHEMA, data, form.get)
    assert errors == {}
    assert repr(changed) == repr(data)


@pytest.mark.slow
@given(st.dictionaries(NAMES, VALUES))
def test_names_of_fields_are_plain_letters(data: dict[str, Any]) -> None:
    for name in sent(forms.fields_of(SCHEMA, data)):
        assert name.isascii()
        assert not set(name) & set('"<>&\r\n\\ ')


def fields_by_name(data: dict[str, Any]) -> tuple[tuple[Field, ...], dict[str, Field]]:
    fields = forms.fields_of(SCHEMA, data)
    return fields, {each.path[-1]: each for each in fields}


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("a", "new\r\nlines", "new\nlines"),
        ("a", "", ""),
        ("b", "12", 12),
        ("b", "", None),
        ("c", '"y"', "y"),
        ("c", "null", None),
        ("d", "false", False),
        ("e", "one\r\n\r\ntwo", ["one", "two"]),
        ("g", "1.5", 1.5),
        ("h", '[{"n": 1}]', [{"n": 1}]),
    ],
)
def test_what_is_typed_becomes_a_value_of_its_kind(name: str, typed: str, value: object) -> None:
    data = {"a": "x", "b": 1, "c": "x", "d": True, "e": ["z"], "g": 0.5, "h": []}
    fields, named = fields_by_name(data)
    changed, errors = forms.applied(fields, SCHEMA, data, {named[name].name: typed}.get)
    assert errors == {}
    assert changed == data | {name: value}


@pytest.mark.parametrize(
    ("name", "typed"),
    [("b", "1,5"), ("b", "NaN"), ("g", "true"), ("h", "[1,"), ("h", '{"a":1,"a":2}')],
)
def test_what_cannot_be_read_is_told_by_its_field(name: str, typed: str) -> None:
    data = {"a": "x", "b": 1, "g": 0.5, "h": []}
    fields, named = fields_by_name(data)
    changed, errors = forms.applied(fields, SCHEMA, data, {named[name].name: typed}.get)
    assert list(errors) == [(name,)]
    assert changed == data


def test_what_is_left_out_is_not_put_in_by_an_empty_field() -> None:
    fields, named = fields_by_name({"a": "x"})
    form = {each.name: "" for each in named.values() if each.path[-1] != "a"}
    assert forms.applied(fields, SCHEMA, {"a": "x"}, form.get) == ({"a": "x"}, {})


def test_an_error_deep_inside_stands_by_the_field_that_shows_it() -> None:
    fields, _ = fields_by_name({"a": "x", "h": [{"n": 1}], "f": {"a": "y"}})
    assert forms.place_of(fields, ("h", 0, "n")) == ("h",)
    assert forms.place_of(fields, ("f", "a")) == ("f", "a")
    assert forms.place_of(fields, ()) == ()
