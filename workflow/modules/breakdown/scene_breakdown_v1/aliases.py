"""A project's `aliases.yaml`: characters and locations merged, split and renamed by hand."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
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
    #: What the script is expected to say, with its line in the file: spellings of characters and places, scenes.
    expected: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)

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
    return Aliases(characters, locations, _expected(document))


def _expected(document: YamlDocument) -> dict[str, list[tuple[str, int]]]:
    """Other spellings, and names that have none: one that is only shown need not stand in the script."""
    found: dict[str, list[tuple[str, int]]] = {"characters": [], "locations": [], "scenes": []}
    for kind in ("characters", "locations"):
        for index, entry in enumerate(document.data.get(kind, ())):
            line = document.line((kind, index)) or 1
            said = [*entry.get("also", ())] or [entry["name"]]
            found[kind] += [(each, line) for each in said]
            found["scenes"] += [(str(number), line) for number in entry.get("scenes", ())]
    return found


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
        owners: dict[tuple[str, str], int] = {}
        entries = document.data.get(kind, ())
        names = [entry["name"] for entry in entries]
        several = {spelling(each["name"]) for each in entries if each.get("stands_for")}
        for index, entry in enumerate(entries):
            where = [str(number) for number in entry.get("scenes", ())] or [""]
            said = dict.fromkeys((entry["name"], *entry.get("also", ())))
            if not all(any(map(str.isalnum, each)) for each in said):
                yield document.problem((kind, index), "a name without a letter", "write the name")
            if entry.get("nobody") and entry.get("stands_for"):
                message = f"'{entry['name']}' is nobody and stands for several"
                yield document.problem((kind, index), message, "leave one of them out")
            for place in where:
                for each in said:
                    owner = owners.setdefault((spelling(each), place), index)
                    if owner != index:
                        yield document.problem((kind, index), *_twice(each, names[owner]))
            yield from _no_one(document, (kind, index), entry, names, several)


def _twice(said: str, owner: str) -> tuple[str, str]:
    if spelling(said) == spelling(owner):
        return f"'{said}' has a line of its own already", "say all of it in one place"
    return f"'{said}' means '{owner}' already", "name it once"


def _no_one(
    document: YamlDocument,
    place: tuple[str, int],
    entry: Mapping[str, Any],
    names: Sequence[str],
    several: Collection[str],
) -> Iterator[Problem]:
    """Those for whom somebody stands must be one person each."""
    for said in entry.get("stands_for", ()):
        close = nearest(said, names)
        if spelling(said) == spelling(entry["name"]):
            message = f"'{said}' stands for itself"
            hint = f"did you mean '{close}'?" if close and close != said else "name others"
            yield document.problem((*place, "stands_for"), message, hint)
        elif spelling(said) in several:
            message = f"'{said}' is no one person: it stands for others itself"
            yield document.problem((*place, "stands_for"), message, "name those instead")
