"""Pydantic's findings as problems of a file: one per place, in the file's own words."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from cineforge.model.errors import Problem, suggestion
from cineforge.recipes.reading.key_paths import KeyPath, shown
from cineforge.recipes.reading.yaml_source import YamlDocument

_MUST_BE = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a map of 'key: value' lines",
    "model_type": "a map of 'key: value' lines",
}


def model_problems(
    error: ValidationError, document: YamlDocument, model: type[BaseModel]
) -> list[Problem]:
    """The mistakes that `model` found in `document.data`, one per key path."""
    by_path: dict[KeyPath, list[Any]] = {}
    for finding in error.errors(include_url=False):
        by_path.setdefault(_place(finding, document.data), []).append(finding)
    return [
        _problem(path, findings, document, model)
        for path, findings in sorted(by_path.items(), key=lambda item: str(item[0]))
    ]


def _place(finding: Any, data: Any) -> KeyPath:
    """The key path of a finding: Pydantic's, without the names of union members and of checked keys in it."""
    location: tuple[str | int, ...] = finding["loc"]
    if finding["type"] == "missing":
        return location
    path: list[str | int] = []
    for part in location:
        if not _holds(data, part):
            break
        data = data[part]
        path.append(part)
    return tuple(path)


def _holds(data: Any, part: str | int) -> bool:
    if isinstance(part, str):
        return isinstance(data, Mapping) and part in data
    return isinstance(data, list) and part < len(data)


def _problem(
    path: KeyPath, findings: list[Any], document: YamlDocument, model: type[BaseModel]
) -> Problem:
    first = findings[0]
    kind: str = first["type"]
    if kind == "extra_forbidden":
        return document.problem(
            path,
            f"unknown key {shown(path[-1])}",
            suggestion(str(path[-1]), keys_at(model, path[:-1])),
        )
    if kind == "missing":
        return document.problem(path, f"the key '{path[-1]}' is missing", f"add '{path[-1]}: ...'")
    if kind == "value_error":
        return document.problem(path, str(first["ctx"]["error"]))
    wanted = [_MUST_BE[finding["type"]] for finding in findings if finding["type"] in _MUST_BE]
    value = first["input"]
    if len(wanted) == len(findings):
        message = f"must be {' or '.join(dict.fromkeys(wanted))}, not {_kind_of(value)}"
        return document.problem(path, message, _type_hint(kind, value))
    # The type fits in one branch, and the value is out of bounds there: that is the finding to tell.
    out_of_bounds = next(finding for finding in findings if finding["type"] not in _MUST_BE)
    return document.problem(
        path, f"{shown(value)}: {out_of_bounds['msg'][0].lower()}{out_of_bounds['msg'][1:]}"
    )


def _kind_of(value: Any) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return f"{str(value).lower()}"
        case int() | float():
            return f"the number {shown(value)}"
        case str():
            return f"the text {shown(value)}"
        case Mapping():
            return "a map"
        case _:
            return "a list"


def _type_hint(kind: str, value: Any) -> str:
    if kind == "string_type" and isinstance(value, int | float | bool):
        return f"put it in quotes: '{str(value).lower()}'"
    if kind == "list_type" and isinstance(value, str):
        return f"write [{value}]" if value.isidentifier() else "write it as [a, b]"
    return ""


def keys_at(annotation: Any, path: KeyPath) -> list[str]:
    """The keys that a model knows at a key path below it."""
    origin = get_origin(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = {field.alias or name: field for name, field in annotation.model_fields.items()}
        if not path:
            return list(fields)
        return keys_at(fields[str(path[0])].annotation, path[1:])
    arguments = get_args(annotation)
    if origin is Annotated or origin is Union or origin is types.UnionType:
        return keys_at(arguments[0], path)
    return keys_at(arguments[-1], path[1:])
