"""What a JSON Schema says of one value of a payload, as far as a form can show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class FieldSchema:
    """What a schema says of one value: its first alternative that is not null, and whether null will do."""

    content: Mapping[str, Any]
    nullable: bool
    root: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, given: Any, root: Mapping[str, Any]) -> FieldSchema:
        content = _resolved(given, root)
        nullable = False
        for name in ("anyOf", "oneOf"):
            options = content.get(name)
            if isinstance(options, list):
                real = [_resolved(each, root) for each in options]
                others = [each for each in real if each.get("type") != "null"]
                nullable = len(others) < len(real)
                if len(others) == 1:
                    kept = {key: value for key, value in content.items() if key != name}
                    content = {**others[0], **kept}
        kind = content.get("type")
        if isinstance(kind, list):
            nullable = nullable or "null" in kind
            kinds = [each for each in kind if each != "null"]
            content = {**content, "type": kinds[0] if len(kinds) == 1 else kinds}
        return cls(content, nullable, root)

    @property
    def kind(self) -> Any:
        return self.content.get("type")

    def at(self, path: tuple[str, ...]) -> FieldSchema:
        """What is said of a value within this one."""
        schema = self
        for step in path:
            properties = schema.content.get("properties")
            schema = FieldSchema.of(
                properties.get(step, {}) if isinstance(properties, Mapping) else {}, self.root
            )
        return schema


def _resolved(given: Any, root: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema with the references within its own file followed."""
    for _ in range(8):
        if not isinstance(given, Mapping):
            return {}
        reference = given.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return given
        found: Any = root
        for step in reference[2:].split("/"):
            found = (
                found.get(step.replace("~1", "/").replace("~0", "~"))
                if isinstance(found, Mapping)
                else None
            )
        rest = {key: value for key, value in given.items() if key != "$ref"}
        given = {**found, **rest} if isinstance(found, Mapping) else rest
    return {}
