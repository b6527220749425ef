"""Data against a JSON Schema: structured findings instead of sentences about whole payloads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cineforge.model.errors import Problem, ProblemsFound, suggestion
from cineforge.recipes.json_schema import patterns as regular_expressions
from cineforge.recipes.json_schema.patterns import InvalidSchema
from cineforge.recipes.json_schema.quick_check import Quick, is_sound, quick_check
from cineforge.recipes.reading.key_paths import KeyPath, shown

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

Schema = Mapping[str, Any] | bool

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class SchemaError:
    """One place where data does not fit: `$.scenes[0].heading`, what is wrong, and what the schema expects.

    `keys` is the same place as a key path.
    """

    path: str
    message: str
    expected: str
    keys: KeyPath = ()

    def __str__(self) -> str:
        return f"{self.path}: {self.message}; expected {self.expected}"


@dataclass(frozen=True)
class ReadSchema:
    """A JSON Schema as it was read from `file`: its content as JSON, and the digest of that content."""

    name: str
    file: Path
    digest: str
    text: str = field(repr=False)

    @cached_property
    def version(self) -> str:
        """What its payloads are sealed with: its `version`, else an `$id` that is a whole URI, else its digest.

        An `$id` like `scene.schema.json` is a name that stays when the schema changes.
        """
        content = json.loads(self.text)
        version = content.get("version")
        if isinstance(version, str | int) and not isinstance(version, bool) and str(version):
            return str(version)
        name = content.get("$id")
        return name if isinstance(name, str) and _URI.match(name) else self.digest

    def errors(self, payload: Any) -> list[SchemaError]:
        """Every place where a payload does not fit. Raises ProblemsFound, InvalidSchema."""
        broken = _broken(self.text)
        if broken:
            problems = [Problem(str(error), str(self.file)) for error in broken]
            raise ProblemsFound(f"the schema {self.name!r} is not a valid JSON Schema:", problems)
        with regular_expressions.limited():
            fits = _quick(self.text)
            if fits is not None and fits(payload):
                return []
            return errors_of(_validator(self.text), _with_lists(payload))


@lru_cache(maxsize=128)
def _validator(text: str) -> Validator:
    return make_validator(json.loads(text))


@lru_cache(maxsize=128)
def _quick(text: str) -> Quick | None:
    return quick_check(json.loads(text))


def _with_lists(data: Any) -> Any:
    """Data as it will be read back: a tuple becomes an array in JSON, which jsonschema does not know."""
    if isinstance(data, dict):
        return {key: _with_lists(value) for key, value in data.items()}
    return [_with_lists(each) for each in data] if isinstance(data, list | tuple) else data


def schema_errors(schema: Schema, data: Any) -> list[SchemaError]:
    """Every place where `data` does not fit `schema`, in the order of the data. Raises InvalidSchema."""
    return errors_of(make_validator(schema), data)


def broken_schema(schema: Schema) -> list[SchemaError]:
    """Every place where `schema` itself is not a valid JSON Schema.

    Remembered: a command reads its recipe more than once, and many modules have the same parameters.
    """
    return list(_broken(json.dumps(schema)))


@lru_cache(maxsize=512)
def _broken(text: str) -> tuple[SchemaError, ...]:
    schema = json.loads(text)
    if is_sound(schema):
        return ()
    import jsonschema

    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    # With the format checker: an invalid regular expression in `pattern` would raise much later.
    return tuple(errors_of(kind(kind.META_SCHEMA, format_checker=kind.FORMAT_CHECKER), schema))


def make_validator(schema: Schema) -> Validator:
    """A validator that never fetches anything: the library's default would load remote `$ref`s."""
    import jsonschema
    import referencing

    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    regular_expressions.limit_library()
    return kind(schema, registry=referencing.Registry())


def errors_of(validator: Validator, data: Any) -> list[SchemaError]:
    """What a validator finds in `data`, sorted by place. Raises InvalidSchema."""
    import referencing.exceptions

    try:
        with regular_expressions.limited():
            found = [
                finding for error in validator.iter_errors(data) for finding in _structured(error)
            ]
    except referencing.exceptions.Unresolvable as error:
        raise InvalidSchema(
            f"the schema refers to {shown(error.ref)}, which it does not hold: put it under '$defs'"
        ) from None
    except RecursionError:
        raise InvalidSchema(
            "the data is nested too deeply, or the schema refers to itself"
        ) from None
    return sorted(found, key=lambda error: [(isinstance(key, int), key) for key in error.keys])


def _structured(error: ValidationError) -> list[SchemaError]:
    keys: KeyPath = tuple(error.absolute_path)
    if error.validator == "additionalProperties" and error.validator_value is False:
        return _unknown_keys(error, keys)
    message, expected = _in_words(error)
    return [SchemaError(json_path(keys), message, expected, keys)]


def _unknown_keys(error: ValidationError, keys: KeyPath) -> list[SchemaError]:
    """One finding for each key too many, at its own place."""
    instance: Any = error.instance
    rules: Any = error.schema
    known = list(rules.get("properties", {}))
    patterns = list(rules.get("patternProperties", {}))
    return [
        SchemaError(
            json_path((*keys, key)),
            f"unknown key {shown(key)}",
            f"only known keys ({suggestion(key, known)})",
            (*keys, key),
        )
        for key in instance
        if key not in known
        and not any(regular_expressions.found(pattern, key) for pattern in patterns)
    ]


def json_path(keys: KeyPath) -> str:
    """`("scenes", 0, "heading")` as `$.scenes[0].heading`."""
    text = "$"
    for key in keys:
        plain = isinstance(key, str) and _PLAIN_KEY.fullmatch(key)
        text += f".{key}" if plain else f"[{shown(key)}]"
    return text


def _in_words(error: ValidationError) -> tuple[str, str]:
    value: Any = error.validator_value
    instance: Any = error.instance
    rule = error.validator
    match rule:
        case "required":
            missing = [key for key in value if key not in instance]
            # One finding per missing key comes from the library; its message names which.
            key = next((key for key in missing if error.message.startswith(repr(key))), missing[0])
            return f"the key {shown(key)} is missing", f"the keys {_listed(value)}"
        case "type":
            wanted = value if isinstance(value, list) else [value]
            return f"{_found(instance)} is not of the right type", " or ".join(wanted)
        case "enum":
            return (
                f"{_found(instance)} is not one of the allowed values",
                f"one of {_listed(value)}",
            )
        case "const":
            return f"{_found(instance)} is not the only allowed value", _found(value)
        case "anyOf" | "oneOf" if error.context:
            options = dict.fromkeys(_in_words(inner)[1] for inner in error.context)
            return f"{_found(instance)} fits none of the options", " or ".join(options)
        case _:
            return f"{_found(instance)} does not fit '{rule}'", f"{rule}: {_found(value)}"


def _found(value: Any) -> str:
    if isinstance(value, dict) and len(value) > 4:
        return f"an object with {len(value)} keys"
    if isinstance(value, list) and len(value) > 4:
        return f"an array of {len(value)} items"
    return shown(value)


def _listed(values: Iterable[Any], limit: int = 12) -> str:
    items = [shown(value, 40) for value in values]
    return ", ".join(items[:limit]) + (
        f" and {len(items) - limit} more" if len(items) > limit else ""
    )
