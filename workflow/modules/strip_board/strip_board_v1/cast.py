"""The cast of all scenes, numbered: most scenes first, then most words, then by id."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any


def cast_of(
    reports: Iterable[Mapping[str, Any]], characters: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """`{number, id, name, scenes, speeches, words}` of all who are in the reports; names from `characters`."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    names: dict[str, str] = {}
    for report in reports:
        for person in report["characters"]:
            # A report edited by hand may name somebody whom the breakdown does not know.
            known = characters.get(person["id"], person)
            names[person["id"]] = known["name"]
            sums[person["id"]].update(scenes=1, speeches=person["speeches"], words=person["words"])
    order = sorted(
        sums, key=lambda entity: (-sums[entity]["scenes"], -sums[entity]["words"], entity)
    )
    return [
        {"number": number, "id": entity, "name": names[entity], **sums[entity]}
        for number, entity in enumerate(order, 1)
    ]
