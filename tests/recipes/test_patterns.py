"""Regular expressions in schemas have a limited time, wherever a schema may have them."""

from __future__ import annotations

from typing import Any

import pytest

from cineforge.recipes.json_schema import patterns
from cineforge.recipes.json_schema.patterns import InvalidSchema
from cineforge.recipes.json_schema.schema_check import schema_errors

CATASTROPHE = r"^(a|aa)+$"
TEXT = "a" * 60 + "!"


@pytest.mark.parametrize(
    ("schema", "data"),
    [
        ({"pattern": CATASTROPHE}, TEXT),
        ({"items": {"pattern": CATASTROPHE}}, [TEXT]),
        ({"patternProperties": {CATASTROPHE: {}}}, {TEXT: 1}),
        ({"patternProperties": {CATASTROPHE: {}}, "additionalProperties": False}, {TEXT: 1}),
        ({"unevaluatedProperties": False, "patternProperties": {CATASTROPHE: {}}}, {TEXT: 1}),
        ({"propertyNames": {"pattern": CATASTROPHE}}, {TEXT: 1}),
    ],
)
def test_a_pattern_that_takes_for_ever_is_cut_off_and_named(
    monkeypatch: pytest.MonkeyPatch, schema: dict[str, Any], data: object
) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.2)
    with pytest.raises(InvalidSchema, match="takes too long on") as told:
        schema_errors(schema, data)
    assert len(str(told.value)) < 400


def test_all_texts_of_a_payload_share_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.2)
    with pytest.raises(InvalidSchema, match="takes too long"):
        schema_errors(
            {"items": {"pattern": r"^(a|aa)+$"}}, [f"{'a' * 16}{n}!" for n in range(10**4)]
        )


def test_ordinary_patterns_find_what_they_did() -> None:
    schema = {
        "properties": {"name": {"pattern": "^[A-Z]+$"}},
        "patternProperties": {"^x_": {"type": "integer"}},
        "additionalProperties": False,
    }
    assert schema_errors(schema, {"name": "ANNA", "x_1": 1}) == []
    found = [str(error) for error in schema_errors(schema, {"name": "anna", "x_1": "1", "y": 2})]
    assert len(found) == 3
    assert "does not fit 'pattern'" in found[0]
