"""A payload as a form, from the schema of its type: what the schema tells becomes a field, the rest is JSON.

Pure. A field that comes back as it was shown leaves what it stands for as it is, to the letter: browsers change the
ends of lines.
"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from cineforge.model.display.visible import visible
from cineforge.model.errors import InvalidPayload
from cineforge.ui.content.field_schema import FieldSchema
from cineforge.ui.content.json_text import read_json, shown_json

#: How deep groups of fields are nested, and how many members a choice has at most.
_DEEPEST, _CHOICES = 3, 60
_PREFIX = "f."
_ABSENT: Any = object()

Path = tuple[str, ...]


@dataclass(frozen=True)
class Field:
    """One value of the payload. `kind` is text, long, number, choice, lines, json, or group.

    `value` is what it shows; `choices` are (JSON, label). `errors` are beside it when it comes back.
    """

    path: Path
    label: str
    kind: str
    help: str = ""
    value: str = ""
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    fields: tuple[Field, ...] = ()
    errors: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        # Browsers do not send quotes and the like as they are.
        return _PREFIX + "/".join(quote(step, safe="") for step in self.path)


def fields_of(schema: Mapping[str, Any], data: Any) -> tuple[Field, ...]:
    """The fields of an object; none for a payload that is no object, which is edited as JSON."""
    if not isinstance(data, dict):
        return ()
    return _members(FieldSchema.of(schema, schema), data, (), 0)


def _members(
    schema: FieldSchema, data: dict[str, Any], path: Path, depth: int
) -> tuple[Field, ...]:
    properties = schema.content.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    required = schema.content.get("required")
    needed = set(required) if isinstance(required, list) else set()
    names = [*properties, *(name for name in data if name not in properties)]
    return tuple(
        _field(
            FieldSchema.of(properties.get(name, {}), schema.root),
            data.get(name, _ABSENT),
            (*path, name),
            name in needed,
            depth,
        )
        for name in names
    )


def _field(schema: FieldSchema, value: Any, path: Path, required: bool, depth: int) -> Field:
    content = schema.content
    label = str(content.get("title") or path[-1].replace("_", " ").capitalize())
    help_text = str(content.get("description") or "")
    kind = _kind(schema, value, depth)
    made = Field(path, label, kind, help_text, shown(kind, value), required)
    if kind == "choice":
        return replace(made, choices=_choices(schema, value, required))
    if kind == "group":
        inner = {} if value is _ABSENT else value
        return replace(made, fields=_members(schema, inner, path, depth + 1))
    return made


def _kind(schema: FieldSchema, value: Any, depth: int) -> str:
    """What a value is edited as: what it holds now must fit, and come back as it was."""
    choices, kind = schema.content.get("enum"), schema.kind
    if isinstance(choices, list) and len(choices) <= _CHOICES:
        return "choice"
    if kind == "boolean" and (value is _ABSENT or value is None or isinstance(value, bool)):
        return "choice"
    empty = value is _ABSENT or (value is None and schema.nullable)
    if kind == "string" and (empty or (isinstance(value, str) and _is_plain(value))):
        return "long" if isinstance(value, str) and (len(value) > 80 or "\n" in value) else "text"
    if kind in ("integer", "number") and (empty or _is_number(value)):
        return "number"
    if kind == "array" and value is not None and _is_lines(schema, value):
        return "lines"
    is_reported = kind == "object" and bool(schema.content.get("properties"))
    return "group" if is_reported and isinstance(value, dict) and depth < _DEEPEST else "json"


def _choices(schema: FieldSchema, value: Any, required: bool) -> tuple[tuple[str, str], ...]:
    if schema.kind == "boolean":
        options: list[Any] = [True, False]
    else:
        options = list(schema.content["enum"])
    if schema.nullable and None not in options:
        options.append(None)
    if value is not _ABSENT and value not in options:
        options.insert(0, value)
    labels = {True: "yes", False: "no", None: "none"}
    found = [
        (
            json.dumps(each),
            labels[each] if each is None or each is True or each is False else str(each),
        )
        for each in options
    ]
    return tuple(found if required and value is not _ABSENT else [("", "(not said)"), *found])


def shown(kind: str, value: Any) -> str:
    """What a field shows of a value."""
    if value is _ABSENT or (value is None and kind in ("text", "long", "number")):
        return ""
    match kind:
        case "text" | "long":
            return str(value)
        case "number" | "choice":
            return json.dumps(value)
        case "lines":
            return "\n".join(value)
        case "group":
            return ""
        case _:
            return shown_json(value)


def applied(
    fields: tuple[Field, ...],
    schema: Mapping[str, Any],
    data: Any,
    said: Callable[[str], str | None],
) -> tuple[Any, dict[Path, str]]:
    """The payload with what a form said, and what could not be read, by place. `said` is None for what was not sent."""
    changed, errors = copy.deepcopy(data), {}
    root = FieldSchema.of(schema, schema)
    for each in _leaves(fields):
        text = said(each.name)
        if text is None or _norm(text) == _norm(each.value):
            continue
        try:
            value = _read(each, _norm(text), root.at(each.path))
        except ValueError as error:
            errors[each.path] = str(error)
        except InvalidPayload as error:
            errors[each.path] = str(error)
        else:
            _set(changed, each.path, value)
    return changed, errors


def beside(
    fields: tuple[Field, ...],
    errors: Mapping[Path, list[str]],
    said: Callable[[str], str | None] | None = None,
) -> tuple[Field, ...]:
    """The fields with errors beside them, and what was typed in them."""

    def one(each: Field) -> Field:
        typed = said(each.name) if said is not None and each.kind != "group" else None
        inner = tuple(one(member) for member in each.fields)
        own = tuple(errors.get(each.path, ()))
        return replace(
            each, errors=own, fields=inner, value=each.value if typed is None else _norm(typed)
        )

    return tuple(one(each) for each in fields)


def place_of(fields: tuple[Field, ...], keys: tuple[str | int, ...]) -> Path:
    """The field that shows a place of the payload; the empty path for none."""
    best: Path = ()
    for each in _every(fields):
        if keys[: len(each.path)] == each.path and len(each.path) > len(best):
            best = each.path
    return best


def _every(fields: tuple[Field, ...]) -> list[Field]:
    return [found for each in fields for found in (each, *_every(each.fields))]


def _leaves(fields: tuple[Field, ...]) -> list[Field]:
    return [each for each in _every(fields) if each.kind != "group"]


def _read(each: Field, text: str, schema: FieldSchema) -> Any:
    """What a field says. Raises ValueError, InvalidPayload."""
    if not text.strip() and not each.required and each.kind in ("number", "choice", "json"):
        return None if schema.nullable and each.kind == "number" else _ABSENT
    match each.kind:
        case "text" | "long":
            return None if text == "" and schema.nullable else text
        case "number":
            return _number(text.strip(), schema)
        case "lines":
            return [line for line in text.split("\n") if line.strip()]
        case _:
            return read_json(text)


def _number(text: str, schema: FieldSchema) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not _is_number(value) or not math.isfinite(value):
        raise ValueError(f"'{text[:60]}' is no number")
    if schema.kind == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _set(data: Any, path: Path, value: Any) -> None:
    for step in path[:-1]:
        data = data.setdefault(step, {})
    if value is _ABSENT:
        data.pop(path[-1], None)
    else:
        data[path[-1]] = value


def _norm(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_plain(value: str) -> bool:
    """Whether a browser shows it and sends it back as it is."""
    return visible(value) == value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_lines(schema: FieldSchema, value: Any) -> bool:
    items = FieldSchema.of(schema.content.get("items", {}), schema.root)
    if items.kind != "string" or items.nullable:
        return False
    if value is _ABSENT:
        return True
    return isinstance(value, list) and all(
        isinstance(each, str) and each.strip() and "\n" not in each and _is_plain(each)
        for each in value
    )
