"""The places that headings name; what the project's alias file says of them goes before the heading."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from .aliases import Aliases
from .named_ids import ids_of, usual
from .renames import renamed_locations
from .shared.character_names import loose_key, name_key, plain_name
from .shared.entity_order import by_number


def locations_of(
    scenes: Mapping[str, Mapping[str, Any]],
    previous: Mapping[str, Mapping[str, Any]],
    aliases: Aliases,
) -> tuple[dict[str, dict[str, Any]], dict[str, str], list[dict[str, str]]]:
    """The payloads by id; of each scene that names a place the id of its location; and what was renamed.

    `previous` holds the locations of the last run: the same name keeps its id. Nothing in a payload depends on the
    order of the scenes.
    """
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    variants: dict[str, set[str]] = defaultdict(set)
    parts: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    place_of: dict[str, str] = {}
    for scene_id, scene in scenes.items():
        told = scene["slug"]
        if scene.get("omitted") or not told["location"]:
            continue
        name, rooms = _place(told, aliases)
        key = name_key(name)
        place_of[scene_id] = key
        spellings[key][name] += 1
        variants[key].add(plain_name(told["location"]))
        for part in rooms:
            parts[key][name_key(part)][part] += 1
    scenes_of: dict[str, list[str]] = defaultdict(list)
    for scene_id, key in place_of.items():
        scenes_of[key].append(scene_id)
    known = {name_key(payload["name"]): entity for entity, payload in previous.items()}
    others = {key: sorted(map(name_key, said)) for key, said in variants.items()}
    gone = {known[key]: previous[known[key]] for key in known if key not in spellings}
    new = {key: found for key, found in scenes_of.items() if key not in known}
    for key, entity in renamed_locations(gone, new).items():
        others[key].append(name_key(previous[entity]["name"]))
    ids = ids_of(spellings, previous, others)
    alike: dict[str, list[str]] = defaultdict(list)
    for key in spellings:
        alike[loose_key(key.removeprefix("the "))].append(key)
    payloads: dict[str, dict[str, Any]] = {}
    renamed: list[dict[str, str]] = []
    for key, names in spellings.items():
        name = usual(names)
        before = previous.get(ids[key], {})
        was = [*before.get("formerly", ()), *([before["name"]] if before else [])]
        was = [each for each in dict.fromkeys(was) if name_key(each) != key]
        others_alike = [
            usual(spellings[o])
            for o in sorted(alike[loose_key(key.removeprefix("the "))])
            if o != key
        ]
        remarks = (
            [f"named like {', '.join(others_alike)}: one place or several?"] if others_alike else []
        )
        payloads[ids[key]] = {
            "name": name,
            "sublocations": sorted(map(usual, parts[key].values())),
            "scenes": sorted(scenes_of[key], key=by_number),
            "variants": sorted(variants[key]),
            **({"formerly": was} if was else {}),
            **({"remarks": remarks + [f"was {each}" for each in was]} if remarks or was else {}),
        }
        renamed += [{"type": "location", "id": ids[key], "was": each, "now": name} for each in was]
    return payloads, {scene_id: ids[key] for scene_id, key in place_of.items()}, renamed


def _place(told: Mapping[str, Any], aliases: Aliases) -> tuple[str, list[str]]:
    """The place and its rooms: the alias file may mean a place, or one room of it (`HOUSE - KITCHEN`)."""
    rooms = list(map(plain_name, told["sublocations"]))
    names = [plain_name(told["location"]), *rooms]
    for length in range(len(names), 0, -1):
        known = aliases.place(" - ".join(names[:length]))
        if known is not None:
            return known, names[length:]
    return names[0], rooms
