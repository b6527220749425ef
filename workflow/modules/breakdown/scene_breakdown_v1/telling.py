"""What a screenplay tells of who is who: its cues, introductions in capitals, and the project's alias file."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .aliases import Aliases, spelling
from .named_ids import usual
from .shared.character_names import name_key, plain_name
from .shared.heading_words import HeadingWords
from .shared.names_in_text import NameFinder
from .shared.people import introduced_people
from .speakers import Speakers

Scenes = Mapping[str, Mapping[str, Any]]


@dataclass
class Person:
    cues: Counter[str] = field(default_factory=Counter)
    introductions: Counter[str] = field(default_factory=Counter)
    variants: set[str] = field(default_factory=set)
    extensions: set[str] = field(default_factory=set)
    speaks_in: set[str] = field(default_factory=set)
    #: Where they speak themselves, and not only their voice.
    seen_in: set[str] = field(default_factory=set)
    scenes: set[str] = field(default_factory=set)
    words: Counter[str] = field(default_factory=Counter)


class Telling:
    """What cues, introductions and the alias file say of who is who."""

    def __init__(
        self, scenes: Scenes, numbers: Mapping[str, str], words: HeadingWords, aliases: Aliases
    ) -> None:
        self.people: dict[str, Person] = defaultdict(Person)
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


def _introduced(scene: Mapping[str, Any]) -> Iterator[str]:
    for element in scene["elements"]:
        if element["type"] == "action":
            yield from map(plain_name, introduced_people(element["text"]))
