"""The places that headings name: the first part of a heading, whatever stands before and after it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from .named_ids import ids_of, usual
from .shared.character_names import name_key, plain_name
from .shared.entity_order import by_number
from .shared.scene_heading import heading_parts


def locations_of(
    scenes: Mapping[str, Mapping[str, Any]], previous: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """The payloads by id, and of each scene that names a place the id of its location.

    `previous` holds the locations of the last run: the same name keeps its id. Nothing in a payload depends on the
    order of the scenes.
    """
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    parts: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    place_of: dict[str, str] = {}
    for scene_id, scene in scenes.items():
        told = heading_parts(scene["heading"])
        if not told["location"]:
            continue
        key = name_key(told["location"])
        place_of[scene_id] = key
        spellings[key][plain_name(told["location"])] += 1
        for part in map(plain_name, told["sublocations"]):
            parts[key][name_key(part)][part] += 1
    ids = ids_of(spellings, previous)
    payloads = {
        ids[key]: {
            "name": usual(names),
            "sublocations": sorted(map(usual, parts[key].values())),
            "scenes": sorted((s for s in place_of if place_of[s] == key), key=by_number),
        }
        for key, names in spellings.items()
    }
    return payloads, {scene_id: ids[key] for scene_id, key in place_of.items()}
