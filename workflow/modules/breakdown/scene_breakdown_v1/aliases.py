"""A project's `aliases.yaml`: characters and locations merged, split and renamed by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from cineforge import (
    ModuleFailed,
    Problem,
    ProblemsFound,
    YamlDocument,
    load_yaml,
    nearest,
    schema_errors,
)

from .shared.character_names import plain_name

_SCHEMA = Path(__file__).with_name("aliases.schema.json")


@dataclass(frozen=True)
class Alias:
    """What one spelling means: one name, several, or nobody; in some scenes alone, if any are named."""

    names: tuple[str, ...]
    scenes: frozenset[str] = frozenset()


@dataclass
class Aliases:
    """Spellings by `spelling`: what counts of them is case and blanks alone."""

    characters: Mapping[str, list[Alias]] = field(default_factory=dict)
    locations: Mapping[str, str] = field(default_factory=dict)

    def who(self, cue: str, scene: str) -> tuple[str, ...] | None:
        """The names that a spelling means in a scene (by number), or None: the file does not tell."""
        for alias in self.characters.get(spelling(cue), ()):
            if not alias.scenes or scene in alias.scenes:
                if len(alias.names) < 2:
                    return alias.names
                return tuple(self.names.get(spelling(name), name) for name in alias.names)
        return None

    def place(self, location: str) -> str | None:
        return self.locations.get(spelling(location))

    @cached_property
    def names(self) -> dict[str, str]:
        """Every spelling that means one character wherever it stands, with that character's name."""
        return {
            said: aliases[0].names[0]
            for said, aliases in self.characters.items()
            if len(aliases) == 1 and len(aliases[0].names) == 1 and not aliases[0].scenes
        }

    def keeps_apart(self, old: str, new: str) -> bool:
        """Whether both are named, so that one does not go on as the other."""
        return spelling(old) in self.characters and spelling(new) in self.characters


def spelling(name: str) -> str:
    """What two writings of one spelling have in common."""
    return plain_name(name).casefold()


def read_aliases(path: Path) -> Aliases:
    """Raises ModuleFailed with every mistake of the file, each with its line."""
    try:
        document = load_yaml(path, all_optional=True)
    except ProblemsFound as found:
        raise ModuleFailed(str(found)) from found
    problems = list(document.problems) + list(_misfits(document))
    if not problems:
        problems = list(_contradictions(document))
    if problems:
        raise ModuleFailed(
            f"{path.name} has {len(problems)} mistake{'s' * (len(problems) > 1)}:\n"
            + "\n".join(map(str, problems))
        )
    characters: dict[str, list[Alias]] = {}
    for entry in document.data.get("characters", ()):
        alias = _alias(entry)
        for said in (entry["name"], *entry.get("also", ())):
            characters.setdefault(spelling(said), []).append(alias)
    for listed in characters.values():
        listed.sort(key=lambda alias: not alias.scenes)
    locations = {
        spelling(said): plain_name(entry["name"])
        for entry in document.data.get("locations", ())
        for said in (entry["name"], *entry.get("also", ()))
    }
    return Aliases(characters, locations)


def _alias(entry: Mapping[str, Any]) -> Alias:
    names: tuple[str, ...] = (entry["name"],)
    if entry.get("nobody"):
        names = ()
    elif entry.get("stands_for"):
        names = tuple(entry["stands_for"])
    scenes = frozenset(str(number) for number in entry.get("scenes", ()))
    return Alias(tuple(map(plain_name, names)), scenes)


def _misfits(document: YamlDocument) -> Iterator[Problem]:
    schema = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    errors = schema_errors(schema, document.data)
    misspelt = {error.keys[:-1] for error in errors if "did you mean" in error.expected}
    for error in errors:
        # A key that is misspelt is one mistake, not also one that is missing.
        if not (error.keys in misspelt and "is missing" in error.message):
            yield document.problem(error.keys, error.message, f"expected {error.expected}")


def _contradictions(document: YamlDocument) -> Iterator[Problem]:
    for kind in ("characters", "locations"):
        owners: dict[tuple[str, str], str] = {}
        known = [entry["name"] for entry in document.data.get(kind, ())]
        for index, entry in enumerate(document.data.get(kind, ())):
            where = [str(number) for number in entry.get("scenes", ())] or [""]
            if entry.get("nobody") and entry.get("stands_for"):
                message = f"'{entry['name']}' is nobody and stands for several"
                yield document.problem((kind, index), message, "leave one of them out")
            for place in where:
                for said in (entry["name"], *entry.get("also", ())):
                    owner = owners.setdefault((spelling(said), place), entry["name"])
                    if owner != entry["name"]:
                        message = f"'{said}' means '{owner}' already"
                        yield document.problem((kind, index), message, "name it once")
            for said in entry.get("stands_for", ()):
                close = nearest(said, known)
                if spelling(said) == spelling(entry["name"]):
                    message = f"'{said}' stands for itself"
                    hint = f"did you mean '{close}'?" if close and close != said else "name others"
                    yield document.problem((kind, index, "stands_for"), message, hint)
