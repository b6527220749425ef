"""Whether an output's schema promises what an input's schema asks for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cineforge.recipes.json_schema.schema_check import schema_errors
from cineforge.recipes.json_schema.schema_fit import schema_mismatches
from tests.depth import examples

TEXT = {"type": "string"}
NUMBER = {"type": "number"}


def obj(required: list[str] | None = None, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required or []}


FITS = {
    "anything fits no demands": ({}, {}),
    "the same": (obj(["a"], a=TEXT), obj(["a"], a=TEXT)),
    "more than asked for": (obj(["a", "b"], a=TEXT, b=TEXT), obj(["a"], a=TEXT)),
    "an integer where a number will do": ({"type": "integer"}, NUMBER),
    "one of several types": (TEXT, {"type": ["string", "null"]}),
    "a type left open": (obj(["a"], a={}), obj(["a"], a=TEXT)),
    "fewer choices": ({"enum": ["a"]}, {"enum": ["a", "b"]}),
    "a constant among the choices": ({"const": "a"}, {"enum": ["a", "b"]}),
    "a constant of the right type": ({"const": "a"}, TEXT),
    "a pattern might narrow to the choices": ({"type": "string", "pattern": "^a$"}, {"enum": ["a"]}),
    "an option of the input": (TEXT, {"anyOf": [NUMBER, TEXT]}),
    "each option finds one of the input's": ({"oneOf": [TEXT, NUMBER]}, {"anyOf": [NUMBER, TEXT]}),
    "required in a part of allOf": (
        {"type": "object", "allOf": [{"required": ["a"]}]},
        obj(["a"]),
    ),
    "by reference": (
        {"$ref": "#/$defs/x", "$defs": {"x": obj(["a"], a=TEXT)}},
        obj(["a"], a={"$ref": "#/$defs/t"}) | {"$defs": {"t": TEXT}},
    ),
    "what cannot be told": ({"if": {}, "then": {"required": ["a"]}}, obj(["a"])),
    "a reference that leads nowhere": ({"$ref": "other.json"}, obj(["a"])),
}  # fmt: skip


@pytest.mark.parametrize(("made", "wanted"), FITS.values(), ids=FITS.keys())
def test_what_fits_is_not_reported(made: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert schema_mismatches(made, wanted) == []


MISFITS = {
    "another type": (TEXT, NUMBER, "$: the output may be string, the input takes number"),
    "null where it is not expected": (
        {"type": ["string", "null"]},
        TEXT,
        "$: the output may be null, the input takes string",
    ),
    "a number where an integer is needed": (NUMBER, {"type": "integer"}, "may be number"),
    "a key not promised": (
        obj([], a=TEXT),
        obj(["a"], a=TEXT),
        "$: the input requires 'a', the output may lack it",
    ),
    "a key below, in a list": (
        obj(["l"], l={"type": "array", "items": obj([], a=TEXT)}),
        obj(["l"], l={"type": "array", "items": obj(["a"])}),
        "$.l['*']: the input requires 'a'",
    ),
    "a key of another type": (obj(["a"], a=TEXT), obj([], a=NUMBER), "$.a: the output may be string"),
    "a key that is not allowed": (
        obj([], a=TEXT, b=TEXT),
        obj([], a=TEXT) | {"additionalProperties": False},
        "$: the output may hold 'b', which the input does not allow",
    ),
    "a choice too many": ({"enum": ["a", "b"]}, {"enum": ["a"]}, "may be 'b', the input takes only 'a'"),
    "any text for a choice": (TEXT, {"enum": ["a"]}, "may be string, the input takes only 'a'"),
    "a constant of another type": ({"const": 1}, TEXT, "may be integer"),
    "one option fits nothing": (
        {"anyOf": [TEXT, {"type": "null"}]},
        {"anyOf": [TEXT, NUMBER]},
        "may be null",
    ),
    "by reference on both sides": (
        {"$ref": "#/$defs/x", "$defs": {"x": obj([], a=TEXT)}},
        {"$ref": "#/$defs/y", "$defs": {"y": obj(["a"])}},
        "requires 'a'",
    ),
    "a part of allOf": (obj([], a=TEXT), {"allOf": [{"required": ["a"]}]}, "requires 'a'"),
}  # fmt: skip


@pytest.mark.parametrize(("made", "wanted", "said"), MISFITS.values(), ids=MISFITS.keys())
def test_what_cannot_fit_is_told_with_its_place(
    made: dict[str, Any], wanted: dict[str, Any], said: str
) -> None:
    (mismatch,) = schema_mismatches(made, wanted)
    assert said in mismatch


def test_recursive_schemas_are_compared_once_around() -> None:
    made = {"$ref": "#/$defs/n", "$defs": {"n": obj([], child={"$ref": "#/$defs/n"})}}
    wanted = {"$ref": "#/$defs/m", "$defs": {"m": obj(["id"], child={"$ref": "#/$defs/m"})}}
    assert schema_mismatches(made, made) == []
    assert [its.split(":")[0] for its in schema_mismatches(made, wanted)] == ["$", "$.child"]


def test_schemas_that_refer_only_to_themselves_end() -> None:
    assert schema_mismatches({"$ref": "#"}, {"$ref": "#"}) == []


def test_options_of_options_do_not_multiply_for_ever() -> None:
    many = {"allOf": [{"anyOf": [TEXT, NUMBER]} for _ in range(30)]}
    assert schema_mismatches(many, TEXT) == []


STATED = [
    TEXT,
    NUMBER,
    {"type": "integer"},
    {"type": ["string", "null"]},
    {"enum": ["a", 1]},
    {"const": "a"},
]


def lists_of(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(lambda items: {"type": "array", "items": items}, inner)


def objects_of(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    keys = st.sampled_from(["x", "y"])
    return st.builds(
        lambda properties, required, closed: {
            **obj(sorted(required), **properties),
            **({"additionalProperties": False} if closed else {}),
        },
        st.dictionaries(keys, inner),
        st.sets(keys),
        st.booleans(),
    )


def options_of(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(lambda its: {"anyOf": its}, st.lists(inner, min_size=1, max_size=2))


schemas = st.recursive(
    st.sampled_from([{}, *STATED]),
    lambda inner: lists_of(inner) | objects_of(inner) | options_of(inner),
    max_leaves=6,
)
lists_of_stated_types = st.recursive(st.sampled_from(STATED), lists_of, max_leaves=4)
values = st.recursive(
    st.sampled_from([None, "a", "b", 1, 2.5]),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=4,
)


@given(schemas)
def test_every_schema_fits_itself(schema: dict[str, Any]) -> None:
    assert schema_mismatches(schema, schema) == []


@pytest.mark.slow
@settings(max_examples=examples(100))
@given(lists_of_stated_types, lists_of_stated_types, st.lists(values, min_size=10))
def test_where_types_are_stated_a_value_that_is_refused_shows_as_a_mismatch(
    made: dict[str, Any], wanted: dict[str, Any], tried: list[Any]
) -> None:
    refused = [its for its in tried if not schema_errors(made, its) and schema_errors(wanted, its)]
    assert not refused or schema_mismatches(made, wanted)
