"""`NAME=VALUE` as people type it: a value has the type that the same words have in config.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterable

import yaml
from pydantic import JsonValue

from cineforge.model.errors import DecisionFailed, ProblemsFound
from cineforge.recipes.reading.key_paths import shown
from cineforge.recipes.reading.yaml_source import parse_yaml_bytes, plain_value

#: Snakemake's own rule for the names of `--config`.
_NAME = re.compile(r"[a-zA-Z_][\w-]*\w")
#: What begins like this is read as YAML: a list, a map, or a text in quotes.
_OPENING = ("[", "{", '"', "'")


def assignments(words: Iterable[str], option: str) -> dict[str, JsonValue]:
    """What `NAME=VALUE ...` after an option says. Raises DecisionFailed that names every word that says nothing."""
    found: dict[str, JsonValue] = {}
    wrong: list[str] = []
    for word in words:
        name, equals, text = word.partition("=")
        if not equals:
            wrong.append(f"{option} {word}: write NAME=VALUE")
        elif not _NAME.fullmatch(name):
            wrong.append(
                f"{option} {word}: {shown(name)} is no name: write two or more letters, digits, '_' or '-'"
            )
        else:
            found[name] = typed_value(text)
    if wrong:
        raise DecisionFailed("\n".join(wrong))
    return found


def typed_value(text: str) -> JsonValue:
    """`1` is a number, `true` is true, `[a, b]` a list, nothing at all is null; `"1"` and whatever else is text.

    What begins like a list, a map or a quoted text and is none is text as well.
    """
    value: JsonValue
    if not text.startswith(_OPENING):
        value = plain_value(text)
        return value
    try:
        document = parse_yaml_bytes(f"value: {text}".encode(), "")
    except (ProblemsFound, yaml.YAMLError, UnicodeEncodeError):
        return text
    if document.problems or list(document.data) != ["value"]:
        return text
    value = document.data["value"]
    return value
