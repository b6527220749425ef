"""Who goes on under another name: by what they say, and in which scenes; and which place by its scenes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from cineforge import MatchItem, digest_json, match_ids

from .shared.character_names import name_key
from .shared.names_in_text import NameFinder, Naming

#: So many words must be said, or one yes would be taken for another.
_FEWEST_WORDS = 6
#: ... and of lines and speeches that stand in the same scenes as before.
_FEWEST_TOLD_WORDS = 3
#: The part of all their scenes that both are in.
_SHARED_SCENES = 0.5

Payloads = Mapping[str, Mapping[str, Any]]


def renamed_characters(
    gone: Payloads,
    earlier_scenes: Payloads,
    scenes_of: Mapping[str, Collection[str]],
    said: Mapping[str, Sequence[str]],
) -> dict[str, str]:
    """New key -> id of the one who goes on as it. `said` holds the speeches of the new ones by key."""
    names = {name_key(payload["name"]): entity for entity, payload in gone.items()}
    before: dict[str, list[str]] = defaultdict(list)
    for scene in earlier_scenes.values():
        for element in scene["elements"]:
            if element["type"] not in ("dialogue", "lyrics"):
                continue
            for entity in element.get("speakers") or [
                names.get(name_key(element.get("character", "")), "")
            ]:
                if entity in gone:
                    before[entity].append(element["text"])
    old = {entity: _item(lines) for entity, lines in before.items() if _is_enough(lines)}
    new = [key for key in scenes_of if _is_enough(said.get(key, ()))]
    matched = match_ids(old, [_item(said[key]) for key in new], used=(), prefix="unknown_")
    found = {}
    for key, entity in zip(new, matched, strict=True):
        if entity in gone and _share(set(gone[entity]["speaking_scenes"]), set(scenes_of[key])):
            found[key] = entity
    return found


def renamed_by_what_is_told(
    gone: Payloads,
    earlier_scenes: Payloads,
    scenes: Payloads,
    names_of: Mapping[str, Collection[str]],
) -> dict[str, str]:
    """New key -> id of the one who goes on as it: by the lines of action that name them and by short speeches, scene by
    scene. So those go on who never speak, or hardly. `names_of` holds the spellings of the new ones by key."""
    spellings = {entity: {p["name"], *p.get("variants", ())} for entity, p in gone.items()}
    here = {scene for payload in gone.values() for scene in payload["scenes"]}
    before = _told_of(spellings, {s: earlier_scenes[s] for s in sorted(here & set(earlier_scenes))})
    now = _told_of(names_of, scenes)
    ranked = []
    for key, told in now.items():
        for entity, was in before.items():
            both = told & was
            words = sum(len(text.split()) for _, text in both)
            if words >= _FEWEST_TOLD_WORDS and len(both) >= _SHARED_SCENES * len(told | was):
                ranked.append((-len(both) / len(told | was), -words, key, entity))
    found: dict[str, str] = {}
    for share, words, key, entity in sorted(ranked):
        rivals = [
            r for r in ranked if r[:2] == (share, words) and (r[2] == key) != (r[3] == entity)
        ]
        if key not in found and entity not in found.values() and not rivals:
            found[key] = entity
    return found


def _told_of(
    names_of: Mapping[str, Collection[str]], scenes: Payloads
) -> dict[str, set[tuple[str, str]]]:
    """Of everybody the lines that name them, with a gap in the place of the name, and what they say."""
    owners = {name: key for key, names in names_of.items() for name in names}
    finder = NameFinder(owners)
    by_cue = {name_key(name): key for name, key in owners.items()}
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for scene_id, scene in scenes.items():
        for element in scene["elements"]:
            text = element["text"]
            if element["type"] == "action":
                for line in text.split("\n"):
                    for key, gap in _with_gaps(line, finder):
                        found[key].add((scene_id, gap))
            elif element["type"] in ("dialogue", "lyrics"):
                speaker = by_cue.get(name_key(element.get("character", "")))
                if speaker is not None:
                    found[speaker].add((scene_id, text))
    return found


def _with_gaps(line: str, finder: NameFinder) -> Iterator[tuple[str, str]]:
    """Everybody whom a line names, and the line with a gap wherever it does."""
    places: dict[str, list[Naming]] = defaultdict(list)
    for naming in finder.namings(line):
        places[naming.key].append(naming)
    for key, namings in places.items():
        kept, at = "", 0
        for naming in namings:
            kept += f"{line[at : naming.start]}\0"
            at = naming.end
        yield key, (kept + line[at:]).casefold()


def renamed_locations(gone: Payloads, scenes_of: Mapping[str, Collection[str]]) -> dict[str, str]:
    """New key -> id of the place whose scenes now play there."""
    holders: dict[str, list[str]] = defaultdict(list)
    for entity, payload in gone.items():
        for scene in payload["scenes"]:
            holders[scene].append(entity)
    found: dict[str, str] = {}
    for key in sorted(scenes_of):
        candidates = sorted({entity for scene in scenes_of[key] for entity in holders[scene]})
        for entity in candidates:
            before, now = set(gone[entity]["scenes"]), set(scenes_of[key])
            if entity not in found.values() and len(before & now) * 2 > max(len(before), len(now)):
                found[key] = entity
                break
    return found


def _item(lines: Sequence[str]) -> MatchItem:
    text = "\n".join(sorted(lines))
    return MatchItem(content=digest_json(text), heading=digest_json(text), text=text)


def _is_enough(lines: Sequence[str]) -> bool:
    return sum(len(line.split()) for line in lines) >= _FEWEST_WORDS


def _share(before: set[str], now: set[str]) -> bool:
    return bool(before) and len(before & now) >= _SHARED_SCENES * len(before | now)
