"""Who is in which scenes: all who speak, and all who are introduced in capitals with their age.

Somebody is in a scene who has a cue there, or whom its action names. A cue may let several speak, or somebody by
another name: `speakers.py` reads it. What the project's alias file says goes before every rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .aliases import Aliases
from .named_ids import ids_of
from .renames import renamed_by_what_is_told, renamed_characters
from .shared.character_names import loose_key, name_key
from .shared.entity_order import by_number
from .shared.heading_words import HeadingWords
from .telling import Scenes, Telling


@dataclass
class Cast:
    """`characters`: payloads by id. `present`: of each scene `{id, name}` in the order of their first appearance.
    `words`: how many each speaks. `scenes`: the scenes, their elements with `speakers`."""

    characters: dict[str, dict[str, Any]]
    present: dict[str, list[dict[str, str]]]
    words: dict[str, int]
    renamed: list[dict[str, str]]


def cast_of(
    scenes: Scenes,
    numbers: Mapping[str, str],
    previous: Mapping[str, Mapping[str, Any]],
    earlier_scenes: Scenes,
    words: HeadingWords,
    aliases: Aliases,
) -> Cast:
    """`previous` holds the characters of the last run: the same name keeps its id. `numbers` are those of the scenes.

    Elements of `scenes` get their `speakers` here. Nothing in a payload depends on the order of the scenes: ids are
    sorted by number, and of several spellings of one name the most frequent is shown. The names in `present` are
    those of the scene itself, so that a spelling elsewhere does not change it.
    """
    told = Telling(scenes, numbers, words, aliases)
    ids = _ids(told, previous, earlier_scenes, aliases)
    renamed = _renames(told, ids, previous)
    present: dict[str, list[dict[str, str]]] = {}
    for scene_id, scene in scenes.items():
        names = told.present(scene)
        present[scene_id] = [{"id": ids[key], "name": name} for key, name in names.items()]
        for key in names:
            told.people[key].scenes.add(scene_id)
        for element in scene["elements"]:
            if "speakers" in element:
                element["speakers"] = [ids[key] for key in element["speakers"]]
    remarks = _remarks(told, renamed, ids)
    characters: dict[str, dict[str, Any]] = {}
    for key, person in told.people.items():
        if not person.scenes:
            continue
        characters[ids[key]] = {
            "name": told.shown(key),
            "scenes": sorted(person.scenes, key=by_number),
            "speaking_scenes": sorted(person.speaks_in, key=by_number),
            "extensions": sorted(person.extensions),
            "variants": sorted(person.variants | set(person.cues) | set(person.introductions)),
            **({"remarks": remarks[key]} if remarks.get(key) else {}),
            **({"formerly": renamed[ids[key]]} if ids[key] in renamed else {}),
        }
    spoken = {ids[key]: sum(person.words.values()) for key, person in told.people.items()}
    rows = [
        {"type": "character", "id": entity, "was": was, "now": characters[entity]["name"]}
        for entity, names in renamed.items()
        if entity in characters
        for was in names
    ]
    return Cast(characters, present, spoken, rows)


def _ids(
    told: Telling,
    previous: Mapping[str, Mapping[str, Any]],
    earlier_scenes: Scenes,
    aliases: Aliases,
) -> dict[str, str]:
    others = {
        key: [name_key(name) for name in sorted(person.variants)]
        for key, person in told.people.items()
    }
    by_hand: dict[str, list[str]] = defaultdict(list)
    for said, name in aliases.names.items():
        by_hand[told.key(name)].append(name_key(said))
    for key, named in by_hand.items():
        others[key] = [*named, *others.get(key, ())]
    by_name = {name_key(payload["name"]): entity for entity, payload in previous.items()}
    new = [
        k
        for k in told.people
        if k not in by_name and not any(o in by_name for o in others.get(k, ()))
    ]
    gone = {
        entity: payload
        for entity, payload in previous.items()
        if name_key(payload["name"]) not in told.people
    }
    found: dict[str, str] = {}
    if new and gone:
        speaking = {key: told.people[key].speaks_in for key in new}
        found = renamed_characters(gone, earlier_scenes, speaking, told.said)
        left = {entity: gone[entity] for entity in gone if entity not in found.values()}
        names = {
            key: {
                *told.people[key].cues,
                *told.people[key].introductions,
                *told.people[key].variants,
            }
            for key in new
            if key not in found
        }
        if left and names:
            found |= renamed_by_what_is_told(left, earlier_scenes, told.live, names)
    for key, entity in found.items():
        was = previous[entity]["name"]
        if not aliases.keeps_apart(was, told.shown(key)):
            others.setdefault(key, []).append(name_key(was))
    return ids_of(told.people, previous, others)


def _renames(
    told: Telling, ids: Mapping[str, str], previous: Mapping[str, Mapping[str, Any]]
) -> dict[str, list[str]]:
    """Of each id the names that it had before, the newest last."""
    found: dict[str, list[str]] = {}
    for key, entity in ids.items():
        before = previous.get(entity)
        if before is None:
            continue
        names = [*before.get("formerly", ())]
        if name_key(before["name"]) != name_key(told.shown(key)):
            names.append(before["name"])
        names = [
            name for name in dict.fromkeys(names) if name_key(name) != name_key(told.shown(key))
        ]
        if names:
            found[entity] = names
    return found


def _remarks(
    told: Telling, renamed: Mapping[str, Sequence[str]], ids: Mapping[str, str]
) -> dict[str, list[str]]:
    """What a person should look at: names that look alike, several spellings of one, groups."""
    alike: dict[str, list[str]] = defaultdict(list)
    for key in told.people:
        alike[loose_key(_written_out(key))].append(key)
    remarks: dict[str, list[str]] = defaultdict(list)
    for keys in alike.values():
        for key in keys:
            others = [told.shown(other) for other in sorted(keys) if other != key]
            if others:
                remarks[key].append(f"named like {', '.join(others)}: one person or several?")
    for key, person in told.people.items():
        spellings = sorted(name for name in person.cues if name.upper() != told.shown(key).upper())
        if spellings:
            remarks[key].append(f"also written {', '.join(spellings)}")
        if told.speakers.is_group(told.shown(key)):
            remarks[key].append("a group, not one person")
        for was in renamed.get(ids[key], ()):
            remarks[key].append(f"was {was}")
    return {key: sorted(found) for key, found in remarks.items()}


_SHORT = {
    "sgt": "sergeant", "capt": "captain", "dr": "doctor", "prof": "professor", "lt": "lieutenant", "col": "colonel",
    "gen": "general", "det": "detective", "insp": "inspector", "mr": "mister", "st": "saint", "rev": "reverend",
}  # fmt: skip


def _written_out(key: str) -> str:
    return " ".join(_SHORT.get(word, word) for word in key.split())
