"""A quick yes to payloads that fit: jsonschema-rs, kept to those schemas of which it thinks just as jsonschema does.

It is two hundred times as fast, but its messages are others, and so are its regular expressions, its formats and what
it makes of a schema that is broken. So patterns are tried by our own, a schema with a keyword of which the two may
think differently is none of its business, and whatever it does not say yes to is for jsonschema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cineforge.recipes.json_schema.patterns import found

Quick = Callable[[Any], bool]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
#: Says nothing about the data. Formats are not looked at by jsonschema either, unless it is told to.
_NOTES = frozenset(
    {"$comment", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "format",
     "version"}
)  # fmt: skip
#: Texts that a schema's own schema has rules for.
_WITH_RULES = frozenset({"pattern", "$ref", "$id"})
_PLAIN = frozenset(
    {
        *("type", "enum", "const", "required", "dependentRequired", "pattern"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
        "uniqueItems",
    }
)
#: Keywords that hold schemas: for what is in the data, or (in place) for the very same data.
_ONE_WITHIN = frozenset({"items", "additionalProperties", "propertyNames"})
_MANY_WITHIN = frozenset({"prefixItems"})
_NAMED_WITHIN = frozenset({"properties"})
_ONE_IN_PLACE = frozenset({"not", "if", "then", "else"})
_MANY_IN_PLACE = frozenset({"allOf", "anyOf", "oneOf"})
_NAMED = frozenset({"$defs"})


def quick_check(schema: Any) -> Quick | None:
    """What says True of payloads that fit for sure; None where only jsonschema can tell."""
    if not _is_plain(schema):
        return None
    import jsonschema_rs

    try:
        validator = jsonschema_rs.Draft202012Validator(
            schema, validate_formats=False, keywords={"pattern": _Pattern}
        )
    except (ValueError, jsonschema_rs.ReferencingError):
        return None

    def fits(payload: Any) -> bool:
        try:
            return validator.is_valid(payload)
        except (ValueError, TypeError):  # text that is no Unicode, or what is no JSON at all
            return False

    return fits


class _Pattern:
    """The keyword `pattern`, by our own search: for a limited time, and as Python reads regular expressions."""

    def __init__(self, parent_schema: dict[str, Any], value: Any, schema_path: list[str | int]):
        del parent_schema, schema_path
        self._pattern = value

    def validate(self, instance: Any) -> None:
        if isinstance(instance, str) and not found(self._pattern, instance):
            raise ValueError


def is_sound(schema: Any) -> bool:
    """Whether jsonschema, too, takes a schema for a valid one: only of those is that said that have no texts with rules
    of their own, such as regular expressions. It saves loading jsonschema, which in each worker takes 10 MB."""
    import jsonschema_rs

    if not isinstance(schema, dict) or schema.get("$schema", _DIALECT) != _DIALECT:
        return False
    try:
        if not jsonschema_rs.meta.is_valid(schema):
            return False
        parts = [part for _, part in _parts("#", schema, top=True) if isinstance(part, dict)]
    except (ValueError, TypeError, jsonschema_rs.ReferencingError, _Unsure):
        return False
    return not any(part.keys() & _WITH_RULES for part in parts)


def _is_plain(schema: Any) -> bool:
    """Whether both validators think the same of a schema: it has well-known keywords alone, and no way leads in a ring.

    By a ring is meant that some data would be checked by the same schema for ever: jsonschema tells that.
    """
    if isinstance(schema, dict) and schema.get("$schema", _DIALECT) != _DIALECT:
        return False
    places: dict[str, list[str]] = {}
    try:
        for place, part in _parts("#", schema, top=True):
            places[place] = list(_same_data(place, part))
    except _Unsure:
        return False
    targets = {target for further in places.values() for target in further}
    return targets <= places.keys() and not _has_ring(places)


class _Unsure(Exception):
    """A keyword of which the two validators may think differently."""


def _parts(place: str, schema: Any, *, top: bool = False) -> Iterator[tuple[str, Any]]:
    """A schema and all within it, each with its place as a JSON pointer. Raises _Unsure."""
    yield place, schema
    if isinstance(schema, bool):
        return
    for keyword, value in schema.items():
        inner = f"{place}/{keyword}"
        if keyword in _ONE_WITHIN | _ONE_IN_PLACE:
            yield from _parts(inner, value)
        elif keyword in _MANY_WITHIN | _MANY_IN_PLACE and isinstance(value, list):
            for number, each in enumerate(value):
                yield from _parts(f"{inner}/{number}", each)
        elif keyword in _NAMED_WITHIN | _NAMED and isinstance(value, dict):
            for name, each in value.items():
                if set(name) & set("/~%"):  # pointers have them escaped
                    raise _Unsure
                yield from _parts(f"{inner}/{name}", each)
        elif keyword == "$ref":
            if not isinstance(value, str):
                raise _Unsure
        elif keyword not in _PLAIN | _NOTES and not (top and keyword in ("$schema", "$id")):
            raise _Unsure


def _same_data(place: str, schema: Any) -> Iterator[str]:
    """The schemas that are applied to the very data that this one is applied to."""
    for keyword, value in schema.items() if isinstance(schema, dict) else ():
        if keyword == "$ref":
            yield value
        elif keyword in _ONE_IN_PLACE:
            yield f"{place}/{keyword}"
        elif keyword in _MANY_IN_PLACE:
            yield from (f"{place}/{keyword}/{number}" for number in range(len(value)))


def _has_ring(ways: dict[str, list[str]]) -> bool:
    """Whether following the ways can lead back to where one was."""
    done: set[str] = set()
    for start in ways:
        on_the_way: dict[str, None] = {}
        pending = [(start, False)]
        while pending:
            place, is_left = pending.pop()
            if is_left:
                on_the_way.pop(place)
                done.add(place)
            elif place in on_the_way:
                return True
            elif place not in done:
                on_the_way[place] = None
                pending.append((place, True))
                pending += [(further, False) for further in ways[place]]
    return False
