"""Who is in which scenes: all who speak, and all who are introduced in capitals with their age.

Somebody is in a scene who has a cue there, or whom its action names. A cue may let several speak, or somebody by
another name: `speakers.py` reads it. What the project's alias file says goes before every rule.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .aliases import Aliases, spelling
from .named_ids import ids_of, usual
from .renames import renamed_by_what_is_told, renamed_characters
from .shared.character_names import loose_key, name_key, plain_name
from .shared.entity_order import by_number
from .shared.heading_words import HeadingWords
from .shared.names_in_text import NameFinder
from .shared.people import introduced_people
from .speakers import Speakers

Scenes = Mapping[str, Mapping[str, Any]]


@dataclass
class _Person:
    cues: Counter[str] = field(default_factory=Counter)
    introductions: Counter[str] = field(default_factory=Counter)
    variants: set[str] = field(default_factory=set)
    extensions: set[str] = field(default_factory=set)
    speaks_in: set[str] = field(default_factory=set)
    #: Where they speak themselves, and not only their voice.
    seen_in: set[str] = field(default_factory=set)
    scenes: set[str] = field(default_factory=set)
    words: Counter[str] = field(default_factory=Counter)


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
    told = _Telling(scenes, numbers, words, aliases)
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


class _Telling:
    """What cues, introductions and the alias file say of who is who."""

    def __init__(
        self, scenes: Scenes, numbers: Mapping[str, str], words: HeadingWords, aliases: Aliases
    ) -> None:
        self.people: dict[str, _Person] = defaultdict(_Person)
        #: What each says, speech by speech.
        self.said: dict[str, list[str]] = defaultdict(list)
        self.aliases = aliases
        self.young = words.kind("young")
        live = {each: scene for each, scene in scenes.items() if not scene.get("omitted")}
        self.live = live
        cues = [
            e["character"] for s in live.values() for e in s["elements"] if e["type"] == "character"
        ]
        introduced = {scene_id: list(_introduced(scene)) for scene_id, scene in live.items()}
        self.speakers = Speakers(
            dict.fromkeys(cues),
            dict.fromkeys(n for names in introduced.values() for n in names),
            words,
            aliases,
        )
        for scene_id, scene in live.items():
            self._hear(scene_id, scene["elements"], numbers[scene_id])
        self._meet(introduced)
        self.finder = NameFinder(dict(self._spellings()))

    def key(self, name: str) -> str:
        """Names of the alias file are told apart by their very spelling, all others by `name_key`."""
        told = self.aliases.characters.get(spelling(name))
        return spelling(name) if told else name_key(name)

    def shown(self, key: str) -> str:
        person = self.people[key]
        by_hand = [name for name in self.aliases.names.values() if spelling(name) == key]
        return by_hand[0] if by_hand else usual(person.cues or person.introductions)

    def present(self, scene: Mapping[str, Any]) -> dict[str, str]:
        """Key -> name as this scene's first cue spells it; in capitals for those whom only the action names."""
        names: dict[str, str] = {}
        cues: dict[str, str] = {}
        if scene.get("omitted"):
            return names
        for element in scene["elements"]:
            if element["type"] == "character":
                for key in element["speakers"]:
                    own = len(element["speakers"]) == 1 and self.key(element["character"]) == key
                    if own:
                        cues.setdefault(key, element["character"])
                    names.setdefault(key, self.shown(key).upper())
            elif element["type"] == "action":
                for naming in self.finder.namings(element["text"]):
                    names.setdefault(naming.key, self.shown(naming.key).upper())
        return names | cues

    def _hear(self, scene_id: str, elements: Sequence[dict[str, Any]], number: str) -> None:
        speaking: list[str] = []
        for element in elements:
            if element["type"] == "character":
                extensions = list(map(plain_name, element.get("extensions", ())))
                cue = self.speakers.read(element["character"], extensions, number)
                speaking = [self.key(name) for name in cue.names]
                if cue.heard:
                    element["heard"] = True
                for key, name in zip(speaking, cue.names, strict=True):
                    person = self.people[key]
                    person.cues[name] += 1
                    person.variants.add(element["character"])
                    person.speaks_in.add(scene_id)
                    if not cue.heard:
                        person.seen_in.add(scene_id)
                    person.extensions.update(extensions)
            if "character" in element:
                element["speakers"] = list(speaking)
                if element["type"] in ("dialogue", "lyrics"):
                    for key in speaking:
                        self.people[key].words[scene_id] += len(element["text"].split())
                        self.said[key].append(element["text"])

    def _meet(self, introduced: Mapping[str, Sequence[str]]) -> None:
        """Adds who is introduced and never speaks.

        A name that holds a speaker's (POOR TOM for TOM) is that speaker's; but somebody of another age (YOUNG VERA)
        is another person, unless it is just the one who speaks there and is introduced nowhere else.
        """
        speakers = NameFinder(dict(self._spellings()))
        met = {name_key(name) for names in introduced.values() for name in names}
        for scene_id, names in introduced.items():
            for name in names:
                told = self.aliases.who(name, "")
                if told is not None:
                    for each in told:
                        self.people[self.key(each)].introductions[each] += 1
                    continue
                held = list(speakers.namings(name))
                first = name.split()[0].upper()
                if held and not (
                    first in self.young and self._is_another(held[0].key, scene_id, met)
                ):
                    continue
                self.people[self.key(name)].introductions[name] += 1

    def _is_another(self, key: str, scene_id: str, met: set[str]) -> bool:
        return key in met or scene_id not in self.people[key].seen_in

    def _spellings(self) -> Iterator[tuple[str, str]]:
        """Every name by which action may mean somebody, with their key; what the alias file says wins."""
        for key, person in self.people.items():
            for name in (*person.introductions, *person.cues):
                yield name, key
        for said, name in self.aliases.names.items():
            if self.key(name) in self.people:
                yield said, self.key(name)


def _ids(
    told: _Telling,
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
    told: _Telling, ids: Mapping[str, str], previous: Mapping[str, Mapping[str, Any]]
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
    told: _Telling, renamed: Mapping[str, Sequence[str]], ids: Mapping[str, str]
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


def _introduced(scene: Mapping[str, Any]) -> Iterator[str]:
    for element in scene["elements"]:
        if element["type"] == "action":
            yield from map(plain_name, introduced_people(element["text"]))
