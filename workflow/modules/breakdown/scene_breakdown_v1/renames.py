"""Who goes on under another name: by what they say, and in which scenes; and which place by its scenes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from cineforge import MatchItem, digest_json, match_ids

from .shared.character_names import name_key

#: So many words must be said, or one yes would be taken for another.
_FEWEST_WORDS = 6
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
