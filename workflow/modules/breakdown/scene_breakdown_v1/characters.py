"""Who is in which scenes: all who speak, and all who are introduced in capitals with their age.

Somebody is in a scene who has a cue there, or whom its action names.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .named_ids import ids_of, usual
from .shared.character_names import name_key, plain_name
from .shared.entity_order import by_number
from .shared.names_in_text import NameFinder
from .shared.people import introduced_people

Scenes = Mapping[str, Mapping[str, Any]]


@dataclass
class _Person:
    cues: Counter[str] = field(default_factory=Counter)
    introductions: Counter[str] = field(default_factory=Counter)
    extensions: set[str] = field(default_factory=set)
    speaks_in: set[str] = field(default_factory=set)
    scenes: set[str] = field(default_factory=set)


@dataclass
class Cast:
    """`characters`: payloads by id. `present`: of each scene `{id, name}` in the order of their first appearance."""

    characters: dict[str, dict[str, Any]]
    present: dict[str, list[dict[str, str]]]


def cast_of(scenes: Scenes, previous: Mapping[str, Mapping[str, Any]]) -> Cast:
    """`previous` holds the characters of the last run: the same name keeps its id.

    Nothing in a payload depends on the order of the scenes: ids are sorted by number, and of several spellings of
    one name the most frequent is shown. The names in `present` are those of the scene itself, so that
    a spelling elsewhere does not change it.
    """
    people: dict[str, _Person] = defaultdict(_Person)
    for scene_id, scene in scenes.items():
        _hear(people, scene_id, scene["elements"])
    _meet(people, scenes)
    finder = NameFinder(_spelling(person) for person in people.values())
    ids = ids_of(people, previous)
    present: dict[str, list[dict[str, str]]] = {}
    for scene_id, scene in scenes.items():
        names = _present(scene["elements"], finder)
        present[scene_id] = [{"id": ids[key], "name": name} for key, name in names.items()]
        for key in names:
            people[key].scenes.add(scene_id)
    characters = {
        ids[key]: {
            "name": _spelling(person),
            "scenes": sorted(person.scenes, key=by_number),
            "speaking_scenes": sorted(person.speaks_in, key=by_number),
            "extensions": sorted(person.extensions),
        }
        for key, person in people.items()
    }
    return Cast(characters, present)


def _hear(people: dict[str, _Person], scene_id: str, elements: Sequence[Mapping[str, Any]]) -> None:
    for element in elements:
        if element["type"] == "character":
            person = people[name_key(element["character"])]
            person.cues[element["character"]] += 1
            person.speaks_in.add(scene_id)
            person.extensions.update(map(plain_name, element.get("extensions", ())))


def _meet(people: dict[str, _Person], scenes: Scenes) -> None:
    """Adds who is introduced and never speaks. A name that holds a speaker's (OLD TOM for TOM) is that speaker's."""
    speakers = NameFinder(_spelling(person) for person in people.values())
    for scene in scenes.values():
        for element in scene["elements"]:
            if element["type"] != "action":
                continue
            for name in map(plain_name, introduced_people(element["text"])):
                if not any(speakers.namings(name)):
                    people[name_key(name)].introductions[name] += 1


def _spelling(person: _Person) -> str:
    return usual(person.cues or person.introductions)


def _present(elements: Sequence[Mapping[str, Any]], finder: NameFinder) -> dict[str, str]:
    """Key -> name as this scene's first cue spells it; in capitals for those whom only the action names."""
    names: dict[str, str] = {}
    cues: dict[str, str] = {}
    for element in elements:
        if element["type"] == "character":
            key = name_key(element["character"])
            cues.setdefault(key, element["character"])
            names.setdefault(key, key.upper())
        elif element["type"] == "action":
            for naming in finder.namings(element["text"]):
                names.setdefault(naming.key, naming.key.upper())
    return names | cues
