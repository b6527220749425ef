"""What people type as a value: `NAME=VALUE` has the type that the same words have in config.yaml; and commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

import yaml
from pydantic import JsonValue

from cineforge.model.errors import CineForgeError, DecisionFailed, ProblemsFound
from cineforge.recipes.reading.key_paths import shown
from cineforge.recipes.reading.yaml_source import parse_yaml_bytes, plain_value

#: Snakemake's own rule for the names of `--config`.
_NAME = re.compile(r"[a-zA-Z_][\w-]*\w")
#: The key in config.yaml of the command that is to hear how a run ended.
ON_FINISH = "on_finish"
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


def command_words(value: object) -> list[str]:
    """The words of a command: a text is split as a shell would, a list taken as it is. No shell is started.

    Raises CineForgeError for what is neither.
    """
    if isinstance(value, str):
        try:
            words = shlex.split(value)
        except ValueError as error:
            raise CineForgeError(f"{error}: quote the words as for a shell") from None
    elif isinstance(value, list) and all(isinstance(each, str) for each in value):
        words = list(value)
    else:
        raise CineForgeError("write a command, as text or as a list of its words")
    if not words or not words[0]:
        raise CineForgeError("there is no command: leave it out, or write one")
    return words
