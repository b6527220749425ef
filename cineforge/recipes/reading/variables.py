"""Filling `${variables}`: text in, data out; nothing is ever evaluated."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from cineforge.model.errors import Problem, nearest
from cineforge.recipes.reading.key_paths import KeyPath, shown
from cineforge.recipes.reading.yaml_source import YamlDocument

# `$${` first, so that an escaped `$${x}` is never read as a variable.
_VARIABLE = re.compile(r"\$\$\{|\$\{([^}]*)(\}?)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_\-]*")


@dataclass
class Filling:
    """Fills the variables of one document; collects problems, and the places left unfilled."""

    document: YamlDocument
    variables: Mapping[str, JsonValue]
    require: bool = True
    problems: list[Problem] = field(default_factory=list)
    unfilled: set[KeyPath] = field(default_factory=set)

    def fill(self, value: JsonValue, path: KeyPath) -> JsonValue:
        """A copy of `value` with every `${name}` in its texts replaced.

        A text that is exactly one variable takes the variable's JSON value; within a text only scalars fit.
        What cannot be filled stays as it is written and is noted in `unfilled`.
        """
        if isinstance(value, dict):
            return {key: self.fill(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item, (*path, index)) for index, item in enumerate(value)]
        if not isinstance(value, str) or "${" not in value:
            return value
        whole = _VARIABLE.fullmatch(value)
        if whole and whole.group(1) is not None:
            return self.variables[whole.group(1)] if self._known(whole, path) else value
        return _VARIABLE.sub(lambda match: self._text(match, path), value)

    def _text(self, match: re.Match[str], path: KeyPath) -> str:
        name = match.group(1)
        if name is None:
            return "${"
        if not self._known(match, path):
            return match.group()
        value = self.variables[name]
        if isinstance(value, str):
            return value
        if isinstance(value, dict | list) or value is None:
            self._report(
                path,
                f"the variable ${{{name}}} is {shown(value)}, which does not fit inside a text",
                f"write ${{{name}}} alone, or give it text or a number",
            )
            return match.group()
        return json.dumps(value)

    def _known(self, match: re.Match[str], path: KeyPath) -> bool:
        name, closed = match.groups()
        if not closed or not _NAME.fullmatch(name):
            self._report(
                path,
                f"{shown(match.group())} is not a variable",
                "write ${name}, or $${ for a plain ${",
            )
            return False
        if name in self.variables:
            return True
        self.unfilled.add(path)
        if self.require:
            close = nearest(name, self.variables)
            hint = f"set it with --config {name}=... or in the project's config.yaml"
            self._report(
                path,
                f"the variable ${{{name}}} has no value",
                f"{hint}; did you mean ${{{close}}}?" if close else hint,
            )
        return False

    def _report(self, path: KeyPath, message: str, hint: str) -> None:
        self.unfilled.add(path)
        self.problems.append(self.document.problem(path, message, hint))
