"""A schema to check payloads against."""

from __future__ import annotations

SCENE = {
    "type": "object",
    "properties": {
        "heading": {"type": "string", "minLength": 1},
        "time": {"enum": ["DAY", "NIGHT"]},
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"text": {"type": ["string", "null"]}, "my key": {"const": 1}},
                "required": ["text"],
                "additionalProperties": False,
            },
        },
        "length": {"anyOf": [{"type": "integer"}, {"enum": ["short", "long"]}]},
    },
    "required": ["heading"],
    "additionalProperties": False,
}
