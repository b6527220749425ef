"""Who speaks in which scenes, under ids made of the names."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from .shared.character_names import name_key, plain_name

_LONGEST = 60


def characters_of(
    scenes: Mapping[str, Mapping[str, Any]], previous: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Payloads by character id. `previous` holds those of the last run: the same name keeps its id.

    Nothing in a payload depends on the order of the scenes: ids are sorted by number, and of several spellings of
    one name the most frequent is shown.
    """
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    spoken_in: dict[str, set[str]] = defaultdict(set)
    extensions: dict[str, set[str]] = defaultdict(set)
    for scene_id, scene in scenes.items():
        for element in scene["elements"]:
            if element["type"] != "character":
                continue
            key = name_key(element["character"])
            spellings[key][element["character"]] += 1
            spoken_in[key].add(scene_id)
            extensions[key].update(map(plain_name, element.get("extensions", ())))
    known = {name_key(payload["name"]): entity for entity, payload in previous.items()}
    ids = _ids(sorted(spellings), known)
    return {
        ids[key]: {
            "name": min(names, key=lambda name: (-names[name], name)),
            "scenes": sorted(spoken_in[key], key=by_number),
            "extensions": sorted(extensions[key]),
        }
        for key, names in spellings.items()
    }


def _ids(keys: list[str], known: Mapping[str, str]) -> dict[str, str]:
    ids = {key: known[key] for key in keys if key in known}
    # An id of the last run stays its owner's even if nobody of that name speaks any more.
    taken = set(known.values())
    for key in keys:
        if key in ids:
            continue
        entity = _slug(key)
        if entity in taken:
            entity = f"{entity[:_LONGEST]}_{_short_digest(key)}"
        ids[key] = entity
        taken.add(entity)
    return ids


def _slug(key: str) -> str:
    """`cyber_bob`; a name that Latin letters alone cannot tell carries a digest of itself: `name_5f0c2a91`."""
    letters = "".join(c for c in unicodedata.normalize("NFKD", key) if not unicodedata.combining(c))
    slug = "_".join(re.findall(r"[a-z0-9]+", letters.replace("'", "")))
    if len(slug) <= _LONGEST and slug and all(c.isascii() for c in letters if c.isalnum()):
        return slug
    return f"{slug[:_LONGEST].strip('_') or 'name'}_{_short_digest(key)}"


def _short_digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def by_number(entity: str) -> tuple[int, str]:
    """Sorts `scene_2` before `scene_10`."""
    digits = entity.rpartition("_")[2]
    return (int(digits) if digits.isdecimal() else 0, entity)
