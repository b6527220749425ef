"""Whether everything that one schema allows is also allowed by another: outputs against the inputs they feed.

The answer is conservative: a mismatch is reported only when the schemas themselves prove that the output may
hold something the input refuses. Rules that this file does not read (`not`, `if`, number ranges ...) are taken
to fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from cineforge.recipes.json_schema.schema_check import json_path
from cineforge.recipes.reading.key_paths import KeyPath, shown

Node = Mapping[str, Any]

_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
#: Alternatives of one node that are compared; more of them are taken to fit.
_MOST_ALTERNATIVES = 32


def schema_mismatches(output_schema: Any, input_schema: Any) -> list[str]:
    """Why data of the output's schema need not fit the input's: one sentence for each place; empty when it fits."""
    output, reader = _Side(output_schema), _Side(input_schema)
    return list(
        dict.fromkeys(_Comparison(output, reader, set()).at((), output_schema, input_schema))
    )


@dataclass(frozen=True)
class _Side:
    """One of the two documents, to look up its `$ref`s in."""

    document: Any

    def alternatives(
        self, node: Any, seen: frozenset[str] = frozenset()
    ) -> list[list[Node]] | None:
        """The node as alternatives, each a list of rules that hold together; None when it cannot be told."""
        if node is True:
            return [[]]
        if not isinstance(node, Mapping) or "if" in node or "$dynamicRef" in node:
            return None
        combined: list[list[Node]] = [[node]]
        parts: list[list[Any]] = [[part] for part in node.get("allOf", [])]
        if "$ref" in node:
            reference = str(node["$ref"])
            if reference in seen:
                return None
            seen |= {reference}
            parts.append([self._target(reference)])
        parts += [list(node[rule]) for rule in ("anyOf", "oneOf") if rule in node]
        for choices in parts:
            options: list[list[Node]] = []
            for choice in choices:
                alternatives = self.alternatives(choice, seen)
                if alternatives is None:
                    return None
                options += alternatives
            combined = [left + right for left in combined for right in options]
            if len(combined) > _MOST_ALTERNATIVES:
                return None
        return combined

    def _target(self, reference: str) -> Any:
        node = self.document
        if reference != "#" and not reference.startswith("#/"):
            return None
        for part in reference[2:].split("/") if len(reference) > 1 else []:
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            node = node.get(key) if isinstance(node, Mapping) else None
        return node


@dataclass(frozen=True)
class _Comparison:
    output: _Side
    reader: _Side
    #: Pairs of nodes already under comparison: recursive schemas end here.
    seen: set[tuple[int, int]]

    def at(self, keys: KeyPath, made: Any, wanted: Any) -> Iterator[str]:
        """Every mismatch at and below a place."""
        if (id(made), id(wanted)) in self.seen:
            return
        self.seen.add((id(made), id(wanted)))
        makes = self.output.alternatives(made)
        wants = self.reader.alternatives(wanted)
        if makes is None or wants is None:
            return
        for alternative in makes:
            reasons = [list(self._against(keys, alternative, want)) for want in wants]
            if reasons and all(reasons):
                # The option that comes closest says best what is missing.
                yield from min(reasons, key=len)

    def _against(self, keys: KeyPath, made: list[Node], wanted: list[Node]) -> Iterator[str]:
        place = json_path(keys)
        types, values = _types(made), _values(made)
        for rules in wanted:
            yield from _type_mismatch(place, types, rules)
            yield from _value_mismatch(place, types, values, made, rules)
        if types is None or "object" in types:
            yield from self._objects(keys, made, wanted, certain=types == {"object"})
        if types is None or "array" in types:
            for item, wanted_item in _pairs("items", made, wanted):
                yield from self.at((*keys, "*"), item, wanted_item)

    def _objects(
        self, keys: KeyPath, made: list[Node], wanted: list[Node], *, certain: bool
    ) -> Iterator[str]:
        place = json_path(keys)
        always = {key for rules in made for key in rules.get("required", [])}
        for key in dict.fromkeys(key for rules in wanted for key in rules.get("required", [])):
            if key not in always:
                yield f"{place}: the input requires {shown(key)}, the output may lack it"
        offered = {key for rules in made for key in rules.get("properties", {})}
        for rules in wanted:
            known = rules.get("properties", {})
            if (
                certain
                and rules.get("additionalProperties") is False
                and "patternProperties" not in rules
            ):
                for key in sorted(offered - set(known)):
                    yield f"{place}: the output may hold {shown(key)}, which the input does not allow"
            for key, wanted_value in known.items():
                for mine in made:
                    if key in mine.get("properties", {}):
                        yield from self.at((*keys, key), mine["properties"][key], wanted_value)


def _pairs(rule: str, made: list[Node], wanted: list[Node]) -> Iterator[tuple[Any, Any]]:
    for left in made:
        for right in wanted:
            if rule in left and rule in right:
                yield left[rule], right[rule]


def _stated_types(rules: Node) -> set[str] | None:
    stated = rules.get("type")
    if stated is None:
        return None
    types = set(stated) if isinstance(stated, list) else {stated}
    return types | {"integer"} if "number" in types else types


def _types(made: list[Node]) -> set[str] | None:
    """The types that the output may have, or None when it does not say."""
    stated = [types for rules in made if (types := _stated_types(rules)) is not None]
    values = _values(made)
    if values is not None:
        stated.append({_type_of(value) for value in values})
    return set(_TYPES.intersection(*stated)) if stated else None


def _values(made: list[Node]) -> list[Any] | None:
    """The only values that the output may have, or None when it does not list them."""
    for rules in made:
        if "const" in rules:
            return [rules["const"]]
    for rules in made:
        if "enum" in rules:
            return list(rules["enum"])
    return None


def _type_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case Mapping():
            return "object"
        case _:
            return "array"


def _type_mismatch(place: str, types: set[str] | None, rules: Node) -> Iterator[str]:
    allowed = _stated_types(rules)
    if types is not None and allowed is not None and not types <= allowed:
        yield f"{place}: the output may be {_or(types - allowed)}, the input takes {_or(allowed)}"


def _value_mismatch(
    place: str, types: set[str] | None, values: list[Any] | None, made: list[Node], rules: Node
) -> Iterator[str]:
    allowed = _values([rules])
    if allowed is None:
        return
    listed = ", ".join(shown(value, 30) for value in allowed)
    if values is not None:
        extra = [value for value in values if value not in allowed]
        if extra:
            shown_extra = ", ".join(shown(value, 30) for value in extra)
            yield f"{place}: the output may be {shown_extra}, the input takes only {listed}"
    elif types is not None:
        beyond = _types_beyond(types, allowed, made)
        if beyond:
            yield f"{place}: the output may be {_or(beyond)}, the input takes only {listed}"


def _types_beyond(types: set[str], allowed: list[Any], made: list[Node]) -> set[str]:
    """The types of the output that certainly have values beside the allowed ones."""
    listed = {_type_of(value) for value in allowed}
    beyond = types - listed - ({"integer"} if "number" in listed else set())
    # A pattern or a range might narrow the output down to just the allowed values.
    narrowing = {"pattern", "format", "minimum", "maximum", "maxLength", "multipleOf"}
    if not any(narrowing & set(rules) for rules in made):
        beyond |= types & listed & {"string", "number", "integer"}
    return beyond


def _or(names: set[str]) -> str:
    # An integer is a number: naming both would only distract.
    return " or ".join(sorted(names - {"integer"} if "number" in names else names))
