"""Payloads checked against schemas, with structured findings."""

from __future__ import annotations

from typing import Any

import pytest

from cineforge.recipes.json_schema.patterns import InvalidSchema
from cineforge.recipes.json_schema.schema_check import schema_errors
from tests.recipes.scene_schema import SCENE


def findings(payload: Any) -> list[tuple[str, str, str]]:
    return [(its.path, its.message, its.expected) for its in schema_errors(SCENE, payload)]


def test_a_fitting_payload_has_no_findings() -> None:
    assert (
        findings({"heading": "INT. X", "lines": [{"text": None, "my key": 1}], "length": 3}) == []
    )


@pytest.mark.parametrize(
    ("payload", "path", "message", "expected"),
    [
        ({}, "$", "the key 'heading' is missing", "'heading'"),
        ([], "$", "not of the right type", "object"),
        ({"heading": 3}, "$.heading", "3 is not of the right type", "string"),
        ({"heading": ""}, "$.heading", "does not fit 'minLength'", "minLength: 1"),
        ({"heading": "x", "time": "DUSK"}, "$.time", "'DUSK'", "'DAY', 'NIGHT'"),
        ({"heading": "x", "tme": "DAY"}, "$.tme", "unknown key 'tme'", "did you mean 'time'?"),
        ({"heading": "x", "lines": [{"text": "a"}, {}]}, "$.lines[1]", "'text' is missing", "'text'"),
        ({"heading": "x", "lines": [{"text": 1}]}, "$.lines[0].text", "1 is not", "string or null"),
        ({"heading": "x", "lines": [{"text": "", "my key": 2}]}, "$.lines[0]['my key']", "2 is not", "1"),
        ({"heading": "x", "length": []}, "$.length", "none of the options", "integer or one of 'short', 'long'"),
    ],
)  # fmt: skip
def test_a_finding_tells_the_place_what_is_wrong_and_what_is_expected(
    payload: Any, path: str, message: str, expected: str
) -> None:
    (found,) = findings(payload)
    assert found[0] == path
    assert message in found[1]
    assert expected in found[2]


def test_all_findings_come_in_the_order_of_the_data() -> None:
    payload = {"heading": 1, "lines": [{"text": 1}] * 11, "x": 1}
    paths = [path for path, _, _ in findings(payload)]
    assert paths == ["$.heading", *(f"$.lines[{n}].text" for n in range(11)), "$.x"]


def test_every_missing_key_is_a_finding_of_its_own() -> None:
    messages = [its.message for its in schema_errors({"required": ["a", "b", "c"]}, {"b": 1})]
    assert messages == ["the key 'a' is missing", "the key 'c' is missing"]


def test_a_finding_never_repeats_a_whole_payload_nor_its_control_codes() -> None:
    found = schema_errors({"type": "integer"}, "\x1b[31m" + "x" * 100_000)
    assert len(str(found[0])) < 300
    assert "\x1b" not in str(found[0])


def test_a_schema_is_never_fetched_from_elsewhere() -> None:
    with pytest.raises(InvalidSchema, match="does not hold"):
        schema_errors({"$ref": "http://localhost:9/other.json"}, {})


@pytest.mark.parametrize("schema", [{"$ref": "#"}, {"$ref": "#/$defs/gone"}])
def test_a_schema_that_leads_nowhere_is_reported(schema: dict[str, Any]) -> None:
    with pytest.raises(InvalidSchema):
        schema_errors(schema, {})


def test_a_payload_nested_too_deeply_is_reported() -> None:
    payload: Any = []
    for _ in range(100_000):
        payload = [payload]
    with pytest.raises(InvalidSchema, match="nested too deeply"):
        schema_errors(
            {"$defs": {"x": {"items": {"$ref": "#/$defs/x"}}}, "$ref": "#/$defs/x"}, payload
        )
