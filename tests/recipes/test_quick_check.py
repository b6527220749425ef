"""The quick check says yes only to what jsonschema finds nothing wrong with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cineforge.recipes.json_schema import patterns, schema_check
from cineforge.recipes.json_schema.patterns import InvalidSchema
from cineforge.recipes.json_schema.quick_check import is_sound, quick_check
from cineforge.recipes.json_schema.schema_check import ReadSchema, schema_errors
from cineforge.recipes.share import share_root
from tests.depth import examples

NUMBERS = st.one_of(
    st.sampled_from([0, 1, -1, 2, 0.0, 1.0, 1.5, 1e300, 2**53, 2**53 + 1, float(2**53), 2**70]),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
)
TEXTS = st.one_of(
    st.sampled_from(["", "a", "ab", "a\n", "A", "é", "e\u0301", "\U0001f600", "1", "x_1"]),
    st.text(max_size=4),
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
KEYS = st.sampled_from(["a", "b", "c", "x_1", ""])
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)
COUNT = st.integers(0, 3)
TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])


def schemas() -> st.SearchStrategy[Any]:
    def larger(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        several = st.lists(inner, min_size=1, max_size=3)
        keywords = {
            "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
            "enum": st.lists(DATA, min_size=1, max_size=4),
            "const": DATA,
            **dict.fromkeys(
                ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"], NUMBERS
            ),
            **dict.fromkeys(["minLength", "maxLength", "minItems", "maxItems"], COUNT),
            **dict.fromkeys(["minProperties", "maxProperties"], COUNT),
            "required": st.lists(KEYS, max_size=3, unique=True),
            "dependentRequired": st.dictionaries(KEYS, st.lists(KEYS, max_size=2, unique=True)),
            "uniqueItems": st.booleans(),
            "pattern": st.sampled_from(["^a$", "^[a-z]+$", r"^\w+$", r"\d", "^.$", r"\Aa\Z"]),
            "format": st.sampled_from(["date", "uri", "email"]),
            **dict.fromkeys(["items", "additionalProperties", "propertyNames"], inner),
            **dict.fromkeys(["not", "if", "then", "else"], inner),
            **dict.fromkeys(["allOf", "anyOf", "oneOf", "prefixItems"], several),
            "properties": st.dictionaries(KEYS, inner, max_size=3),
            "$ref": st.sampled_from(["#/$defs/one", "#/$defs/two"]),
        }
        return st.fixed_dictionaries({}, optional=keywords)

    part = st.recursive(st.booleans() | larger(st.booleans()), larger, max_leaves=4)
    return st.builds(
        lambda whole, one, two: {**whole, "$defs": {"one": one, "two": two}},
        larger(part), part, part,
    )  # fmt: skip


@pytest.mark.slow
@settings(max_examples=examples(40))
@given(schemas(), DATA)
def test_what_it_says_yes_to_jsonschema_finds_nothing_wrong_with(schema: Any, data: Any) -> None:
    fits = quick_check(schema)
    if fits is not None and fits(data):
        assert schema_errors(schema, data) == []


@settings(max_examples=examples(40))
@given(DATA)
def test_what_fits_the_most_usual_schemas_is_said_yes_to(data: Any) -> None:
    schema = {"anyOf": [{"type": "object"}, {"items": {"$ref": "#/$defs/it"}}], "$defs": {"it": {}}}
    fits = quick_check(schema)
    assert fits is not None
    assert fits(data)


@pytest.mark.parametrize(
    "schema",
    [
        {"multipleOf": 0.1},
        {"patternProperties": {"^x": {}}},
        {"properties": {"a": {"unevaluatedProperties": False}}},
        {"$schema": "http://json-schema.org/draft-07/schema#"},
        {"items": {"$id": "other"}},
        {"$ref": "https://example.org/other"},
        {"$ref": "#/$defs/gone"},
        {"$ref": "#named", "$defs": {"a": {"$anchor": "named"}}},
        {"$defs": {"a/b": {}}},
        {"a keyword of somebody's": 1},
        {"$ref": "#"},
        {"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/b"}]}, "b": {"not": {"$ref": "#/$defs/a"}}}},
    ],
)
def test_of_what_they_may_think_differently_it_says_nothing(schema: Any) -> None:
    assert quick_check(schema) is None


def test_a_schema_of_trees_is_no_ring() -> None:
    tree = {"properties": {"below": {"items": {"$ref": "#"}}}, "additionalProperties": False}
    fits = quick_check(tree)
    assert fits is not None
    assert fits({"below": [{}, {"below": []}]})
    assert not fits({"below": [{"above": 1}]})


@pytest.mark.parametrize("name", ["character_bible", "scene", "scene_report", "shot_list"])
def test_our_own_schemas_are_checked_quickly(name: str) -> None:
    file = share_root() / "schemas" / "artifacts" / f"{name}.schema.json"
    assert quick_check(json.loads(file.read_text("utf-8"))) is not None


def read(schema: Any) -> ReadSchema:
    return ReadSchema("mine", Path("mine.schema.json"), "sha256:0", json.dumps(schema))


def test_what_fits_is_not_looked_at_a_second_time(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = read({"items": {"type": "string", "pattern": "^[a-z]+$"}})
    assert schema.errors(["a"]) == []
    monkeypatch.delattr(schema_check, "errors_of")
    assert schema.errors(["a", "b"]) == []


def test_what_does_not_fit_is_told_in_the_same_words() -> None:
    schema = {"items": {"type": "string", "pattern": "^[a-z]+$"}}
    data = ["a", 1, "A", "\ud800"]
    assert read(schema).errors(data) == schema_errors(schema, data)


def test_a_tuple_is_an_array_as_it_is_when_it_is_saved() -> None:
    schema = read({"type": "object", "properties": {"a": {"type": "array"}, "b": {"type": "null"}}})
    assert schema.errors({"a": (1, 2)}) == []
    assert [found.path for found in schema.errors({"a": (1, 2), "b": 1})] == ["$.b"]


def test_both_checks_share_the_time_of_one_payload(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.2)
    with pytest.raises(InvalidSchema, match="takes too long on"):
        read({"items": {"pattern": "^(a|aa)+$"}}).errors(["a" * 60 + "!"])


@pytest.mark.slow
@settings(max_examples=examples(40))
@given(
    schemas(),
    st.dictionaries(st.sampled_from(["type", "minimum", "required", "items", "$defs"]), DATA),
)
def test_a_schema_is_called_sound_only_if_jsonschema_finds_nothing_wrong_with_it(
    schema: Any, broken: dict[str, Any]
) -> None:
    kind = jsonschema.Draft202012Validator
    for each in (schema, {**schema, **broken}):
        if is_sound(each):
            kind.check_schema(each, format_checker=kind.FORMAT_CHECKER)


def test_the_usual_schemas_are_sound_without_loading_jsonschema() -> None:
    code = (
        "import sys; import cineforge.recipes.json_schema.schema_check as check;"
        'assert check.broken_schema({"type": "object", "properties": {"a": {"type": "string"}}}) == [];'
        'print("jsonschema" in sys.modules)'
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"
